import {
  KeydriftError,
  toKeydriftError,
  type BlamedLine,
  type GitLocation,
  type PinnedCopy,
  type ReviewedHistory,
  type Source,
  type TimeWindow,
  type UnmergedChange,
  type VersionsInForce,
  type WorktreeLocation,
} from '../../model/index.ts';
import { blame } from './blame.ts';
import { closeFiles } from '../file.ts';
import { pinBlob, type Run } from './blob.ts';
import { isAncestor, mergeBaseOf, resolveCommit, type Commit } from './commit.ts';
import { contentsOf, type PathContents } from './contents.ts';
import { gitEnvironment, type Environment } from './environment.ts';
import { versionsInForce } from './in-force.ts';
import type { GitChild } from './process.ts';
import { reviewedHistories, type TrackedFile } from './reviewed.ts';
import { once } from './once.ts';
import { openRepositories, type Found } from './repositories.ts';
import type { OpenRepository } from './repository.ts';
import { blobAt } from './tree.ts';
import { unmergedChanges } from './unmerged.ts';
import { pinWorktreeFile } from './worktree.ts';

export interface GitSourceOptions {
  /** The run's `--ref`, for locations that name none. */
  readonly ref: string;
  /** Remote repositories are kept in its `git` folder, private to the user. */
  readonly cacheDirectory: string;
  /** Of git's processes; default: keydrift's own. */
  readonly environment?: Environment;
  /** The run's own directory, absolute: other repositories are named from here; default: the working directory. */
  readonly directory?: string;
}

/**
 * Copies that are files of commits and of working trees. Within a run a ref is resolved once and a
 * remote fetched once, so all copies are of the same moment. Repositories are only read.
 */
export interface GitSource extends Source<GitLocation | WorktreeLocation> {
  /**
   * Id of the best common commit of `base` and the location's ref (the run's `--ref`, where it
   * names none). Throws `GIT_NO_MERGE_BASE`.
   */
  mergeBase(location: GitLocation | WorktreeLocation, base: string): Promise<string>;
  /** Path of a location from the root of its repository, whether or not a file is there. */
  pathOf(location: GitLocation): Promise<string>;
  /**
   * The versions of the file that were in force on the first-parent chain of the location's ref in
   * a window: what was deployed in time is one of these.
   */
  versionsInForce(location: GitLocation, window: TimeWindow): Promise<VersionsInForce>;
  /**
   * Every content that the location's path had, up to its ref and up to the repository's HEAD:
   * what is on either counts as reviewed.
   */
  contentsOf(location: GitLocation): Promise<PathContents>;
  /**
   * The histories of some files, in their order; an error stands for a file without one. Files of
   * one repository and ref share one walk.
   */
  reviewedHistories(
    locations: readonly GitLocation[],
    now: Date,
  ): Promise<readonly (ReviewedHistory | KeydriftError)[]>;
  /**
   * What commits of other branches, and of tags and a detached HEAD, made of a file, that its ref
   * does not contain; the newest first.
   */
  unmergedChanges(location: GitLocation): Promise<readonly UnmergedChange[]>;
  /** Who last changed some physical lines of a file, in the order asked. Throws `NOT_SUPPORTED`. */
  blame(location: GitLocation, lines: readonly number[]): Promise<readonly BlamedLine[]>;
  /** Whether a commit is in the history of the location's ref. Throws `GIT_UNKNOWN_REF`. */
  isInHistory(location: GitLocation, commit: string): Promise<boolean>;
}

export function openGitSource(options: GitSourceOptions): GitSource {
  const { ref: runRef, cacheDirectory, directory = process.cwd() } = options;
  const environment = gitEnvironment(options.environment ?? process.env);
  const repositories = openRepositories(directory, cacheDirectory, environment);
  const running = new Set<GitChild>();
  let closed = false;
  const run: Run = { running, handles: new Set(), isClosed: () => closed };
  const find = async (location: GitLocation | WorktreeLocation): Promise<Found> => {
    if (closed) throw new KeydriftError('INTERNAL', 'the git source is closed');
    return repositories.find(location);
  };
  const refOf = (location: GitLocation | WorktreeLocation): string =>
    (location.kind === 'git' ? location.ref : null) ?? runRef;
  const track = async (location: GitLocation): Promise<TrackedFile> => {
    const { opened, path } = await find(location);
    const suffix = await repositories.suffix(location, opened.repository);
    return { opened, path, suffix, tip: (await commitOf(opened, refOf(location))).id };
  };
  return {
    async pin(location) {
      const { opened, path } = await find(location);
      const suffix = await repositories.suffix(location, opened.repository);
      if (location.kind === 'worktree') {
        return pinWorktreeFile(opened.repository, path, `${path}${suffix}`, run);
      }
      const ref = refOf(location);
      return pinCommitted({ opened, path }, ref, `git:${ref}:${path}${suffix}`, run);
    },
    async mergeBase(location, base) {
      const { opened } = await find(location);
      const ref = refOf(location);
      const [from, to] = await Promise.all([commitOf(opened, base), commitOf(opened, ref)]);
      return mergeBaseOf(opened, from, to, { base, head: ref });
    },
    async pathOf(location) {
      return (await find(location)).path;
    },
    async versionsInForce(location, window) {
      const file = await track(location);
      const { opened, suffix } = file;
      const pinAt = (commit: string, path: string): Promise<PinnedCopy> =>
        pinCommitted({ opened, path }, commit, `git:${commit}:${path}${suffix}`, run);
      return versionsInForce(file, window, pinAt, run);
    },
    async contentsOf(location) {
      const { opened, path } = await find(location);
      const commit = await commitOf(opened, refOf(location));
      // An unborn or dangling HEAD has no history.
      const head = await commitOf(opened, 'HEAD').catch(() => commit);
      return contentsOf(opened, [...new Set([commit.id, head.id])], path);
    },
    async reviewedHistories(locations, now) {
      const files = locations.map((location) => track(location).catch(toKeydriftError));
      return reviewedHistories(await Promise.all(files), now, run);
    },
    async unmergedChanges(location) {
      return unmergedChanges(await track(location), run);
    },
    async blame(location, lines) {
      const { opened, path } = await find(location);
      const ref = refOf(location);
      return blame({ opened, path, ref, commit: await commitOf(opened, ref) }, lines);
    },
    async isInHistory(location, commit) {
      const { opened } = await find(location);
      const [part, whole] = await Promise.all([
        commitOf(opened, commit),
        commitOf(opened, refOf(location)),
      ]);
      return isAncestor(opened, part, whole);
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

async function pinCommitted(
  { opened, path }: Found,
  ref: string,
  location: string,
  run: Run,
): Promise<PinnedCopy> {
  const commit = await commitOf(opened, ref);
  const blob = await blobAt(opened, commit, ref, path);
  const copy = await pinBlob(opened, blob, path, run);
  const { id, committedAt } = commit;
  return { location, revision: { kind: 'git', commit: id, committedAt, blob: blob.id }, ...copy };
}

function commitOf(opened: OpenRepository, ref: string): Promise<Commit> {
  return once(opened.commits, ref, () => resolveCommit(opened, ref));
}
