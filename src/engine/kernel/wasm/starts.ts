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
  const within = record & ((1 << apart) - 1);
  const group = record - within;
  const at = place(directory(steps, side), group, stepShift, 1);
  // The steps up to the record; that of the marked one is none.
  let found = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  let sum = i32x4.splat(0);
  let isLong = i8x16.splat(0);
  for (let lane: usize = 0; lane <= <usize>within; lane += 16) {
    const isNone = i8x16.eq(found, i8x16.splat(0));
    const counts = v128.andnot(i8x16.le_u(found, i8x16.splat(<i8>within)), isNone);
    const step = v128.and(v128.load(at + lane), counts);
    isLong = v128.or(isLong, i8x16.eq(step, i8x16.splat(<i8>LONG)));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(step)));
    found = i8x16.add(found, i8x16.splat(16));
  }
  if (v128.any_true(isLong)) return <f64>startAfterLong(side, record);
  const mark = load<u64>(place(directory(marks, side), group >> apart, markShift, 8));
  const pair = i32x4.add(sum, v128.shuffle<u32>(sum, sum, 2, 3, 0, 1));
  const all = <u32>i32x4.extract_lane(pair, 0) + <u32>i32x4.extract_lane(pair, 1);
  return <f64>(mark + <u64>all);
}

/** The same after a record whose step is LONG, and after no mark since. */
function startAfterLong(side: u32, record: u32): u64 {
  let since: u64 = 0;
  let at = record;
  let step = stepOf(side, at);
  while (step != LONG) {
    since += <u64>step;
    at -= 1;
    step = stepOf(side, at);
  }
  return longStart(side, at) + since;
}

function stepOf(side: u32, record: u32): u32 {
  return <u32>load<u8>(place(directory(steps, side), record, stepShift, 1));
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
