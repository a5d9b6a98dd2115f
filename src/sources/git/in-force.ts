import {
  toKeydriftError,
  type PinnedCopy,
  type TimeWindow,
  type VersionInForce,
  type VersionsInForce,
} from '../../model/index.ts';
import type { Run } from './blob.ts';
import { pinSized, timeOf } from './copies.ts';
import type { Lost, Renaming } from './renames.ts';
import type { TrackedFile } from './reviewed.ts';
import { stretchSince, type SharedStretches, type Stretch } from './stretch.ts';
import { isInTree } from './tree.ts';
import { heldAt, type HeldFile } from './walk.ts';

/** Pins a path as a commit has it. */
export type PinAt = (commit: string, path: string) => Promise<PinnedCopy>;

/**
 * The versions of a file that were in force on a commit's first-parent chain in a window: the one
 * at its start, and every one that arrived since. A file that was renamed within it is followed.
 */
export async function versionsInForce(
  { opened, path, suffix, tip }: TrackedFile,
  window: TimeWindow,
  shared: SharedStretches,
  { pinAt, run }: { readonly pinAt: PinAt; readonly run: Run },
): Promise<VersionsInForce> {
  const { arrivals, start, walkOf } = await stretchSince(shared, opened, tip, window);
  let lost: string | null = null;
  const { changes, sizes, oldestName } = await changesSince({ tip, walkOf }, path, (error) => {
    lost = error.message;
  });
  const pin = await pinSized(opened, sizes, run);
  const versions: VersionInForce[] = [];
  let replacedAt: string | null = null;
  const add = (copy: PinnedCopy | 'no file' | null, arrivedAt: string): void => {
    if (copy !== 'no file') versions.push({ copy, arrivedAt, replacedAt });
    replacedAt = arrivedAt;
  };
  for (const change of changes) {
    const { commit, blob } = change;
    const isOther = blob === null && (await isInTree(opened, commit.id, change.path));
    add(isOther ? 'no file' : pin(change, suffix), timeOf(arrivals.get(commit.id) ?? 0));
  }
  if (start !== null) {
    const there = await isInTree(opened, start.id, oldestName);
    add(there ? await pinFile(pinAt, start.id, oldestName) : null, timeOf(start.at));
  } else if (!opened.repository.shallow) add(null, timeOf(0));
  return { versions, cutOff: start === null && opened.repository.shallow, lost };
}

/** What changed a file on a chain since its start, the newest first, and what it was called there. */
async function changesSince(
  { tip, walkOf }: Pick<Stretch, 'walkOf'> & { readonly tip: string },
  path: string,
  lost: Lost,
): Promise<{
  readonly changes: readonly HeldFile[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly oldestName: string;
}> {
  const changes: HeldFile[] = [];
  const sizes = new Map<string, number>();
  let name = path;
  let newest: string | null = tip;
  while (newest !== null) {
    const walk = await walkOf(newest, name);
    const commits = walk.of(name);
    for (const commit of commits) {
      const blob = heldAt(commit, name);
      const size = blob === null ? undefined : (await walk.sizes()).get(blob);
      if (blob !== null && size !== undefined) sizes.set(blob, size);
      changes.push({ commit, path: name, blob });
    }
    const oldest = commits.at(-1);
    const earlier: Renaming | null =
      oldest === undefined ? null : await walk.renaming(oldest, name, lost);
    newest = earlier?.parent ?? null;
    name = earlier?.from ?? name;
  }
  return { changes, sizes, oldestName: name };
}

/** What stands at a path in an older version may be no file. */
async function pinFile(
  pinAt: PinAt,
  commit: string,
  path: string,
): Promise<PinnedCopy | 'no file'> {
  try {
    return await pinAt(commit, path);
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (error.code === 'GIT_NOT_A_FILE') return 'no file';
    throw error;
  }
}
