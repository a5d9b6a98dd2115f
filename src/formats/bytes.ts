import type { ByteSource, ReadLimits } from '../model/index.ts';
import { memoryTooSmall } from './measure.ts';

/** A whole copy, without its byte order mark. */
export interface WholeCopy {
  readonly bytes: Buffer;
  /** How many bytes its mark has: 0 or 3. */
  readonly bom: 0 | 3;
}

/**
 * Reads a copy that has to be at hand as a whole. `cost`: bytes of memory that one of its bytes takes
 * until its records are told apart. Throws `TOO_LARGE` beyond the limit.
 */
export async function readWhole(
  source: ByteSource,
  limits: ReadLimits,
  cost: number,
): Promise<WholeCopy> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source.open()) {
    bytes += chunk.length;
    if (bytes * cost > limits.memory) throw memoryTooSmall(limits, bytes * cost);
    chunks.push(chunk);
  }
  const [only] = chunks;
  const all =
    chunks.length === 1 && only !== undefined
      ? Buffer.from(only.buffer, only.byteOffset, only.length)
      : Buffer.concat(chunks);
  const hasMark = all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf;
  return hasMark ? { bytes: all.subarray(3), bom: 3 } : { bytes: all, bom: 0 };
}

/** The 1-based line on which a byte stands; a line ends at LF, CR LF or CR. */
export function lineAt(bytes: Uint8Array, at: number): number {
  let line = 1;
  for (let index = 0; index < at && index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === 0x0a || (byte === 0x0d && bytes[index + 1] !== 0x0a)) line += 1;
  }
  return line;
}
