import { createHash } from 'node:crypto';
import type { ByteSource } from './table.ts';

/** SHA-256 of bytes, or of a text as UTF-8; hex. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a pinned copy's bytes, hex. Reads the whole copy. */
export async function sha256Of(copy: Pick<ByteSource, 'open'>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  return hash.digest('hex');
}

/** The whole of a small copy. */
export async function wholeOf(copy: Pick<ByteSource, 'open'>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of copy.open()) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The line that `sha256sum` prints of a file. */
export function sumLine({
  name,
  sha256,
}: {
  readonly name: string;
  readonly sha256: string;
}): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}
