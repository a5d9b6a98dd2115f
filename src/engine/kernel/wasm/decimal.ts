// `{decimal: places}` by arithmetic on the text, rounded half away from zero.

let scratch: usize = 0;

/** An area as long as the longest value and 256 bytes more. */
export function setScratch(at: usize): void {
  scratch = at;
}

function isDigit(byte: u32): bool {
  return byte - 48 <= 9;
}

/** The value in place; -1 when it is no decimal number, -2 when there is no room. */
export function decimal(at: usize, length: i32, places: u32, limit: usize): i32 {
  const end = at + <usize>length;
  if (end + <usize>places + 4 > limit) return -2;
  const sign = <u32>load<u8>(at);
  let p = sign == 43 || sign == 45 ? at + 1 : at;
  const whole = p;
  while (p < end && isDigit(load<u8>(p))) p += 1;
  const wholeEnd = p;
  let fraction = p;
  if (p < end) {
    if (load<u8>(p) != 46) return -1;
    p += 1;
    fraction = p;
    while (p < end && isDigit(load<u8>(p))) p += 1;
    if (p < end) return -1;
  }
  const fractionEnd = p;
  if (whole == wholeEnd && fraction == fractionEnd) return -1;
  // Digits before and after the point, with a zero before them for a carry.
  store<u8>(scratch, 48);
  let to = scratch + 1;
  memory.copy(to, whole, wholeEnd - whole);
  to += wholeEnd - whole;
  const known = min(<usize>places, fractionEnd - fraction);
  memory.copy(to, fraction, known);
  memory.fill(to + known, 48, <usize>places - known);
  to += <usize>places;
  const half = fraction + <usize>places;
  if (half < fractionEnd && load<u8>(half) >= 53) increment(to);
  return write(at, to, places, sign == 45);
}

/** Adds one to the digits that end before `end`; the first of them is a zero. */
function increment(end: usize): void {
  let p = end - 1;
  while (load<u8>(p) == 57) {
    store<u8>(p, 48);
    p -= 1;
  }
  store<u8>(p, load<u8>(p) + 1);
}

function write(at: usize, end: usize, places: u32, isNegative: bool): i32 {
  let first = scratch;
  while (first < end && load<u8>(first) == 48) first += 1;
  const isZero = first == end;
  // At least one digit stands before the point.
  first = min(first, end - <usize>places - 1);
  let to = at;
  if (isNegative && !isZero) {
    store<u8>(to, 45);
    to += 1;
  }
  const point = end - <usize>places;
  memory.copy(to, first, point - first);
  to += point - first;
  if (places > 0) {
    store<u8>(to, 46);
    to += 1;
    memory.copy(to, point, <usize>places);
    to += <usize>places;
  }
  return <i32>(to - at);
}
