import { createHash } from 'node:crypto';

/** SHA-256 of a copy's bytes as they stand, fed as they stream. */
export interface Fingerprint {
  update(chunk: Uint8Array): void;
  /** 64 hex digits. */
  hex(): string;
}

/** In a module of its own, so that the benchmark can build a program without it. */
export function createFingerprint(): Fingerprint {
  const hash = createHash('sha256');
  return {
    update(chunk) {
      hash.update(chunk);
    },
    hex: () => hash.digest('hex'),
  };
}
