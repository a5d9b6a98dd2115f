import type { PathContents } from '../../model/index.ts';
import { changesOfFiles } from './lineage.ts';
import { pointersAmong } from './pointers.ts';
import type { OpenRepository } from './repository.ts';
import { sizesOf } from './sizes.ts';

/**
 * Contents of a path in the histories of some commits, merged side branches and earlier names of
 * the file included. Throws `GIT_FAILED`.
 */
export async function contentsOf(
  opened: OpenRepository,
  commits: readonly string[],
  path: string,
): Promise<PathContents> {
  const { repository } = opened;
  const [changes = []] = await changesOfFiles(repository, commits, [path], new Map());
  const blobs = new Set(changes.flatMap(({ blob }) => blob ?? []));
  const pointers = await pointersAmong(opened, await sizesOf(repository, blobs));
  return {
    algorithm: commits[0]?.length === 64 ? 'sha256' : 'sha1',
    blobs,
    lfs: new Set([...pointers.values()].map(({ sha256 }) => sha256)),
    history: repository.shallow ? 'shallow' : 'complete',
  };
}
