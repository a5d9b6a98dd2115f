// Key values as one that is spelled otherwise: compare/respelled.ts has the same for any text.

import { isSpace } from './steps';

const MINUS: u32 = 45;
const POINT: u32 = 46;
const E: u32 = 101;

/**
 * An ASCII value under loose reading, in place: without blanks and in lower case; a number by its
 * digits and the power of ten of the first one that is none. Gives the new length; -2: no room.
 */
export function loose(at: usize, length: u32, limit: usize): i32 {
  const end = at + <usize>length;
  let to = at;
  for (let p = at; p < end; p += 1) {
    const byte = <u32>load<u8>(p);
    if (isSpace(byte)) continue;
    store<u8>(to, <u8>(byte - 65 < 26 ? byte + 32 : byte));
    to += 1;
  }
  return number(at, to, limit);
}

function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

/** A value that is a number, as one is written; any other as it stands. */
function number(at: usize, end: usize, limit: usize): i32 {
  const length = <i32>(end - at);
  if (length == 0) return 0;
  const sign = <u32>load<u8>(at);
  const first = sign == MINUS || sign == 43 ? at + 1 : at;
  let p = first;
  while (p < end && isDigit(load<u8>(p))) p += 1;
  const whole = p;
  if (whole == first) return length;
  if (p < end && load<u8>(p) == POINT) {
    p += 1;
    while (p < end && isDigit(load<u8>(p))) p += 1;
  }
  const digitsEnd = p;
  let exponent: i32 = 0;
  if (p < end) {
    if (load<u8>(p) != E) return length;
    p += 1;
    const isNegative = p < end && load<u8>(p) == MINUS;
    if (p < end && (isNegative || load<u8>(p) == 43)) p += 1;
    if (p == end || end - p > 6) return length;
    for (; p < end; p += 1) {
      const byte = <u32>load<u8>(p);
      if (!isDigit(byte)) return length;
      exponent = exponent * 10 + <i32>(byte - 48);
    }
    if (isNegative) exponent = -exponent;
  }
  // Without the point: digits stand one after the other from `first` on.
  let last = first;
  for (let q = first; q < digitsEnd; q += 1) {
    if (load<u8>(q) == POINT) continue;
    store<u8>(last, load<u8>(q));
    last += 1;
  }
  let start = first;
  while (start < last && load<u8>(start) == 48) start += 1;
  if (start == last) {
    store<u8>(at, 48);
    return 1;
  }
  const power = <i32>(whole - first) - <i32>(start - first) + exponent;
  while (load<u8>(last - 1) == 48) last -= 1;
  return write(at, start, <u32>(last - start), power, sign == MINUS, limit);
}

/** `-0.` before the digits, `e` and the power after them. */
function write(
  at: usize,
  digits: usize,
  count: u32,
  power: i32,
  isNegative: bool,
  limit: usize,
): i32 {
  const head: usize = isNegative ? 3 : 2;
  if (at + head + <usize>count + 12 > limit) return -2;
  memory.copy(at + head, digits, count);
  if (isNegative) store<u8>(at, <u8>MINUS);
  store<u8>(at + head - 2, 48);
  store<u8>(at + head - 1, <u8>POINT);
  let to = at + head + <usize>count;
  store<u8>(to, <u8>E);
  to += 1;
  if (power < 0) {
    store<u8>(to, <u8>MINUS);
    to += 1;
  }
  let left: u32 = power < 0 ? <u32>-power : <u32>power;
  let size: usize = 1;
  for (let more = left; more > 9; more /= 10) size += 1;
  for (let place = size; place > 0; place -= 1) {
    store<u8>(to + place - 1, <u8>(48 + (left % 10)));
    left /= 10;
  }
  return <i32>(to + size - at);
}
