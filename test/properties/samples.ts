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
/** Few distinct keys and fewer consumed values: most keys come again, alike or in conflict. */
const row = (
  keys: fc.Arbitrary<string>,
  consumed: fc.Arbitrary<string>,
): fc.Arbitrary<readonly string[]> => fc.tuple(keys, keys, consumed, consumed, value);
const raggedRow = fc.array(value, { minLength: 1, maxLength: 7 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step>('trim', 'collapse-spaces', 'lowercase', 'uppercase', 'nfc'),
  },
  fc.constantFrom<Step>('integer', 'boolean', 'date'),
  fc.record({ decimal: fc.nat(3) }),
  fc.record({ empty: fc.subarray(['NULL', '-', 'a', '0'], { minLength: 1 }) }),
);
const steps = fc.oneof(
  { weight: 12, arbitrary: fc.constant<readonly Step[]>([]) },
  { weight: 1, arbitrary: fc.array(step, { maxLength: 3 }) },
);

const contract: fc.Arbitrary<OracleContract> = fc
  .record({
    keys: fc.integer({ min: 1, max: 2 }),
    optional: fc.tuple(fc.boolean(), fc.boolean()),
    consumed: fc.subarray([columns[2], columns[3]]),
    steps: fc.tuple(steps, steps, steps, steps),
    min: fc.nat(1),
    max: fc.option(fc.integer({ min: 4, max: 12 }), { freq: 2 }),
    maxAmplification: fc.option(fc.constantFrom(1, 1.2, 2), { freq: 2 }),
  })
  .map(({ keys, optional, consumed, steps: ofColumn, ...bounds }) => ({
    key: keyColumns.slice(0, keys).map((column, at) => ({ column, optional: optional[at]! })),
    consumed,
    // fromEntries defines `__proto__` as an own name; a literal would not.
    normalize: Object.fromEntries(columns.slice(0, 4).map((column, at) => [column, ofColumn[at]!])),
    ...bounds,
  }));

/** Which rows of the pool a side has: mostly each once. */
const picks = fc.oneof(
  { weight: 2, arbitrary: fc.uniqueArray(fc.nat(13)) },
  { weight: 1, arbitrary: fc.array(fc.nat(13), { maxLength: 30 }) },
);

export const sample: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.subarray(values, { minLength: 2, maxLength: 12 }),
    fc.subarray(values, { minLength: 1, maxLength: 2 }),
  )
  .chain(([keys, consumed]) => {
    const anyRow = fc.oneof(
      { weight: 20, arbitrary: row(fc.constantFrom(...keys), fc.constantFrom(...consumed)) },
      { weight: 2, arbitrary: row(value, value) },
      { weight: 1, arbitrary: raggedRow },
    );
    return fc.record({
      pool: fc.array(anyRow, { minLength: 1, maxLength: 14 }),
      reviewed: picks,
      runtime: picks,
      same: fc.boolean(),
      /** A row of the runtime copy whose third column says something else. */
      edited: fc.option(fc.tuple(fc.nat(13), value)),
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
  .map(({ pool, reviewed, runtime, same, edited, order, contract: words, ...how }) => {
    const rows = (picked: readonly number[]): (readonly string[])[] =>
      picked.map((pick) => pool[pick % pool.length]!);
    const reordered = (cells: readonly string[]): readonly string[] =>
      cells.length === columns.length ? order.map((at) => cells[at]!) : cells;
    const edit = (cells: readonly string[], at: number): readonly string[] =>
      edited?.[0] === at && cells.length > 2 ? cells.toSpliced(2, 1, edited[1]) : cells;
    return {
      ...how,
      contract: words,
      reviewed: { header: columns, rows: rows(reviewed) },
      runtime: {
        header: reordered(columns),
        rows: rows(same ? reviewed : runtime)
          .map(edit)
          .map(reordered),
      },
    };
  });
