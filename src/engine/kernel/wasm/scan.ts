// Stage two: records → hashes, by the plan's columns.

import { copyPlain, copyQuoted, isText, pack, packLimit, setPack, WIDE } from './cells';
import { setScratch } from './decimal';
import { addFourToDigest, addToDigest, resetDigest } from './digest';
import { seeds, sipHashRow } from './hash';
import { resetLines, shiftLines } from './lines';
import {
  allocate,
  directoryBytes,
  extend,
  keepMemory,
  place,
  resetMemory,
  rewindMemory,
} from './memory';
import { addWaiting, batch, probeWaiting, resetProbe } from './probe';
import { seeKey, setSpelling, spellingBytes } from './spelling';
import { addStart, resetStarts } from './starts';
import { normalize, TOO_LONG } from './steps';
import {
  breakCount,
  endsQuoted,
  findStructure,
  findStructureSlowly,
  nulMayBe,
  nulSeen,
  recordCount,
  setAreas,
  setDialect,
} from './structure';
import { addRow, clearSeen, INVALID, resetTable, startIndex, stateOf } from './table';
import { firsts, setWatch, watchKey } from './watch';

/** Sides: the table's, and the one that is held against it. */
const TABLE: u32 = 0;

/** Results of `scan` that are no number of bytes. */
const BAIL: i32 = -1;

let side: u32 = 0;
let width: u32 = 0;
let delimiter: u32 = 0;
let quote: i32 = -1;
let comment: i32 = -1;

/** Columns that decide, packed in this order: index, flags, program, unused (u32 each). */
let columns: usize = 0;
let keyCount: u32 = 0;
let columnCount: u32 = 0;
const MAY_BE_EMPTY: u32 = 1;
const NULL_IS_DISTINCT: u32 = 2;

/** Length of a packed cell without a value: an empty one, or one of its own. */
const NULL: u32 = 0xffffffff;

let window: u32 = 0;
let buffer: usize = 0;
let separators: usize = 0;
let recordEnds: usize = 0;
let breaks: usize = 0;

/** Offset in the copy of the byte at the start of the window. */
let base: u64 = 0;
let records: u32 = 0;
/** Lines before the window's first record. */
let line: u32 = 0;
let shifted: u32 = 0;

/** Rows that are packed and wait to be hashed together: where each is, its parts, where hashes go. */
const packed: usize = memory.data(256 * 16);
let packedCount: u32 = 0;
let packedEnd: usize = 0;
/** So many bytes of rows are packed at least before they are hashed. */
const packedBytes: usize = 32768;

const invalidShift: u32 = 12;
const invalidDirectories: usize = memory.data(2 * directoryBytes);
const invalidCounts: usize = memory.data(8);

function invalidDirectory(role: u32): usize {
  return invalidDirectories + <usize>role * directoryBytes;
}

/** Starts anew: forgets both sides. Gives where the seeds (32 random bytes) go. */
export function reset(): usize {
  resetMemory();
  resetTable();
  window = 0;
  return seeds;
}

/** Begins a side at an offset of its copy and the line that begins there. */
export function begin(
  role: u32,
  recordWidth: u32,
  delimiterByte: u32,
  quoteByte: i32,
  commentByte: i32,
  offset: f64,
  firstLine: u32,
): void {
  if (role != TABLE) rewindMemory();
  side = role;
  width = recordWidth;
  quote = quoteByte;
  delimiter = delimiterByte;
  comment = commentByte;
  setDialect(delimiterByte, quoteByte, commentByte);
  base = <u64>offset;
  line = firstLine;
  records = 0;
  packedCount = 0;
  resetDigest();
  resetLines(role);
  resetStarts(role);
  shifted = firstLine;
  shiftLines(role, 0, firstLine);
  store<u32>(invalidCounts + ((<usize>role) << 2), 0);
  if (role != TABLE) {
    resetProbe();
    clearSeen();
  }
}

/** From these sizes on a record, a cell, and from that number on its cells, are the reference's. */
let recordLimit: u32 = 0xffffffff;
let cellLimit: u32 = 0xffffffff;
let cellsLimit: u32 = 0xffffffff;

export function setLimits(record: f64, cell: f64, cells: f64): void {
  recordLimit = <u32>min<f64>(record, 4294967295.0);
  cellLimit = <u32>min<f64>(cell, 4294967295.0);
  cellsLimit = <u32>min<f64>(cells, 4294967295.0);
}

/** Whether a long record is far from the limits all the same: what they count has no quotes. */
function isWithin(start: u32, stop: u32, first: u32, cellCount: u32): bool {
  if (stop - start >= recordLimit || cellCount > cellsLimit) return false;
  let from = start;
  for (let index = first; index < first + cellCount; index += 1) {
    const to = load<u32>(separators + ((<usize>index) << 2));
    if (to - from >= cellLimit) return false;
    from = to + 1;
  }
  return true;
}

/** Room for `count` columns, of which the first `keys` are the key's; the host fills it. */
export function setColumns(count: u32, keys: u32): usize {
  columnCount = count;
  keyCount = keys;
  columns = allocate((<usize>count) << 4);
  setWatch(allocate(((<usize>keys) << 4) + 16), keys);
  setSpelling(allocate(spellingBytes(keys)), keys, side == TABLE);
  return columns;
}

/** Sets the window's size; what stood in it is the host's to move. Gives where bytes go. */
export function setWindow(size: u32): usize {
  window = size;
  const area = ((<usize>size) << 2) + 256;
  buffer = allocate(<usize>size + 512) + 128;
  separators = allocate(area);
  recordEnds = allocate(area);
  breaks = allocate(area);
  setAreas(separators, recordEnds, breaks);
  setScratch(allocate(<usize>size + 512));
  const packBytes = ((<usize>size) << 2) + ((<usize>columnCount) << 8) + 2 * packedBytes;
  const packs = allocate(packBytes);
  packedEnd = packs;
  setPack(packs, packBytes, packs + packBytes - (<usize>size + ((<usize>columnCount) << 3) + 1024));
  return buffer;
}

export function packArea(): usize {
  return pack;
}

/**
 * Reads the records that end within the first `length` bytes of the window. Gives how many bytes
 * they are; -1: strict CSV, or text, it is not, and the reference must say why.
 */
export function scan(length: u32, isLast: bool): i32 {
  const lastByte = length == 0 ? 0 : <u32>load<u8>(buffer + <usize>length - 1);
  // Whether an LF belongs to a CR at the end is still to come.
  const waitsForFeed = !isLast && lastByte == 13;
  const usable = waitsForFeed ? length - 1 : length;
  if (usable == 0) return 0;
  const end = buffer + <usize>usable;
  for (let pad: usize = 0; pad < 256; pad += 16) v128.store(end + pad, i8x16.splat(0));
  store<u8>(buffer - 1, 0);
  // What is cut off ends as a cell may; the last record needs no line end of its own.
  if (!isLast) store<u8>(end, <u8>delimiter);
  else if (lastByte != 10 && lastByte != 13) store<u8>(end, 10);
  if (!findStructure(buffer, usable) && !findStructureSlowly(buffer, usable)) return BAIL;
  if (isLast && endsQuoted) return BAIL;
  const read = readRecords(usable);
  if (read < 0 || !hashPacked()) return BAIL;
  if (waitsForFeed) store<u8>(end, 13);
  base += <u64>read;
  return read;
}

function readRecords(length: u32): i32 {
  const breaksEnd = breaks + ((<usize>breakCount) << 2);
  let nextBreak = breaks;
  let start: u32 = 0;
  let first: u32 = 0;
  for (let index: u32 = 0; index < recordCount; index += 1) {
    const last = load<u32>(recordEnds + ((<usize>index) << 2));
    const cellCount = last + 1 - first;
    const stop = load<u32>(separators + ((<usize>last) << 2));
    if (stop - start >= min(cellLimit, min(recordLimit, cellsLimit))) {
      if (!isWithin(start, stop, first, cellCount)) return BAIL;
    }
    let end = stop;
    if (load<u8>(buffer + <usize>end) == 10 && end > start) {
      if (load<u8>(buffer + <usize>end - 1) == 13) end -= 1;
    }
    const isComment = comment >= 0 && <i32>load<u8>(buffer + <usize>start) == comment;
    if (isComment || (end == start && cellCount == 1)) {
      line += 1;
    } else {
      if (line - records != shifted) {
        shifted = line - records;
        shiftLines(side, records, shifted);
      }
      if (!readRecord(start, end, first, cellCount)) return BAIL;
      records += 1;
      line += 1;
      if (nextBreak < breaksEnd && load<u32>(nextBreak) < stop) {
        while (nextBreak < breaksEnd && load<u32>(nextBreak) < stop) {
          nextBreak += 4;
          line += 1;
        }
      }
    }
    start = stop + 1;
    first = last + 1;
  }
  // A line end that was put after the last record is none of the copy's bytes.
  return <i32>min(start, length);
}

/** One record; false when it is not text. Its cells end at separators `first` and on. */
function readRecord(start: u32, end: u32, first: u32, cellCount: u32): bool {
  const at = side == TABLE ? addRow() : 0;
  addStart(side, records, base + <u64>start);
  if (cellCount != width) {
    addInvalid(records);
    return true;
  }
  const from = packedEnd;
  let to = from;
  let consumed = from;
  let isValid = true;
  const cellEnds = separators + ((<usize>first) << 2);
  const lastColumn = width - 1;
  const quoteByte = quote;
  const keys = keyCount;
  const count = columnCount;
  let plan = columns;
  for (let k: u32 = 0; k < count; k += 1, plan += 16) {
    if (k == keys) consumed = to = pad(to);
    const column = load<u32>(plan);
    const ending = cellEnds + ((<usize>column) << 2);
    const cellStart = column == 0 ? start : load<u32>(ending - 4) + 1;
    const stop = column == lastColumn ? end : load<u32>(ending);
    const cell = buffer + <usize>cellStart;
    let length = <i32>(stop - cellStart);
    if (<i32>load<u8>(cell) == quoteByte && length > 0) {
      length = copyQuoted(cell + 1, <u32>length - 2, to + 4, <u32>quoteByte);
    } else copyPlain(cell, <u32>length, to + 4);
    const program = <usize>load<u32>(plan, 8);
    if (length > 0) {
      const watched = k < keys && load<u8>(firsts + <usize>load<u8>(to, 4)) != 0;
      if (watched || program != 0) {
        length = decideCell(watched, program, k, to + 4, length);
        if (length == TOO_LONG) return false;
        if (length < 0) {
          isValid = false;
          length = 0;
        }
      }
    }
    if (length == 0 && (load<u32>(plan, 4) & MAY_BE_EMPTY) == 0) isValid = false;
    store<u32>(to, length);
    to += 4 + <usize>length;
  }
  return endRow(at, from, count == keys ? pad(to) : consumed, pad(to), isValid);
}

/** A packed row is complete; false when it is not text. */
function endRow(at: usize, from: usize, consumed: usize, to: usize, isValid: bool): bool {
  if (!isValid) {
    addInvalid(records);
    return isTextRow(from, consumed);
  }
  const entry = packed + ((<usize>packedCount) << 4);
  store<u32>(entry, <u32>from);
  store<u32>(entry, <u32>(consumed - from), 4);
  store<u32>(entry, <u32>(to - consumed), 8);
  store<u32>(entry, <u32>(side == TABLE ? at : addWaiting(records)), 12);
  packedCount += 1;
  packedEnd = to;
  return packedCount < batch && to - pack < packedBytes ? true : hashPacked();
}

/**
 * The other entrance: whole records of which the host has cut out the planned columns, in the order
 * in which they are packed. Each is a word, 0 where the record has another width and no cell is
 * there; then each cell as its length (u32; NULL: there is no value) and its bytes, UTF-8. False
 * when one is no text, and the reference must say why.
 */
export function scanPacked(length: u32): bool {
  nulMayBe();
  const end = buffer + <usize>length;
  for (let pad: usize = 0; pad < 256; pad += 16) v128.store(end + pad, i8x16.splat(0));
  let p = buffer;
  while (p < end) {
    const at = side == TABLE ? addRow() : 0;
    const hasCells = load<u32>(p) != 0;
    p += 4;
    if (hasCells) {
      p = readPacked(p, at);
      if (p == 0) return false;
    } else addInvalid(records);
    records += 1;
  }
  return hashPacked();
}

/** The cells of one record; gives where the next one begins, 0 when one is not text. */
function readPacked(cells: usize, at: usize): usize {
  const from = packedEnd;
  let p = cells;
  let to = from;
  let consumed = from;
  let isValid = true;
  const keys = keyCount;
  const count = columnCount;
  let plan = columns;
  for (let k: u32 = 0; k < count; k += 1, plan += 16) {
    if (k == keys) consumed = to = pad(to);
    const size = load<u32>(p);
    let length = size == NULL ? 0 : <i32>size;
    copyPlain(p + 4, <u32>length, to + 4);
    p += 4 + <usize>length;
    const program = <usize>load<u32>(plan, 8);
    if (length > 0) {
      const watched = k < keys && load<u8>(firsts + <usize>load<u8>(to, 4)) != 0;
      if (watched || program != 0) {
        length = decideCell(watched, program, k, to + 4, length);
        if (length == TOO_LONG) return 0;
        if (length < 0) {
          isValid = false;
          length = 0;
        }
      }
    }
    if (length == 0 && (load<u32>(plan, 4) & MAY_BE_EMPTY) == 0) isValid = false;
    const isApart = size == NULL && (load<u32>(plan, 4) & NULL_IS_DISTINCT) != 0;
    store<u32>(to, isApart ? NULL : length);
    to += 4 + <usize>length;
  }
  return endRow(at, from, count == keys ? pad(to) : consumed, pad(to), isValid) ? p : 0;
}

/** A cell that is watched or has a program, at its place in the packed row; gives its length. */
function decideCell(watched: bool, program: usize, column: u32, at: usize, length: i32): i32 {
  if (watched) watchKey(column, at, <u32>length, records);
  return program == 0 ? length : normalizeCell(program, column, at, length);
}

/** Checks a cell before it changes, and runs its program; gives what `normalize` gives. */
function normalizeCell(program: usize, column: u32, at: usize, length: i32): i32 {
  const text = isText(at, <u32>length);
  if (text < 0) return TOO_LONG;
  return normalize(program, column, at, <u32>length, text == WIDE, packLimit);
}

/** Whether every packed cell of a row is text. */
function isTextRow(from: usize, consumed: usize): bool {
  let at = from;
  for (let k: u32 = 0; k < columnCount; k += 1) {
    if (k == keyCount) at = consumed;
    const size = load<u32>(at);
    const length = size == NULL ? 0 : size;
    if (isText(at + 4, length) < 0) return false;
    at += 4 + <usize>length;
  }
  return true;
}

/** Zeros up to a multiple of 16 bytes from the pack's start. */
function pad(to: usize): usize {
  v128.store(to, i8x16.splat(0));
  return (to + 15) & ~(<usize>15);
}

/**
 * Hashes the packed rows: apart from packing, so that no load waits for a store. False when one of
 * them is no text.
 */
function hashPacked(): bool {
  const end = packed + ((<usize>packedCount) << 4);
  for (let entry = packed; entry < end; entry += 16) {
    const from = <usize>load<u32>(entry);
    const keyBytes = load<u32>(entry, 4);
    seeKey(from);
    const wide = sipHashRow(from, keyBytes, load<u32>(entry, 8), <usize>load<u32>(entry, 12));
    if ((wide || nulSeen) && !isTextRow(from, from + <usize>keyBytes)) return false;
  }
  let entry = packed;
  for (; entry + 64 <= end; entry += 64) addFourToDigest(entry);
  for (; entry < end; entry += 16) {
    addToDigest(<usize>load<u32>(entry), load<u32>(entry, 4) + load<u32>(entry, 8));
  }
  packedCount = 0;
  packedEnd = pack;
  if (side != TABLE) probeWaiting();
  return true;
}

function addInvalid(record: u32): void {
  if (side == TABLE) store<u32>(stateOf(record), INVALID);
  const count = load<u32>(invalidCounts + ((<usize>side) << 2));
  store<u32>(extend(invalidDirectory(side), count, invalidShift, 4), record);
  store<u32>(invalidCounts + ((<usize>side) << 2), count + 1);
}

export function invalidCount(role: u32): u32 {
  return load<u32>(invalidCounts + ((<usize>role) << 2));
}

export function invalidRecord(role: u32, index: u32): u32 {
  return load<u32>(place(invalidDirectory(role), index, invalidShift, 4));
}

/** Ends a side: every record was read. The table's rows are then to be indexed. */
export function finish(): void {
  if (side != TABLE) return;
  startIndex();
  keepMemory();
}

export function recordsRead(): u32 {
  return records;
}
