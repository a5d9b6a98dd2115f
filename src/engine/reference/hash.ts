import { hash, randomBytes } from 'node:crypto';
import { hashWords } from '../port.ts';

/** Hashes bytes to four words; the result is valid until the next call of any hasher. */
export type Hasher = (bytes: Uint8Array) => Uint32Array;

/**
 * The process's hashers: SHA-256 over a random prefix and the bytes, cut to 128 bits. Keys and
 * consumed values have prefixes of their own, so that a file can neither be built to collide nor
 * to make one hash tell of the other. Never stored: they differ in each process.
 */
export const hashKey: Hasher = createHasher();
export const hashConsumed: Hasher = createHasher();

const seedBytes = 32;

function createHasher(): Hasher {
  const words = new Uint32Array(hashWords);
  let buffer: Buffer | null = null;
  return (bytes) => {
    if (buffer === null || buffer.length < seedBytes + bytes.length) {
      const grown = Buffer.allocUnsafe(seedBytes + Math.max(1024, 2 * bytes.length));
      if (buffer === null) randomBytes(seedBytes).copy(grown);
      else buffer.copy(grown, 0, 0, seedBytes);
      buffer = grown;
    }
    buffer.set(bytes, seedBytes);
    const digest = hash('sha256', buffer.subarray(0, seedBytes + bytes.length), 'buffer');
    for (let word = 0; word < hashWords; word += 1) words[word] = digest.readUInt32LE(4 * word);
    return words;
  };
}
