import { posix } from 'node:path';
import {
  commitRevision,
  KeydriftError,
  toKeydriftError,
  type FormatWarning,
  type GitLocation,
  type MergeBase,
  type PinnedCopy,
  type Source,
  type Environment,
} from '../../model/index.ts';
import { closeFiles } from '../file/file.ts';
import { pinBlob, type Run } from './blob.ts';
import { commitOf, isAncestor, mergeBaseOf } from './commit.ts';
import { gitEnvironment } from './environment.ts';
import { isEdited } from './edited.ts';
import { once } from './once.ts';
import { branchOfHead, hasRemote } from './queries.ts';
import type { GitChild } from './process.ts';
import type { TrackedFile } from './reviewed.ts';
import type { RemoteLimits } from './remote.ts';
import { openRepositories, type Found } from './repositories.ts';
import type { SharedStretches } from './stretch.ts';
import type { FileAtCommit } from './submodule.ts';
import { blobAt, filesBelow, namesIn, worktreeFilesBelow, type Absence } from './tree.ts';

export interface GitSourceOptions {
  /** The run's `--ref`, for locations that name none. */
  readonly ref: string;
  /** Remote repositories are kept in its `git` folder, private to the user. */
  readonly cacheDirectory: string;
  /** Of git's processes; default: keydrift's own. */
  readonly environment?: Environment;
  /** Whose repositories git trusts without being asked; default: nobody's. */
  readonly userId?: number;
  /** The run's own directory, absolute: other repositories are named from here; default: the working directory. */
  readonly directory?: string;
  /** How long remotes are waited for; default: 55 s of silence. */
  readonly limits?: RemoteLimits;
  /** `never`: a remote repository and what Git LFS lacks are `NEEDS_FETCH`; default: allowed. */
  readonly fetch?: 'allowed' | 'never';
}

const defaultLimits: RemoteLimits = { silenceMs: 55_000 };

/**
 * Copies that are files of commits and of working trees. Within a run a ref is resolved once and a
 * remote fetched once, so all copies are of the same moment. Repositories are only read.
 */
export type GitSource = Source<GitLocation> &
  Required<
    Pick<
      Source<GitLocation>,
      | 'versionsInForce'
      | 'reviewedHistories'
      | 'lastChanges'
      | 'unmergedChanges'
      | 'blame'
      | 'mergeBase'
      | 'list'
      | 'pathOf'
      | 'contentsOf'
      | 'isInHistory'
      | 'placesOf'
      | 'standingOf'
    >
  >;

export function openGitSource(options: GitSourceOptions): GitSource {
  const {
    ref: runRef,
    cacheDirectory,
    directory = process.cwd(),
    userId = null,
    limits = defaultLimits,
    fetch = 'allowed',
  } = options;
  const environment = gitEnvironment(options.environment ?? process.env);
  const repositories = openRepositories(
    directory,
    cacheDirectory,
    { environment, userId },
    {
      ...limits,
      fetch,
    },
  );
  const running = new Set<GitChild>();
  const stretches: SharedStretches = new Map();
  const bases = new Map<string, Promise<MergeBase>>();
  const remotes = new Map<string, Promise<boolean>>();
  const heads = new Map<string, Promise<string | null>>();
  let looked = 0;
  let closed = false;
  const run: Run = {
    running,
    handles: new Set(),
    isClosed: () => closed,
    fetch,
    answering: new Map(),
    configured: new Map(),
  };
  const find = async (location: GitLocation): Promise<Found> => {
    if (closed) throw new KeydriftError('INTERNAL', 'the git source is closed');
    return repositories.find(location);
  };
  const refOf = (location: GitLocation): string => location.ref ?? runRef;
  const fileOf = async (location: GitLocation): Promise<FileAtCommit> =>
    repositories.atRef(await find(location), refOf(location));
  const track = async (location: GitLocation): Promise<TrackedFile> => {
    const { opened, path, ref, through } = await fileOf(location);
    const outer = through === '' ? opened : (await find(location)).opened;
    const suffix = await repositories.suffix(location, outer.repository);
    const inside = through === '' ? suffix : ` in ${through}${suffix}`;
    return { opened, path, suffix: inside, tip: (await commitOf(opened, ref)).id };
  };
  const trackAll = (locations: readonly GitLocation[]) =>
    Promise.all(locations.map((location) => track(location).catch(toKeydriftError)));
  const pinAtRef = async (location: GitLocation, absence: Absence): Promise<PinnedCopy> => {
    const { opened, path } = await find(location);
    const ref = refOf(location);
    const suffix = await repositories.suffix(location, opened.repository);
    const file = await fileOf(location);
    const isOwn = location.ref === null && ref === 'HEAD';
    const edits = isOwn && (looked += 1) <= mostLookedAt ? 'told' : 'not asked';
    const copy = await pinCommitted(file, file.ref, suffix, run, { edits, absence });
    if (file.through === '') return copy;
    // Named by what the outer repository calls it: that says which commit of the submodule it is.
    // A ref that only the submodule knows is a commit of its own, and full.
    const id = await commitOf(opened, ref).then(
      (commit) => commit.id,
      () => ref,
    );
    const exact = `git:${id}:${path}${suffix}`;
    const revision = { ...copy.revision, exact };
    const edited =
      copy.warnings === undefined ? {} : { warnings: [elsewhere(ref, path, file.through)] };
    return { ...copy, location: `git:${ref}:${path}${suffix}`, path, revision, ...edited };
  };
  return {
    async pin(location, purpose) {
      const absence = purpose === 'bytes if any' ? 'not searched' : 'searched';
      if (location.state !== 'worktree') return pinAtRef(location, absence);
      const found = await find(location);
      const { opened, path } = found.nearest ?? found;
      // Whether what lies there is a submodule, the commit says.
      if (found.nearest !== null) await repositories.atRef(found, refOf(location));
      const suffix = await repositories.suffix(location, opened.repository);
      const { pinWorktreeFile } = await import('./worktree.ts');
      return pinWorktreeFile(opened, path, `${found.path}${suffix}`, run);
    },
    async mergeBase(location, base) {
      const { opened } = await find(location);
      const ref = refOf(location);
      const [from, to] = await Promise.all([commitOf(opened, base), commitOf(opened, ref)]);
      const between = [opened.repository.gitDirectory, base, ref].join(' ');
      return once(bases, between, () => mergeBaseOf(opened, from, to, { base, head: ref }));
    },
    async repositoryOf(location) {
      const found = await find(location);
      const { opened } = location.state === 'worktree' ? (found.nearest ?? found) : found;
      const { root, directory: at } = opened.repository;
      return { directory: root ?? at, kind: root === null ? 'bare' : 'working tree' };
    },
    async hasRemote(location) {
      const { repository } = (await find(location)).opened;
      return once(remotes, repository.gitDirectory, () => hasRemote(repository));
    },
    async branchOfHead(location) {
      if (refOf(location) !== 'HEAD') return undefined;
      const { repository } = (await find(location)).opened;
      return once(heads, repository.gitDirectory, () => branchOfHead(repository));
    },
    async namesIn(location) {
      const { opened, path } = await find(location);
      return namesIn(opened, await commitOf(opened, refOf(location)), path);
    },
    async list({ root, prefix }) {
      const folder = posix.join(root.path, prefix);
      // The folder may be the root itself: a file in it is what a repository is found around.
      const inside = { ...root, path: posix.join(folder, anyName) };
      if (root.state === 'worktree') {
        const found = await find(inside);
        const { opened, path } = found.nearest ?? found;
        const names = await worktreeFilesBelow(opened.repository, folderOf(path));
        return names.map((name) => {
          const location = { ...root, path: posix.join(folder, name) };
          return { name, location, bytes: 0, content: name };
        });
      }
      const { opened, path, ref } = await fileOf(inside);
      const files = await filesBelow(opened, await commitOf(opened, ref), folderOf(path));
      return files.map(({ name, ...file }) => {
        return { name, location: { ...root, path: posix.join(folder, name) }, ...file };
      });
    },
    async pathOf(location) {
      return (await fileOf(location)).path;
    },
    async versionsInForce(location, window) {
      const file = await track(location);
      const { opened, suffix } = file;
      const pinAt = (commit: string, path: string): Promise<PinnedCopy> =>
        pinCommitted({ opened, path }, commit, suffix, run);
      const { versionsInForce } = await import('./in-force.ts');
      return versionsInForce(file, window, stretches, { pinAt, run });
    },
    async contentsOf(locations) {
      const { contentsOf } = await import('./contents.ts');
      return contentsOf(await trackAll(locations));
    },
    async reviewedHistories(locations, now) {
      const { reviewedHistories } = await import('./reviewed.ts');
      return reviewedHistories(await trackAll(locations), now, run);
    },
    async lastChanges(locations) {
      const { lastChanges } = await import('./last-change.ts');
      return lastChanges(await trackAll(locations));
    },
    async unmergedChanges(locations) {
      const { answerTogether } = await import('./reviewed.ts');
      const { unmergedChanges } = await import('./unmerged.ts');
      return answerTogether(await trackAll(locations), (files) => unmergedChanges(files, run));
    },
    async blame(location, lines) {
      const { opened, path, ref } = await fileOf(location);
      const { blame } = await import('./blame.ts');
      return blame({ opened, path, ref, commit: await commitOf(opened, ref) }, lines);
    },
    async isInHistory(location, commit) {
      const { opened, ref } = await fileOf(location);
      const [part, whole] = await Promise.all([commitOf(opened, commit), commitOf(opened, ref)]);
      return isAncestor(opened, part, whole);
    },
    async placesOf(asked) {
      const { placesOf } = await import('./places.ts');
      const files = await trackAll(asked.map(({ location }) => location));
      return placesOf(
        files.map((file, at) =>
          file instanceof KeydriftError ? file : { ...file, commit: asked[at]!.commit },
        ),
      );
    },
    async standingOf(location, commit) {
      const { standingOf } = await import('./standing.ts');
      const { opened, ref } = await fileOf(location);
      return standingOf(opened, ref, commit);
    },
    async close() {
      closed = true;
      const ending = [...running].map((child) => {
        child.hold();
        child.kill();
        return child.exit;
      });
      await Promise.all([...ending, closeFiles(run)]);
      await repositories.close();
    },
  };
}

/** Of so many files of a run it is told that they were edited: people edit few, and a fleet has thousands. */
const mostLookedAt = 100;

/** Of a file that need not be there. */
const anyName = 'file';

/** From the root; empty: the root itself. */
function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

interface PinWords {
  /** Whether it is looked at what the working tree has there. */
  readonly edits?: 'told' | 'not asked';
  readonly absence?: Absence;
}

async function pinCommitted(
  { opened, path }: Pick<Found, 'opened' | 'path'>,
  ref: string,
  suffix: string,
  run: Run,
  { edits = 'not asked', absence = 'searched' }: PinWords = {},
): Promise<PinnedCopy> {
  const commit = await commitOf(opened, ref);
  const blob = await blobAt(opened, commit, ref, path, absence);
  const copy = await pinBlob(opened, blob, path, run);
  // Git LFS has something else in the working tree.
  const isLooked = edits === 'told' && copy.bytes === blob.bytes;
  const edited = isLooked && (await isEdited(opened.repository, path, blob));
  const { id, committedAt } = commit;
  return {
    location: `git:${ref}:${path}${suffix}`,
    path,
    revision: commitRevision(
      { commit: id, committedAt, blob: blob.id },
      `git:${id}:${path}${suffix}`,
    ),
    ...(edited ? { warnings: [uncommitted(ref, path)] } : {}),
    ...copy,
  };
}

function uncommitted(ref: string, path: string): FormatWarning {
  const message = `${path} was edited in the working tree and not committed: what is compared is that of ${ref}; commit it first, if it is meant`;
  return { code: 'REVIEWED_UNCOMMITTED', message, line: null };
}

/** What a submodule has checked out may be another commit. */
function elsewhere(ref: string, path: string, submodule: string): FormatWarning {
  const message = `${path} in the working tree is not that of the commit of ${submodule} that ${ref} pins: what is compared is that one; commit what is meant there and here first`;
  return { code: 'REVIEWED_UNCOMMITTED', message, line: null };
}
