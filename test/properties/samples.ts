import fc from 'fast-check';
import type { OracleContract, Step } from './oracle.ts';
import { style, type Style, type Table } from './tables.ts';

/** The columns of every table; their names would be lost or moved in a plain object. */
export const columns: readonly [string, string, string, string, string] = [
  '__proto__',
  '2',
  'c,"1"',
  'd\n4',
  'note',
];
const keyColumns = [columns[0], columns[1]];

/** A comparison before it is written down. */
export interface Sample {
  readonly reviewed: Table;
  readonly runtime: Table;
  readonly contract: OracleContract;
  readonly implied: boolean;
  readonly styles: readonly [Style, Style];
  readonly chunk: number;
}

const values = [
  '',
  ' ',
  'a',
  'A',
  ' a',
  'a ',
  'a  b',
  'a,b',
  'b',
  'x"y',
  '"',
  'l\nm',
  'r\rs',
  '\r\n',
  'é',
  'e\u0301',
  'ß',
  '😀',
  '\uFF5E',
  '0',
  '00',
  '-0',
  '1',
  '+1',
  '1.0',
  '1.005',
  '-1.5',
  '.5',
  'NULL',
  '-',
  'true',
  'no',
  '20260228',
  '2026-02-28',
  '2026-02-30',
  '\u00A0',
  '\\',
  '#',
  "'",
];
const value = fc.constantFrom(...values);
/** Few distinct rows, so that most keys come more than once. */
const row = (few: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.tuple(few, few, few, few, value);
const raggedRow = fc.array(value, { minLength: 1, maxLength: 7 });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>('trim', 'collapse-spaces', 'lowercase', 'uppercase', 'nfc'),
  fc.constantFrom<Step>('integer', 'boolean', 'date'),
  fc.record({ decimal: fc.nat(3) }),
  fc.record({ empty: fc.subarray(['NULL', '-', 'a', '0'], { minLength: 1 }) }),
);
const steps = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly Step[]>([]) },
  { weight: 1, arbitrary: fc.array(step, { maxLength: 3 }) },
);

const contract: fc.Arbitrary<OracleContract> = fc
  .record({
    keys: fc.integer({ min: 1, max: 2 }),
    optional: fc.tuple(fc.boolean(), fc.boolean()),
    consumed: fc.subarray([columns[2], columns[3]]),
    steps: fc.tuple(steps, steps, steps, steps),
    min: fc.nat(2),
    max: fc.option(fc.integer({ min: 2, max: 12 })),
    maxAmplification: fc.option(fc.constantFrom(1, 1.2, 2)),
  })
  .map(({ keys, optional, consumed, steps: ofColumn, ...bounds }) => ({
    key: keyColumns.slice(0, keys).map((column, at) => ({ column, optional: optional[at]! })),
    consumed,
    // fromEntries defines `__proto__` as an own name; a literal would not.
    normalize: Object.fromEntries(columns.slice(0, 4).map((column, at) => [column, ofColumn[at]!])),
    ...bounds,
  }));

export const sample: fc.Arbitrary<Sample> = fc
  .subarray(values, { minLength: 1, maxLength: 4 })
  .chain((few) => {
    const anyRow = fc.oneof(
      { weight: 12, arbitrary: row(fc.constantFrom(...few)) },
      { weight: 3, arbitrary: row(value) },
      { weight: 1, arbitrary: raggedRow },
    );
    return fc.record({
      pool: fc.array(anyRow, { minLength: 1, maxLength: 14 }),
      reviewed: fc.array(fc.nat(13), { maxLength: 30 }),
      runtime: fc.array(fc.nat(13), { maxLength: 30 }),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      contract,
      implied: fc.boolean(),
      styles: fc.tuple(style, style),
      chunk: fc.oneof(
        { weight: 1, arbitrary: fc.constant(1) },
        { weight: 4, arbitrary: fc.integer({ min: 2, max: 400 }) },
      ),
    });
  })
  .map(({ pool, reviewed, runtime, order, contract: words, ...how }) => {
    const rows = (picks: readonly number[]): (readonly string[])[] =>
      picks.map((pick) => pool[pick % pool.length]!);
    const reordered = (cells: readonly string[]): readonly string[] =>
      cells.length === columns.length ? order.map((at) => cells[at]!) : cells;
    return {
      ...how,
      contract: words,
      reviewed: { header: columns, rows: rows(reviewed) },
      runtime: { header: reordered(columns), rows: rows(runtime).map(reordered) },
    };
  });
