// What a side keeps of each of its records: nothing but where line numbers leave record numbers.

import { directoryBytes, extend, place } from './memory';

/** Entries: first record (u32), lines before it less records before it (u32, may wrap). */
const shift: u32 = 12;
const size: u32 = 8;
const directories: usize = memory.data(2 * directoryBytes);
const counts: usize = memory.data(8);

function directory(side: u32): usize {
  return directories + <usize>side * directoryBytes;
}

export function resetLines(side: u32): void {
  store<u32>(counts + ((<usize>side) << 2), 0);
}

/** From this record on, a record's line is its index plus `shifted`. */
export function shiftLines(side: u32, record: u32, shifted: u32): void {
  const count = load<u32>(counts + ((<usize>side) << 2));
  const at = extend(directory(side), count, shift, size);
  store<u32>(at, record);
  store<u32>(at, shifted, 4);
  store<u32>(counts + ((<usize>side) << 2), count + 1);
}

/** 1-based line at which a record starts. */
export function lineOf(side: u32, record: u32): u32 {
  let low: u32 = 0;
  let high = load<u32>(counts + ((<usize>side) << 2));
  // The last entry at or before the record; the first entry is of record 0.
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if (load<u32>(place(directory(side), middle, shift, size)) <= record) low = middle;
    else high = middle;
  }
  return record + load<u32>(place(directory(side), low, shift, size), 4);
}
