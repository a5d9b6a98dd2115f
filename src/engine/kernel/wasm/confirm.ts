// What the host asks of the table once both sides are read.

import { pack } from './cells';
import { hashHigh, hashLow, seeds, sipHash } from './hash';
import { isLone, kept, keptCount, keptOf } from './probe';
import { INVALID, lastEqual, row, rowCount, rowOf, stateOf, UNSEEN } from './table';

/** Which rows of the table `collect` gives. */
const UNLIKE: u32 = 0;

let next: u32 = 0;

/** Room for rows that are collected: 4096. */
const area: usize = memory.data(4 * 4096);

export function collectArea(): usize {
  return area;
}

/** Rows that alone have their key in both copies: so many more are written, and so many were left out. */
let loneMore: u32 = 0;
let loneLeft: u32 = 0;

export function startCollecting(lone: u32): void {
  next = 0;
  loneMore = lone;
  loneLeft = 0;
}

export function loneRowsLeft(): u32 {
  return loneLeft;
}

/** Whether one more row that alone has its key is written. */
function takeLone(): bool {
  if (loneMore == 0) {
    loneLeft += 1;
    return false;
  }
  loneMore -= 1;
  return true;
}

/**
 * Writes up to `most` further rows of the table: with `which` 0 those whose key is not one row
 * on each side with one variant; with 1 those whose key repeats. Invalid ones are among both. It
 * looks at some 65,000 rows at most, and tells the end by a count above `most`.
 */
export function collect(which: u32, to: usize, most: u32): u32 {
  let count: u32 = 0;
  const end = min(rowCount, next + lookedAt);
  while (next < end && count < most) {
    const state = load<u32>(stateOf(next));
    // States above `lastEqual` and DIRTY: only a comparison makes a row dirty.
    if (state > lastEqual || (which == UNLIKE && state == UNSEEN && takeLone())) {
      store<u32>(to + ((<usize>count) << 2), next);
      count += 1;
    }
    next += 1;
  }
  return next == rowCount ? count | ended : count;
}

/** Rows that are looked at in one call, and what is added to the count of the last one. */
const lookedAt: u32 = 1 << 16;
const ended: u32 = 1 << 31;

/** The same of the kept records of the other side. */
export function collectKept(to: usize, most: u32): u32 {
  let count: u32 = 0;
  const end = min(keptCount, next + lookedAt);
  while (next < end && count < most) {
    if (!isLone(next) || takeLone()) {
      store<u32>(to + ((<usize>count) << 2), load<u32>(kept(next), 32));
      count += 1;
    }
    next += 1;
  }
  return next == keptCount ? count | ended : count;
}

/**
 * The row that has the packed key, and alone in both copies, + 1: of the table, or (`role` 1) the
 * record of the other side. 0: there is none.
 */
export function loneRowOf(role: u32, keyBytes: u32): u32 {
  const key = hashKey(keyBytes);
  if (role == 0) {
    const found = rowOf(key);
    return found != 0 && load<u32>(stateOf(found - 1)) == UNSEEN ? found : 0;
  }
  const found = keptOf(key);
  return found != 0 && isLone(found - 1) ? load<u32>(kept(found - 1), 32) + 1 : 0;
}

export function isInvalid(index: u32): bool {
  return load<u32>(stateOf(index)) == INVALID;
}

export function keptRecord(index: u32): u32 {
  return load<u32>(kept(index), 32);
}

export function keptRows(): u32 {
  return keptCount;
}

/** Where the hashes of a row of the table stand, or (`role` 1) of a kept one: key, consumed. */
export function hashesOf(role: u32, index: u32): usize {
  return role == 0 ? row(index) : kept(index);
}

/** Whether the packed row has the hashes of a row of the table, or (`role` 1) of a kept one. */
export function hasHashes(role: u32, index: u32, keyBytes: u32, consumedBytes: u32): bool {
  const at = hashesOf(role, index);
  sipHash(seeds, pack, keyBytes);
  if (load<u64>(at) != hashLow || load<u64>(at, 8) != hashHigh) return false;
  sipHash(seeds + 16, pack + <usize>keyBytes, consumedBytes);
  return load<u64>(at, 16) == hashLow && load<u64>(at, 24) == hashHigh;
}

/** Hashes the packed key; gives where its 16 bytes stand, until the next call. */
export function hashKey(keyBytes: u32): usize {
  sipHash(seeds, pack, keyBytes);
  store<u64>(keyHash, hashLow);
  store<u64>(keyHash, hashHigh, 8);
  return keyHash;
}

const keyHash: usize = memory.data(16);
