// Lines of JSON that are written as lines before them: what stands between their values is the same,
// byte for byte, so that only the values are looked at. AssemblyScript: compiled by
// scripts/build.mjs, not by tsc.

const LF: u32 = 10;
const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/** What a value is. */
const PLAIN: u32 = 0;
const ESCAPED: u32 = 1;
const NOTHING: u32 = 2;

/** Why a scan ended: all lines were taken, a line is like none before it, or no room was left. */
const DONE: u32 = 0;
const OTHER: u32 = 1;
const FULL: u32 = 2;

/** A value that is null, packed. */
const NULL: u32 = 0xffffffff;

/** Lines that one scan takes at most. */
const mostLines: u32 = 16384;
const outputBytes: u32 = 65536;

/** A shape: how many values, what stands after the last one, where the planned ones are listed. */
const VALUES: usize = 0;
const TAIL: usize = 4;
const TAIL_BYTES: usize = 8;
const PLANNED: usize = 12;
/** Whether each of its values was in some line. */
const ALL_SEEN: usize = 16;
const shapeBytes: usize = 32;
/** Of each value: what stands before it, and whether it was in some line. */
const BEFORE: usize = 0;
const BEFORE_BYTES: usize = 4;
const SEEN: usize = 8;
const valueBytes: usize = 16;

/** Shapes that are known at a time. */
const mostShapes: u32 = 8;
const shapes: usize = memory.data(32, 16);

const lines: usize = memory.data(65536, 16);
const output: usize = memory.data(65536 + 16, 16);
/** Where the values of the line stand that is looked at: address, bytes, what they are. */
let found: usize = 0;

let shapeCount: u32 = 0;
/** The shape of the line before. */
let current: u32 = 0;
let longest: u32 = 0;
let planned: u32 = 0;
let lineCount: u32 = 0;
let written: u32 = 0;
let stopped: u32 = DONE;
let news: bool = false;

/** Memory of whole pages that was none before; 0: there is none. */
export function allocate(bytes: u32): usize {
  const before = memory.grow(<i32>((bytes + 65535) >> 16));
  return before < 0 ? 0 : (<usize>before) << 16;
}

/** Says how many shapes there are, how many values one has at most, and how many are planned. */
export function setShapes(count: u32, values: usize, plan: u32): void {
  shapeCount = count;
  found = values;
  planned = plan;
  current = 0;
}

/** Where the address of each shape goes. */
export function shapesArea(): usize {
  return shapes;
}

/** A line of so many bytes is left to be measured. */
export function setLongest(bytes: u32): void {
  longest = bytes;
}

export function linesArea(): usize {
  return lines;
}

export function outputArea(): usize {
  return output;
}

export function linesFound(): u32 {
  return lineCount;
}

export function bytesWritten(): u32 {
  return written;
}

export function whyStopped(): u32 {
  return stopped;
}

/** Whether a value was seen in a place where none was before, since that was asked last. */
export function isNews(): bool {
  const was = news;
  news = false;
  return was;
}

/** Takes lines, which end with LF, and lists where they start; gives where it stopped. */
export function scan(from: usize, end: usize): usize {
  return take(from, end, false);
}

/** Takes lines, and packs the planned values of each; gives where it stopped. */
export function pack(from: usize, end: usize): usize {
  return take(from, end, true);
}

function take(from: usize, end: usize, packing: bool): usize {
  let p = from;
  lineCount = 0;
  written = 0;
  stopped = DONE;
  while (p < end) {
    if (lineCount == mostLines) {
      stopped = FULL;
      break;
    }
    const next = matchAny(p);
    if (next == 0 || <u32>(next - p) > longest) {
      stopped = OTHER;
      break;
    }
    if (packing) {
      if (!packLine()) {
        stopped = written == 0 ? OTHER : FULL;
        break;
      }
    } else {
      note();
      store<u32>(lines + ((<usize>lineCount) << 2), <u32>(p - from));
    }
    lineCount += 1;
    p = next;
  }
  return p;
}

/** The byte after a line of one of the shapes; 0: it has none of them. */
function matchAny(p: usize): usize {
  for (let tried: u32 = 0; tried < shapeCount; tried += 1) {
    const next = match(<usize>load<u32>(shapes + ((<usize>current) << 2)), p);
    if (next != 0) return next;
    current = current + 1 == shapeCount ? 0 : current + 1;
  }
  return 0;
}

function match(shape: usize, line: usize): usize {
  let p = line;
  let value = shape + shapeBytes;
  let into = found;
  for (let left = load<u32>(shape, VALUES); left > 0; left -= 1) {
    const bytes = <usize>load<u32>(value, BEFORE_BYTES);
    if (!isSame(<usize>load<u32>(value, BEFORE), p, bytes)) return 0;
    p += bytes;
    const byte = <u32>load<u8>(p);
    const next = byte == QUOTE ? readText(p + 1, into) : readWord(byte, p, into);
    if (next == 0) return 0;
    p = next;
    value += valueBytes;
    into += 12;
  }
  const tail = <usize>load<u32>(shape, TAIL_BYTES);
  if (!isSame(<usize>load<u32>(shape, TAIL), p, tail)) return 0;
  p += tail;
  while (isBlank(<u32>load<u8>(p))) p += 1;
  return <u32>load<u8>(p) == LF ? p + 1 : 0;
}

function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0d;
}

/** What is told before a value holds no LF, so that nothing is compared behind a line's end. */
function isSame(one: usize, other: usize, bytes: usize): bool {
  let at: usize = 0;
  for (; at + 8 <= bytes; at += 8) {
    if (load<u64>(one + at) != load<u64>(other + at)) return false;
  }
  for (; at < bytes; at += 1) {
    if (load<u8>(one + at) != load<u8>(other + at)) return false;
  }
  return true;
}

function foundAt(into: usize, at: usize, bytes: usize, kind: u32): void {
  store<u32>(into, <u32>at);
  store<u32>(into, <u32>bytes, 4);
  store<u32>(into, kind, 8);
}

/** A text after its opening quote; gives the byte after it, 0 for what is looked at by others. */
function readText(from: usize, into: usize): usize {
  let p = from;
  let kind = PLAIN;
  for (;;) {
    const bytes = v128.load(p);
    const marks = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const bits = <u32>i8x16.bitmask(marks);
    if (bits == 0) {
      p += 16;
      continue;
    }
    p += <usize>ctz(bits);
    const byte = <u32>load<u8>(p);
    if (byte == QUOTE) break;
    if (byte != BACKSLASH || escapeOf(<u32>load<u8>(p + 1)) == 0) return 0;
    kind = ESCAPED;
    p += 2;
  }
  foundAt(into, from, p - from, kind);
  return p + 1;
}

/** What an escape of one sign stands for; 0: it is none. */
function escapeOf(sign: u32): u32 {
  if (sign == QUOTE || sign == BACKSLASH || sign == 0x2f) return sign;
  if (sign == 0x6e) return 10;
  if (sign == 0x74) return 9;
  if (sign == 0x72) return 13;
  if (sign == 0x62) return 8;
  return sign == 0x66 ? 12 : 0;
}

/** A number or a word; gives the byte after it, 0 where it is neither. */
function readWord(byte: u32, p: usize, into: usize): usize {
  if (byte == 0x2d || isDigit(byte)) {
    const end = readNumber(p);
    if (end != 0) foundAt(into, p, end - p, PLAIN);
    return end;
  }
  const word = load<u32>(p);
  if (word == 0x65757274) {
    foundAt(into, p, 4, PLAIN);
    return p + 4;
  }
  if (word == 0x736c6166 && load<u8>(p + 4) == 0x65) {
    foundAt(into, p, 5, PLAIN);
    return p + 5;
  }
  if (word != 0x6c6c756e) return 0;
  foundAt(into, p, 0, NOTHING);
  return p + 4;
}

function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

/** A number as RFC 8259 has it. */
function readNumber(from: usize): usize {
  let p = from;
  if (load<u8>(p) == 0x2d) p += 1;
  if (load<u8>(p) == 0x30) p += 1;
  else {
    p = readDigits(p);
    if (p == 0) return 0;
  }
  if (load<u8>(p) == 0x2e) {
    p = readDigits(p + 1);
    if (p == 0) return 0;
  }
  if ((load<u8>(p) | 0x20) != 0x65) return p;
  p += 1;
  const sign = load<u8>(p);
  return readDigits(sign == 0x2b || sign == 0x2d ? p + 1 : p);
}

function readDigits(from: usize): usize {
  let p = from;
  while (isDigit(<u32>load<u8>(p))) p += 1;
  return p == from ? 0 : p;
}

/** Remembers of which values there was one. */
function note(): void {
  const shape = <usize>load<u32>(shapes + ((<usize>current) << 2));
  if (load<u32>(shape, ALL_SEEN) != 0) return;
  const count = load<u32>(shape, VALUES);
  let all: u32 = 1;
  for (let at: usize = 0; at < <usize>count; at += 1) {
    const value = shape + shapeBytes + at * valueBytes;
    if (load<u32>(value, SEEN) != 0) continue;
    if (load<u32>(found + at * 12, 8) == NOTHING) all = 0;
    else {
      store<u32>(value, 1, SEEN);
      news = true;
    }
  }
  store<u32>(shape, all, ALL_SEEN);
}

/** Writes the planned values of the line: 1, then each as its length and bytes. False: no room. */
function packLine(): bool {
  const shape = <usize>load<u32>(shapes + ((<usize>current) << 2));
  let plan = <usize>load<u32>(shape, PLANNED);
  const end = output + <usize>outputBytes;
  let to = output + <usize>written;
  if (to + 4 > end) return false;
  store<u32>(to, 1);
  to += 4;
  for (let left = planned; left > 0; left -= 1, plan += 4) {
    const which = load<u32>(plan);
    const value = found + <usize>which * 12;
    const isNothing = which == NULL || load<u32>(value, 8) == NOTHING;
    const bytes: usize = isNothing ? 0 : <usize>load<u32>(value, 4);
    if (to + 4 + bytes > end) return false;
    let length = bytes;
    if (!isNothing) {
      const from = <usize>load<u32>(value);
      if (load<u32>(value, 8) == ESCAPED) length = copyEscaped(from, bytes, to + 4);
      else if (bytes <= 16 && to + 20 <= end) v128.store(to + 4, v128.load(from));
      else memory.copy(to + 4, from, bytes);
    }
    store<u32>(to, isNothing ? NULL : <u32>length);
    to += 4 + length;
  }
  written = <u32>(to - output);
  return true;
}

function copyEscaped(from: usize, bytes: usize, to: usize): usize {
  const end = from + bytes;
  let into = to;
  for (let p = from; p < end; p += 1) {
    let byte = <u32>load<u8>(p);
    if (byte == BACKSLASH) {
      p += 1;
      byte = escapeOf(<u32>load<u8>(p));
    }
    store<u8>(into, <u8>byte);
    into += 1;
  }
  return into - to;
}
