// The hashes that decide: SipHash-1-3 under a random key, 128 bits of its last state.

/** 16 bytes of key for the functional key, then 16 for the consumed values. */
export const seeds: usize = memory.data(32);

export let hashLow: u64 = 0;
export let hashHigh: u64 = 0;

/**
 * Hashes bytes whose number is a multiple of 16. The XOR of the two halves is the published 64-bit
 * SipHash-1-3.
 */
export function sipHash(seed: usize, at: usize, length: u32): void {
  const k0 = load<u64>(seed);
  const k1 = load<u64>(seed, 8);
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573;
  const end = at + <usize>length;
  for (let p = at; p < end; p += 16) {
    let word = load<u64>(p);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32) + v3;
    v2 += v1;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
    word = load<u64>(p, 8);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32) + v3;
    v2 += v1;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
  }
  const last = (<u64>length) << 56;
  v3 ^= last;
  // One round for the length, three to finish.
  for (let round = 0; round < 4; round += 1) {
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32) + v3;
    v2 += v1;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    if (round == 0) {
      v0 ^= last;
      v2 ^= 0xff;
    }
  }
  hashLow = v0 ^ v1;
  hashHigh = v2 ^ v3;
}

function rotate(value: v128, left: i32): v128 {
  return v128.or(i64x2.shl(value, left), i64x2.shr_u(value, 64 - left));
}

/** A rotation by 32 bits. */
function swap(value: v128): v128 {
  return v128.shuffle<u32>(value, value, 1, 0, 3, 2);
}

/**
 * Both hashes of a row at once, written to `to`: of `keyBytes` at `at` under the first key, and of
 * the `consumedBytes` after them under the second. The same as two calls of `sipHash`. Tells
 * whether a byte may be above 127.
 */
export function sipHashRow(at: usize, keyBytes: u32, consumedBytes: u32, to: usize): bool {
  const first = v128.load(seeds);
  const second = v128.load(seeds, 16);
  const k0 = v128.shuffle<u64>(first, second, 0, 2);
  const k1 = v128.shuffle<u64>(first, second, 1, 3);
  let v0 = v128.xor(k0, i64x2.splat(0x736f6d6570736575));
  let v1 = v128.xor(k1, i64x2.splat(0x646f72616e646f6d));
  let v2 = v128.xor(k0, i64x2.splat(0x6c7967656e657261));
  let v3 = v128.xor(k1, i64x2.splat(0x7465646279746573));
  let seen = i64x2.splat(0);
  const consumed = at + <usize>keyBytes;
  const both = <usize>min(keyBytes, consumedBytes);
  const most = <usize>max(keyBytes, consumedBytes);
  // The half that is still hashed where the other one has ended.
  const left = keyBytes > consumedBytes ? i64x2(-1, 0) : i64x2(0, -1);
  for (let p: usize = 0; p < most; p += 16) {
    const keyBlock = v128.load(at + p);
    const consumedBlock = v128.load(consumed + p);
    seen = v128.or(seen, v128.or(keyBlock, consumedBlock));
    const w0 = v0;
    const w1 = v1;
    const w2 = v2;
    const w3 = v3;
    let word = v128.shuffle<u64>(keyBlock, consumedBlock, 0, 2);
    v3 = v128.xor(v3, word);
    v0 = i64x2.add(v0, v1);
    v2 = i64x2.add(v2, v3);
    v1 = v128.xor(rotate(v1, 13), v0);
    v3 = v128.xor(rotate(v3, 16), v2);
    v0 = i64x2.add(swap(v0), v3);
    v2 = i64x2.add(v2, v1);
    v1 = v128.xor(rotate(v1, 17), v2);
    v3 = v128.xor(rotate(v3, 21), v0);
    v2 = swap(v2);
    v0 = v128.xor(v0, word);
    word = v128.shuffle<u64>(keyBlock, consumedBlock, 1, 3);
    v3 = v128.xor(v3, word);
    v0 = i64x2.add(v0, v1);
    v2 = i64x2.add(v2, v3);
    v1 = v128.xor(rotate(v1, 13), v0);
    v3 = v128.xor(rotate(v3, 16), v2);
    v0 = i64x2.add(swap(v0), v3);
    v2 = i64x2.add(v2, v1);
    v1 = v128.xor(rotate(v1, 17), v2);
    v3 = v128.xor(rotate(v3, 21), v0);
    v2 = swap(v2);
    v0 = v128.xor(v0, word);
    if (p >= both) {
      v0 = v128.bitselect(v0, w0, left);
      v1 = v128.bitselect(v1, w1, left);
      v2 = v128.bitselect(v2, w2, left);
      v3 = v128.bitselect(v3, w3, left);
    }
  }
  const last = i64x2.replace_lane(
    i64x2.splat((<u64>keyBytes) << 56),
    1,
    (<u64>consumedBytes) << 56,
  );
  v3 = v128.xor(v3, last);
  for (let round = 0; round < 4; round += 1) {
    v0 = i64x2.add(v0, v1);
    v2 = i64x2.add(v2, v3);
    v1 = v128.xor(rotate(v1, 13), v0);
    v3 = v128.xor(rotate(v3, 16), v2);
    v0 = i64x2.add(swap(v0), v3);
    v2 = i64x2.add(v2, v1);
    v1 = v128.xor(rotate(v1, 17), v2);
    v3 = v128.xor(rotate(v3, 21), v0);
    v2 = swap(v2);
    if (round == 0) {
      v0 = v128.xor(v0, last);
      v2 = v128.xor(v2, i64x2.splat(0xff));
    }
  }
  const low = v128.xor(v0, v1);
  const high = v128.xor(v2, v3);
  v128.store(to, v128.shuffle<u64>(low, high, 0, 2));
  v128.store(to, v128.shuffle<u64>(low, high, 1, 3), 16);
  return i8x16.bitmask(seen) != 0;
}
