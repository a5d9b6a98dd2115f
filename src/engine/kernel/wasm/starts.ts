// Where the records of a side start: a byte for each, and whole offsets now and then.

import { directoryBytes, extend, place } from './memory';

/** Entries: bytes since the record before; LONG where they are more, or not known. */
const stepShift: u32 = 16;
const steps: usize = memory.data(2 * directoryBytes);
const LONG: u32 = 255;

/** Entries: offset of every 64th record (u64). */
const apart: u32 = 6;
const markShift: u32 = 12;
const marks: usize = memory.data(2 * directoryBytes);

/** Entries: a record whose step is LONG (u32), nothing (u32), its offset (u64). */
const longShift: u32 = 10;
const longSize: u32 = 16;
const longs: usize = memory.data(2 * directoryBytes);
const longCounts: usize = memory.data(8);

/** Offset of the record that was added last. */
let last: u64 = 0;

function directory(directories: usize, side: u32): usize {
  return directories + <usize>side * directoryBytes;
}

export function resetStarts(side: u32): void {
  store<u32>(longCounts + ((<usize>side) << 2), 0);
}

/** Records are added in their order. */
export function addStart(side: u32, record: u32, offset: u64): void {
  const step = offset - last;
  last = offset;
  if ((record & ((1 << stepShift) - 1)) == 0) extend(directory(steps, side), record, stepShift, 1);
  const at = place(directory(steps, side), record, stepShift, 1);
  if ((record & ((1 << apart) - 1)) == 0) {
    store<u64>(extend(directory(marks, side), record >> apart, markShift, 8), offset);
  } else if (step < <u64>LONG) store<u8>(at, <u8>step);
  else {
    store<u8>(at, <u8>LONG);
    const count = load<u32>(longCounts + ((<usize>side) << 2));
    const long = extend(directory(longs, side), count, longShift, longSize);
    store<u32>(long, record);
    store<u64>(long, offset, 8);
    store<u32>(longCounts + ((<usize>side) << 2), count + 1);
  }
}

/** Offset in its copy at which a record starts. */
export function startOf(side: u32, record: u32): f64 {
  let since: u64 = 0;
  let at = record;
  while ((at & ((1 << apart) - 1)) != 0) {
    const step = <u32>load<u8>(place(directory(steps, side), at, stepShift, 1));
    if (step == LONG) return <f64>(longStart(side, at) + since);
    since += <u64>step;
    at -= 1;
  }
  const mark = place(directory(marks, side), at >> apart, markShift, 8);
  return <f64>(load<u64>(mark) + since);
}

function longStart(side: u32, record: u32): u64 {
  let low: u32 = 0;
  let high = load<u32>(longCounts + ((<usize>side) << 2));
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if (load<u32>(place(directory(longs, side), middle, longShift, longSize)) <= record)
      low = middle;
    else high = middle;
  }
  return load<u64>(place(directory(longs, side), low, longShift, longSize), 8);
}
