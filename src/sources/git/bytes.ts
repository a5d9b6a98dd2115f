import { createHash } from 'node:crypto';
import type { ByteRange } from '../../model/index.ts';

/** What the bytes of a whole copy must be. */
export interface Checksum {
  readonly bytes: number;
  readonly algorithm: 'sha1' | 'sha256';
  /** Hashed before the bytes. */
  readonly prefix: string;
  /** Lowercase hexadecimal. */
  readonly digest: string;
}

/** The checksum that a blob's id is: of `blob <size>`, NUL and the bytes. */
export function checksumOfBlob(id: string, bytes: number): Checksum {
  const algorithm = id.length === 64 ? 'sha256' : 'sha1';
  return { bytes, algorithm, prefix: `blob ${bytes}\0`, digest: id };
}

/** A range within a copy of `bytes`: cut at its end, the whole copy without a range. */
export function rangeWithin(bytes: number, range: ByteRange | undefined): ByteRange {
  const end = Math.min(bytes, range?.end ?? bytes);
  return { start: Math.min(end, Math.max(0, range?.start ?? 0)), end };
}

/**
 * The bytes of a range out of the chunks of a whole copy; reading ends with the range. Whoever
 * reads the whole copy gets it checked, before it ends; `onMismatch` makes the error.
 */
export async function* checkedRange(
  chunks: AsyncIterable<Uint8Array>,
  range: ByteRange,
  checksum: Checksum,
  onMismatch: (found: string) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (range.start === 0 && range.end === checksum.bytes) {
    yield* checked(chunks, checksum, onMismatch);
    return;
  }
  if (range.start >= range.end) return;
  let offset = 0;
  for await (const chunk of chunks) {
    const start = Math.max(range.start - offset, 0);
    const part = chunk.subarray(start, range.end - offset);
    offset += chunk.length;
    if (part.length > 0) yield part;
    if (offset >= range.end) return;
  }
  throw onMismatch(`${offset} bytes`);
}

/** Throws where the bytes of a whole copy are others. */
export function checkWhole(
  bytes: Uint8Array,
  checksum: Checksum,
  onMismatch: (found: string) => Error,
): void {
  if (bytes.length !== checksum.bytes) throw onMismatch(`${bytes.length} bytes`);
  const { algorithm, prefix } = checksum;
  const digest = createHash(algorithm).update(prefix).update(bytes).digest('hex');
  if (digest !== checksum.digest) throw onMismatch(`${algorithm} ${digest}`);
}

async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  checksum: Checksum,
  onMismatch: (found: string) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash(checksum.algorithm).update(checksum.prefix);
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    length += chunk.length;
    if (length > checksum.bytes) throw onMismatch(`more than ${checksum.bytes} bytes`);
    yield chunk;
  }
  const digest = hash.digest('hex');
  if (length !== checksum.bytes) throw onMismatch(`${length} bytes`);
  if (digest !== checksum.digest) throw onMismatch(`${checksum.algorithm} ${digest}`);
}
