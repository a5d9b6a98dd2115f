import { inSlices, pause, sliceRows } from '../model/index.ts';

/** Rows that stand in so few places are put in order by looking at each pair. */
const fewRows = 12;
/** From so many on they are counted by their units, and put where their unit's come. */
const manyRows = 512;

/**
 * Sorts rows by what stands at each depth of them, less than nothing last: many by counting their
 * units, fewer by quicksort, one unit at a time (Bentley, Sedgewick: Fast algorithms for sorting and
 * searching strings, 1997), which looks at no unit of a prefix that two rows share more than it must.
 * Works in slices.
 */
export async function sortByUnits(
  rows: Uint32Array,
  unitAt: (row: number, depth: number) => number,
): Promise<void> {
  /** From, end and depth of each part that is not in order yet. */
  const parts: number[] = [0, rows.length, 0];
  let left = sliceRows;
  const room = rows.length < manyRows ? 0 : rows.length;
  const spread = { units: new Int32Array(room), rows: new Uint32Array(room) };
  while (parts.length > 0) {
    const depth = parts.pop()!;
    const end = parts.pop()!;
    const from = parts.pop()!;
    if (end - from <= fewRows) {
      insert(rows, from, end, depth, unitAt);
      left -= fewRows;
      continue;
    }
    const part = { from, end, depth };
    if (end - from >= manyRows && (await countUnits(rows, part, unitAt, spread, parts))) {
      left -= end - from;
      if (left < 0) await pause();
      left = left < 0 ? sliceRows : left;
      continue;
    }
    // Of any three: no copy can be written so that they are always the worst.
    const unitOfAny = (): number =>
      unitAt(rows[from + Math.floor(Math.random() * (end - from))]!, depth);
    const pivot = medianOf(unitOfAny(), unitOfAny(), unitOfAny());
    let [below, at, above] = [from, from, end];
    for (;;) {
      for (; at < above && left > 0; left -= 1) {
        const row = rows[at]!;
        const unit = unitAt(row, depth);
        if (unit === pivot) {
          at += 1;
          continue;
        }
        const other = unit < pivot ? below : above - 1;
        rows[at] = rows[other]!;
        rows[other] = row;
        if (unit > pivot) above = other;
        else {
          below += 1;
          at += 1;
        }
      }
      if (left > 0) break;
      await pause();
      left = sliceRows;
    }
    if (below - from > 1) parts.push(from, below, depth);
    if (end - above > 1) parts.push(above, end, depth);
    if (pivot >= 0 && above - below > 1) parts.push(below, above, depth + 1);
  }
}

/**
 * Puts the rows of a part in the order of the units at its depth, and adds the parts that are to be
 * sorted further. False: the units are of a wider range than there are rows, and nothing is done.
 */
async function countUnits(
  rows: Uint32Array,
  { from, end, depth }: { readonly from: number; readonly end: number; readonly depth: number },
  unitAt: (row: number, depth: number) => number,
  spread: { readonly units: Int32Array; readonly rows: Uint32Array },
  parts: number[],
): Promise<boolean> {
  const size = end - from;
  let [least, most] = [Infinity, -Infinity];
  await inSlices(size, (start, stop) => {
    for (let at = start; at < stop; at += 1) {
      const unit = unitAt(rows[from + at]!, depth);
      spread.units[at] = unit;
      if (unit < least) least = unit;
      if (unit > most) most = unit;
    }
  });
  if (least === most) {
    if (least >= 0) parts.push(from, end, depth + 1);
    return true;
  }
  if (most - least >= size) return false;
  /** Of each unit, where its next row goes. */
  const places = new Uint32Array(most - least + 2);
  await inSlices(size, (start, stop) => {
    for (let at = start; at < stop; at += 1) places[spread.units[at]! - least + 1]! += 1;
  });
  for (let unit = 1; unit < places.length; unit += 1) places[unit]! += places[unit - 1]!;
  await inSlices(size, (start, stop) => {
    for (let at = start; at < stop; at += 1) {
      const unit = spread.units[at]! - least;
      spread.rows[places[unit]!] = rows[from + at]!;
      places[unit]! += 1;
    }
  });
  rows.set(spread.rows.subarray(0, size), from);
  let start = 0;
  for (const [unit, stop] of places.subarray(0, -1).entries()) {
    if (stop - start > 1 && unit + least >= 0) parts.push(from + start, from + stop, depth + 1);
    start = stop;
  }
  return true;
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function insert(
  rows: Uint32Array,
  from: number,
  end: number,
  depth: number,
  unitAt: (row: number, depth: number) => number,
): void {
  const isBefore = (one: number, other: number): boolean => {
    for (let at = depth; ; at += 1) {
      const [a, b] = [unitAt(one, at), unitAt(other, at)];
      if (a !== b || a < 0) return a < b;
    }
  };
  for (let next = from + 1; next < end; next += 1) {
    const row = rows[next]!;
    let at = next;
    while (at > from && isBefore(row, rows[at - 1]!)) {
      rows[at] = rows[at - 1]!;
      at -= 1;
    }
    rows[at] = row;
  }
}
