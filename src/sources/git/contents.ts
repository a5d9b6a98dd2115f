import type { KeydriftError, PathContents } from '../../model/index.ts';
import { commitOf } from './commit.ts';
import { changesOfFiles } from './lineage.ts';
import { pointersAmong } from './pointers.ts';
import { answerTogether, type TrackedFile } from './reviewed.ts';

/**
 * Contents of files in the histories of their commits and of HEAD, merged side branches and earlier
 * names of the files included; how many processes that takes grows with renames only. An error stands
 * for a file that has one.
 */
export function contentsOf(
  asked: readonly (TrackedFile | KeydriftError)[],
): Promise<readonly (PathContents | KeydriftError)[]> {
  return answerTogether(asked, readContents);
}

async function readContents(files: readonly TrackedFile[]): Promise<readonly PathContents[]> {
  const { opened, tip } = files[0]!;
  const { repository } = opened;
  // An unborn or dangling HEAD has no history.
  const head = await commitOf(opened, 'HEAD').catch(() => null);
  const tips = [...new Set([tip, head?.id ?? tip])];
  const paths = files.map(({ path }) => path);
  const changes = await changesOfFiles(opened, tips, paths, new Map());
  const blobs = changes.map((own) => new Set(own.flatMap(({ blob }) => blob ?? [])));
  const sizes = await opened.batch.sizes(new Set(blobs.flatMap((own) => [...own])));
  const pointers = await pointersAmong(opened, sizes);
  return blobs.map((own) => ({
    algorithm: tip.length === 64 ? 'sha256' : 'sha1',
    blobs: own,
    lfs: new Set([...own].flatMap((blob) => pointers.get(blob)?.sha256 ?? [])),
    history: repository.shallow ? 'shallow' : 'complete',
  }));
}
