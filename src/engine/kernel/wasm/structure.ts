// Stage one: where cells and records end. 64 bytes at a time as bit masks, as simdjson does.

const LF: u8 = 10;
const CR: u8 = 13;

let delimiterByte: u8 = 0;
let quoteByte: u8 = 0;
/** All ones where the dialect has a quote. */
let quoteMask: u64 = 0;

/** The same as numbers; -1: there is none. */
let quoteSign: i32 = -1;
let commentSign: i32 = -1;

/** Positions of the bytes that end cells, ascending (u32 each). */
let separators: usize = 0;
/** Of each record, the index in `separators` of the byte that ends it. */
let recordEnds: usize = 0;
/** Positions of line ends inside quotes. */
let breaks: usize = 0;

export let recordCount: u32 = 0;
export let breakCount: u32 = 0;
/** Whether there is a NUL byte. */
export let nulSeen: bool = false;
/** Whether the bytes end inside quotes. */
export let endsQuoted: bool = false;

export function setDialect(delimiter: u32, quote: i32, comment: i32): void {
  quoteSign = quote;
  commentSign = comment;
  delimiterByte = <u8>delimiter;
  quoteByte = <u8>quote;
  quoteMask = quote < 0 ? 0 : ~(<u64>0);
}

/** Areas of a u32 for each byte of the window, and 64 bytes more. */
export function setAreas(forSeparators: usize, forRecords: usize, forBreaks: usize): void {
  separators = forSeparators;
  recordEnds = forRecords;
  breaks = forBreaks;
}

/** Whether there is a NUL byte is not known of bytes that have no structure to be found. */
export function nulMayBe(): void {
  nulSeen = true;
}

function mask64(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    ((<u64>(<u32>i8x16.bitmask(b))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(c))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(d))) << 48)
  );
}

/** Bit i: whether an odd number of bits up to i is set. */
function prefixXor(bits: u64): u64 {
  let m = bits ^ (bits << 1);
  m ^= m << 2;
  m ^= m << 4;
  m ^= m << 8;
  m ^= m << 16;
  return m ^ (m << 32);
}

/** Writes base + the position of every bit; up to seven entries more are scribbled over. */
function flatten(bits: u64, base: u32, to: usize): usize {
  const end = to + ((<usize>popcnt(bits)) << 2);
  let s = bits;
  let w = to;
  // Eight without a branch on how many.
  do {
    store<u32>(w, base + <u32>ctz(s));
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 4);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 8);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 12);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 16);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 20);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 24);
    s &= s - 1;
    store<u32>(w, base + <u32>ctz(s), 28);
    s &= s - 1;
    w += 32;
  } while (w < end);
  return end;
}

/**
 * Indexes `length` bytes that start with a record. The byte before them and 64 after them are
 * readable, and the one after the last ends a cell or is zero. False: a quote stands where strict
 * CSV has none; what then was indexed is worthless. A comment is indexed as a record of one cell, and
 * becomes blanks after its sign.
 */
export function findStructure(buffer: usize, length: u32): bool {
  const delimiters = i8x16.splat(delimiterByte);
  const quotes = i8x16.splat(quoteByte);
  const feeds = i8x16.splat(LF);
  const returns = i8x16.splat(CR);
  let separator = separators;
  let record = recordEnds;
  let lineBreak = breaks;
  let inside: u64 = 0;
  let afterCellEnd: u64 = 1;
  let afterQuote: u64 = 0;
  let faults: u64 = 0;
  let least = i8x16.splat(-1);
  const end = buffer + <usize>length;
  const signs = i8x16.splat(<u8>commentSign);
  /** Whether a line starts at the next byte, and up to where comments are blanks already. */
  let lineStart: u64 = 1;
  let blanked = buffer;
  for (let at = buffer; at <= end; at += 64) {
    const wasInside = inside;
    const wasAfterCellEnd = afterCellEnd;
    const wasAfterQuote = afterQuote;
    const faultsBefore = faults;
    const breaksBefore = lineBreak;
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    if (at + 64 <= end) {
      least = i8x16.min_u(least, i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d)));
    }
    const fa = i8x16.eq(a, feeds);
    const fb = i8x16.eq(b, feeds);
    const fc = i8x16.eq(c, feeds);
    const fd = i8x16.eq(d, feeds);
    let ends = mask64(fa, fb, fc, fd);
    let cells = mask64(
      v128.or(fa, i8x16.eq(a, delimiters)),
      v128.or(fb, i8x16.eq(b, delimiters)),
      v128.or(fc, i8x16.eq(c, delimiters)),
      v128.or(fd, i8x16.eq(d, delimiters)),
    );
    const ra = i8x16.eq(a, returns);
    const rb = i8x16.eq(b, returns);
    const rc = i8x16.eq(c, returns);
    const rd = i8x16.eq(d, returns);
    let returned: u64 = 0;
    if (v128.any_true(v128.or(v128.or(ra, rb), v128.or(rc, rd)))) {
      returned = mask64(ra, rb, rc, rd);
      // A CR before an LF belongs to it; any other ends a record by itself.
      const feedNext = (ends >> 1) | ((<u64>(load<u8>(at, 64) == LF)) << 63);
      const alone = returned & ~feedNext;
      ends |= alone;
      cells |= alone;
    }
    const qa = i8x16.eq(a, quotes);
    const qb = i8x16.eq(b, quotes);
    const qc = i8x16.eq(c, quotes);
    const qd = i8x16.eq(d, quotes);
    const quoted = mask64(qa, qb, qc, qd) & quoteMask;
    if ((quoted | inside | afterQuote) != 0) {
      const within = prefixXor(quoted) ^ inside;
      inside = <u64>(<i64>within >> 63);
      const broken = ends & within;
      if (broken != 0) lineBreak = flatten(broken, <u32>(at - buffer), lineBreak);
      cells &= ~within;
      ends &= ~within;
      const opening = quoted & within;
      const closing = quoted & ~within;
      faults |= opening & ~(((cells | closing) << 1) | afterCellEnd);
      faults |= ((closing << 1) | afterQuote) & ~(cells | opening | (returned & ~within));
      afterCellEnd = (cells | closing) >> 63;
      afterQuote = closing >> 63;
    } else afterCellEnd = cells >> 63;
    if (commentSign >= 0) {
      let comments = mask64(
        i8x16.eq(a, signs),
        i8x16.eq(b, signs),
        i8x16.eq(c, signs),
        i8x16.eq(d, signs),
      );
      comments &= (ends << 1) | lineStart;
      while (comments != 0 && at + <usize>ctz(comments) < blanked) comments &= comments - 1;
      if (comments != 0 && at + <usize>ctz(comments) < end) {
        // After a quote that strict CSV has not, what looks like a comment may stand in quotes.
        const before = (comments & (0 - comments)) - 1;
        if ((faultsBefore | (faults & before)) != 0) return false;
        blanked = blankComment(at + <usize>ctz(comments), end);
        // What stood there decided about quotes: these bytes once more.
        inside = wasInside;
        afterCellEnd = wasAfterCellEnd;
        afterQuote = wasAfterQuote;
        faults = faultsBefore;
        lineBreak = breaksBefore;
        at -= 64;
        continue;
      }
      lineStart = ends >> 63;
    }
    const ordinal = <u32>((separator - separators) >> 2);
    // One without a branch on whether there is one.
    let bit = ends & (0 - ends);
    store<u32>(record, ordinal + <u32>popcnt(cells & (bit - 1)));
    record += (<usize>(ends != 0)) << 2;
    for (ends ^= bit; ends != 0; ends ^= bit) {
      bit = ends & (0 - ends);
      store<u32>(record, ordinal + <u32>popcnt(cells & (bit - 1)));
      record += 4;
    }
    separator = flatten(cells, <u32>(at - buffer), separator);
  }
  recordCount = <u32>((record - recordEnds) >> 2);
  breakCount = <u32>((lineBreak - breaks) >> 2);
  nulSeen = !i8x16.all_true(least);
  for (let at = buffer + <usize>(length & ~63); at < end; at += 1) {
    if (load<u8>(at) == 0) nulSeen = true;
  }
  endsQuoted = inside != 0;
  return faults == 0;
}

/** Makes blanks of a comment after its sign, up to its line end; gives where it ends. */
function blankComment(sign: usize, end: usize): usize {
  let at = sign + 1;
  while (at < end && load<u8>(at) != LF && load<u8>(at) != CR) {
    store<u8>(at, 32);
    at += 1;
  }
  return at;
}

// Where the byte-by-byte walk is.
const CELL: u32 = 0;
const PLAIN: u32 = 1;
const QUOTED: u32 = 2;
const CLOSED: u32 = 3;
const COMMENT: u32 = 4;

/**
 * The same as `findStructure`, byte by byte: where a quote stands inside a cell that does not start
 * with one, which makes it a character like any other, and where lines are comments. A comment is
 * indexed as a record of one cell. False: text stands after a closing quote.
 */
export function findStructureSlowly(buffer: usize, length: u32): bool {
  let separator = separators;
  let record = recordEnds;
  let lineBreak = breaks;
  let state = CELL;
  let startsRecord = true;
  nulSeen = false;
  const end = buffer + <usize>length;
  for (let at = buffer; at <= end; at += 1) {
    const byte = <u32>load<u8>(at);
    const next = <u32>load<u8>(at, 1);
    if (byte == 0 && at < end) nulSeen = true;
    const endsLine = byte == LF || (byte == CR && next != LF);
    const isQuote = <i32>byte == quoteSign;
    if (state == QUOTED) {
      if (isQuote && <i32>next == quoteSign) at += 1;
      else if (isQuote) state = CLOSED;
      else if (endsLine) {
        store<u32>(lineBreak, <u32>(at - buffer));
        lineBreak += 4;
      }
      continue;
    }
    if (state == CELL) {
      if (startsRecord && <i32>byte == commentSign) state = COMMENT;
      else if (isQuote) {
        state = QUOTED;
        startsRecord = false;
        continue;
      }
    }
    const endsCell = endsLine || (state != COMMENT && byte == <u32>delimiterByte);
    if (endsCell) {
      store<u32>(separator, <u32>(at - buffer));
      separator += 4;
      state = CELL;
      startsRecord = endsLine;
      if (endsLine) {
        store<u32>(record, <u32>((separator - separators) >> 2) - 1);
        record += 4;
      }
    } else if (state == CLOSED) {
      if (byte != CR && at < end) return false;
    } else if (state == CELL) {
      state = PLAIN;
      startsRecord = false;
    }
  }
  recordCount = <u32>((record - recordEnds) >> 2);
  breakCount = <u32>((lineBreak - breaks) >> 2);
  endsQuoted = state == QUOTED;
  return true;
}
