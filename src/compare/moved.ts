import { inSlices, type Finding, type Policy } from '../model/index.ts';
import { toCells, type MovedUnit } from './input.ts';

/**
 * Which units stand in another order: those outside a longest common subsequence of first
 * occurrences; of several such subsequences that one which is the earliest in reviewed order
 * (SPEC §2, `order`). `places` are distinct places in the runtime copy, of the units in reviewed
 * order; what is given are indexes of it, ascending.
 */
export async function movedUnits(places: Uint32Array): Promise<Uint32Array> {
  const { lengths, longest } = await increasingFrom(places);
  let left = longest;
  const moved = new Uint32Array(places.length - left);
  let [count, last] = [0, -1];
  await inSlices(places.length, (from, to) => {
    for (let index = from; index < to; index += 1) {
      const place = places[index]!;
      if (lengths[index] === left && left > 0 && place > last) {
        left -= 1;
        last = place;
      } else moved[count++] = index;
    }
  });
  return moved;
}

/** For each index, the length of the longest increasing subsequence that starts there. */
async function increasingFrom(
  places: Uint32Array,
): Promise<{ readonly lengths: Uint32Array; readonly longest: number }> {
  const lengths = new Uint32Array(places.length);
  /** The greatest start of a subsequence of each length so far: descending. */
  const starts = new Float64Array(places.length);
  let longest = 0;
  const look = (index: number): void => {
    const place = places[index]!;
    // Mostly it is before all that come after it.
    let [low, high] = [longest > 0 && starts[longest - 1]! > place ? longest : 0, longest];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! > place) low = middle + 1;
      else high = middle;
    }
    starts[low] = place;
    longest = Math.max(longest, low + 1);
    lengths[index] = low + 1;
  };
  await inSlices(places.length, (from, to) => {
    for (let at = from; at < to; at += 1) look(places.length - 1 - at);
  });
  return { lengths, longest };
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
