import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confirmFindings, type ConfirmedFindings } from '../../src/judge/confirm.ts';
import { scanCopy } from '../../src/judge/scan.ts';
import {
  countFindings,
  countSeverities,
  listedFindings,
  truncatedFindings,
} from '../../src/compare/index.ts';
import { joinKeySets, type KeyGroups } from '../../src/engine/index.ts';
import {
  fileRevision,
  strictPolicy,
  type Finding,
  type NormalizationStep,
  type PinnedCopy,
  type Side,
} from '../../src/model/index.ts';
import { scaled } from '../runs.ts';
import { scanRequest } from './scan-request.ts';
import type { ScannedCopy } from '../../src/judge/request.ts';

/** A record as it stands in the file: two key cells and two consumed ones, or one cell more. */
const record = fc
  .tuple(
    fc.constantFrom('A', 'B', ' a', ''),
    fc.constantFrom('', '1'),
    fc.constantFrom('x', 'y', 'x'),
    fc.constantFrom('1', '1.00', '1', 'no number'),
    fc.constantFrom('', '', '', '', '', ',more'),
  )
  .map(([k, l, m, w, more]) => `${k},${l},${m},${w}${more}\n`);
const body = fc.array(record, { maxLength: 14 }).map((lines) => `k,l,m,w\n${lines.join('')}`);

const normalize = new Map<string, readonly NormalizationStep[]>([
  [
    'k',
    [
      { step: 'trim', parameter: null },
      { step: 'uppercase', parameter: null },
    ],
  ],
  ['w', [{ step: 'decimal', parameter: 2 }]],
]);

function memoryCopy(text: string): PinnedCopy {
  const bytes = Buffer.from(text);
  return {
    location: 'file:/memory',
    revision: fileRevision('2026-11-22T17:00:00.000Z'),
    bytes: bytes.length,
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open(range = { start: 0, end: bytes.length }) {
      yield bytes.subarray(range.start, range.end);
    },
  };
}

/** Reads a copy; a scope, even of all rows, leaves it to the reference. */
function scan(
  side: Side,
  text: string,
  engine: 'kernel' | 'reference',
  partner: ScannedCopy | null,
): Promise<ScannedCopy> {
  const request = scanRequest({
    side,
    key: [
      { column: 'k', optional: false },
      { column: 'l', optional: true },
    ],
    consumes: ['m', 'w'],
    normalize,
  });
  const scope = engine === 'kernel' ? null : { columns: new Map(), shown: '' };
  return scanCopy(memoryCopy(text), request, { scope, partner });
}

/** Confirms what two copies come to, as far as it is listed; `limit` 0: all. */
function confirm(
  groups: KeyGroups,
  pair: readonly [ScannedCopy, ScannedCopy],
  limit: number,
  accepted: readonly string[] | null = null,
): Promise<ConfirmedFindings> {
  const accept = { kinds: [], rows: 1, variants: [], until: '', reason: '', line: 1 };
  const artifact = {
    units: { min: 0, max: null },
    maxAmplification: null,
    limits: { findings: limit },
    accept: accepted === null ? [] : [{ ...accept, key: accepted }],
  };
  const [reviewed, runtime] = pair;
  return confirmFindings(artifact, strictPolicy, groups, { reviewed, runtime });
}

/** A key is one edit where its variants or their row counts differ, whatever each side repeats. */
function editsOf({ keys, found }: ConfirmedFindings): Awaited<ReturnType<KeyGroups['edits']>> {
  const edits = { added: 0, removed: 0, duplicated: 0, conflict: 0, invalid: 0 };
  for (const { reviewed, runtime } of keys) {
    const [before, after] = [reviewed, runtime].map(
      ({ variants }) => new Map(variants.map(({ values, rows }) => [values.join('\0'), rows])),
    ) as [Map<string, number>, Map<string, number>];
    const sameSet = before.size === after.size && [...before.keys()].every((one) => after.has(one));
    if (before.size === 0) edits.added += 1;
    else if (after.size === 0) edits.removed += 1;
    else if (!sameSet) edits.conflict += 1;
    else if ([...before].some(([one, rows]) => after.get(one) !== rows)) edits.duplicated += 1;
  }
  const on = (wanted: Side): number =>
    found.findings.filter(({ kind, side }) => kind === 'invalid' && side === wanted).length;
  return { ...edits, invalid: Math.abs(on('reviewed') - on('runtime')) };
}

/** What is listed of findings in full: of each kind and side those whose row comes first. */
function firstOf(findings: readonly Finding[], limit: number): Finding[] {
  const place = ({ side, rows }: Finding): number =>
    rows.find((row) => row.side === (side === 'reviewed' ? 'reviewed' : 'runtime'))!.record;
  const rank = (one: Finding): number =>
    findings.filter(
      (other) => other.kind === one.kind && other.side === one.side && place(other) < place(one),
    ).length;
  return findings.filter((one) => rank(one) < limit);
}

test.for(['kernel', 'reference'] as const)(
  'counts by hashes are those of confirmed rows, whatever is listed: %s',
  async (engine) => {
    const property = fc.asyncProperty(
      body,
      fc.array(body, { minLength: 1, maxLength: 4 }),
      fc.constantFrom<Side>('reviewed', 'runtime'),
      fc.integer({ min: 1, max: 3 }),
      async (text, others, side, limit) => {
        // One copy stays, and others are held against it one after the other.
        const partner = await scan(side, text, engine, null);
        expect(partner.keyset.engine).toBe(engine);
        for (const other of others) {
          const otherSide = side === 'reviewed' ? 'runtime' : 'reviewed';
          const held = await scan(otherSide, other, engine, partner);
          const pair =
            side === 'reviewed' ? ([partner, held] as const) : ([held, partner] as const);
          const groups = await joinKeySets(pair[0].keyset, pair[1].keyset);
          const all = await confirm(groups, pair, 0);
          expect(truncatedFindings(all.found)).toBeNull();
          expect(await groups.edits()).toEqual(editsOf(all));
          for (const { kind, side: where, count } of groups.counts) {
            const confirmed = all.found.findings.filter(
              (one) => one.kind === kind && one.side === where,
            );
            expect([kind, where, confirmed.length]).toEqual([kind, where, count]);
          }
          const isSame = all.keys.every(
            ({ reviewed, runtime }) =>
              JSON.stringify(reviewed.variants.toSorted(byValues)) ===
              JSON.stringify(runtime.variants.toSorted(byValues)),
          );
          const { invalid } = countFindings(all.found);
          expect(groups.sameRows).toBe(isSame && invalid === 0);
          // The bound limits what is listed, never what is judged.
          const accepted = all.keys.at(-1)?.key ?? null;
          const wanted = { lone: limit, keys: accepted === null ? [] : [accepted] };
          const bounded = await joinKeySets(pair[0].keyset, pair[1].keyset, wanted);
          expect(bounded.counts).toEqual(groups.counts);
          expect(bounded.sameRows).toBe(groups.sameRows);
          expect(await bounded.edits()).toEqual(await groups.edits());
          expect(await bounded.redundant()).toEqual(await groups.redundant());
          const some = await confirm(bounded, pair, limit, accepted);
          expect(countFindings(some.found)).toEqual(countFindings(all.found));
          expect(countSeverities(some.found)).toEqual(countSeverities(all.found));
          const unpaired = (one: Finding): Finding => ({ ...one, respelled: null });
          const listed = listedFindings(some.found).map(unpaired);
          expect(listed).toEqual(firstOf(all.found.findings, limit).map(unpaired));
          const ofAccepted = ({ keys }: ConfirmedFindings): unknown =>
            keys.filter(({ key }) => key.join('\0') === accepted?.join('\0')).length;
          expect(ofAccepted(some)).toEqual(accepted === null ? 0 : 1);
        }
        partner.keyset.release();
      },
    );
    await fc.assert(property, { numRuns: scaled(120) });
  },
);

function byValues(one: { readonly values: readonly string[] }, other: typeof one): number {
  return one.values.join('\0') < other.values.join('\0') ? -1 : 1;
}
