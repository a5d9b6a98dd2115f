// Whether a key may be another one spelled otherwise: by what stands in its cells.

/** For each key column the small and the large letters that were seen, by their place modulo 16. */
let letters: usize = 0;
let columns: u32 = 0;
/** Bytes by which any key may be another one. */
let oddSeen: v128 = i8x16.splat(0);
/** Whether a value of digits with an exponent was seen: a number is another one without it. */
let exponentSeen: bool = false;

/** Sixteen bytes that are all ones, and sixteen zeros. */
const mask: usize = memory.data(32, 16);

export function setSpelling(at: usize, keys: u32): void {
  letters = at;
  columns = keys;
  oddSeen = i8x16.splat(0);
  exponentSeen = false;
  memory.fill(at, 0, (<usize>keys) << 5);
  memory.fill(mask, 0xff, 16);
}

/** Looks at a packed key: its cells, each as its length and bytes. */
export function seeKey(at: usize): void {
  let p = at;
  for (let k: u32 = 0, seen = letters; k < columns; k += 1, seen += 32) {
    const end = p + 4 + <usize>load<u32>(p);
    const start = p + 4;
    let es = i8x16.splat(0);
    for (p += 4; p < end; p += 16) {
      let bytes = v128.load(p);
      if (end - p < 16) bytes = v128.and(bytes, v128.load(mask + 16 - (end - p)));
      const small = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(97)), i8x16.splat(26));
      const large = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(65)), i8x16.splat(26));
      // Blanks of any kind, points, a plus, and what is no ASCII.
      const blank = v128.or(
        i8x16.eq(bytes, i8x16.splat(32)),
        i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(5)),
      );
      const odd = v128.or(
        v128.or(blank, i8x16.eq(bytes, i8x16.splat(46))),
        v128.or(i8x16.eq(bytes, i8x16.splat(43)), i8x16.lt_s(bytes, i8x16.splat(0))),
      );
      v128.store(seen, v128.or(v128.load(seen), small));
      v128.store(seen, v128.or(v128.load(seen, 16), large), 16);
      oddSeen = v128.or(oddSeen, odd);
      es = v128.or(es, i8x16.eq(v128.or(bytes, i8x16.splat(32)), i8x16.splat(101)));
    }
    if (v128.any_true(es) && !exponentSeen && hasExponent(start, end)) exponentSeen = true;
    p = end;
  }
}

/**
 * Whether a key may be another one spelled otherwise; leading zeros are watched elsewhere. Where two
 * keys differ in nothing but letter case, some letter is small in one and large in the other, at one
 * place of one column.
 */
export function keysMayBeRespelled(): bool {
  if (exponentSeen || v128.any_true(oddSeen)) return true;
  for (let k: u32 = 0, seen = letters; k < columns; k += 1, seen += 32) {
    if (v128.any_true(v128.and(v128.load(seen), v128.load(seen, 16)))) return true;
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
