import type { UnmergedChange } from '../../model/index.ts';
import type { Run } from './blob.ts';
import { branchesBeside, branchesByCommit } from './branches.ts';
import { pinHeld, timeOf } from './copies.ts';
import { additionsIn, changesOfFiles, isOwnChange, mostNames } from './lineage.ts';
import { renamingsOf, targetsOf } from './renames.ts';
import type { Repository } from './repository.ts';
import type { TrackedFile } from './reviewed.ts';
import { heldAt, walkPaths, type HeldFile, type WalkedCommit } from './walk.ts';

/**
 * What commits made of a file that its tip does not contain, the newest first; commits that left no
 * file are not told. They are searched for every name that the file had up to the tip, and got or
 * had beside it. How many processes that takes grows with renames only.
 */
export async function unmergedChanges(
  { opened, path, suffix, tip }: TrackedFile,
  run: Run,
): Promise<readonly UnmergedChange[]> {
  const { repository } = opened;
  const branches = await branchesBeside(opened, tip);
  if (branches.length === 0) return [];
  const [changes = []] = await changesOfFiles(repository, [tip], [path], new Map());
  const names = new Set([path, ...changes.map((change) => change.path)]);
  const tips = [...new Set(branches.map((branch) => branch.tip))];
  const walked = await walkNames(repository, tips, tip, names);
  const held = walked.flatMap((commit) => heldIn(commit, names) ?? []);
  if (held.length === 0) return [];
  const owners = await branchesByCommit(repository, branches, tip);
  const pin = await pinHeld(opened, held, run);
  return held.flatMap((one) => {
    const { id, author, subject, committedAt } = one.commit;
    const copy = pin(one, suffix);
    const branch = owners.get(id)?.name;
    if (copy === null || branch === undefined) return [];
    return [{ commit: id, author, subject, committedAt: timeOf(committedAt), branch, copy }];
  });
}

/** Commits that touch a file by any of its names; `names` gets those that are found on the way. */
async function walkNames(
  repository: Repository,
  tips: readonly string[],
  tip: string,
  names: Set<string>,
): Promise<readonly WalkedCommit[]> {
  for (;;) {
    const range = { tips, without: [tip], parents: 'all' } as const;
    const walked = await walkPaths(repository, range, [...names]);
    const known = names.size;
    const additions = [...names].flatMap((name) => additionsIn(walked, name));
    const removals = [...names].flatMap((name) => removalsIn(walked, name));
    const renamings = await renamingsOf(repository, additions, () => undefined);
    const found = [
      ...[...renamings.values()].map(({ from }) => from),
      ...(await targetsOf(repository, removals)),
    ];
    for (const name of found) if (names.size < mostNames) names.add(name);
    if (names.size === known) return walked;
  }
}

function removalsIn(
  walked: readonly WalkedCommit[],
  name: string,
): readonly { readonly commit: WalkedCommit; readonly path: string }[] {
  return walked
    .filter((commit) => isOwnChange(commit, name) && heldAt(commit, name) === null)
    .map((commit) => ({ commit, path: name }));
}

/** What a commit made of the file by itself; null: nothing. */
function heldIn(commit: WalkedCommit, names: ReadonlySet<string>): HeldFile | null {
  for (const path of names) {
    const blob = heldAt(commit, path);
    if (blob !== null && isOwnChange(commit, path)) return { commit, path, blob };
  }
  return null;
}
