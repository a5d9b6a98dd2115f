import type { Finding, Policy, ReportedRow, RowCount } from '../model/index.ts';
import { toCells } from './comparison.ts';

/** A unit that both copies have and that stands in another order. */
export interface MovedUnit {
  /** Normalized, in contract order. */
  readonly key: readonly string[];
  readonly rowCount: RowCount;
  /** Its first row on each side. */
  readonly rows: readonly ReportedRow[];
}

/**
 * Which units stand in another order: those outside a longest common subsequence of first
 * occurrences; of several such subsequences that one which is the earliest in reviewed order
 * (SPEC §2, `order`). `places` are distinct places in the runtime copy, of the units in reviewed
 * order; what is given are indexes of it, ascending.
 */
export function movedUnits(places: Uint32Array): Uint32Array {
  const lengths = increasingFrom(places);
  let left = lengths.reduce((most, length) => Math.max(most, length), 0);
  const moved = new Uint32Array(places.length - left);
  let [count, last] = [0, -1];
  for (const [index, place] of places.entries()) {
    if (lengths[index] === left && left > 0 && place > last) {
      left -= 1;
      last = place;
    } else moved[count++] = index;
  }
  return moved;
}

/** For each index, the length of the longest increasing subsequence that starts there. */
function increasingFrom(places: Uint32Array): Uint32Array {
  const lengths = new Uint32Array(places.length);
  /** The greatest start of a subsequence of each length so far: descending. */
  const starts = new Float64Array(places.length);
  let most = 0;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    const place = places[index]!;
    let [low, high] = [0, most];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! > place) low = middle + 1;
      else high = middle;
    }
    starts[low] = place;
    most = Math.max(most, low + 1);
    lengths[index] = low + 1;
  }
  return lengths;
}

/** What is told of a unit that moved. */
export function movedFinding(
  { key, rowCount, rows }: MovedUnit,
  keyColumns: readonly string[],
  policy: Policy,
): Finding {
  return {
    kind: 'order',
    side: 'across',
    severity: policy.order,
    key: toCells(keyColumns, key),
    fields: [],
    reason: null,
    rowCount,
    rows,
    respelled: null,
  };
}
