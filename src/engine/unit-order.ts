import { pause, sliceRows } from '../model/index.ts';

/** Rows that stand in so few places are put in order by looking at each pair. */
const fewRows = 12;

/**
 * Sorts rows by what stands at each depth of them, less than nothing last: quicksort by one unit at a
 * time (Bentley, Sedgewick: Fast algorithms for sorting and searching strings, 1997), which looks at
 * no unit of a prefix that two rows share more than it must. Works in slices.
 */
export async function sortByUnits(
  rows: Uint32Array,
  unitAt: (row: number, depth: number) => number,
): Promise<void> {
  /** From, end and depth of each part that is not in order yet. */
  const parts: number[] = [0, rows.length, 0];
  let left = sliceRows;
  while (parts.length > 0) {
    const depth = parts.pop()!;
    const end = parts.pop()!;
    const from = parts.pop()!;
    if (end - from <= fewRows) {
      insert(rows, from, end, depth, unitAt);
      left -= fewRows;
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
