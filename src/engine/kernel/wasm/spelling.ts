// Whether a key may be another one spelled otherwise: by what stands in its cells.

/**
 * For each key column the classes of the bytes that were seen, by their place modulo 16; then the most
 * digits of a whole number with leading zeros, and the fewest of any (u32 each).
 */
let seenBytes: usize = 0;
let columns: u32 = 0;
const columnSize: usize = 32;
const PADDED: usize = 16;
const FEWEST: usize = 20;

/**
 * Classes, each of the bytes whose high four bits are one of some and whose low ones are: small
 * letters (two), large ones (two), blanks, signs, what is no ASCII; and the letter e.
 */
const SMALL: i8 = 1 | 2;
const LARGE: i8 = 4 | 8;
/** Bytes by which any key may be another one: blanks of any kind, points, a plus, no ASCII. */
const ODD: i8 = 16 | 32 | 64;
const AN_E: i8 = -128;

/** Whether digits with an exponent, or a zero below zero, were seen: numbers are others without it. */
let oddNumberSeen: bool = false;

/** The same of the copy that was read first, once the other one is read. */
let firstBytes: usize = 0;
let firstOdd: bool = false;

/** Sixteen bytes that are all ones, and sixteen zeros. */
const mask: usize = memory.data(32, 16);

/** Bytes of the area for some key columns. */
export function spellingBytes(keys: u32): usize {
  return <usize>keys * columnSize;
}

/** `isFirst`: what was seen before is of no copy that the new one is held against. */
export function setSpelling(at: usize, keys: u32, isFirst: bool): void {
  if (!isFirst && firstBytes == 0) {
    firstBytes = seenBytes;
    firstOdd = oddNumberSeen;
  }
  if (isFirst) firstBytes = 0;
  seenBytes = at;
  columns = keys;
  oddNumberSeen = false;
  memory.fill(at, 0, spellingBytes(keys));
  for (let k: u32 = 0, seen = at; k < keys; k += 1, seen += columnSize) {
    store<u32>(seen, 0xffffffff, FEWEST);
  }
  memory.fill(mask, 0xff, 16);
}

/** Looks at a packed key: its cells, each as its length and bytes. */
export function seeKey(at: usize): void {
  const low = i8x16(106, 79, 79, 79, 79, -49, 79, 79, 79, 95, 95, 117, 85, 85, 101, 69);
  const high = i8x16(16, 0, 32, 0, -124, 8, -127, 2, 64, 64, 64, 64, 64, 64, 64, 64);
  let p = at;
  for (let k: u32 = 0, seen = seenBytes; k < columns; k += 1, seen += columnSize) {
    const end = p + 4 + <usize>load<u32>(p);
    const start = p + 4;
    let es = i8x16.splat(0);
    for (p += 4; p < end; p += 16) {
      let bytes = v128.load(p);
      if (end - p < 16) bytes = v128.and(bytes, v128.load(mask + 16 - (end - p)));
      const found = v128.and(
        i8x16.swizzle(low, v128.and(bytes, i8x16.splat(15))),
        i8x16.swizzle(high, i8x16.shr_u(bytes, 4)),
      );
      v128.store(seen, v128.or(v128.load(seen), found));
      es = v128.or(es, found);
    }
    if (!oddNumberSeen && hasClass(es, AN_E) && hasExponent(start, end)) oddNumberSeen = true;
    if (end > start) {
      const first = <u32>load<u8>(start);
      if (first - 48 < 10 || first == 45) seeNumber(seen, first == 45 ? start + 1 : start, end);
    }
    p = end;
  }
}

/** Looks at what stands after a sign or instead of one, where it is digits alone. */
function seeNumber(seen: usize, start: usize, end: usize): void {
  const count = <u32>(end - start);
  for (let p = start; p < end; p += 16) {
    const others = i8x16.ge_u(i8x16.sub(v128.load(p), i8x16.splat(48)), i8x16.splat(10));
    const wanted = end - p < 16 ? ((<u32>1) << (<u32>(end - p))) - 1 : 0xffff;
    if ((i8x16.bitmask(others) & wanted) != 0) return;
  }
  if (count < load<u32>(seen, FEWEST)) store<u32>(seen, count, FEWEST);
  if (count == 0 || load<u8>(start) != 48) return;
  if (count > 1 && count > load<u32>(seen, PADDED)) store<u32>(seen, count, PADDED);
  if (!oddNumberSeen && load<u8>(start - 1) == 45 && isZero(start, end)) oddNumberSeen = true;
}

/** Whether some byte is of one of these classes. */
function hasClass(found: v128, wanted: i8): bool {
  return v128.any_true(v128.and(found, i8x16.splat(wanted)));
}

function isZero(start: usize, end: usize): bool {
  let p = start;
  while (p < end && load<u8>(p) == 48) p += 1;
  return p == end;
}

/**
 * Whether a key may be another one spelled otherwise. Where two keys differ in nothing but letter
 * case, some letter is small in one and large in the other, at one place of one column; where in
 * nothing but leading zeros, the one with more of them has more digits than the other. `both`: one of
 * the two copies, which have as many key columns.
 */
export function keysMayBeRespelled(both: bool): bool {
  if (oddNumberSeen || (both && firstOdd)) return true;
  for (let k: u32 = 0, seen = seenBytes; k < columns; k += 1, seen += columnSize) {
    const other = both ? firstBytes + (seen - seenBytes) : seen;
    const found = v128.or(v128.load(seen), v128.load(other));
    if (hasClass(found, ODD)) return true;
    const isSmall = i8x16.ne(v128.and(found, i8x16.splat(SMALL)), i8x16.splat(0));
    if (hasClass(v128.and(found, isSmall), LARGE)) return true;
    const padded = max(load<u32>(seen, PADDED), load<u32>(other, PADDED));
    if (padded > min(load<u32>(seen, FEWEST), load<u32>(other, FEWEST))) return true;
  }
  return false;
}

/** Whether a value is digits, an `e` and digits, each with a minus or without. */
function hasExponent(start: usize, end: usize): bool {
  let es = 0;
  for (let p = start; p < end; p += 1) {
    const byte = <u32>load<u8>(p);
    if ((byte | 32) == 101) es += 1;
    else if (byte - 48 > 9) {
      const isSign = byte == 45 && (p == start || (<u32>load<u8>(p - 1) | 32) == 101);
      if (!isSign) return false;
    }
  }
  return es == 1;
}
