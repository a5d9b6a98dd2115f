import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeySet } from '../../src/engine/port.ts';
import { referenceKeySet } from '../../src/engine/reference/reference.ts';
import { createRowTable, type ReferenceTable } from '../../src/engine/reference/table.ts';

/** Small hashes that share their low bits: probing and growth are what is tested. */
function words(value: number): Uint32Array {
  return Uint32Array.of(value & 3, value >> 2, 7, 7);
}

type Entry = readonly [key: number, variant: number] | null;

function tableOf(entries: readonly Entry[]): ReferenceTable {
  const table = createRowTable();
  entries.forEach((entry, row) => {
    if (entry === null) table.addInvalid(row + 2);
    else table.addValid(row + 2, words(entry[0]), words(entry[1]));
  });
  return table;
}

function keysetOf(entries: readonly Entry[]): KeySet {
  return referenceKeySet({ width: 1, key: [], consumed: [] }, tableOf(entries), '', []);
}

/** Rows of chosen keys and the invalid ones, ascending. */
function chosen(entries: readonly Entry[], isChosen: (key: number) => boolean): number[] {
  return entries.flatMap((each, row) => (each === null || isChosen(each[0]) ? [row] : []));
}

const entry: fc.Arbitrary<Entry> = fc.option(
  fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 })),
  { freq: 12 },
);

function rowsByKey(entries: readonly Entry[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  entries.forEach((each, row) => {
    if (each !== null) found.set(each[0], [...(found.get(each[0]) ?? []), row]);
  });
  return found;
}

test('rows, units and invalid records are counted, and every row keeps its place', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const table = tableOf(entries);
      expect(table.rows).toBe(entries.length);
      expect(table.units).toBe(rowsByKey(entries).size);
      expect(table.invalid).toBe(entries.filter((each) => each === null).length);
      entries.forEach((each, row) => {
        expect([table.recordOf(row), table.isValid(row)]).toEqual([row + 2, each !== null]);
      });
    }),
  );
});

test('a join gives the rows of every key that is not one equal row on each side', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry), fc.array(entry), async (one, other) => {
      const [reviewed, runtime] = [rowsByKey(one), rowsByKey(other)];
      const isUnlike = (key: number): boolean => {
        const [[row, ...more], [match, ...others]] = [
          reviewed.get(key) ?? [],
          runtime.get(key) ?? [],
        ];
        if (row === undefined || match === undefined) return true;
        return more.length > 0 || others.length > 0 || one[row]?.[1] !== other[match]?.[1];
      };
      const found = await keysetOf(one).unlike(keysetOf(other));
      expect([...found.reviewed]).toEqual(chosen(one, isUnlike));
      expect([...found.runtime]).toEqual(chosen(other, isUnlike));
    }),
  );
});

test('one side alone gives the rows of keys that it repeats', async () => {
  const keyset = keysetOf([[1, 0], [2, 0], null, [1, 1]]);
  expect([...(await keyset.repeats())]).toEqual([0, 2, 3]);
});

test('it grows over many segments', () => {
  const table = createRowTable();
  for (let row = 0; row < 30_000; row += 1) {
    const key = Uint32Array.of(Math.imul(row % 20_000, 0x9e3779b1), row % 20_000, 0, 0);
    table.addValid(row, key, words(0));
  }
  expect([table.rows, table.units]).toEqual([30_000, 20_000]);
  expect([table.nextOf(5), table.nextOf(20_005)]).toEqual([20_005, -1]);
});
