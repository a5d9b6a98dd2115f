import { gitFailure } from './failure.ts';
import type { FileChange } from './lineage.ts';
import { runGit } from './process.ts';
import type { Repository } from './repository.ts';
import { pathspecsOf } from './walk.ts';

/**
 * The changes of some files in the history of a commit, those of each the newest first: none stands
 * before one that builds on it. Of a file with one name they are so already; one more walk orders
 * all the others.
 */
export async function newestFirst(
  repository: Repository,
  tip: string,
  files: readonly (readonly FileChange[])[],
): Promise<readonly (readonly FileChange[])[]> {
  const names = files.map((changes) => new Set(changes.map(({ path }) => path)));
  const renamed = names.filter(({ size }) => size > 1).flatMap((own) => [...own]);
  if (renamed.length === 0) return files;
  const paths = [...new Set(renamed)];
  const args = ['rev-list', '--topo-order', '--full-history', '--end-of-options', tip];
  const listed = await runGit(repository, [...args, '--', ...pathspecsOf(paths)]);
  if (listed.code !== 0) throw gitFailure(repository, listed, `reading the history of ${paths[0]}`);
  const lines = listed.stdout.toString('latin1').split('\n');
  const positions = new Map(lines.map((id, at) => [id, at]));
  const positionOf = ({ commit }: FileChange): number => positions.get(commit.id) ?? lines.length;
  return files.map((changes, at) =>
    (names[at]?.size ?? 0) > 1
      ? changes.toSorted((a, b) => positionOf(a) - positionOf(b))
      : changes,
  );
}
