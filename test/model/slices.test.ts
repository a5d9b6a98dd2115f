import { afterEach, expect, test, vi } from 'vitest';
import { groupRows } from '../../src/engine/groups.ts';
import { createRowTable } from '../../src/engine/reference/table.ts';
import { referenceKeySet } from '../../src/engine/reference/reference.ts';
import {
  inSlices,
  sliceRows,
  sortedInSlices,
  sortInSlices,
  strictPolicy,
  type KeyGroup,
} from '../../src/model/index.ts';
import { movedUnits } from '../../src/compare/index.ts';
import { findFindings } from '../../src/compare/findings.ts';

afterEach(() => vi.unstubAllGlobals());

/** Asked for by everything that works in slices. */
type Turn = (act: () => void) => unknown;
let turns = vi.fn<Turn>();

/** Counts what is done between two turns of the event loop: the longest stretch. */
function watchStretches(): { readonly count: () => void; readonly longest: () => number } {
  let [done, longest] = [0, 0];
  const next = globalThis.setImmediate;
  turns = vi.fn<Turn>((act) => {
    longest = Math.max(longest, done);
    done = 0;
    return next(act);
  });
  vi.stubGlobal('setImmediate', turns);
  return { count: () => void (done += 1), longest: () => Math.max(longest, done) };
}

test('every number is worked on once, in order, and no slice is longer than asked', async () => {
  const seen: number[] = [];
  const stretches = watchStretches();
  await inSlices(
    25,
    (from, to) => {
      for (let at = from; at < to; at += 1) {
        seen.push(at);
        stretches.count();
      }
    },
    10,
  );
  expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => at));
  expect(stretches.longest()).toBe(10);
  await inSlices(0, () => expect.unreachable('there is nothing to do'));
});

test('sorting in slices sorts', async () => {
  for (const length of [0, 1, sliceRows + 1, 3 * sliceRows + 7]) {
    const values = Uint32Array.from({ length }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 8);
    const expected = values.toSorted();
    expect((await sortInSlices(values)).join()).toBe(expected.join());
    expect((await sortInSlices(values)).join()).toBe(expected.join());
  }
});

/** Tables whose every question is counted. */
function tables(rows: number, count: () => void) {
  const sides = [createRowTable(), createRowTable()] as const;
  for (const [side, table] of sides.entries()) {
    for (let row = 0; row < rows; row += 1) {
      // Of each side a third is the other's too, a third repeats one key, a third is its own.
      const own = row % 3 === 1 ? 7 : row % 3 === 2 ? row + side * rows : row;
      const key = Uint32Array.of(Math.imul(own, 0x9e3779b1), own, 1, 2);
      if (row % 1000 === 999) table.addInvalid(row + 1);
      else table.addValid(row + 1, key, Uint32Array.of(row % 7, side, 0, 0));
    }
    for (const name of ['copyHashes', 'isValid', 'recordOf', 'isFirst', 'nextOf'] as const) {
      const asked = table[name] as (...given: readonly unknown[]) => unknown;
      Object.assign(table, {
        [name](...given: readonly unknown[]) {
          count();
          return asked(...given);
        },
      });
    }
  }
  return sides;
}

/** Questions that a row costs at most, where one loop ends and the next begins. */
const perRow = 4;

test('a join, its groups and what is chosen of them: never more rows at once than a slice', async () => {
  const rows = 3 * sliceRows;
  const stretches = watchStretches();
  const [reviewed, runtime] = tables(rows, stretches.count).map((table) =>
    referenceKeySet({ key: [], consumed: [], width: 0 }, table, '', []),
  );
  const candidates = await reviewed!.unlike(runtime!);
  const groups = await groupRows({
    reviewed: { table: reviewed!.table, rows: candidates.reviewed },
    runtime: { table: runtime!.table, rows: candidates.runtime },
  });
  const repeats = await runtime!.repeats();
  await reviewed!.common(runtime!);
  const { choose } = await groups.changes();
  await choose(Number.POSITIVE_INFINITY);
  await groups.edits();
  await groups.redundant();
  await groups.choose({ limit: Number.POSITIVE_INFINITY, keys: [], repeated: 3 });
  expect(candidates.runtime.length).toBeGreaterThan(2 * sliceRows);
  expect(repeats.length).toBeGreaterThan(sliceRows / 2);
  expect(stretches.longest()).toBeLessThanOrEqual(perRow * sliceRows);
});

test('the order of a million units is found in slices', async () => {
  const stretches = watchStretches();
  await movedUnits(Uint32Array.from({ length: 20 * sliceRows }, (_, at) => at ^ 1));
  expect(turns.mock.calls.length).toBeGreaterThanOrEqual(2 * 19);
  expect(stretches.longest()).toBe(0);
});

test('what has an order of its own is sorted in slices, and equal ones stay as they stood', async () => {
  for (const length of [0, 1, sliceRows + 1, 3 * sliceRows + 7]) {
    const stretches = watchStretches();
    const values = Array.from(
      { length },
      (_, at) => [Math.imul(at, 0x9e3779b1) >>> 22, at] as const,
    );
    const compare = (one: (typeof values)[number], other: (typeof values)[number]): number => {
      stretches.count();
      return one[0] - other[0];
    };
    const sorted = await sortedInSlices(values, compare);
    vi.unstubAllGlobals();
    expect(JSON.stringify(sorted)).toBe(JSON.stringify(values.toSorted((a, b) => a[0] - b[0])));
    // A slice by itself takes as many comparisons as a row has of them, each way.
    expect(stretches.longest()).toBeLessThanOrEqual(sliceRows * Math.log2(2 * sliceRows));
  }
});

test('a finding for every key of two large tables: never more of them at once than a slice', async () => {
  const stretches = watchStretches();
  const rows = 3 * sliceRows;
  const shown = { count: 1, variants: [{ values: ['x'], rows: 1 }], shown: [] };
  const none = { count: 0, variants: [], shown: [] };
  const groups = Array.from({ length: rows }, (_, row): KeyGroup => {
    const [reviewed, runtime] = row % 2 === 0 ? [shown, none] : [none, shown];
    return {
      key: [`P-${Math.imul(row, 0x9e3779b1) >>> 0}`],
      // Asked for once by the finder of each kind.
      get reviewed() {
        stretches.count();
        return reviewed;
      },
      runtime,
    };
  });
  const totals = { rows, units: rows, invalid: 0 };
  const found = await findFindings({
    keyColumns: ['id'],
    consumedColumns: ['mode'],
    keys: groups,
    invalid: [],
    reviewed: totals,
    runtime: totals,
    units: { min: 0, max: null },
    maxAmplification: null,
    policy: strictPolicy,
  });
  expect(found).toHaveLength(rows);
  expect(turns.mock.calls.length).toBeGreaterThan(10);
  // Of a unit that is found it is asked for its rows, its key's cells and its counts too.
  expect(stretches.longest()).toBeLessThanOrEqual(8 * sliceRows);
});
