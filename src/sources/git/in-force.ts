import {
  toKeydriftError,
  type PinnedCopy,
  type TimeWindow,
  type VersionInForce,
  type VersionsInForce,
} from '../../model/index.ts';
import type { Run } from './blob.ts';
import { arrivalsOf, type Arrival } from './chain.ts';
import { pinHeld, timeOf } from './copies.ts';
import { renamingsOf, type Lost, type Renaming } from './renames.ts';
import type { Repository } from './repository.ts';
import type { TrackedFile } from './reviewed.ts';
import { isInTree } from './tree.ts';
import { heldAt, walkPaths, type HeldFile, type WalkedCommit, type WalkRange } from './walk.ts';

/** Pins a path as a commit has it. */
export type PinAt = (commit: string, path: string) => Promise<PinnedCopy>;

/**
 * The versions of a file that were in force on a commit's first-parent chain in a window: the one
 * at its start, and every one that arrived since. A file that was renamed within it is followed.
 */
export async function versionsInForce(
  { opened, path, suffix, tip }: TrackedFile,
  window: TimeWindow,
  pinAt: PinAt,
  run: Run,
): Promise<VersionsInForce> {
  const { repository } = opened;
  const chain = await arrivalsOf(repository, tip, window);
  const arrivals = new Map(chain.map(({ id, at }) => [id, at]));
  const start = chain.find(({ at }) => at <= window.since.getTime()) ?? null;
  let lost: string | null = null;
  const { changes, oldestName } = await changesSince(repository, tip, start, path, (error) => {
    lost = error.message;
  });
  const pin = await pinHeld(opened, changes, run);
  const versions: VersionInForce[] = [];
  let replacedAt: string | null = null;
  const add = (copy: PinnedCopy | 'no file' | null, arrivedAt: string): void => {
    if (copy !== 'no file') versions.push({ copy, arrivedAt, replacedAt });
    replacedAt = arrivedAt;
  };
  for (const change of changes) {
    const { commit, blob } = change;
    const isOther = blob === null && (await isInTree(repository, commit.id, change.path));
    add(isOther ? 'no file' : pin(change, suffix), timeOf(arrivals.get(commit.id) ?? 0));
  }
  if (start !== null) {
    const there = await isInTree(repository, start.id, oldestName);
    add(there ? await pinFile(pinAt, start.id, oldestName) : null, timeOf(start.at));
  } else if (!repository.shallow) add(null, timeOf(0));
  return { versions, cutOff: start === null && repository.shallow, lost };
}

/** What changed a file on a chain after `start`, the newest first, and what it was called there. */
async function changesSince(
  repository: Repository,
  tip: string,
  start: Arrival | null,
  path: string,
  lost: Lost,
): Promise<{ readonly changes: readonly HeldFile[]; readonly oldestName: string }> {
  const changes: HeldFile[] = [];
  const without = start === null ? [] : [start.id];
  let name = path;
  let newest: string | null = tip;
  while (newest !== null) {
    const range: WalkRange = { tips: [newest], without, parents: 'first' };
    const walked = await walkPaths(repository, range, [name]);
    for (const commit of walked) changes.push({ commit, path: name, blob: heldAt(commit, name) });
    const earlier = await renamedBy(repository, walked.at(-1), name, lost);
    newest = earlier?.parent ?? null;
    name = earlier?.from ?? name;
  }
  return { changes, oldestName: name };
}

/** What a path was called before the oldest commit of a walk; null: it was not renamed there. */
async function renamedBy(
  repository: Repository,
  commit: WalkedCommit | undefined,
  path: string,
  lost: Lost,
): Promise<Renaming | null> {
  if (commit === undefined || commit.diffs.every(({ before }) => before !== null)) return null;
  const addition = { commit, path };
  return (await renamingsOf(repository, [addition], lost)).get(addition) ?? null;
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
