// Normalization steps on ASCII values, as normalize/ has them. Each works in place and gives the
// new length; NO_VALUE is for what the step cannot read.

import { decimal } from './decimal';
import { normalizeOnHost } from './host';
import { loose } from './loose';

export const NO_VALUE: i32 = -1;
export const TOO_LONG: i32 = -2;

// Operations of a column's program, each with one u32 of parameter. HOST runs all steps.
const END: u32 = 0;
const TRIM: u32 = 1;
const COLLAPSE: u32 = 2;
const LOWER: u32 = 3;
const UPPER: u32 = 4;
const INTEGER: u32 = 5;
const DECIMAL: u32 = 6;
const EMPTY: u32 = 7;
const HOST: u32 = 8;
const LOOSE: u32 = 9;

/** Runs a column's program on a value; empty values pass every step unchanged. */
export function normalize(
  program: usize,
  column: u32,
  at: usize,
  length: u32,
  isWide: bool,
  limit: usize,
): i32 {
  if (isWide || load<u32>(program) == HOST) return normalizeOnHost(column, at, length, limit);
  let left = <i32>length;
  for (let op = program; left > 0 && load<u32>(op) != END; op += 8) {
    const parameter = load<u32>(op, 4);
    switch (load<u32>(op)) {
      case TRIM:
        left = trim(at, left);
        break;
      case COLLAPSE:
        left = collapse(at, left);
        break;
      case LOWER:
        changeCase(at, left, 65, 90);
        break;
      case UPPER:
        changeCase(at, left, 97, 122);
        break;
      case INTEGER:
        left = integer(at, left);
        break;
      case DECIMAL:
        left = decimal(at, left, parameter, limit);
        break;
      case EMPTY:
        if (isOneOf(at, left, <usize>parameter)) left = 0;
        break;
      case LOOSE:
        left = loose(at, left, limit);
        break;
      default:
        unreachable();
    }
  }
  return left;
}

export function isSpace(byte: u32): bool {
  return byte == 32 || byte - 9 < 5;
}

function trim(at: usize, length: i32): i32 {
  let start = at;
  let end = at + <usize>length;
  while (start < end && isSpace(load<u8>(start))) start += 1;
  while (end > start && isSpace(load<u8>(end - 1))) end -= 1;
  if (start > at) memory.copy(at, start, end - start);
  return <i32>(end - start);
}

function collapse(at: usize, length: i32): i32 {
  const end = at + <usize>length;
  let to = at;
  let spaces = false;
  for (let p = at; p < end; p += 1) {
    const byte = <u32>load<u8>(p);
    const space = isSpace(byte);
    if (space && spaces) continue;
    store<u8>(to, space ? 32 : <u8>byte);
    to += 1;
    spaces = space;
  }
  return <i32>(to - at);
}

/** Changes the letters from `first` to `last` to the other case. */
function changeCase(at: usize, length: i32, first: u32, last: u32): void {
  for (let p = at; p < at + <usize>length; p += 1) {
    const byte = <u32>load<u8>(p);
    if (byte - first <= last - first) store<u8>(p, <u8>(byte ^ 32));
  }
}

function integer(at: usize, length: i32): i32 {
  const end = at + <usize>length;
  const sign = <u32>load<u8>(at);
  let p = sign == 43 || sign == 45 ? at + 1 : at;
  if (p == end) return NO_VALUE;
  for (let q = p; q < end; q += 1) if (<u32>load<u8>(q) - 48 > 9) return NO_VALUE;
  while (p + 1 < end && load<u8>(p) == 48) p += 1;
  const negative = sign == 45 && load<u8>(p) != 48;
  const to = negative ? at + 1 : at;
  if (p > to) memory.copy(to, p, end - p);
  return <i32>(end - p) + <i32>negative;
}

/** Tokens stand as a count, then each as its length and bytes, padded to four. */
function isOneOf(at: usize, length: i32, tokens: usize): bool {
  let token = tokens + 4;
  for (let left = load<u32>(tokens); left > 0; left -= 1) {
    const size = load<u32>(token);
    if (size == <u32>length && memory.compare(at, token + 4, <usize>length) == 0) return true;
    token += 4 + <usize>((size + 3) & ~3);
  }
  return false;
}
