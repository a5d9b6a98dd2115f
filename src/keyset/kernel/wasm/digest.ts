// The functional digest: the same sums as keyset/digest.ts, MurmurHash3_x86_128 of each row.

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
