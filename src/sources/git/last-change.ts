import { KeydriftError, type LastChange } from '../../model/index.ts';
import { timeOf } from './copies.ts';
import type { Repository } from './repository.ts';
import { answerTogether, type TrackedFile } from './reviewed.ts';
import { walkPaths, type WalkedCommit } from './walk.ts';

/**
 * The commit that last changed each of some files on the first-parent chain of its tip, in the order
 * asked: the newest of its changes that were in force. Null: none is at hand, as where a shallow clone
 * begins, or where there is no history to ask.
 */
export async function lastChanges(
  asked: readonly (TrackedFile | KeydriftError)[],
): Promise<readonly (LastChange | null)[]> {
  const told = await answerTogether(asked, (files) => {
    const { opened, tip } = files[0]!;
    const paths = files.map(({ path }) => path);
    return changesAt(opened.repository, tip, paths);
  });
  return told.map((one) => (one instanceof KeydriftError ? null : one));
}

/** No history is walked much further than to the last change of each file. Throws `GIT_FAILED`. */
async function changesAt(
  repository: Repository,
  tip: string,
  paths: readonly string[],
): Promise<readonly (LastChange | null)[]> {
  const found = new Map<string, LastChange | null>();
  let open = [...new Set(paths)];
  for (let most = open.length; open.length > 0; most *= 8) {
    const range = { tips: [tip], without: [], parents: 'first', most } as const;
    const walked = await walkPaths(repository, range, open);
    for (const path of open) {
      const last = walked.find((commit) => hasChanged(commit, path));
      if (last !== undefined) found.set(path, asLastChange(repository, last));
    }
    if (walked.length < most) break;
    open = open.filter((path) => !found.has(path));
  }
  return paths.map((path) => found.get(path) ?? null);
}

/** Whether a commit changed what a path holds: permissions alone are no change. */
function hasChanged({ diffs }: WalkedCommit, path: string): boolean {
  return diffs.some((diff) => diff.path === path && diff.before !== diff.after);
}

/** Where a clone is cut off, a commit seems to have made all that it has. */
function asLastChange(
  { shallow }: Repository,
  { id, parents, committedAt }: WalkedCommit,
): LastChange | null {
  if (shallow && parents.length === 0) return null;
  return { commit: id, committedAt: timeOf(committedAt) };
}
