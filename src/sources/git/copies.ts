import { commitRevision, type PinnedCopy } from '../../model/index.ts';
import { copyOfMany, type Run } from './blob.ts';
import { pointersAmong } from './pointers.ts';
import type { OpenRepository } from './repository.ts';
import type { HeldFile } from './walk.ts';

/** What a commit left at a path, pinned; null: no file. */
export type PinHeld = (held: HeldFile, suffix: string) => PinnedCopy | null;

/**
 * Pins what many commits left, in a number of processes that does not grow with them. Read
 * is only what could be a Git LFS pointer. A blob that is missing has no bytes until it is opened,
 * which fails. Throws `GIT_FAILED`; before git 2.44 also for what a partial clone lacks.
 */
export async function pinHeld(
  opened: OpenRepository,
  all: readonly HeldFile[],
  run: Run,
): Promise<PinHeld> {
  const blobs = new Set(all.flatMap(({ blob }) => blob ?? []));
  return pinSized(opened, await opened.batch.sizes(blobs), run);
}

/** As `pinHeld`, of what has known sizes, by blob. */
export async function pinSized(
  opened: OpenRepository,
  sizes: ReadonlyMap<string, number>,
  run: Run,
): Promise<PinHeld> {
  const pointers = await pointersAmong(opened, sizes);
  return ({ commit, path, blob }, suffix) => {
    if (blob === null) return null;
    const committedAt = timeOf(commit.committedAt);
    const location = `git:${commit.id}:${path}${suffix}`;
    return {
      location,
      path,
      revision: commitRevision({ commit: commit.id, committedAt, blob }, location),
      ...copyOfMany(
        opened,
        { id: blob, bytes: sizes.get(blob) ?? 0, content: null },
        pointers.get(blob),
        path,
        run,
      ),
    };
  };
}

/** Milliseconds as ISO 8601; what is no time of a calendar is its beginning. */
export function timeOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
