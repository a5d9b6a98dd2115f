import {
  toKeydriftError,
  type PinnedCopy,
  type TimeWindow,
  type VersionInForce,
  type VersionsInForce,
} from '../../model/index.ts';
import { arrivalsOf } from './chain.ts';
import { gitFailure } from './failure.ts';
import { runGit } from './process.ts';
import type { Repository } from './repository.ts';
import { isInTree } from './tree.ts';

/** Pins a path as a commit has it. */
export type PinAt = (commit: string, path: string) => Promise<PinnedCopy>;

/**
 * The versions of a file that were in force on a commit's first-parent chain in a window: the one
 * at its start, and every one that arrived since. A file that was renamed within it is followed.
 */
export async function versionsInForce(
  repository: Repository,
  tip: string,
  path: string,
  window: TimeWindow,
  pinAt: PinAt,
): Promise<VersionsInForce> {
  const chain = await arrivalsOf(repository, tip, window);
  const arrivals = new Map(chain.map(({ id, at }) => [id, at]));
  const start = chain.find(({ at }) => at <= window.since.getTime()) ?? null;
  const versions: VersionInForce[] = [];
  let replacedAt: string | null = null;
  const add = async (commit: string, at: string): Promise<void> => {
    const there = await isInTree(repository, commit, path);
    const copy = there ? await pinFile(pinAt, commit, path) : null;
    if (copy !== 'no file') versions.push({ copy, arrivedAt: at, replacedAt });
    replacedAt = at;
  };

  let newest: string | null = tip;
  while (newest !== null) {
    const changes: readonly string[] = await changesOf(repository, newest, start, path);
    for (const commit of changes) await add(commit, timeOf(arrivals.get(commit) ?? 0));
    const brought: string | undefined = changes.at(-1);
    const before: string | null =
      brought === undefined ? null : await renamedFrom(repository, brought, path);
    newest = before === null ? null : `${brought}^1`;
    path = before ?? path;
  }
  if (start !== null) await add(start.id, timeOf(start.at));
  else if (!repository.shallow) versions.push({ copy: null, arrivedAt: timeOf(0), replacedAt });
  return { versions, cutOff: start === null && repository.shallow };
}

/** The commits of a chain after `start` that changed a path, the newest first. */
async function changesOf(
  repository: Repository,
  tip: string,
  start: { readonly id: string } | null,
  path: string,
): Promise<readonly string[]> {
  const range = start === null ? [tip] : [tip, `^${start.id}`];
  const listed = await runGit(repository, ['rev-list', '--first-parent', ...range, '--', path]);
  if (listed.code !== 0) throw gitFailure(repository, listed, `reading the history of ${path}`);
  return listed.stdout.toString('latin1').split('\n').filter(Boolean);
}

/** What a path was called before a commit that brought it; null: it was not renamed there. */
async function renamedFrom(
  repository: Repository,
  commit: string,
  path: string,
): Promise<string | null> {
  const diff = ['diff-tree', '-r', '-z', '--no-ext-diff'];
  const ends = [`${commit}^1`, commit, '--'];
  const options = ['--no-renames', '--diff-filter=A', '--name-only'];
  const added = await runGit(repository, [...diff, ...options, ...ends, path]);
  // The root of the history has no parent to be renamed from; that is asked of a new path only,
  // because finding renames looks at every file of a commit.
  if (added.code !== 0 || added.stdout.length === 0) return null;
  const renames = ['-M', '--diff-filter=R', '--name-status'];
  const changed = await runGit(repository, [...diff, ...renames, ...ends]);
  if (changed.code !== 0) throw gitFailure(repository, changed, `reading what brought ${path}`);
  const fields = changed.stdout.toString().split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (fields[at + 2] === path) return fields[at + 1] ?? null;
  }
  return null;
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

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
