import { chooseFormat, decode, type DecodeOptions } from '../formats/index.ts';
import { KeydriftError, type ByteSource, type PinnedCopy, type Table } from '../model/index.ts';
import { createFingerprint } from './fingerprint.ts';
import type { ScanRequest } from './request.ts';

/** A pinned copy, opened by its format. */
export interface OpenedCopy {
  readonly table: Table;
  /** SHA-256 of the bytes as they stand, hex; once they were read to their end. */
  readonly sha256: () => string;
}

/**
 * Opens a copy as a table; whoever does not read it to its end closes it. A copy that is not as long
 * as it was pinned is `COPY_CHANGED`.
 */
export async function openTable(
  copy: PinnedCopy,
  { formats, written }: Pick<ScanRequest, 'formats' | 'written'>,
): Promise<OpenedCopy> {
  const format = chooseFormat(formats, copy.location);
  const hashed = hashedSource(copy);
  const table = await format.open(decode(hashed.source, usualDecoding), written[format.name] ?? {});
  return { table, sha256: hashed.sha256 };
}

/** Where the contract says nothing of it. */
const usualDecoding: DecodeOptions = {
  compression: null,
  encoding: null,
  expandedBytes: 16 * 1024 ** 3,
  expandedRatio: 1000,
};

/** The bytes of a copy; the first time that they are read to their end, they are hashed. */
function hashedSource(copy: PinnedCopy): {
  readonly source: ByteSource;
  readonly sha256: () => string;
} {
  let sha256: string | null = null;
  async function* tap(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const fingerprint = sha256 === null ? createFingerprint() : null;
    let bytes = 0;
    for await (const chunk of chunks) {
      fingerprint?.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== copy.bytes) {
      throw new KeydriftError(
        'COPY_CHANGED',
        `${copy.location} gave ${bytes} bytes, it was pinned at ${copy.bytes}`,
      );
    }
    if (fingerprint !== null) sha256 = fingerprint.hex();
  }
  return {
    source: {
      open: (range) => (range === undefined ? tap(copy.open()) : copy.open(range)),
      ...(copy.lend === undefined ? {} : { lend: () => tap(copy.lend!()) }),
      ...(copy.readRanges === undefined
        ? {}
        : { readRanges: (ranges, sink) => copy.readRanges!(ranges, sink) }),
    },
    sha256() {
      if (sha256 === null) throw new Error('a copy was hashed before it was read');
      return sha256;
    },
  };
}
