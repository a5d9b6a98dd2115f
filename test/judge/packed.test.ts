import { expect, test } from 'vitest';
import { compareValues } from '../../src/compare/order.ts';
import { joinKeySets } from '../../src/engine/index.ts';
import { createSingleRows } from '../../src/engine/singles.ts';
import { confirmFindings, type ConfirmOptions } from '../../src/judge/confirm.ts';
import { scanCopy } from '../../src/judge/scan.ts';
import { markPending, reweigh } from '../../src/compare/finding-set.ts';
import {
  plainFinding,
  strictPolicy,
  withFacts,
  type Finding,
  type NormalizationStep,
  type PlannedColumn,
  type RawRecord,
  type Side,
} from '../../src/model/index.ts';
import { createChance } from '../readers/tables.ts';
import { memoryCopy } from '../properties/run.ts';
import { scanRequest, usualDecoding } from './scan-request.ts';
import type { ScannedCopy } from '../../src/judge/request.ts';
import { scaled } from '../runs.ts';

const column = (name: string, index: number): PlannedColumn => ({
  name,
  index,
  role: 'key',
  optional: true,
  steps: [],
});

/** Texts that are in another order by code points, by bytes or by prefixes than by code units. */
const texts = [
  '',
  '\0',
  'a',
  'a\0',
  'ab',
  'b',
  '\xe9',
  '\u0101',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '😀a',
  '\ud83d',
  'P-00000001',
  'P-00000002',
  'P-0000000',
];

/** Lists of many are compared as text, and what differs as it is. */
function expectAlike(found: readonly unknown[], expected: readonly unknown[]): void {
  expect(found).toHaveLength(expected.length);
  const other = found.findIndex((one, at) => JSON.stringify(one) !== JSON.stringify(expected[at]));
  for (const at of [0, Math.max(0, other)]) expect(found[at]).toStrictEqual(expected[at]);
  expect(other).toBe(-1);
}

test('rows that are packed are told as they came, in the order of keys', async () => {
  for (let seed = 0; seed < scaled(20); seed += 1) {
    const chance = createChance(seed);
    const plan = { key: [column('k', 0), column('l', 1)], consumed: [column('w', 3)] };
    // Many are put in order by other means; of few texts, no code unit is far from another one.
    const many = seed < 4;
    const some = seed % 2 === 0 ? texts : texts.filter((one) => !/[^ -~]/.test(one));
    const text = (): string =>
      !many && chance.once(40)
        ? chance.of(texts).repeat(chance.of([8_000, 500_000]))
        : chance.of(some) + chance.of(some) + (many ? chance.of(some) : '');
    const rows = new Map<string, { key: string[]; told: unknown }>();
    const most = many ? 2000 : 40;
    const packed = createSingleRows('runtime', plan, most);
    for (let record = 1; record <= most; record += 1) {
      const key = [text(), text()];
      if (rows.has(JSON.stringify(key))) continue;
      const consumed = [text()];
      const isShown = chance.once(2);
      const shown = isShown
        ? [...key, ...consumed]
        : [text(), chance.once(3) ? null : text(), chance.once(3) ? null : text()];
      const line = chance.of([0, record + 1, 5_000_000_000]);
      const place = {
        line,
        text: chance.of([`line ${line}`, '/records/6', 'row 1 of row group 2']),
        ...(chance.once(3) ? { numbered: false as const } : {}),
      };
      const cells = new Map([0, 1, 3].map((index, at) => [index, shown[at]!]));
      const raw: RawRecord = {
        record,
        place,
        width: 4,
        text: () => '',
        shown: (index) => cells.get(index) ?? null,
      };
      packed.add(key, consumed, raw);
      rows.set(JSON.stringify(key), {
        key,
        told: {
          key: key.map((value, at) => ['kl'[at], value]),
          row: {
            side: 'runtime',
            record,
            line,
            values: shown.map((value, at) => ['klw'[at], value]),
            ...(place.text === `line ${line}` ? {} : { place: place.text }),
            ...(place.numbered === false ? { numbered: false } : {}),
          },
        },
      });
    }
    const units = await packed.sorted();
    const wanted = [...rows.values()].sort((a, b) => compareValues(a.key, b.key));
    expect(units.count).toBe(wanted.length);
    const told = wanted.map((_, rank) => ({ key: units.key(rank), row: units.row(rank) }));
    expectAlike(
      told,
      wanted.map((one) => one.told),
    );
  }
});

const normalize = new Map<string, readonly NormalizationStep[]>([
  ['k', [{ step: 'uppercase', parameter: null }]],
]);

function scan(
  text: string,
  side: Side,
  format: string,
  partner: ScannedCopy | null,
): Promise<ScannedCopy> {
  const request = scanRequest({
    side,
    key: [
      { column: 'k', optional: false },
      { column: 'l', optional: true },
    ],
    consumes: ['w'],
    normalize,
    decoding: { ...usualDecoding, format },
  });
  const copy = memoryCopy(`file:/x.${format}`, Buffer.from(text), 1 << 16);
  return scanCopy(copy, request, { scope: null, partner });
}

/** Units that one side alone has, some of them repeated or in conflict, some in both, some respelled. */
function rowsOf(side: Side, rows: number): { k: string; l: string; w: string }[] {
  const chance = createChance(side === 'reviewed' ? 1 : 2);
  const letter = side === 'reviewed' ? 'p' : 'Q';
  return Array.from({ length: rows }, (_, at) => {
    const shared = at % 50 === 0;
    const id = chance.once(60) ? Math.max(0, at - 1) : at;
    return {
      k: shared ? `both-${at}` : chance.once(80) ? `Été-${letter}${id}` : `${letter}-${id}`,
      l: shared && side === 'runtime' ? chance.of(['007', '7']) : chance.once(9) ? '' : '7',
      w: chance.of(['x', 'y']),
    };
  });
}

const written = {
  csv: (rows: readonly { k: string; l: string; w: string }[]) =>
    `k,l,w\n${rows.map(({ k, l, w }) => `${k},${l},${w}\n`).join('')}`,
  ndjson: (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
};

for (const [format, write] of Object.entries(written)) {
  test(`of many units that one copy alone has, each is told as ever (${format})`, async () => {
    const reviewed = await scan(write(rowsOf('reviewed', 5200)), 'reviewed', format, null);
    const runtime = await scan(write(rowsOf('runtime', 5200)), 'runtime', format, reviewed);
    const groups = await joinKeySets(reviewed.keyset, runtime.keyset);
    const artifact = {
      units: { min: 0, max: null },
      maxAmplification: null,
      limits: { findings: 0 },
      accept: [],
    };
    const sides = { reviewed, runtime };
    const found = async (
      many: NonNullable<ConfirmOptions['many']>,
    ): Promise<readonly Finding[]> => {
      const confirmed = await confirmFindings(artifact, strictPolicy, groups, sides, { many });
      // What is made of them later keeps what they are.
      const { findings } = markPending(reweigh(confirmed.found, () => 'warn'));
      const transition = { change: 'new', since: '2026-01-01T00:00:00Z' } as const;
      return findings.map((one, at) => (at % 3 === 0 ? withFacts(one, { transition }) : one));
    };
    const plain = await found('as groups');
    const packed = await found('packed');
    expect(plain.length).toBeGreaterThan(10_000);
    expect(plain.filter(({ respelled }) => respelled !== null).length).toBeGreaterThan(10);
    expect(packed.filter((one) => one !== plainFinding(one)).length).toBeGreaterThan(8000);
    expectAlike(packed.map(plainFinding), plain);
  });
}
