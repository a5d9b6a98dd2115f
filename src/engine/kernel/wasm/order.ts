// Units that both copies have, by the first row of each: asked for once both sides are read.

import { hashKey } from './confirm';
import { allocate } from './memory';
import { kept, keptCount } from './probe';
import { lastEqual, REPEATED, row, rowCount, rowOf, stateOf, UNSEEN } from './table';

/**
 * For each row of the table three words: 1 + the first kept record of the other side with its key,
 * how many kept records have it, and how many further rows of the table. Only first rows of a key
 * have any.
 */
let facts: usize = 0;
const factSize: usize = 12;
let next: u32 = 0;

function factsOf(index: u32): usize {
  return facts + <usize>index * factSize;
}

/** Makes room; `addOrderKept` and `addOrderRows` then see everything once, in calls for few each. */
export function startOrder(): void {
  facts = allocate(<usize>rowCount * factSize);
  memory.fill(facts, 0, <usize>rowCount * factSize);
  next = 0;
}

export function addOrderKept(first: u32, end: u32): void {
  for (let index = first; index < end; index += 1) {
    const match = load<u32>(kept(index), 36);
    // Of a key that the table does not have.
    if (match - 1 >= rowCount) continue;
    const at = factsOf(match - 1);
    const record = load<u32>(kept(index), 32) + 1;
    const known = load<u32>(at);
    if (known == 0 || record < known) store<u32>(at, record);
    store<u32>(at, load<u32>(at, 4) + 1, 4);
  }
}

export function addOrderRows(first: u32, end: u32): void {
  for (let index = first; index < end; index += 1) {
    if (load<u32>(stateOf(index)) != REPEATED) continue;
    const at = factsOf(rowOf(row(index)) - 1);
    store<u32>(at, load<u32>(at, 8) + 1, 8);
  }
}

/** Writes up to `most` further units: the first row in the table, and the first record of the other side. */
export function commonUnits(to: usize, most: u32): u32 {
  let count: u32 = 0;
  while (next < rowCount && count < most) {
    const state = load<u32>(stateOf(next));
    const isAlone = state != UNSEEN && state <= lastEqual;
    const record = isAlone ? state : load<u32>(factsOf(next));
    if (record != 0) {
      store<u32>(to + ((<usize>count) << 3), next);
      store<u32>(to + ((<usize>count) << 3), record - 1, 4);
      count += 1;
    }
    next += 1;
  }
  return count;
}

/** How many rows a side has with the key of a first row of the table that both have. */
export function rowsOfUnit(role: u32, index: u32): u32 {
  return role == 0 ? 1 + load<u32>(factsOf(index), 8) : max(1, load<u32>(factsOf(index), 4));
}

/** 1 + the row of the table that is all there is of the packed key, beside this record; or 0. */
export function rowBesideRecord(keyBytes: u32, record: u32): u32 {
  const found = rowOf(hashKey(keyBytes));
  return found != 0 && load<u32>(stateOf(found - 1)) == record + 1 ? found : 0;
}
