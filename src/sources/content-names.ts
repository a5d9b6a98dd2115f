import { createHash } from 'node:crypto';
import type { PinnedCopy } from '../model/index.ts';

/** What a content is called. */
export interface ContentNames {
  /** SHA-256 of the bytes, hex: what Git LFS calls it. */
  readonly sha256: string;
  /**
   * Every id that git gives a file of these bytes: of a repository of SHA-1 or of SHA-256 names, of
   * the file itself or of the Git LFS pointer that stands for it.
   */
  readonly blobs: readonly string[];
}

/** The names of a copy's content. Reads the whole copy, once. */
export async function contentNames(
  copy: Pick<PinnedCopy, 'bytes' | 'open'>,
): Promise<ContentNames> {
  const content = createHash('sha256');
  const names = ['sha1', 'sha256'] as const;
  const files = names.map((name) => createHash(name).update(head(copy.bytes)));
  for await (const chunk of copy.open()) {
    content.update(chunk);
    for (const file of files) file.update(chunk);
  }
  const sha256 = content.digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${copy.bytes}\n`;
  const pointers = names.map((name) =>
    createHash(name)
      .update(head(Buffer.byteLength(pointer)))
      .update(pointer),
  );
  return { sha256, blobs: [...files, ...pointers].map((file) => file.digest('hex')) };
}

/** What git hashes before a file's bytes. */
function head(bytes: number): string {
  return `blob ${bytes}\0`;
}
