// The probing side: its records are held against the table as they come, and only those are kept
// whose key is not exactly one row on each side with the same variant.

import { allocate, directoryBytes, extend, place } from './memory';
import {
  DIRTY,
  equal128,
  homeSlot,
  lastEqual,
  REPEATS,
  REPEATS_SEEN,
  row,
  rowMask,
  slotCount,
  slots,
  stateOf,
  UNSEEN,
} from './table';

/** Entries: hashes like a row of the table, then the record and 1 + the table's row, or 0. */
const keptSize: u32 = 40;
const keptShift: u32 = 12;
const keptDirectory: usize = memory.data(directoryBytes);
export let keptCount: u32 = 0;
/** Keys of the table that this side has. */
let sharedKeys: u32 = 0;

/** Rows that wait to be held against the table; the same shape as kept ones. */
export const batch: u32 = 256;
const waiting: usize = memory.data(256 * 40, 16);
const found: usize = memory.data(256 * 4);
let waitingCount: u32 = 0;
let touched: u64 = 0;

export function resetProbe(): void {
  keptCount = 0;
  sharedKeys = 0;
  waitingCount = 0;
  newSlots = 0;
}

export function keysInBoth(): u32 {
  return sharedKeys;
}

export function kept(index: u32): usize {
  return place(keptDirectory, index, keptShift, keptSize);
}

/** Where the hashes of the next record go; `probeWaiting` takes them all. */
export function addWaiting(record: u32): usize {
  const at = waiting + <usize>(waitingCount * keptSize);
  store<u32>(at, record, 32);
  waitingCount += 1;
  return at;
}

function keep(key: usize, consumed: usize, record: u32, match: u32): void {
  const at = extend(keptDirectory, keptCount, keptShift, keptSize);
  keptCount += 1;
  v128.store(at, v128.load(key));
  v128.store(at, v128.load(consumed), 16);
  store<u32>(at, record, 32);
  store<u32>(at, match, 36);
}

/** Three passes over few rows: what one of them misses in the cache is on its way for all. */
export function probeWaiting(): void {
  const count = waitingCount;
  waitingCount = 0;
  if (slotCount == 0) {
    for (let index: u32 = 0; index < count; index += 1) keepNew(index);
    return;
  }
  let sum: u64 = 0;
  for (let index: u32 = 0; index < count; index += 1) {
    const home = homeSlot(load<u64>(waiting + <usize>(index * keptSize)), slotCount);
    store<u32>(found + ((<usize>index) << 2), home);
    sum += load<u32>(slots + ((<usize>home) << 2));
  }
  for (let index: u32 = 0; index < count; index += 1) {
    const key = load<u64>(waiting + <usize>(index * keptSize));
    const slot = nextMatch(key, load<u32>(found + ((<usize>index) << 2)));
    store<u32>(found + ((<usize>index) << 2), slot);
    const entry = load<u32>(slots + ((<usize>slot) << 2));
    if (entry != 0) {
      const match = (entry & rowMask) - 1;
      sum += load<u64>(row(match)) + <u64>load<u32>(stateOf(match));
    }
  }
  touched = sum;
  for (let index: u32 = 0; index < count; index += 1) {
    probeRow(index, load<u32>(found + ((<usize>index) << 2)));
  }
}

/** The slot at or after this one that may hold the key, or the free one that says it is new. */
function nextMatch(key: u64, from: u32): u32 {
  let slot = from;
  let entry = load<u32>(slots + ((<usize>slot) << 2));
  while (entry != 0 && ((entry ^ <u32>key) & ~rowMask) != 0) {
    slot = slot + 1 == slotCount ? 0 : slot + 1;
    entry = load<u32>(slots + ((<usize>slot) << 2));
  }
  return slot;
}

function keepNew(index: u32): void {
  const at = waiting + <usize>(index * keptSize);
  keep(at, at + 16, load<u32>(at, 32), 0);
}

function probeRow(index: u32, first: u32): void {
  const at = waiting + <usize>(index * keptSize);
  const key = load<u64>(at);
  let slot = first;
  for (;;) {
    const entry = load<u32>(slots + ((<usize>slot) << 2));
    if (entry == 0) return keepNew(index);
    const match = entry & rowMask;
    const other = row(match - 1);
    if (equal128(at, other)) return meet(at, other, match, stateOf(match - 1));
    slot = slot + 1 == slotCount ? 0 : slot + 1;
    slot = nextMatch(key, slot);
  }
}

function meet(at: usize, other: usize, match: u32, stateAt: usize): void {
  const record = load<u32>(at, 32);
  const state = load<u32>(stateAt);
  if (state == UNSEEN) {
    sharedKeys += 1;
    if (record < lastEqual && equal128(at + 16, other + 16)) {
      store<u32>(stateAt, record + 1);
      return;
    }
    store<u32>(stateAt, DIRTY);
  } else if (state <= lastEqual) {
    // The record that seemed to be the only one equals this row in both hashes.
    keep(other, other + 16, state - 1, match);
    store<u32>(stateAt, DIRTY);
  } else if (state == REPEATS) {
    sharedKeys += 1;
    store<u32>(stateAt, REPEATS_SEEN);
  }
  keep(at, at + 16, record, match);
}

/** In the place of the table's row: the table does not have the key, and more than one kept row has. */
const SHARED: u32 = 0xffffffff;

/** Whether a kept row alone has its key in both copies; known once the new keys were indexed. */
export function isLone(index: u32): bool {
  return load<u32>(kept(index), 36) == 0;
}

/** The first kept row with a key that the table does not have, + 1, by the key's hash; or 0. */
export function keptOf(key: usize): u32 {
  if (newSlots == 0) return 0;
  let slot = homeSlot(load<u64>(key), newSlots);
  let entry = load<u32>(newIndex + ((<usize>slot) << 2));
  while (entry != 0 && !equal128(kept(entry - 1), key)) {
    slot = slot + 1 == newSlots ? 0 : slot + 1;
    entry = load<u32>(newIndex + ((<usize>slot) << 2));
  }
  return entry;
}

/** Of kept rows whose key the table does not have: an index of their keys. Entries: 0, or 1 + a row. */
let newIndex: usize = 0;
let newSlots: u32 = 0;

/** Makes room for the index of new keys. */
export function startNewKeys(): void {
  let news: u32 = 0;
  for (let index: u32 = 0; index < keptCount; index += 1) {
    if (load<u32>(kept(index), 36) == 0) news += 1;
  }
  newSlots = news + news / 3 + 16;
  newIndex = allocate((<usize>newSlots) << 2);
  memory.fill(newIndex, 0, (<usize>newSlots) << 2);
}

/** Indexes the new keys among some kept rows, in calls for few each; gives how many it had not seen. */
export function addNewKeys(first: u32, end: u32): u32 {
  let distinct: u32 = 0;
  for (let next = first; next < end; next += 1) {
    const at = kept(next);
    if (load<u32>(at, 36) != 0) continue;
    let slot = homeSlot(load<u64>(at), newSlots);
    for (;;) {
      const entry = load<u32>(newIndex + ((<usize>slot) << 2));
      if (entry == 0) {
        store<u32>(newIndex + ((<usize>slot) << 2), next + 1);
        distinct += 1;
        break;
      }
      if (equal128(kept(entry - 1), at)) {
        store<u32>(kept(entry - 1), SHARED, 36);
        store<u32>(at, SHARED, 36);
        break;
      }
      slot += 1;
      if (slot == newSlots) slot = 0;
    }
  }
  return distinct;
}
