// The functional digest: the same sums as engine/digest.ts, MurmurHash3_x86_128 of each row.

/** Eight sums of 32-bit words, least significant first; the host carries between them. */
const sums: usize = memory.data(64);

const C1: u32 = 0x239b961b;
const C2: u32 = 0xab0e9789;
const C3: u32 = 0x38b34ae5;
const C4: u32 = 0xa1e38b93;

export function digestSums(): usize {
  return sums;
}

export function resetDigest(): void {
  memory.fill(sums, 0, 64);
}

function mix(value: v128): v128 {
  let h = v128.xor(value, i32x4.shr_u(value, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Adds the hash of a row's bytes, whose number is a multiple of 16. */
export function addToDigest(at: usize, length: u32): void {
  let h1: u32 = 0;
  let h2: u32 = 0;
  let h3: u32 = 0;
  let h4: u32 = 0;
  const end = at + <usize>length;
  for (let p = at; p < end; p += 16) {
    h1 ^= rotl(load<u32>(p) * C1, 15) * C2;
    h1 = (rotl(h1, 19) + h2) * 5 + 0x561ccd1b;
    h2 ^= rotl(load<u32>(p, 4) * C2, 16) * C3;
    h2 = (rotl(h2, 17) + h3) * 5 + 0x0bcaa747;
    h3 ^= rotl(load<u32>(p, 8) * C3, 17) * C4;
    h3 = (rotl(h3, 15) + h4) * 5 + 0x96cd1c35;
    h4 ^= rotl(load<u32>(p, 12) * C4, 18) * C1;
    h4 = (rotl(h4, 13) + h1) * 5 + 0x32ac3b17;
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 += h2 + h3 + h4;
  h2 += h1;
  h3 += h1;
  h4 += h1;
  let h = i32x4.splat(h1);
  h = i32x4.replace_lane(h, 1, h2);
  h = i32x4.replace_lane(h, 2, h3);
  h = mix(i32x4.replace_lane(h, 3, h4));
  h1 = i32x4.extract_lane(h, 0) + i32x4.extract_lane(h, 1) + i32x4.extract_lane(h, 2);
  h1 += i32x4.extract_lane(h, 3);
  h = i32x4.replace_lane(i32x4.add(h, i32x4.splat(h1)), 0, h1);
  const more = mix(v128.xor(h, i32x4.splat(0x9e3779b9)));
  v128.store(sums, i64x2.add(v128.load(sums), i64x2.extend_low_i32x4_u(h)));
  v128.store(sums, i64x2.add(v128.load(sums, 16), i64x2.extend_high_i32x4_u(h)), 16);
  v128.store(sums, i64x2.add(v128.load(sums, 32), i64x2.extend_low_i32x4_u(more)), 32);
  v128.store(sums, i64x2.add(v128.load(sums, 48), i64x2.extend_high_i32x4_u(more)), 48);
}

function rotate(value: v128, left: i32): v128 {
  return v128.or(i32x4.shl(value, left), i32x4.shr_u(value, 32 - left));
}

/** h * 5 + c. */
function step(h: v128, c: u32): v128 {
  return i32x4.add(i32x4.add(i32x4.shl(h, 2), h), i32x4.splat(c));
}

function scramble(k: v128, c: u32, left: i32, d: u32): v128 {
  return i32x4.mul(rotate(i32x4.mul(k, i32x4.splat(c)), left), i32x4.splat(d));
}

/** Adds the four values to a sum. */
function addFour(word: usize, h: v128): void {
  const at = sums + (word << 3);
  const pair = i64x2.add(i64x2.extend_low_i32x4_u(h), i64x2.extend_high_i32x4_u(h));
  store<u64>(at, load<u64>(at) + i64x2.extract_lane(pair, 0) + i64x2.extract_lane(pair, 1));
}

/**
 * The same for four packed rows, one in each lane. Entries: where a row is, the bytes of its key,
 * and of its consumed values. Reads past the shorter ones up to the longest's length.
 */
export function addFourToDigest(entries: usize): void {
  const keys = v128.shuffle<u32>(v128.load(entries), v128.load(entries, 16), 1, 5, 2, 6);
  const more = v128.shuffle<u32>(v128.load(entries, 32), v128.load(entries, 48), 1, 5, 2, 6);
  const length = i32x4.add(
    v128.shuffle<u64>(keys, more, 0, 2),
    v128.shuffle<u64>(keys, more, 1, 3),
  );
  const most = max(
    max(i32x4.extract_lane(length, 0), i32x4.extract_lane(length, 1)),
    max(i32x4.extract_lane(length, 2), i32x4.extract_lane(length, 3)),
  );
  const at0 = <usize>load<u32>(entries);
  const at1 = <usize>load<u32>(entries, 16);
  const at2 = <usize>load<u32>(entries, 32);
  const at3 = <usize>load<u32>(entries, 48);
  let h1 = i32x4.splat(0);
  let h2 = i32x4.splat(0);
  let h3 = i32x4.splat(0);
  let h4 = i32x4.splat(0);
  for (let p: i32 = 0; p < most; p += 16) {
    const a = v128.load(at0 + <usize>p);
    const b = v128.load(at1 + <usize>p);
    const c = v128.load(at2 + <usize>p);
    const d = v128.load(at3 + <usize>p);
    const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    const n1 = v128.xor(h1, scramble(v128.shuffle<u64>(ab, cd, 0, 2), C1, 15, C2));
    const m1 = step(i32x4.add(rotate(n1, 19), h2), 0x561ccd1b);
    const n2 = v128.xor(h2, scramble(v128.shuffle<u64>(ab, cd, 1, 3), C2, 16, C3));
    const m2 = step(i32x4.add(rotate(n2, 17), h3), 0x0bcaa747);
    const n3 = v128.xor(h3, scramble(v128.shuffle<u64>(ef, gh, 0, 2), C3, 17, C4));
    const m3 = step(i32x4.add(rotate(n3, 15), h4), 0x96cd1c35);
    const n4 = v128.xor(h4, scramble(v128.shuffle<u64>(ef, gh, 1, 3), C4, 18, C1));
    const m4 = step(i32x4.add(rotate(n4, 13), m1), 0x32ac3b17);
    // A row that has ended stays as it is.
    const left = i32x4.gt_s(length, i32x4.splat(p));
    h1 = v128.bitselect(m1, h1, left);
    h2 = v128.bitselect(m2, h2, left);
    h3 = v128.bitselect(m3, h3, left);
    h4 = v128.bitselect(m4, h4, left);
  }
  h1 = v128.xor(h1, length);
  h2 = v128.xor(h2, length);
  h3 = v128.xor(h3, length);
  h4 = v128.xor(h4, length);
  h1 = i32x4.add(i32x4.add(h1, h2), i32x4.add(h3, h4));
  h2 = mix(i32x4.add(h2, h1));
  h3 = mix(i32x4.add(h3, h1));
  h4 = mix(i32x4.add(h4, h1));
  h1 = mix(h1);
  h1 = i32x4.add(i32x4.add(h1, h2), i32x4.add(h3, h4));
  h2 = i32x4.add(h2, h1);
  h3 = i32x4.add(h3, h1);
  h4 = i32x4.add(h4, h1);
  addFour(0, h1);
  addFour(1, h2);
  addFour(2, h3);
  addFour(3, h4);
  const salt = i32x4.splat(0x9e3779b9);
  addFour(4, mix(v128.xor(h1, salt)));
  addFour(5, mix(v128.xor(h2, salt)));
  addFour(6, mix(v128.xor(h3, salt)));
  addFour(7, mix(v128.xor(h4, salt)));
}
