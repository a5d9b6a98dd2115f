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

/** One part of the index of keys. */
interface IndexPart {
  slots: Uint32Array;
  units: number;
}

const indexParts = 1 << 6;

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
  /**
   * The index of keys in parts, by the low bits of their hashes: each grows by itself, so that no step
   * is long. Open addressing: first row of a key + 1, or 0; lengths are powers of two.
   */
  const parts = Array.from({ length: indexParts }, () => ({
    slots: new Uint32Array(8),
    units: 0,
  }));

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

  const partOf = (hashes: Uint32Array, at: number): IndexPart =>
    parts[hashes[at]! & (indexParts - 1)]!;

  /** The slot that holds the key, or the free one where it belongs. */
  function findSlot({ slots }: IndexPart, hashes: Uint32Array, at: number): number {
    const mask = slots.length - 1;
    let slot = hashes[at + 1]! & mask;
    for (;;) {
      const row = slots[slot]! - 1;
      if (row < 0) return slot;
      if (equalWords(segmentOf(row).hashes, place(row) * rowWords, hashes, at)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function grow(part: IndexPart): void {
    const firsts = part.slots.filter((entry) => entry > 0);
    part.slots = new Uint32Array(2 * part.slots.length);
    for (const entry of firsts) {
      const { hashes } = segmentOf(entry - 1);
      part.slots[findSlot(part, hashes, place(entry - 1) * rowWords)] = entry;
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
      const part = partOf(segment.hashes, at);
      const slot = findSlot(part, segment.hashes, at);
      const first = part.slots[slot]! - 1;
      if (first < 0) {
        part.slots[slot] = row + 1;
        units += 1;
        part.units += 1;
        if (2 * part.units > part.slots.length) grow(part);
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
      const { hashes } = other.segmentOf(row);
      const part = partOf(hashes, place(row) * rowWords);
      return part.slots[findSlot(part, hashes, place(row) * rowWords)]! - 1;
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
