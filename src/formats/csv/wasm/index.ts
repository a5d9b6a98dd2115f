// What in a CSV body other readers could read otherwise: where it stands, 64 bytes at a time.
// AssemblyScript: compiled by scripts/build.mjs, not by tsc.

export { markHashesArea, markPlacesArea, markRecords, seedArea, unmarkedPlaces } from './marks';
import { useWindow } from './marks';

const LF: u32 = 10;
const CR: u32 = 13;
const BACKSLASH: u32 = 92;
const APOSTROPHE: u32 = 39;
const HASH: u32 = 35;
const SPACE: u32 = 32;

/** Where a byte stands. A record starts where a cell starts that is its first. */
const RECORD_START: u32 = 0;
const CELL_START: u32 = 1;
const UNQUOTED: u32 = 2;
const QUOTED: u32 = 3;
const AFTER_QUOTE: u32 = 4;
const COMMENT: u32 = 5;
/** After an escape sign in quotes that is one. */
const ESCAPED: u32 = 6;

/** Line ends; 0: none was seen yet. */
const FEED: u32 = 1;
const BOTH: u32 = 2;
const RETURN: u32 = 3;

/** What a scan keeps from window to window; the host saves and restores these words. */
const state: usize = memory.data(40);
const STATE: usize = 0;
const FIRST_END: usize = 4;
/** Lines of zero bytes, and comment lines. */
const BLANK: usize = 8;
const COMMENTS: usize = 12;
/** Classes of the bytes that were seen, and whether a cell starts with an apostrophe. */
const SEEN: usize = 16;
const APOSTROPHES: usize = 20;
/** Bytes of the window up to its last line end that ends a record; 0: it has none. */
const LAST_END: usize = 24;
/** Bytes of the line that goes on into the window, before it. */
const SINCE_END: usize = 28;
/** 1 + where the window's first sign is that quotes; 0: it has none. */
const FIRST_QUOTE: usize = 32;
/** A line of more bytes than this is told where it ends: some readers take no longer cell. */
const LONG: u32 = 65_536;

/** Two tables of 16: a byte's classes are those that its low and its high four bits share. */
const classes: usize = memory.data(32);
const input: usize = memory.data(262208 + 256);
/** Two areas that the host lends, and room before and after each. */
const lent: usize = memory.data(2 * 262400);
const output: usize = memory.data(4 * 262208 + 64);
const first: usize = 64;
/** A bit for each byte of the window: whether a record starts there. */
const recordStarts: usize = memory.data(8 * 4098);

export function stateArea(): usize {
  return state;
}

export function classArea(): usize {
  return classes;
}

/** Where a window goes: the byte before it, then at most 262,208 bytes with three after them. */
export function inputArea(): usize {
  return input + first;
}

/** Where 262,144 bytes go, with the same before them. */
export function lentArea(number: u32): usize {
  return lent + <usize>number * 262400 + first;
}

/** Where the places are that `find` gives, as u32 from the window's start. */
export function placesArea(): usize {
  return output;
}

let delimiter: u32 = 0;
let quote: i32 = -1;
let comment: i32 = -1;
/** What takes a quote's meaning in quotes, where it is no quote; told wherever it stands. */
let escape: i32 = -1;
/** Classes of bytes whose place is told wherever they stand. */
let told: u32 = 0;
/** Whether lines that start with a blank are told. */
let tellsBlankStarts: bool = false;
let out: usize = 0;
/** Whether a byte beyond ASCII stands in the window of the last `find`. */
let isWideWindow: bool = false;

export function sawWide(): bool {
  return isWideWindow;
}

export function setDialect(
  delimiterByte: u32,
  quoteByte: i32,
  commentByte: i32,
  escapeByte: i32,
  toldClasses: u32,
  blankStarts: bool,
): void {
  delimiter = delimiterByte;
  quote = quoteByte;
  comment = commentByte;
  escape = escapeByte;
  told = toldClasses;
  tellsBlankStarts = blankStarts;
  setPlainTables();
}

function mask64(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    ((<u64>(<u32>i8x16.bitmask(b))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(c))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(d))) << 48)
  );
}

function equal64(at: usize, byte: u32): u64 {
  const wanted = i8x16.splat(<u8>byte);
  return mask64(
    i8x16.eq(v128.load(at), wanted),
    i8x16.eq(v128.load(at, 16), wanted),
    i8x16.eq(v128.load(at, 32), wanted),
    i8x16.eq(v128.load(at, 48), wanted),
  );
}

function prefixXor(bits: u64): u64 {
  let m = bits ^ (bits << 1);
  m ^= m << 2;
  m ^= m << 4;
  m ^= m << 8;
  m ^= m << 16;
  return m ^ (m << 32);
}

function classify(bytes: v128, low: v128, high: v128): v128 {
  const four = i8x16.splat(15);
  const l = i8x16.swizzle(low, v128.and(bytes, four));
  // A shift of bytes costs more than one of words of which the other byte's bits are cut off.
  return v128.and(l, i8x16.swizzle(high, v128.and(i16x8.shr_u(bytes, 4), four)));
}

/** U+2028, U+2029 (E2 80 A8, E2 80 A9) and U+0085 (C2 85) that start in 16 bytes. */
function wideBreaks(at: usize): v128 {
  const one = v128.load(at);
  const two = v128.load(at, 1);
  const three = v128.or(v128.load(at, 2), i8x16.splat(1));
  const separators = v128.and(
    v128.and(i8x16.eq(one, i8x16.splat(<i8>0xe2)), i8x16.eq(two, i8x16.splat(<i8>0x80))),
    i8x16.eq(three, i8x16.splat(<i8>0xa9)),
  );
  const next = v128.and(i8x16.eq(one, i8x16.splat(<i8>0xc2)), i8x16.eq(two, i8x16.splat(<i8>0x85)));
  return v128.or(separators, next);
}

function seeQuote(place: u32): void {
  if (load<u32>(state, FIRST_QUOTE) == 0) store<u32>(state, place + 1, FIRST_QUOTE);
}

/** Whether a line is long that ends in the window, the last one before it having ended there. */
function isLong(end: u32, lastEnd: u32): bool {
  return (lastEnd == 0 ? end + load<u32>(state, SINCE_END) : end - lastEnd) > LONG;
}

function tell(bits: u64, base: u32): void {
  for (let rest = bits; rest != 0; rest &= rest - 1) {
    store<u32>(out, base + <u32>ctz(rest));
    out += 4;
  }
}

/**
 * Finds the places among the first `length` bytes of a window; three bytes more stand after them,
 * zeros at the copy's end. Gives how many there are.
 */
export function find(at: usize, length: u32): u32 {
  out = output;
  useWindow(at, output, recordStarts);
  store<u32>(state, 0, LAST_END);
  store<u32>(state, 0, FIRST_QUOTE);
  const low = v128.load(classes);
  const high = v128.load(classes, 16);
  seenClasses = i8x16.splat(0);
  seenBits = i8x16.splat(0);
  let from: u32 = 0;
  for (;;) {
    from = passPlain(at, from, length);
    if (from + 64 > length) break;
    const p = at + <usize>from;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const ca = classify(a, low, high);
    const cb = classify(b, low, high);
    const cc = classify(c, low, high);
    const cd = classify(d, low, high);
    const found = v128.or(v128.or(ca, cb), v128.or(cc, cd));
    seenClasses = v128.or(seenClasses, found);
    const bits = v128.or(v128.or(a, b), v128.or(c, d));
    seenBits = v128.or(seenBits, bits);
    const isWide = i8x16.bitmask(bits) != 0;
    if (!findInBlock(p, from, found, isWide)) findOneByOne(p, from, 64, isWide);
    from += 64;
  }
  let seen = seenClasses;
  isWideWindow = i8x16.bitmask(seenBits) != 0;
  if (from < length) {
    const p = at + <usize>from;
    const rest = length - from;
    for (let k: u32 = 0; k < rest; k += 1) {
      const byte = <u32>load<u8>(p + <usize>k);
      if (byte > 127) isWideWindow = true;
      const found =
        load<u8>(classes + <usize>(byte & 15)) & load<u8>(classes + 16 + <usize>(byte >> 4));
      seen = v128.or(seen, i8x16.splat(found));
    }
    findOneByOne(p, from, rest, true);
  }
  let all: u32 = load<u32>(state, SEEN);
  store<v128>(scratch, seen);
  for (let lane: usize = 0; lane < 16; lane += 1) all |= <u32>load<u8>(scratch + lane);
  store<u32>(state, all, SEEN);
  return <u32>((out - output) >> 2);
}

const scratch: usize = memory.data(16);

/** Whether some lane has a class that is told. */
function isTold(found: v128): bool {
  return v128.any_true(v128.and(found, i8x16.splat(<u8>told)));
}

function toldPlaces(p: usize): u64 {
  const low = v128.load(classes);
  const high = v128.load(classes, 16);
  const wanted = i8x16.splat(<u8>told);
  const zero = i8x16.splat(0);
  return ~mask64(
    i8x16.eq(v128.and(classify(v128.load(p), low, high), wanted), zero),
    i8x16.eq(v128.and(classify(v128.load(p, 16), low, high), wanted), zero),
    i8x16.eq(v128.and(classify(v128.load(p, 32), low, high), wanted), zero),
    i8x16.eq(v128.and(classify(v128.load(p, 48), low, high), wanted), zero),
  );
}

/** Whether some lane has a class of these bits. */
function hasClass(found: v128, bits: u32): bool {
  return v128.any_true(v128.and(found, i8x16.splat(<u8>bits)));
}

/** Classes that are looked at where they stand: the backslash; the apostrophe and the hash. */
const BACKSLASHES: u32 = 4;
const QUOTES_LIKE: u32 = 8;

/** Says of 64 bytes where records start: no blank line is one, and no comment. */
function setStarts(base: u32, starts: u64): void {
  store<u64>(recordStarts + <usize>(base >> 3), starts);
}

/** 64 bytes by bit masks; false: they are to be read one by one. */
function findInBlock(p: usize, base: u32, found: v128, isWide: bool): bool {
  const before = load<u32>(state, STATE);
  if (escape >= 0 || before == COMMENT || load<u32>(state, FIRST_END) == 0) return false;
  const feeds = equal64(p, LF);
  const signs = comment < 0 ? 0 : equal64(p, <u32>comment);
  const returns = equal64(p, CR);
  const delimiters = equal64(p, delimiter);
  const afterReturn = (returns << 1) | <u64>(load<u8>(p - 1) == CR);
  const feedNext = (feeds >> 1) | ((<u64>(load<u8>(p, 64) == LF)) << 63);
  let ends = feeds | (returns & ~feedNext);
  let cells = ends | delimiters;
  let inQuotes: u64 = 0;
  let hits: u64 = 0;
  let closing: u64 = 0;
  const quotes = quote < 0 ? 0 : equal64(p, <u32>quote);
  if (quotes != 0) seeQuote(base + <u32>ctz(quotes));
  if (quotes != 0 || before == QUOTED || before == AFTER_QUOTE) {
    const wasInside: u64 = before == QUOTED ? ~(<u64>0) : 0;
    const within = prefixXor(quotes) ^ wasInside;
    const opening = quotes & within;
    closing = quotes & ~within;
    inQuotes = within;
    const outside = cells & ~within;
    const cellStart: u64 = before <= CELL_START ? 1 : 0;
    const wasClosed: u64 = before == AFTER_QUOTE ? 1 : 0;
    const literal = opening & ~(((outside | closing) << 1) | cellStart | wasClosed);
    const text = ((closing << 1) | wasClosed) & ~(outside | opening | (returns & ~within));
    if ((literal | text) != 0) return false;
    const doubled = opening & ((closing << 1) | wasClosed);
    // A quoted value that starts with the delimiter.
    const separated = (delimiters >> 1) | ((<u64>(load<u8>(p, 64) == delimiter)) << 63);
    hits = doubled | ((feeds | returns) & within) | (opening & separated);
    cells = outside;
    ends &= ~within;
  }
  const outsideReturns = returns & ~inQuotes;
  const starts = (ends << 1) | <u64>(before == RECORD_START);
  // What a comment holds decides nothing; a sign elsewhere is told like any other place.
  if ((signs & starts) != 0) return false;
  hits |= signs;
  const blank = starts & (ends | outsideReturns);
  setStarts(base, starts & ~blank);
  if (blank != 0) {
    store<u32>(state, load<u32>(state, BLANK) + <u32>popcnt(blank), BLANK);
  }
  const feedAlone = feeds & ~afterReturn & ends;
  const returnAlone = returns & ~feedNext & ends;
  const both = feeds & afterReturn & ends;
  const usual = load<u32>(state, FIRST_END);
  hits |=
    usual == FEED ? both | returnAlone : usual == BOTH ? feedAlone | returnAlone : feedAlone | both;
  if (isTold(found)) hits |= toldPlaces(p);
  if (hasClass(found, BACKSLASHES)) {
    const backslashes = equal64(p, BACKSLASH);
    const stops = quotes | delimiters | feeds | returns | backslashes | equal64(p, 0);
    hits |= backslashes & ((stops >> 1) | ((<u64>isStop(load<u8>(p, 64))) << 63));
  }
  if (hasClass(found, QUOTES_LIKE)) {
    const cellStarts =
      (cells << 1) |
      <u64>(before <= CELL_START) |
      (equal64(p, SPACE) << 1) |
      <u64>(load<u8>(p - 1) == SPACE);
    if ((equal64(p, APOSTROPHE) & cellStarts) != 0) store<u32>(state, 1, APOSTROPHES);
    hits |= equal64(p, HASH) & starts;
  }
  if (tellsBlankStarts) hits |= starts & blanks(p);
  if (isWide) {
    hits |= mask64(wideBreaks(p), wideBreaks(p + 16), wideBreaks(p + 32), wideBreaks(p + 48));
  }
  if (ends != 0) {
    if (isLong(base + <u32>ctz(ends), load<u32>(state, LAST_END))) hits |= ends & -ends;
    store<u32>(state, base + 64 - <u32>clz(ends), LAST_END);
  }
  if (hits != 0) tell(hits, base);
  store<u32>(state, stateAfter(inQuotes, closing, ends, cells), STATE);
  return true;
}

/**
 * Blocks of 64 bytes of which nothing is told, outside quotes and comments: most are. Their own two
 * tables: what is looked at, some of it with its neighbours, then the signs that are only noted.
 */
const plainTables: usize = memory.data(32);
const LOOKED_AT: u32 = 0b111;
/** A byte that starts U+2028, U+2029 or U+0085, or another character. */
const WIDE_STARTS: u32 = 8;
/** What all blocks of a window had: classes that are only noted, and bits. */
let seenClasses: v128 = i8x16.splat(0);
let seenBits: v128 = i8x16.splat(0);

function setPlainTables(): void {
  v128.store(plainTables, i8x16.splat(0));
  v128.store(plainTables, i8x16.splat(0), 16);
  for (let byte: u32 = 0; byte < 0x1f; byte += 1) {
    const isControl = byte == 0 || (byte > 10 && byte < 14) || byte > 27;
    // Records that end in both are looked at apart.
    if (isControl && (byte != CR || !endInBoth())) addPlain(byte, 1);
  }
  addPlain(BACKSLASH, 2);
  addPlain(APOSTROPHE, 4);
  addPlain(HASH, 4);
  for (let sign: u32 = 0; sign < 3; sign += 1) {
    const byte = sign == 0 ? quote : sign == 1 ? comment : escape;
    if (byte >= 0) addPlain(<u32>byte & 255, byte >> 4 == 2 ? 4 : 2);
  }
  addPlain(0xc2, WIDE_STARTS);
  addPlain(0xe2, WIDE_STARTS);
  addPlain(124, 16);
  addPlain(59, 32);
  addPlain(9, 64);
  addPlain(44, 128);
}

function addPlain(byte: u32, bit: u32): void {
  const low = plainTables + <usize>(byte & 15);
  const high = plainTables + 16 + <usize>(byte >> 4);
  store<u8>(low, load<u8>(low) | <u8>bit);
  store<u8>(high, load<u8>(high) | <u8>bit);
}

function endInBoth(): bool {
  return load<u32>(state, FIRST_END) == BOTH;
}

/** The same as `findInBlock` for such blocks from there on; gives where the first other one is. */
function passPlain(at: usize, start: u32, length: u32): u32 {
  const before = load<u32>(state, STATE);
  const usual = load<u32>(state, FIRST_END);
  if (before > UNQUOTED || (usual != FEED && usual != BOTH)) return start;
  if (usual == FEED && load<u8>(at + <usize>start - 1) == CR) return start;
  const low = v128.load(plainTables);
  const high = v128.load(plainTables, 16);
  const feed = i8x16.splat(<u8>LF);
  const looked = i8x16.splat(<u8>LOOKED_AT);
  const wide = i8x16.splat(<u8>WIDE_STARTS);
  let classesSeen = seenClasses;
  let bitsSeen = seenBits;
  let startsNext: u64 = <u64>(before == RECORD_START);
  let lastEnd = load<u32>(state, LAST_END);
  let from = start;
  for (; from + 64 <= length; from += 64) {
    const p = at + <usize>from;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const found = v128.or(
      v128.or(classify(a, low, high), classify(b, low, high)),
      v128.or(classify(c, low, high), classify(d, low, high)),
    );
    if (v128.any_true(v128.and(found, looked))) break;
    if (v128.any_true(v128.and(found, wide))) {
      const one = v128.or(wideBreaks(p), wideBreaks(p + 16));
      if (v128.any_true(v128.or(one, v128.or(wideBreaks(p + 32), wideBreaks(p + 48))))) break;
    }
    const feeds = mask64(
      i8x16.eq(a, feed),
      i8x16.eq(b, feed),
      i8x16.eq(c, feed),
      i8x16.eq(d, feed),
    );
    const starts = (feeds << 1) | startsNext;
    let blank = starts & feeds;
    if (usual == BOTH) {
      const returns = equal64(p, CR);
      if (feeds != ((returns << 1) | <u64>(load<u8>(p - 1) == CR))) break;
      if (returns >> 63 != 0 && load<u8>(p, 64) != LF) break;
      blank |= starts & returns;
    }
    if (tellsBlankStarts && (starts & blanks(p)) != 0) break;
    if (feeds != 0) {
      if (isLong(from + <u32>ctz(feeds), lastEnd)) break;
      lastEnd = from + 64 - <u32>clz(feeds);
    }
    classesSeen = v128.or(classesSeen, found);
    bitsSeen = v128.or(bitsSeen, v128.or(v128.or(a, b), v128.or(c, d)));
    setStarts(from, starts & ~blank);
    if (blank != 0) store<u32>(state, load<u32>(state, BLANK) + <u32>popcnt(blank), BLANK);
    startsNext = feeds >> 63;
  }
  if (from == start) return start;
  seenClasses = classesSeen;
  seenBits = bitsSeen;
  store<u32>(state, lastEnd, LAST_END);
  const last = <u32>load<u8>(at + <usize>from - 1);
  store<u32>(state, last == LF ? RECORD_START : last == delimiter ? CELL_START : UNQUOTED, STATE);
  return from;
}

function stateAfter(inQuotes: u64, closing: u64, ends: u64, cells: u64): u32 {
  if (inQuotes >> 63 != 0) return QUOTED;
  if (closing >> 63 != 0) return AFTER_QUOTE;
  if (ends >> 63 != 0) return RECORD_START;
  return cells >> 63 != 0 ? CELL_START : UNQUOTED;
}

/** Bytes from 1 to 32: blanks, and what is trimmed with them. */
function blanks(p: usize): u64 {
  const most = i8x16.splat(32);
  return mask64(
    i8x16.le_u(v128.load(p), most),
    i8x16.le_u(v128.load(p, 16), most),
    i8x16.le_u(v128.load(p, 32), most),
    i8x16.le_u(v128.load(p, 48), most),
  );
}

function isStop(byte: u32): bool {
  return (
    byte == <u32>quote ||
    byte == delimiter ||
    byte == LF ||
    byte == CR ||
    byte == BACKSLASH ||
    byte == 0
  );
}

function tellOne(place: u32): void {
  store<u32>(out, place);
  out += 4;
}

/** The same byte by byte: where quotes stand inside cells, in comments, and up to the first line end. */
function findOneByOne(p: usize, base: u32, length: u32, isWide: bool): void {
  let now = load<u32>(state, STATE);
  let starts: u64 = 0;
  for (let k: u32 = 0; k < length; k += 1) {
    const at = p + <usize>k;
    const byte = <u32>load<u8>(at);
    const next = <u32>load<u8>(at, 1);
    const isBreak = byte == LF || byte == CR;
    if (<i32>byte == quote) seeQuote(base + k);
    let hit =
      (load<u8>(classes + <usize>(byte & 15)) &
        load<u8>(classes + 16 + <usize>(byte >> 4)) &
        <u8>told) !=
      0;
    if (byte == BACKSLASH && isStop(next)) hit = true;
    if (isWide && isWideBreak(at, byte, next)) hit = true;
    if (<i32>byte == comment || <i32>byte == escape) hit = true;
    if (byte == APOSTROPHE && (now <= CELL_START || load<u8>(at - 1) == SPACE)) {
      store<u32>(state, 1, APOSTROPHES);
    }
    if (now == RECORD_START && !isBreak && <i32>byte != comment) starts |= (<u64>1) << k;
    if (byte == HASH && now == RECORD_START) hit = true;
    if (now == RECORD_START && isBreak) store<u32>(state, load<u32>(state, BLANK) + 1, BLANK);
    if (now == RECORD_START && tellsBlankStarts && byte <= SPACE && !isBreak) hit = true;
    if (now == ESCAPED) {
      now = QUOTED;
    } else if (now == QUOTED) {
      if (<i32>byte == escape && (<i32>next == quote || <i32>next == escape)) now = ESCAPED;
      else if (<i32>byte == quote) now = AFTER_QUOTE;
      else if (isBreak) hit = true;
    } else if (<i32>byte == quote && now == AFTER_QUOTE) {
      hit = true;
      now = QUOTED;
    } else if (<i32>byte == quote && now <= CELL_START) {
      if (next == delimiter) hit = true;
      now = QUOTED;
    } else if (byte == CR && next == LF) {
      // The LF ends the line; a blank one was counted above.
      if (now == RECORD_START) now = UNQUOTED;
    } else if (isBreak) {
      const kind = byte == CR ? RETURN : load<u8>(at - 1) == CR ? BOTH : FEED;
      const usual = load<u32>(state, FIRST_END);
      if (usual == 0) store<u32>(state, kind, FIRST_END);
      else if (usual != kind) hit = true;
      if (isLong(base + k, load<u32>(state, LAST_END))) hit = true;
      now = RECORD_START;
      store<u32>(state, base + k + 1, LAST_END);
    } else if (now == RECORD_START && <i32>byte == comment) {
      now = COMMENT;
      store<u32>(state, load<u32>(state, COMMENTS) + 1, COMMENTS);
    } else if (now != COMMENT) {
      if (byte == delimiter) now = CELL_START;
      else {
        if (<i32>byte == quote) hit = true;
        now = now == AFTER_QUOTE ? AFTER_QUOTE : UNQUOTED;
      }
    }
    if (hit) tellOne(base + k);
  }
  setStarts(base, starts);
  store<u32>(state, now, STATE);
}

function isWideBreak(at: usize, byte: u32, next: u32): bool {
  if (byte == 0xc2) return next == 0x85;
  return byte == 0xe2 && next == 0x80 && (load<u8>(at, 2) | 1) == 0xa9;
}
