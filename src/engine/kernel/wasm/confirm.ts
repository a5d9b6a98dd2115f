// What the host asks of the table once both sides are read.

import { pack } from './cells';
import { hashHigh, hashLow, seeds, sipHash } from './hash';
import { kept, keptCount } from './probe';
import { INVALID, lastEqual, row, rowCount, stateOf, UNSEEN } from './table';

/** Which rows of the table `collect` gives. */
const UNLIKE: u32 = 0;

let next: u32 = 0;

/** Room for rows that are collected: 4096. */
const area: usize = memory.data(4 * 4096);

export function collectArea(): usize {
  return area;
}

export function startCollecting(): void {
  next = 0;
}

/**
 * Writes up to `most` further rows of the table: with `which` 0 those whose key is not one row
 * on each side with one variant; with 1 those whose key repeats. Invalid ones are among both.
 */
export function collect(which: u32, to: usize, most: u32): u32 {
  let count: u32 = 0;
  while (next < rowCount && count < most) {
    const state = load<u32>(stateOf(next));
    // States above `lastEqual` and DIRTY: only a comparison makes a row dirty.
    if (state > lastEqual || (which == UNLIKE && state == UNSEEN)) {
      store<u32>(to + ((<usize>count) << 2), next);
      count += 1;
    }
    next += 1;
  }
  return count;
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
