// The table side: every record of the copy that was read first, and the index of its keys.

import { allocate, directoryBytes, extend, place } from './memory';

/** Entries: key hash, consumed hash (16 bytes each), state: beside them, for whoever looks at one looks at all. */
export const rowSize: u32 = 36;
const rowShift: u32 = 13;
const directory: usize = memory.data(directoryBytes);

/** States of a row. Any other is 1 + the one record of the other copy that equals it. */
export const UNSEEN: u32 = 0;
export const lastEqual: u32 = 0xfffffff0;
/** Its key was seen in the other copy, more than once or with another variant. */
export const DIRTY: u32 = 0xffffffff;
/** First row of a key that this copy repeats. */
export const REPEATS: u32 = 0xfffffffe;
/** The same, and the other copy has the key. */
export const REPEATS_SEEN: u32 = 0xfffffffd;
/** A further row of such a key. */
export const REPEATED: u32 = 0xfffffffc;
export const INVALID: u32 = 0xfffffffb;

export let rowCount: u32 = 0;
let repeatedCount: u32 = 0;

/** Entries: 0, or row + 1 in the low bits and bits of its hash in the others. */
export let slots: usize = 0;
export let slotCount: u32 = 0;
export let rowMask: u32 = 0;
let touched: u32 = 0;

export function resetTable(): void {
  rowCount = 0;
  repeatedCount = 0;
  slotCount = 0;
}

export function tableRows(): u32 {
  return rowCount;
}

export function repeatedRows(): u32 {
  return repeatedCount;
}

export function row(index: u32): usize {
  return place(directory, index, rowShift, rowSize);
}

/** Where the state of a row stands. */
export function stateOf(index: u32): usize {
  return row(index) + 32;
}

/** A new row, UNSEEN, its hashes unset. */
export function addRow(): usize {
  const at = extend(directory, rowCount, rowShift, rowSize);
  store<u32>(at, UNSEEN, 32);
  rowCount += 1;
  return at;
}

export function homeSlot(key: u64, count: u32): u32 {
  return <u32>(((key >>> 32) * <u64>count) >>> 32);
}

export function equal128(a: usize, b: usize): bool {
  return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
}

/** Rows between the load that brings a slot into the cache and its use. */
const batch: u32 = 32;

/** Makes room for the index of all rows, once they are complete. */
export function startIndex(): void {
  slotCount = rowCount + rowCount / 3 + 16;
  slots = allocate((<usize>slotCount) << 2);
  memory.fill(slots, 0, (<usize>slotCount) << 2);
  rowMask = ((<u32>1) << (32 - <u32>clz(rowCount))) - 1;
}

/**
 * Indexes the keys of some rows, and finds those that repeat. In calls for few rows each: a call
 * that has begun is not replaced by its optimized code.
 */
export function indexRows(first: u32, end: u32): void {
  let sum: u32 = 0;
  for (let from = first; from < end; from += batch) {
    const to = min(from + batch, end);
    for (let index = from; index < to; index += 1) {
      const home = homeSlot(load<u64>(row(index)), slotCount);
      sum += load<u32>(slots + ((<usize>home) << 2));
    }
    for (let index = from; index < to; index += 1) {
      if (load<u32>(stateOf(index)) != INVALID) indexRow(index);
    }
  }
  touched = sum;
}

function indexRow(index: u32): void {
  const at = row(index);
  const key = load<u64>(at);
  const entry = (<u32>key & ~rowMask) | (index + 1);
  let slot = homeSlot(key, slotCount);
  for (;;) {
    const found = load<u32>(slots + ((<usize>slot) << 2));
    if (found == 0) {
      store<u32>(slots + ((<usize>slot) << 2), entry);
      return;
    }
    if (((found ^ entry) & ~rowMask) == 0) {
      const first = row((found & rowMask) - 1);
      if (equal128(first, at)) {
        store<u32>(stateOf((found & rowMask) - 1), REPEATS);
        store<u32>(stateOf(index), REPEATED);
        repeatedCount += 1;
        return;
      }
    }
    slot += 1;
    if (slot == slotCount) slot = 0;
  }
}

/** Forgets what another copy was found to have. */
export function clearSeen(): void {
  for (let index: u32 = 0; index < rowCount; index += 1) {
    const at = stateOf(index);
    const state = load<u32>(at);
    if (state <= lastEqual || state == DIRTY) store<u32>(at, UNSEEN);
    else if (state == REPEATS_SEEN) store<u32>(at, REPEATS);
  }
}

/** The first row with a key, + 1, by the key's hash; or 0. */
export function rowOf(key: usize): u32 {
  if (slotCount == 0) return 0;
  const hash = load<u64>(key);
  let slot = homeSlot(hash, slotCount);
  let found = load<u32>(slots + ((<usize>slot) << 2));
  while (found != 0) {
    const index = found & rowMask;
    if (((found ^ <u32>hash) & ~rowMask) == 0 && equal128(row(index - 1), key)) return index;
    slot = slot + 1 == slotCount ? 0 : slot + 1;
    found = load<u32>(slots + ((<usize>slot) << 2));
  }
  return 0;
}
