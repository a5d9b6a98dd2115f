import { createHash } from 'node:crypto';
import type { PinnedCopy } from '../model/index.ts';

/** SHA-256 of a pinned copy's bytes, hex. Reads the whole copy. */
export async function sha256Of(copy: Pick<PinnedCopy, 'open'>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  return hash.digest('hex');
}
