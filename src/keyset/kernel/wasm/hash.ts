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
