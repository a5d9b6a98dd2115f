import { inSlices, type ByteSource, type RecordPlaces } from '../../model/index.ts';
import type { CsvHead } from './body.ts';
import type { Dialect } from './dialect.ts';
import type { Suspects } from './scan.ts';

/** A copy that was read to its end, and what was seen in it. */
export interface SeenCopy {
  readonly source: ByteSource;
  readonly dialect: Dialect;
  readonly columns: readonly string[];
  readonly head: CsvHead;
  /** Byte offset at which its body starts, and at which it ends. */
  readonly offset: number;
  readonly end: number;
  readonly places: RecordPlaces;
  readonly suspects: Suspects;
}

/** Numbers of the records that hold some of these ascending places, ascending, each once. In slices. */
export async function recordsAt(found: Float64Array, places: RecordPlaces): Promise<Uint32Array> {
  const numbers = new Uint32Array(Math.min(found.length, places.rows));
  let count = 0;
  let low = 0;
  let next = places.rows === 0 ? Infinity : places.start(0);
  const add = (place: number): void => {
    // The next record is mostly near: doubling steps, then halves.
    let high = low + 1;
    for (let step = 1; high < places.rows && places.start(high) <= place; step *= 2) {
      low = high;
      high += step;
    }
    high = Math.min(high, places.rows);
    while (high - low > 1) {
      const middle = low + ((high - low) >> 1);
      if (places.start(middle) <= place) low = middle;
      else high = middle;
    }
    numbers[count] = low + 1;
    count += 1;
    next = low + 1 < places.rows ? places.start(low + 1) : Infinity;
  };
  await inSlices(found.length, (from, to) => {
    for (let at = from; at < to; at += 1) {
      if (found[at]! >= next) add(found[at]!);
    }
  });
  return numbers.subarray(0, count);
}
