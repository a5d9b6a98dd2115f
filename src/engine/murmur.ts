/** MurmurHash3_x86_128 (Austin Appleby, public domain): four 32-bit words, written to `out`. */
export function murmur128(bytes: Uint8Array, seed: number, out: Uint32Array): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const blocks = bytes.length & ~15;
  const { imul } = Math;
  for (let at = 0; at < blocks; at += 16) {
    h1 ^= imul(rotate(imul(word(bytes, at), C1), 15), C2);
    h1 = (imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= imul(rotate(imul(word(bytes, at + 4), C2), 16), C3);
    h2 = (imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= imul(rotate(imul(word(bytes, at + 8), C3), 17), C4);
    h3 = (imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= imul(rotate(imul(word(bytes, at + 12), C4), 18), C1);
    h4 = (imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  // Words past the end read as zero bytes, which leave a lane as it is: the published tail.
  h4 ^= imul(rotate(imul(word(bytes, blocks + 12), C4), 18), C1);
  h3 ^= imul(rotate(imul(word(bytes, blocks + 8), C3), 17), C4);
  h2 ^= imul(rotate(imul(word(bytes, blocks + 4), C2), 16), C3);
  h1 ^= imul(rotate(imul(word(bytes, blocks), C1), 15), C2);
  h1 ^= bytes.length;
  h2 ^= bytes.length;
  h3 ^= bytes.length;
  h4 ^= bytes.length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = mix(h1);
  h2 = mix(h2);
  h3 = mix(h3);
  h4 = mix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** MurmurHash3's finalizer of 32 bits. */
export function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Little-endian word at `at`; bytes past the end are zero. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
