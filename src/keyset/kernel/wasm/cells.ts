// A cell on its way from the copy to the packed row: unquoted, checked, normalized.

/** Rows as key cells, then consumed cells: each as its length (u32) and bytes, zeros to 16. */
export let pack: usize = 0;
/** A normalized value must end before this. */
export let packLimit: usize = 0;

let end: usize = 0;

export function setPack(at: usize, bytes: usize, limit: usize): void {
  pack = at;
  end = at + bytes;
  packLimit = limit;
}

export function packEnd(): usize {
  return end;
}

/** Whether the last cell that was copied has a byte that is no ASCII. */
export let hasWide: bool = false;

/** Results of copying that are no length. */
export const UNREADABLE: i32 = -1;

/** Set for each byte above 127, and for NUL. */
function suspects(bytes: v128): u32 {
  return <u32>i8x16.bitmask(v128.or(bytes, i8x16.eq(bytes, i8x16.splat(0))));
}

/**
 * Copies `length` bytes; up to 32 after either end are read or scribbled over. Gives the length, or
 * UNREADABLE for a NUL byte or what is no UTF-8.
 */
export function copyPlain(from: usize, length: u32, to: usize): i32 {
  // Most cells are short: without a branch on how short.
  const low = v128.load(from);
  const high = v128.load(from, 16);
  v128.store(to, low);
  v128.store(to, high, 16);
  const bits = <u64>suspects(low) | ((<u64>suspects(high)) << 16);
  let found = bits & (((<u64>1) << (<u64>min<u32>(length, 32))) - 1);
  if (length > 32) found |= copyLong(from + 32, length - 32, to + 32);
  hasWide = found != 0;
  if (found == 0 || isText(to, length)) return <i32>length;
  return UNREADABLE;
}

function copyLong(from: usize, length: u32, to: usize): u64 {
  let found: u64 = 0;
  const whole = <usize>(length & ~15);
  for (let at: usize = 0; at < whole; at += 16) {
    const bytes = v128.load(from + at);
    v128.store(to + at, bytes);
    found |= <u64>suspects(bytes);
  }
  const bytes = v128.load(from + whole);
  v128.store(to + whole, bytes);
  return found | <u64>(suspects(bytes) & ((1 << (length & 15)) - 1));
}

/** The same for what stands between the quotes of a cell; two quotes are one. */
export function copyQuoted(from: usize, length: u32, to: usize, quote: u32): i32 {
  let w = to;
  let wide: u32 = 0;
  const end = from + <usize>length;
  for (let at = from; at < end; at += 1) {
    const byte = <u32>load<u8>(at);
    store<u8>(w, <u8>byte);
    w += 1;
    wide |= (byte & 128) | <u32>(byte == 0);
    if (byte == quote) at += 1;
  }
  hasWide = wide != 0;
  if (wide == 0 || isText(to, <u32>(w - to))) return <i32>(w - to);
  return UNREADABLE;
}

/** Whether bytes are UTF-8 as the Unicode standard has it, without NUL. */
function isText(at: usize, length: u32): bool {
  const end = at + <usize>length;
  let p = at;
  while (p < end) {
    const lead = <u32>load<u8>(p);
    if (lead == 0) return false;
    if (lead < 0x80) {
      p += 1;
      continue;
    }
    const more: u32 = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more == 0 || p + <usize>more >= end) return false;
    const second = <u32>load<u8>(p, 1);
    // Overlong forms, surrogates, and what lies above U+10FFFF.
    const low: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const high: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let next: u32 = 2; next <= more; next += 1) {
      if ((<u32>load<u8>(p + <usize>next) & 0xc0) != 0x80) return false;
    }
    p += 1 + <usize>more;
  }
  return true;
}
