import type { UnmergedChange } from '../../model/index.ts';
import type { Run } from './blob.ts';
import { branchesBeside, branchesByCommit } from './branches.ts';
import { pinHeld, timeOf } from './copies.ts';
import { additionsIn, changesOfFiles, isOwnChange, mostNames } from './lineage.ts';
import { renamingsOf, targetsOf } from './renames.ts';
import type { OpenRepository } from './repository.ts';
import type { TrackedFile } from './reviewed.ts';
import { heldAt, walkPaths, type HeldFile, type WalkedCommit, type WalkRange } from './walk.ts';

/**
 * What commits made of some files of one commit, which that does not contain, for each in the order
 * asked and the newest first; commits that left no file are not told. They are searched for every name
 * that a file had up to the tip, and got or had beside it. How many processes that takes grows with
 * renames only.
 */
export async function unmergedChanges(
  files: readonly TrackedFile[],
  run: Run,
): Promise<readonly (readonly UnmergedChange[])[]> {
  const { opened, tip } = files[0]!;
  const { repository } = opened;
  const branches = await branchesBeside(opened, tip);
  if (branches.length === 0) return files.map(() => []);
  const paths = files.map(({ path }) => path);
  const changes = await changesOfFiles(opened, [tip], paths, new Map());
  const names = files.map(
    ({ path }, at) => new Set([path, ...changes[at]!.map((change) => change.path)]),
  );
  const tips = [...new Set(branches.map((branch) => branch.tip))];
  const walked = await walkNames(opened, tips, tip, names);
  const held = names.map((own, at) => walked[at]!.flatMap((commit) => heldIn(commit, own) ?? []));
  if (held.every(({ length }) => length === 0)) return held.map(() => []);
  const owners = await branchesByCommit(repository, branches, tip);
  const pin = await pinHeld(opened, held.flat(), run);
  return held.map((all, at) =>
    all.flatMap((one) => {
      const { id, author, subject, committedAt } = one.commit;
      const copy = pin(one, files[at]!.suffix);
      const branch = owners.get(id)?.name;
      if (copy === null || branch === undefined) return [];
      return [{ commit: id, author, subject, committedAt: timeOf(committedAt), branch, copy }];
    }),
  );
}

/**
 * For each set of names the commits that touch one of them; the sets get the names that are found on
 * the way.
 */
async function walkNames(
  opened: OpenRepository,
  tips: readonly string[],
  tip: string,
  names: readonly Set<string>[],
): Promise<readonly (readonly WalkedCommit[])[]> {
  const { repository } = opened;
  for (;;) {
    const range: WalkRange = { tips, without: [tip], parents: 'all' };
    const all = new Set(names.flatMap((own) => [...own]));
    const walked = await walkPaths(repository, range, [...all]);
    const places = placesByPath(walked);
    const of = (name: string): readonly WalkedCommit[] =>
      (places.get(name) ?? []).map((place) => walked[place]!);
    const additions = new Map([...all].map((name) => [name, additionsIn(of(name), name)]));
    const removals = new Map([...all].map((name) => [name, removalsIn(of(name), name)]));
    const renamings = await renamingsOf(opened, [...additions.values()].flat(), () => undefined);
    const targets = await targetsOf(repository, [...removals.values()].flat());
    let grew = false;
    for (const own of names) {
      const found = [...own].flatMap((name) => [
        ...additions.get(name)!.flatMap((addition) => renamings.get(addition)?.from ?? []),
        ...removals.get(name)!.flatMap((removal) => targets.get(removal) ?? []),
      ]);
      const known = own.size;
      for (const name of found) if (own.size < mostNames) own.add(name);
      grew ||= own.size > known;
    }
    if (grew) continue;
    return names.map((own) => {
      const touching = new Set([...own].flatMap((name) => places.get(name) ?? []));
      return [...touching].sort((a, b) => a - b).map((place) => walked[place]!);
    });
  }
}

/** Where in a walk the commits stand that touch a path, by the path. */
function placesByPath(walked: readonly WalkedCommit[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { diffs }] of walked.entries()) {
    for (const path of new Set(diffs.map((diff) => diff.path))) {
      const known = places.get(path);
      if (known === undefined) places.set(path, [place]);
      else known.push(place);
    }
  }
  return places;
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
