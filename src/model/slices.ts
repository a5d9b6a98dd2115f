/** Node's; the page, which shares the model, knows none. */
declare function setImmediate(act: () => void): unknown;

/**
 * Lets whatever waits have its turn: signals, timers, sockets. Work that may be long asks for one
 * between its slices, so that it can be ended (SPEC §4), and nothing else is kept waiting.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rows that are worked on between two turns: a few milliseconds. */
export const sliceRows: number = 1 << 14;

/** Does some work for the numbers from 0 to before `count`, in order and in slices. */
export async function inSlices(
  count: number,
  work: (from: number, to: number) => void,
  size: number = sliceRows,
): Promise<void> {
  for (let from = 0; from < count; from += size) {
    if (from > 0) await pause();
    work(from, Math.min(count, from + size));
  }
}

/** Bytes that are read between two turns. */
export const sliceBytes: number = 256 * 1024;

/** The same bytes in pieces, with a turn after so many: a chunk may be a whole copy, or a million. */
export async function* byTurns(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = sliceBytes;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        await pause();
        left = sliceBytes;
      }
      const piece = chunk.subarray(at, at + left);
      at += piece.length;
      left -= piece.length;
      yield piece;
    }
  }
}

/** Sorts numbers ascending, in place and in slices; those that are in order already cost one look. */
export async function sortInSlices(values: Uint32Array): Promise<Uint32Array> {
  if (await isSorted(values, isNotAbove)) return values;
  await inSlices(values.length, (from, to) => values.subarray(from, to).sort());
  const sorted = await mergeSlices(values, new Uint32Array(values.length), isNotAbove);
  if (sorted !== values) values.set(sorted);
  return values;
}

/** Any values in order, in slices, in a list of their own; equal ones stay in theirs. */
export async function sortedInSlices<T>(
  values: readonly T[],
  compare: (one: T, other: T) => number,
): Promise<T[]> {
  const isFirst = (one: T, other: T): boolean => compare(one, other) <= 0;
  const sorted = [...values];
  if (await isSorted(sorted, isFirst)) return sorted;
  await inSlices(sorted.length, (from, to) => {
    const slice = sorted.slice(from, to).sort(compare);
    for (let at = from; at < to; at += 1) sorted[at] = slice[at - from]!;
  });
  return mergeSlices(sorted, [...sorted], isFirst);
}

const isNotAbove = (one: number, other: number): boolean => one <= other;

/** Whether one value may stand before another one. */
type IsFirst<T> = (one: T, other: T) => boolean;

/** What values are sorted in. */
interface Values<T> {
  readonly length: number;
  [at: number]: T;
}

async function isSorted<T>(values: Values<T>, isFirst: IsFirst<T>): Promise<boolean> {
  let sorted = true;
  await inSlices(values.length, (from, to) => {
    for (let at = Math.max(1, from); at < to && sorted; at += 1) {
      sorted = isFirst(values[at - 1]!, values[at]!);
    }
  });
  return sorted;
}

/** Joins slices, each of which is sorted; gives the list of the two that they are in then. */
async function mergeSlices<T, V extends Values<T>>(
  values: V,
  spare: V,
  isFirst: IsFirst<T>,
): Promise<V> {
  let [source, target] = [values, spare];
  for (let width = sliceRows; width < values.length; width *= 2) {
    await mergeRuns(source, target, width, isFirst);
    [source, target] = [target, source];
  }
  return source;
}

/** Joins sorted runs of a width two by two. */
async function mergeRuns<T>(
  source: Values<T>,
  target: Values<T>,
  width: number,
  isFirst: IsFirst<T>,
): Promise<void> {
  let [left, right] = [0, 0];
  await inSlices(source.length, (from, to) => {
    for (let at = from; at < to; at += 1) {
      const start = at - (at % (2 * width));
      const middle = Math.min(start + width, source.length);
      const end = Math.min(start + 2 * width, source.length);
      if (at === start) [left, right] = [start, middle];
      const takeLeft = left < middle && (right >= end || isFirst(source[left]!, source[right]!));
      target[at] = takeLeft ? source[left++]! : source[right++]!;
    }
  });
}
