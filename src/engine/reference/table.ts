import { createTupleEncoder } from '../encode.ts';
import { hashWords, type RowTable } from '../port.ts';
import { hashConsumed, hashKey } from './hash.ts';

/**
 * The reference's table: every record that counts in file order, its number, and for a valid one the
 * hashes of its key and its consumed values. Rows of one key form a chain. Rows stand in segments,
 * so that growing copies nothing but the index of keys.
 */
export interface ReferenceTable extends RowTable {
  /** Adds an invalid record. */
  addInvalid(record: number): void;
  addValid(record: number, key: Uint32Array, consumed: Uint32Array): void;
  /** Whether this valid row is the first of its key. */
  isFirst(row: number): boolean;
  /** The first row with the key of `row` of `other` (which may be this table), or -1. */
  find(other: ReferenceTable, row: number): number;
  /** Another row of the same key, or -1: from the first row on it gives all, in no order. */
  nextOf(row: number): number;
  /** Whether a key has this row alone. */
  isSingle(first: number): boolean;
  sameVariant(row: number, other: ReferenceTable, otherRow: number): boolean;
  segmentOf(row: number): Segment;
}

interface Segment {
  readonly records: Uint32Array;
  /** Key hash, then consumed hash, of each row. */
  readonly hashes: Uint32Array;
  /** Next row of the same key + 1, or 0. */
  readonly next: Uint32Array;
  readonly kinds: Uint8Array;
}

const segmentRows = 1 << 8;
const rowWords = 2 * hashWords;
const INVALID = 0;
const FIRST = 1;
const REPEATED = 2;

export function createRowTable(): ReferenceTable {
  const segments: Segment[] = [];
  let rows = 0;
  let units = 0;
  let invalid = 0;
  /** Open addressing: first row of a key + 1, or 0. Its length is a power of two. */
  let slots = new Uint32Array(1 << 10);

  const encode = createTupleEncoder();

  const segmentOf = (row: number): Segment => segments[Math.floor(row / segmentRows)]!;

  function append(record: number, kind: number): number {
    const row = rows;
    if (row % segmentRows === 0) segments.push(createSegment());
    const segment = segmentOf(row);
    segment.records[place(row)] = record;
    segment.kinds[place(row)] = kind;
    rows += 1;
    return row;
  }

  /** The slot that holds the key, or the free one where it belongs. */
  function findSlot(hashes: Uint32Array, at: number): number {
    const mask = slots.length - 1;
    let slot = hashes[at]! & mask;
    for (;;) {
      const row = slots[slot]! - 1;
      if (row < 0) return slot;
      if (equalWords(segmentOf(row).hashes, place(row) * rowWords, hashes, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function grow(): void {
    slots = new Uint32Array(2 * slots.length);
    for (let row = 0; row < rows; row += 1) {
      const segment = segmentOf(row);
      if (segment.kinds[place(row)] !== FIRST) continue;
      slots[findSlot(segment.hashes, place(row) * rowWords)] = row + 1;
    }
  }

  const table: ReferenceTable = {
    get rows() {
      return rows;
    },
    get units() {
      return units;
    },
    get invalid() {
      return invalid;
    },
    addInvalid(record) {
      append(record, INVALID);
      invalid += 1;
    },
    addValid(record, key, consumed) {
      const row = append(record, FIRST);
      const segment = segmentOf(row);
      const at = place(row) * rowWords;
      segment.hashes.set(key, at);
      segment.hashes.set(consumed, at + hashWords);
      const slot = findSlot(segment.hashes, at);
      const first = slots[slot]! - 1;
      if (first < 0) {
        slots[slot] = row + 1;
        units += 1;
        if (2 * units > slots.length) grow();
        return;
      }
      segment.kinds[place(row)] = REPEATED;
      const head = segmentOf(first);
      segment.next[place(row)] = head.next[place(first)]!;
      head.next[place(first)] = row + 1;
    },
    recordOf: (row) => segmentOf(row).records[place(row)]!,
    isValid: (row) => segmentOf(row).kinds[place(row)] !== INVALID,
    isFirst: (row) => segmentOf(row).kinds[place(row)] === FIRST,
    isSingle: (first) => segmentOf(first).next[place(first)] === 0,
    find(other, row) {
      return slots[findSlot(other.segmentOf(row).hashes, place(row) * rowWords)]! - 1;
    },
    nextOf: (row) => segmentOf(row).next[place(row)]! - 1,
    sameVariant(row, other, otherRow) {
      const { hashes } = segmentOf(row);
      const otherHashes = other.segmentOf(otherRow).hashes;
      const [at, otherAt] = [place(row) * rowWords, place(otherRow) * rowWords];
      return equalWords(hashes, at + hashWords, otherHashes, otherAt + hashWords);
    },
    hasValues(row, key, consumed) {
      const { hashes } = segmentOf(row);
      const at = place(row) * rowWords;
      if (!equalWords(hashes, at, hashKey(encode(key)), 0)) return false;
      return equalWords(hashes, at + hashWords, hashConsumed(encode(consumed)), 0);
    },
    copyHashes(row, to, at) {
      const from = place(row) * rowWords;
      to.set(segmentOf(row).hashes.subarray(from, from + rowWords), at);
    },
    copyKeyHash: (key, to, at) => to.set(hashKey(encode(key)), at),
    segmentOf,
  };
  return table;
}

function place(row: number): number {
  return row % segmentRows;
}

function createSegment(): Segment {
  return {
    records: new Uint32Array(segmentRows),
    hashes: new Uint32Array(segmentRows * rowWords),
    next: new Uint32Array(segmentRows),
    kinds: new Uint8Array(segmentRows),
  };
}

function equalWords(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  for (let index = 0; index < hashWords; index += 1) {
    if (a[atA + index] !== b[atB + index]) return false;
  }
  return true;
}
