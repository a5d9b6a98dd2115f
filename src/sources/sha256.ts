import { createHash } from 'node:crypto';
import type { PinnedCopy } from '../model/index.ts';

/** SHA-256 of a pinned copy's bytes, hex. Reads the whole copy. */
export async function sha256Of(copy: Pick<PinnedCopy, 'open'>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  return hash.digest('hex');
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
