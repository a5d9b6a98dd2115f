import {
  KeydriftError,
  type GitLocation,
  type PinnedCopy,
  type Source,
  type TimeWindow,
  type VersionsInForce,
  type WorktreeLocation,
} from '../../model/index.ts';
import { pinBlob, type Run } from './blob.ts';
import { isAncestor, mergeBaseOf, resolveCommit, type Commit } from './commit.ts';
import { contentsOf, type PathContents } from './contents.ts';
import { gitEnvironment, type Environment } from './environment.ts';
import { versionsInForce } from './in-force.ts';
import type { GitChild } from './process.ts';
import { once, openRepositories, type Found } from './repositories.ts';
import type { OpenRepository } from './repository.ts';
import { blobAt } from './tree.ts';
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
  /** Whether a commit is in the history of the location's ref. Throws `GIT_UNKNOWN_REF`. */
  isInHistory(location: GitLocation, commit: string): Promise<boolean>;
}

export function openGitSource(options: GitSourceOptions): GitSource {
  const { ref: runRef, cacheDirectory, directory = process.cwd() } = options;
  const environment = gitEnvironment(options.environment ?? process.env);
  const repositories = openRepositories(directory, cacheDirectory, environment);
  const running = new Set<GitChild>();
  let closed = false;
  const run: Run = { running, isClosed: () => closed };
  const find = async (location: GitLocation | WorktreeLocation): Promise<Found> => {
    if (closed) throw new KeydriftError('INTERNAL', 'the git source is closed');
    return repositories.find(location);
  };
  const refOf = (location: GitLocation | WorktreeLocation): string =>
    (location.kind === 'git' ? location.ref : null) ?? runRef;
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
      const { opened, path } = await find(location);
      const suffix = await repositories.suffix(location, opened.repository);
      const tip = await commitOf(opened, refOf(location));
      return versionsInForce(opened.repository, tip.id, path, window, (commit, at) =>
        pinCommitted({ opened, path: at }, commit, `git:${commit}:${at}${suffix}`, run),
      );
    },
    async contentsOf(location) {
      const { opened, path } = await find(location);
      const commit = await commitOf(opened, refOf(location));
      // An unborn or dangling HEAD has no history.
      const head = await commitOf(opened, 'HEAD').catch(() => commit);
      return contentsOf(opened, [...new Set([commit.id, head.id])], path);
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
      await Promise.all(ending);
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
  const blob = await blobAt(opened.repository, commit, ref, path);
  const copy = await pinBlob(opened, blob, path, run);
  const { id, committedAt } = commit;
  return { location, revision: { kind: 'git', commit: id, committedAt, blob: blob.id }, ...copy };
}

function commitOf(opened: OpenRepository, ref: string): Promise<Commit> {
  return once(opened.commits, ref, () => resolveCommit(opened, ref));
}
