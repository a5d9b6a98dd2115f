import { createHash } from 'node:crypto';
import type { PinnedCopy } from '../../model/index.ts';

/**
 * Every id that git gives a file of these bytes: of a repository of SHA-1 or of SHA-256 names, of
 * the file itself or of the Git LFS pointer that stands for it. Reads the whole copy, once.
 */
export async function blobIds(
  copy: Pick<PinnedCopy, 'bytes' | 'open'>,
): Promise<readonly string[]> {
  const content = createHash('sha256');
  const names = ['sha1', 'sha256'] as const;
  const files = names.map((name) => createHash(name).update(head(copy.bytes)));
  for await (const chunk of copy.open()) {
    content.update(chunk);
    for (const file of files) file.update(chunk);
  }
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${content.digest('hex')}\nsize ${copy.bytes}\n`;
  const pointers = names.map((name) =>
    createHash(name)
      .update(head(Buffer.byteLength(pointer)))
      .update(pointer),
  );
  return [...files, ...pointers].map((file) => file.digest('hex'));
}

/** What git hashes before a file's bytes. */
function head(bytes: number): string {
  return `blob ${bytes}\0`;
}
