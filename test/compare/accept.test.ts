import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acceptFindings,
  proposeAccept,
  variantId,
  type Accepted,
} from '../../src/compare/index.ts';
import {
  acceptableKinds,
  strictPolicy,
  type AcceptEntry,
  type Policy,
} from '../../src/model/index.ts';
import { consumedColumns, findingsOf, groupsOf, tables, type Row } from './tables.ts';
import { scaled } from '../runs.ts';

const noon = new Date('2026-06-15T12:00:00Z');

function idOf(mode: string): string {
  return variantId(consumedColumns, [mode]);
}

function entryOf(said: Partial<AcceptEntry>): AcceptEntry {
  return {
    key: ['A'],
    kinds: ['duplicated'],
    rows: 3,
    variants: [idOf('x')],
    until: '2026-12-31',
    reason: 'known',
    line: 9,
    ...said,
  };
}

async function judge(
  reviewed: readonly Row[],
  runtime: readonly Row[],
  accept: readonly AcceptEntry[],
  { now = noon, policy = strictPolicy }: { now?: Date; policy?: Policy } = {},
): Promise<Accepted> {
  const keys = groupsOf(reviewed, runtime);
  return acceptFindings({
    findings: await findingsOf(keys, policy),
    keys,
    consumedColumns,
    accept,
    now,
  });
}

const single: readonly Row[] = [['A', 'x']];
const three: readonly Row[] = [...single, ...single, ...single];

function severities({ findings }: Accepted): string[] {
  return findings.map(({ kind, side, severity }) => `${kind} ${side} ${severity}`);
}

describe('an entry covers exactly what it pins', () => {
  test('three rows of one reviewed variant', async () => {
    const accepted = await judge(single, three, [entryOf({})]);
    expect(severities(accepted)).toStrictEqual(['duplicated runtime accepted']);
    expect(accepted).toMatchObject({ warnings: [], unused: [] });
  });

  test.each([
    ['other rows', { rows: 2 }],
    ['another variant', { variants: [idOf('y')] }],
    ['one variant more', { variants: [idOf('x'), idOf('y')].toSorted() }],
    ['another key', { key: ['B'] }],
    ['another kind', { kinds: ['conflict', 'removed'] as const }],
  ])('not %s', async (_name, said) => {
    const entry = entryOf(said);
    const accepted = await judge(single, three, [entry]);
    expect(severities(accepted)).toStrictEqual(['duplicated runtime fail']);
    expect(accepted.unused.map((unused) => unused.entry)).toStrictEqual([entry]);
  });

  test('never a variant that the reviewed copy lacks', async () => {
    const added = await judge([], three, [entryOf({})]);
    expect(severities(added)).toStrictEqual(['added runtime fail', 'duplicated runtime fail']);
    const across = await judge([['A', 'y']], three, [
      entryOf({ kinds: acceptableKinds }),
      entryOf({ kinds: ['conflict'], rows: 1, variants: [idOf('y')] }),
    ]);
    expect(severities(across)).toStrictEqual(['duplicated runtime fail', 'conflict across fail']);
    const mixed: readonly Row[] = [...single, ['A', 'y']];
    const both = entryOf({
      kinds: ['conflict'],
      rows: 2,
      variants: [idOf('x'), idOf('y')].toSorted(),
    });
    expect(severities(await judge(single, mixed, [both]))).toStrictEqual(['conflict runtime fail']);
    expect(severities(await judge(mixed, mixed, [both]))).toStrictEqual([
      'conflict reviewed accepted',
      'conflict runtime accepted',
    ]);
  });

  test('a removed unit, by its reviewed rows', async () => {
    const entry = entryOf({ kinds: ['removed'], rows: 1 });
    expect(severities(await judge(single, [], [entry]))).toStrictEqual([
      'removed reviewed accepted',
    ]);
    expect(severities(await judge([['A', 'y']], [], [entry]))).toStrictEqual([
      'removed reviewed fail',
    ]);
  });
});

describe('policy comes first', () => {
  test.each([
    ['ignore', 'ignore'],
    ['warn', 'accepted'],
    ['fail', 'accepted'],
  ] as const)('%s is %s', async (duplicated, severity) => {
    const accepted = await judge(single, three, [entryOf({})], {
      policy: { ...strictPolicy, duplicated },
    });
    expect(accepted.findings.map((finding) => finding.severity)).toStrictEqual([severity]);
    expect(accepted.unused).toStrictEqual([]);
  });
});

describe('days are those of UTC', () => {
  test.each([
    ['2026-06-24T23:59:59.999Z', 'accepted', []],
    ['2026-06-25T00:00:00.000Z', 'accepted', ['ACCEPT_ENDS_SOON']],
    ['2026-07-01T23:59:59.999Z', 'accepted', ['ACCEPT_ENDS_SOON']],
    ['2026-07-02T00:00:00.000Z', 'fail', ['ACCEPT_EXPIRED']],
    ['2030-01-01T00:00:00.000Z', 'fail', ['ACCEPT_EXPIRED']],
  ])('at %s', async (now, severity, codes) => {
    const entry = entryOf({ until: '2026-07-01' });
    const accepted = await judge(single, three, [entry], { now: new Date(now) });
    expect(accepted.findings[0]?.severity).toBe(severity);
    expect(accepted.warnings.map(({ code }) => code)).toStrictEqual(codes);
    expect(accepted.unused).toStrictEqual([]);
  });

  test('one that has ended does not undo another that holds', async () => {
    const entries = [entryOf({ until: '2020-01-01' }), entryOf({})];
    expect(await judge(single, three, entries)).toMatchObject({
      findings: [{ severity: 'accepted' }],
      warnings: [],
      unused: [],
    });
  });
});

const entries: fc.Arbitrary<AcceptEntry> = fc.record({
  key: fc.constantFrom(['A'], ['B'], ['C']),
  kinds: fc.subarray([...acceptableKinds], { minLength: 1 }),
  rows: fc.integer({ min: 1, max: 4 }),
  variants: fc.subarray(['x', 'y'], { minLength: 1 }).map((modes) => modes.map(idOf).toSorted()),
  until: fc.constantFrom('2026-06-14', '2026-06-15', '2027-01-01'),
  reason: fc.constant('known'),
  line: fc.integer({ min: 1, max: 99 }),
});

/** The values of a key's rows, in order. */
function modesOf(rows: readonly Row[], key: unknown): string[] {
  return rows.filter(([id]) => id === key).map(([, mode]) => mode);
}

test('a finding is accepted exactly when an entry in force says all of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      tables,
      tables,
      fc.array(entries, { maxLength: 12 }),
      async (reviewed, runtime, accept) => {
        const { findings } = await judge(reviewed, runtime, accept);
        for (const { kind, side, key, severity } of findings) {
          const id = key![0]![1];
          const rows = modesOf(side === 'reviewed' ? reviewed : runtime, id);
          const modes = [...new Set(rows)];
          const known = modesOf(reviewed, id);
          const expected =
            kind !== 'added' &&
            side !== 'across' &&
            modes.every((mode) => known.includes(mode)) &&
            accept.some(
              (entry) =>
                entry.key[0] === id &&
                entry.kinds.some((named) => named === kind) &&
                entry.rows === rows.length &&
                entry.until >= '2026-06-15' &&
                String(entry.variants) === String(modes.map(idOf).toSorted()),
            );
          expect(severity).toBe(expected ? 'accepted' : 'fail');
        }
      },
    ),
    { numRuns: scaled(300) },
  );
});

test('what is proposed covers all that can be, and nothing once rows or values differ', async () => {
  await fc.assert(
    fc.asyncProperty(tables, tables, tables, async (reviewed, runtime, later) => {
      const keys = groupsOf(reviewed, runtime);
      const findings = await findingsOf(keys);
      const { proposals, refused } = proposeAccept({
        findings,
        keys,
        consumedColumns,
        accept: [],
        now: noon,
      });
      const accept = proposals.map(({ key, ...pin }, line) => ({
        ...pin,
        key: key.map(([, value]) => value ?? ''),
        reason: 'known',
        line,
      }));
      expect(proposals.every(({ until }) => until === '2026-07-15')).toBe(true);
      const now = await judge(reviewed, runtime, accept);
      expect(now.unused).toStrictEqual([]);
      const failing = now.findings.filter(({ severity }) => severity === 'fail');
      expect(failing.map(({ kind, key }) => [kind, key])).toStrictEqual(
        refused.map(({ finding, key }) => [finding.split(' ')[0], key]),
      );
      const known = new Set(now.findings.map(factOf(reviewed, runtime)));
      const then = await judge(reviewed, later, accept);
      for (const finding of then.findings.filter(({ severity }) => severity === 'accepted')) {
        const { kind, side, ...rows } = JSON.parse(factOf(reviewed, later)(finding));
        const other = side === 'reviewed' ? 'runtime' : 'reviewed';
        const facts = [side, other].map((one) => JSON.stringify({ kind, side: one, ...rows }));
        expect(facts.some((fact) => known.has(fact))).toBe(true);
      }
    }),
    { numRuns: scaled(200) },
  );
});

/** A finding with all rows of its unit on its side, sorted. */
function factOf(
  reviewed: readonly Row[],
  runtime: readonly Row[],
): (finding: Accepted['findings'][number]) => string {
  return ({ kind, side, key }) => {
    const table = side === 'reviewed' ? reviewed : runtime;
    const rows = table.filter(([id]) => id === key![0]![1]);
    // Of the variants, the set is pinned; how the rows are spread over them is not.
    const modes = [...new Set(rows.map(([, mode]) => mode))].toSorted();
    return JSON.stringify({ kind, side, key, count: rows.length, modes });
  };
}

test('an entry in force keeps its words where it is proposed again', async () => {
  const keys = groupsOf(single, three);
  const said = { until: '2026-09-09', reason: 'INC-1' };
  const findings = await findingsOf(keys);
  const propose = (accept: readonly AcceptEntry[]): unknown =>
    proposeAccept({ findings, keys, consumedColumns, accept, now: noon }).proposals;
  expect(propose([entryOf(said)])).toMatchObject([said]);
  const ended = entryOf({ ...said, until: '2026-06-14' });
  expect(propose([ended])).toMatchObject([{ until: '2026-07-15', reason: '' }]);
});
