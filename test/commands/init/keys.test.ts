import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKeys } from '../../../src/commands/init/keys.ts';
import { hashCells, profileColumns, roleOf } from '../../../src/commands/init/profile.ts';
import { suggestSteps } from '../../../src/commands/init/steps.ts';
import type { RawRecord, Table } from '../../../src/model/index.ts';
import { scaled } from '../../runs.ts';

/** Rows as a table. */
function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): Table {
  return {
    columns,
    warnings: [],
    read(sink) {
      for (const [at, cells] of rows.entries()) {
        const record: RawRecord = {
          record: at + 1,
          place: { line: at + 2, text: `line ${at + 2}` },
          width: cells.length,
          text: (column) => cells[column] ?? '',
          shown: (column) => cells[column] ?? null,
        };
        sink(record);
      }
      return Promise.resolve([]);
    },
    reread: () => Promise.reject(new Error('not asked')),
    place: (record) => ({ line: record + 1, text: '' }),
    close: () => Promise.resolve(),
  };
}

async function keysOf(columns: readonly string[], rows: readonly (readonly string[])[]) {
  const table = tableOf(columns, rows);
  const profiles = await profileColumns(table);
  const hashes = await hashCells(table, new Map(), rows.length);
  return findKeys({ hashes, profiles, roles: profiles.map(roleOf) });
}

/** Whether two rows that are not the same have the same cells in some columns. */
function repeats(rows: readonly (readonly string[])[], columns: readonly number[]): boolean {
  return rows.some((row, at) =>
    rows
      .slice(0, at)
      .some(
        (other) =>
          columns.every((column) => row[column] === other[column]) &&
          JSON.stringify(row) !== JSON.stringify(other),
      ),
  );
}

function subsets(count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: 1 << count }, (_, bits) =>
    Array.from({ length: count }, (_column, at) => at).filter((at) => (bits & (1 << at)) !== 0),
  );
  return all.filter(({ length }) => length > 0 && length <= 3);
}

test('candidates are exactly sets without repeats, none larger than it has to be, and the smallest is among them', async () => {
  const cell = fc.constantFrom('a', 'b', 'c', '');
  const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, async (table) => {
      const filled = new Set([0, 1, 2, 3].filter((at) => table.some((row) => row[at] !== '')));
      const unique = subsets(4)
        .filter((set) => set.every((at) => filled.has(at)))
        .filter((set) => !repeats(table, set));
      const found = (await keysOf(['w', 'x', 'y', 'z'], table)).filter(
        (one) => one.differing === 0,
      );
      for (const { columns, redundant } of found) {
        expect(repeats(table, columns)).toBe(false);
        const smaller = unique.filter(
          (set) => set.length < columns.length && set.every((at) => columns.includes(at)),
        );
        expect(smaller).toEqual([]);
        const keys = new Set(table.map((row) => JSON.stringify(columns.map((at) => row[at]))));
        expect(redundant).toBe(table.length - keys.size);
      }
      expect(found.length > 0).toBe(unique.length > 0);
    }),
    { numRuns: scaled(150) },
  );
});

test('an id stands before prose and before measures, whatever comes first in the file', async () => {
  const rows = Array.from({ length: 20 }, (_, at) => [
    `a long text about the thing number ${at}`,
    `${at}.${at % 7}5`,
    `P-${at}`,
    at % 2 === 0 ? 'EU' : 'US',
  ]);
  const [first, ...others] = await keysOf(['about', 'weight', 'participant_id', 'region'], rows);
  expect(first?.columns).toEqual([2]);
  expect(others.map(({ columns }) => columns)).toEqual([[1], [0]]);
});

test('a column of ids that nearly has no repeats is told, with its repeats', async () => {
  const rows = Array.from({ length: 100 }, (_, at) => [`P-${at}`, String(at)]);
  rows.push(['P-7', 'other']);
  const found = await keysOf(['participant_id', 'mode'], rows);
  expect(found).toContainEqual({ columns: [0], redundant: 1, differing: 1, repeats: [[7, 100]] });
});

test.each<[string, (at: number) => string]>([
  ['weight', (at) => `${at}.5`],
  ['quantity', (at) => String(1000 + at)],
  ['price', (at) => `€ ${at}.99`],
  ['took', (at) => `PT${at + 1}M`],
  ['share', (at) => `${at}%`],
  ['about', (at) => `a text about number ${at}`],
])(
  '%s tells all rows apart, and is no key where a column of ids repeats a few',
  async (name, value) => {
    for (const count of [6, 60]) {
      const rows = Array.from({ length: count }, (_, at) => [
        value(at),
        `P-${at === 4 ? 3 : at}`,
        at % 2 === 0 ? 'EU' : 'US',
      ]);
      // The id alone, or with what makes it unique, stands before what was measured.
      const same = await keysOf([name, 'participant_id', 'region'], rows.map(([a, b]) => [a!, b!, 'EU'])); // prettier-ignore
      expect(same[0]).toMatchObject({ columns: [1], differing: name === 'about' ? 0 : 1 });
      expect(same.some(({ columns }) => columns.includes(0))).toBe(true);
      const [first] = await keysOf([name, 'participant_id', 'region'], rows);
      expect(first?.columns).toEqual([1, 2]);
    }
  },
);

test.each<[string, readonly string[], unknown]>([
  ['participant_id', [' P-1', 'P-2 '], ['trim']],
  ['region', ['EU', 'eu', 'US'], ['uppercase']],
  ['mode', ['full', 'FULL', 'delta'], ['lowercase']],
  ['zip_code', ['007', '8', '0123'], [{ 'strip-zeros': 'left' }]],
  ['zip_code', ['01234', '98765'], []],
  ['weight', ['1.50', '2'], ['number']],
  ['day', ['31/12/2026', '01/02/2026'], [{ date: ['DD/MM/YYYY'] }]],
  ['day', ['12/31/2026', '01/02/2026'], [{ date: ['MM/DD/YYYY'] }]],
  ['day', ['2026-12-31T00:00:00Z', '2026-11-30'], ['date']],
  ['mode', ['full', 'N/A'], [{ empty: ['N/A'] }]],
  ['country', ['NA', 'DE', 'FR'], []],
  ['name', ['a  b', 'c'], ['collapse-spaces']],
  ['title', ['  a', 'A '], []],
  ['hash', ['aGVsbG8', 'Zm9vYmFy', 'QUJD'], []],
])('%s %j wants %j', async (name, values, expected) => {
  const table = tableOf(
    [name],
    values.map((value) => [value]),
  );
  const [column] = await profileColumns(table);
  const { steps } = suggestSteps(column!, roleOf(column!));
  const told = steps.map(({ step, parameter }) =>
    parameter === null ? step : { [step]: parameter },
  );
  expect(told).toEqual(expected);
});

test('of a very large table no more than the first rows are read', async () => {
  const rows = Array.from({ length: 10 }, (_, at) => [String(at)]);
  let read = 0;
  const table = tableOf(['id'], rows);
  const counting: Table = {
    ...table,
    read: (sink) => table.read((record) => ((read += 1), sink(record))),
  };
  for (const [most, isAll] of [
    [9, false],
    [10, true],
    [11, true],
  ] as const) {
    read = 0;
    const [column] = await profileColumns(counting, most);
    expect([column?.rows, column?.isAll, read]).toEqual([Math.min(most, 10), isAll, 10]);
  }
  read = 0;
  expect(await hashCells(counting, new Map(), 4)).toMatchObject({ rows: 4 });
  expect(read).toBe(5);
});
