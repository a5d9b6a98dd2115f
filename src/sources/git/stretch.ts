import type { KeydriftError, TimeWindow } from '../../model/index.ts';
import { arrivalsOf, type Arrival } from './chain.ts';
import { once } from './once.ts';
import { renamingsOf, type Lost, type Renaming } from './renames.ts';
import type { OpenRepository } from './repository.ts';
import { isAtOrBelow, walkPaths, type WalkedCommit } from './walk.ts';

/** A first-parent chain since a moment. */
export interface Stretch {
  /** When its commits arrived, by their ids. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** What was in force at the moment; null: the chain begins after it. */
  readonly start: Arrival | null;
  /** What changed a file up to a commit of it. */
  readonly walkOf: (newest: string, name: string) => Promise<Walk>;
}

/** What changed some files. What is asked of it for one of them is read for all, and once. */
export interface Walk {
  /** What changed a file, or something below that name, the newest first. */
  of(name: string): readonly WalkedCommit[];
  /** What a path was called before a commit of it; null: the commit did not rename it. */
  renaming(commit: WalkedCommit, path: string, lost: Lost): Promise<Renaming | null>;
  /** Sizes of what the commits left, by blob. */
  sizes(): Promise<ReadonlyMap<string, number>>;
}

/** Stretches of a run, by what they are of: files of a fleet have most of them in common. */
export type SharedStretches = Map<string, Promise<Stretch>>;

/** Of so many commits it is cheap to tell all that they changed in a folder. */
const mostWalkedWhole = 1000;

/** The first-parent chain of a commit since the beginning of a window. Throws `GIT_FAILED`. */
export function stretchSince(
  shared: SharedStretches,
  opened: OpenRepository,
  tip: string,
  window: TimeWindow,
): Promise<Stretch> {
  const { since, now } = window;
  const { repository } = opened;
  const id = [repository.gitDirectory, tip, since.getTime(), now.getTime()].join(' ');
  return once(shared, id, async () => {
    const chain = await arrivalsOf(opened, tip, window);
    const place = chain.findIndex(({ at }) => at <= since.getTime());
    const start = chain[place] ?? null;
    const isShort = (start === null ? chain.length : place) <= mostWalkedWhole;
    const range = { without: start === null ? [] : [start.id], parents: 'first' } as const;
    const walks = new Map<string, Promise<Walk>>();
    return {
      arrivals: new Map(chain.map(({ id: commit, at }) => [commit, at])),
      start,
      // One walk serves all files of a folder of the root, but for those of earlier names.
      walkOf: (newest, name) => {
        const asked = newest === tip && isShort ? name.split('/', 1) : [name];
        return once(walks, `${newest} ${asked.join()}`, async () =>
          walkedAs(
            opened,
            await walkPaths(repository, { ...range, tips: [newest] }, asked, 'below'),
          ),
        );
      },
    };
  });
}

function walkedAs(opened: OpenRepository, walked: readonly WalkedCommit[]): Walk {
  const renamed = new Map<string, ReturnType<typeof renamedIn>>();
  let sizes: Promise<ReadonlyMap<string, number>> | null = null;
  return {
    of: (name) =>
      walked.flatMap((commit) => {
        const touching = commit.diffs.filter(({ path }) => isAtOrBelow(path, name));
        // A folder of that name has files of its own.
        const diffs = touching.filter(({ path }) => path === name);
        return touching.length === 0 ? [] : [{ ...commit, diffs }];
      }),
    async renaming({ id, diffs }, path, lost) {
      if (diffs.every(({ before }) => before !== null)) return null;
      const commit = walked.find((one) => one.id === id)!;
      const { names, error } = await once(renamed, id, () => renamedIn(opened, commit));
      if (error !== null) lost(error);
      return names.get(path) ?? null;
    },
    sizes() {
      const left = walked.flatMap(({ diffs }) => diffs.flatMap(({ after }) => after ?? []));
      return (sizes ??= opened.batch.sizes(new Set(left)));
    },
  };
}

/** What a commit renamed, by what it is called since. */
async function renamedIn(
  opened: OpenRepository,
  commit: WalkedCommit,
): Promise<{
  readonly names: ReadonlyMap<string, Renaming>;
  /** Why that is not known; null: it is. */
  readonly error: KeydriftError | null;
}> {
  let error: KeydriftError | null = null;
  const added = commit.diffs.filter(({ before }) => before === null);
  const additions = added.map(({ path }) => ({ commit, path }));
  const found = await renamingsOf(opened, additions, (thrown) => {
    error = thrown;
  });
  return { names: new Map([...found].map(([{ path }, renaming]) => [path, renaming])), error };
}
