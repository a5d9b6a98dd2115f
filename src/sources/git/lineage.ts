import { once } from './once.ts';
import { renamingsOf, type CommitPath, type Lost, type Renaming } from './renames.ts';
import type { OpenRepository } from './repository.ts';
import { heldAt, walkPaths, type HeldFile, type WalkedCommit } from './walk.ts';

/** A commit that changed a file, and what it left, under the name that the file had there. */
export interface FileChange extends HeldFile {
  /** `in-force`: it changed the file on the first-parent chain; `side`: elsewhere. */
  readonly place: 'in-force' | 'side';
}

/** More names than this a file never had by honest renames. */
export const mostNames = 32;

/** A name of a file, in the histories of some commits. */
interface Stretch {
  readonly file: FoundFile;
  readonly name: string;
  readonly tips: readonly string[];
  /** Position on the chain from which on the file had that name there; null: it never had. */
  readonly chainFrom: number | null;
}

interface FoundFile {
  readonly names: Set<string>;
  /** By commit. */
  readonly changes: Map<string, FileChange>;
}

/** Positions by commit. */
type Places = ReadonlyMap<string, number>;

/** A stretch that was walked. */
interface Walked {
  readonly stretch: Stretch;
  readonly additions: readonly CommitPath[];
  /** The commit of the chain that first gave the file this name. */
  readonly broughtBy: string | null;
}

/**
 * Every commit in the histories of some tips that changed one of some files, for each file in the
 * order asked: merged side branches, merges that hold what no parent has, and earlier names of the
 * files included. A change of nothing but permissions is none. `chain` gives the position of each
 * commit of a first-parent chain, the newest 0; it may be asked for meanwhile. The newest first, but
 * for those of earlier names, which come last (`newestFirst`). One walk serves all files, and one more
 * each set of commits that renamed some of them.
 */
export async function changesOfFiles(
  opened: OpenRepository,
  tips: readonly string[],
  paths: readonly string[],
  chain: Places | Promise<Places>,
  lost: Lost = () => undefined,
): Promise<readonly (readonly FileChange[])[]> {
  const files = paths.map((path): FoundFile => ({ names: new Set([path]), changes: new Map() }));
  let pending: readonly Stretch[] = files.flatMap((file) =>
    [...file.names].map((name) => ({ file, name, tips, chainFrom: 0 })),
  );
  while (pending.length > 0) {
    const walked: Walked[] = [];
    for (const group of groupsOf(pending)) {
      const [commits, places] = await Promise.all([walkOnce(opened, group), chain]);
      for (const one of walkedOf(commits, group, places)) walked.push(one);
    }
    const additions = walked.flatMap((one) => one.additions);
    const renamings = await renamingsOf(opened, additions, lost);
    const places = await chain;
    pending = walked.flatMap((one) => earlierStretches(one, renamings, places));
  }
  return files.map(({ changes }) => [...changes.values()]);
}

/** Names that one walk finds. */
function groupsOf(stretches: readonly Stretch[]): Iterable<readonly Stretch[]> {
  const groups = new Map<string, Stretch[]>();
  for (const stretch of stretches) {
    const tips = stretch.tips.join(' ');
    const group = groups.get(tips);
    if (group === undefined) groups.set(tips, [stretch]);
    else group.push(stretch);
  }
  return groups.values();
}

/** What changed the names of a group in the histories that they are walked in; read once a run. */
function walkOnce(
  { repository, walks }: OpenRepository,
  group: readonly Stretch[],
): Promise<readonly WalkedCommit[]> {
  const { tips = [] } = group[0] ?? {};
  const names = [...new Set(group.map(({ name }) => name))];
  const range = { tips, without: [], parents: 'all' } as const;
  return once(walks, [...tips, '', ...names].join('\0'), () => walkPaths(repository, range, names));
}

function walkedOf(
  commits: readonly WalkedCommit[],
  group: readonly Stretch[],
  chain: Places,
): readonly Walked[] {
  const byName = new Map<string, WalkedCommit[]>();
  for (const { name } of group) byName.set(name, []);
  for (const commit of commits) {
    for (const name of new Set(commit.diffs.map(({ path }) => path))) {
      byName.get(name)?.push(commit);
    }
  }
  return group.map((stretch) => {
    const own = byName.get(stretch.name) ?? [];
    const changes = changesIn(own, stretch, chain);
    keep(stretch.file.changes, changes);
    return {
      stretch,
      additions: additionsIn(own, stretch.name),
      broughtBy: changes.findLast(({ place }) => place === 'in-force')?.commit.id ?? null,
    };
  });
}

/** The changes of one name, the newest first: what the chain saw, and what commits did by themselves. */
function changesIn(
  commits: readonly WalkedCommit[],
  { name, chainFrom }: Stretch,
  chain: Places,
): readonly FileChange[] {
  const changes: FileChange[] = [];
  let inForce: string | null = null;
  for (const commit of commits.toReversed()) {
    const blob = heldAt(commit, name);
    const isOnChain = chainFrom !== null && (chain.get(commit.id) ?? -1) >= chainFrom;
    const arrived = isOnChain && blob !== inForce;
    if (isOnChain) inForce = blob;
    if (!arrived && !isOwnChange(commit, name)) continue;
    changes.push({ commit, path: name, blob, place: arrived ? 'in-force' : 'side' });
  }
  return changes.toReversed();
}

/** Whether a commit changed a path by itself: a merge that holds what one of its parents has did not. */
export function isOwnChange({ diffs, parents }: WalkedCommit, name: string): boolean {
  const differing = diffs.filter(
    ({ path, before, after }) => path === name && before !== after,
  ).length;
  return differing > 0 && differing >= parents.length;
}

export function additionsIn(commits: readonly WalkedCommit[], name: string): readonly CommitPath[] {
  const adds = ({ diffs }: WalkedCommit): boolean =>
    diffs.some(({ path, before, after }) => path === name && before === null && after !== null);
  return commits.filter(adds).map((commit) => ({ commit, path: name }));
}

/** A commit that changed the file under two names at once counts once. */
function keep(changes: Map<string, FileChange>, found: readonly FileChange[]): void {
  for (const change of found) {
    const known = changes.get(change.commit.id);
    if (known === undefined || change.place === 'in-force') changes.set(change.commit.id, change);
  }
}

/** What a file was called before it had a name. The chain goes on where it first got that name. */
function earlierStretches(
  { stretch, additions, broughtBy }: Walked,
  renamings: ReadonlyMap<CommitPath, Renaming>,
  chain: Places,
): readonly Stretch[] {
  const { file } = stretch;
  const earlier = new Map<string, Stretch>();
  for (const addition of additions) {
    const renaming = renamings.get(addition);
    if (renaming === undefined) continue;
    const { from, parent } = renaming;
    const known = earlier.get(from);
    if (known === undefined && (file.names.has(from) || file.names.size >= mostNames)) continue;
    file.names.add(from);
    const { id } = addition.commit;
    const chainFrom = id === broughtBy ? (chain.get(id) ?? 0) + 1 : null;
    earlier.set(from, {
      file,
      name: from,
      tips: [...new Set([...(known?.tips ?? []), parent])].sort(),
      chainFrom: known?.chainFrom ?? chainFrom,
    });
  }
  return [...earlier.values()];
}
