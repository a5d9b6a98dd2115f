import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confirmScanned } from '../../src/judge/confirm.ts';
import { scanCopy, type ScannedCopy } from '../../src/judge/scan.ts';
import { findFindings, strictPolicy } from '../../src/compare/index.ts';
import {
  joinKeySets,
  releaseKeySet,
  tallyJoin,
  type Confirmed,
  type JoinTally,
} from '../../src/engine/index.ts';
import type { Finding, NormalizationStep, PinnedCopy, Side } from '../../src/model/index.ts';

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
    revision: { kind: 'file', modifiedAt: '2026-11-22T17:00:00.000Z' },
    bytes: bytes.length,
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open(range = { start: 0, end: bytes.length }) {
      yield bytes.subarray(range.start, range.end);
    },
  };
}

/** Reads a copy; a comment sign in its dialect leaves it to the reference. */
function scan(
  side: Side,
  text: string,
  comment: '#' | null,
  partner: ScannedCopy | null,
): Promise<ScannedCopy> {
  const request = {
    side,
    dialect: { delimiter: ',', quote: '"', comment, names: null },
    key: [
      { column: 'k', optional: false },
      { column: 'l', optional: true },
    ],
    consumes: ['m', 'w'],
    descriptive: [],
    rename: new Map(),
    normalize,
    counterpart: null,
  };
  return scanCopy(memoryCopy(text), request, { scope: null, partner });
}

async function tallyRows(reviewed: ScannedCopy, runtime: ScannedCopy): Promise<JoinTally> {
  const rows = joinKeySets(reviewed.keyset, runtime.keyset);
  const confirmed = await confirmScanned(rows, { reviewed, runtime });
  const findings = findFindings({
    ...confirmed,
    keyColumns: ['k', 'l'],
    consumedColumns: ['m', 'w'],
    reviewed: reviewed.keyset.table,
    runtime: runtime.keyset.table,
    units: { min: 0, max: null },
    maxAmplification: null,
    policy: strictPolicy,
  });
  return { counts: countOf(findings), edits: editsOf(confirmed) };
}

/** A key is one edit where its variants or their row counts differ, whatever each side repeats. */
function editsOf({ keys, invalid }: Confirmed): JoinTally['edits'] {
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
  const on = (side: Side): number => invalid.filter(({ row }) => row.side === side).length;
  return { ...edits, invalid: Math.abs(on('reviewed') - on('runtime')) };
}

function countOf(findings: readonly Finding[]): JoinTally['counts'] {
  const count = (kind: keyof JoinTally['counts']): number =>
    findings.filter((finding) => finding.kind === kind).length;
  return {
    added: count('added'),
    removed: count('removed'),
    duplicated: count('duplicated'),
    conflict: count('conflict'),
    invalid: count('invalid'),
  };
}

test.for(['kernel', 'reference'] as const)(
  'a tally by hashes counts the findings and edits of confirmed rows: %s',
  async (engine) => {
    const comment = engine === 'kernel' ? null : '#';
    const property = fc.asyncProperty(
      body,
      fc.array(body, { minLength: 1, maxLength: 4 }),
      fc.constantFrom<Side>('reviewed', 'runtime'),
      async (text, others, side) => {
        // One copy stays, and others are held against it one after the other.
        const partner = await scan(side, text, comment, null);
        expect(partner.keyset.engine).toBe(engine);
        for (const other of others) {
          const otherSide = side === 'reviewed' ? 'runtime' : 'reviewed';
          const held = await scan(otherSide, other, comment, partner);
          const pair =
            side === 'reviewed' ? ([partner, held] as const) : ([held, partner] as const);
          const tally = tallyJoin(pair[0].keyset, pair[1].keyset);
          expect(tally).toEqual(await tallyRows(...pair));
        }
        releaseKeySet(partner.keyset);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  },
);
