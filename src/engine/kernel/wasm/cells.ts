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

/** Copies `length` bytes; up to 32 after either end are read or scribbled over. */
export function copyPlain(from: usize, length: u32, to: usize): void {
  // Most cells are short: without a branch on how short.
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  for (let at: usize = 32; at < <usize>length; at += 16) v128.store(to + at, v128.load(from + at));
}

/** The same for what stands between the quotes of a cell; two quotes are one. Gives the length. */
export function copyQuoted(from: usize, length: u32, to: usize, quote: u32): i32 {
  const quotes = i8x16.splat(<u8>quote);
  let w = to;
  let at = from;
  const end = from + <usize>length;
  while (at < end) {
    const bytes = v128.load(at);
    v128.store(w, bytes);
    const mask = <u32>i8x16.bitmask(i8x16.eq(bytes, quotes));
    const plain = min(end - at, <usize>ctz(mask | 0x10000));
    w += plain;
    at += plain;
    if (plain < 16 && at < end) {
      // The first of two, which is copied; the second is left out.
      store<u8>(w, <u8>quote);
      w += 1;
      at += 2;
    }
  }
  return <i32>(w - to);
}

/** What bytes are that are no text, UTF-8 without NUL; text; and text that is not all ASCII. */
export const UNREADABLE: i32 = -1;
export const ASCII: i32 = 0;
export const WIDE: i32 = 1;

/** Which of these bytes are: UTF-8 is as the Unicode standard has it. */
export function isText(at: usize, length: u32): i32 {
  const end = at + <usize>length;
  let wide = ASCII;
  let p = at;
  while (p < end) {
    const lead = <u32>load<u8>(p);
    if (lead == 0) return UNREADABLE;
    if (lead < 0x80) {
      p += 1;
      continue;
    }
    wide = WIDE;
    const more: u32 = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more == 0 || p + <usize>more >= end) return UNREADABLE;
    const second = <u32>load<u8>(p, 1);
    // Overlong forms, surrogates, and what lies above U+10FFFF.
    const low: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const high: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return UNREADABLE;
    for (let next: u32 = 2; next <= more; next += 1) {
      if ((<u32>load<u8>(p + <usize>next) & 0xc0) != 0x80) return UNREADABLE;
    }
    p += 1 + <usize>more;
  }
  return wide;
}
