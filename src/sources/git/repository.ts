import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { KeydriftError, type CommitStanding, type Environment } from '../../model/index.ts';
import type { Batch } from './cat-file.ts';
import { discover, type Discovered } from './discover.ts';
import { readNamed } from '../file/named.ts';
import { offline, withSettings } from './environment.ts';
import { gitFailure, saidBy } from './failure.ts';
import { once } from './once.ts';
import { runGit, type GitPlace } from './process.ts';
import type { TreeEntry } from './tree-object.ts';
import type { WalkedCommit } from './walk.ts';

export interface Commit {
  readonly id: string;
  /** Committer's date, ISO 8601 in UTC. */
  readonly committedAt: string;
}

/** A repository that was found, or fetched. */
export interface Repository extends GitPlace {
  /** Root of the working tree; null where there is none. */
  readonly root: string | null;
  readonly gitDirectory: string;
  readonly shallow: boolean;
  /** What its file HEAD says, a line; left out: git can tell. */
  readonly head?: string;
  /** Where it was fetched from, credentials and all: never shown. Null: it is local. */
  readonly url: string | null;
}

/** A branch, or a tag, or a detached HEAD, that has commits which another commit does not contain. */
export interface Branch {
  /** As one names it to git: `fix-regions`, `origin/fix-regions`, `tags/v1`, `HEAD`. */
  readonly name: string;
  /** Id of its commit. */
  readonly tip: string;
}

/** Commits, the newest first, and their committers' dates, in milliseconds. */
export type Chain = readonly { readonly id: string; readonly committedAt: number }[];

/** A repository in use: one batch process, every ref resolved and every directory read once. */
export interface OpenRepository {
  readonly repository: Repository;
  readonly batch: Batch;
  readonly commits: Map<string, Promise<Commit>>;
  /** By the name that git knows a tree by. */
  readonly trees: Map<string, Promise<ReadonlyMap<string, TreeEntry>>>;
  /** First-parent chains, by their newest commit. */
  readonly chains: Map<string, Promise<Chain>>;
  /** What changed some paths in the histories of some commits, by both. */
  readonly walks: Map<string, Promise<readonly WalkedCommit[]>>;
  /** By the commit that does not contain them. */
  readonly branches: Map<string, Promise<readonly Branch[]>>;
  /** Paths that were searched for in the history because a commit does not have them. */
  readonly searched: Set<string>;
  /** Whether the first of two commits is in the history of the second, by both. */
  readonly ancestries: Map<string, Promise<boolean>>;
  /** By a ref and the commit that is asked about. */
  readonly standings: Map<string, Promise<CommitStanding>>;
}

/** On whose behalf git is asked. */
export interface GitUser {
  readonly environment: Environment;
  /** Null: nobody's files are known to be the user's own. */
  readonly userId: number | null;
}

/**
 * The repository around a directory, found by keydrift and named to git in every call after this
 * one; git is asked about each of them once at most, whatever folder it is found from (`known`). Throws
 * `GIT_NOT_A_REPOSITORY`, `GIT_UNTRUSTED` and `GIT_DUBIOUS_OWNERSHIP`.
 */
export async function findRepository(
  directory: string,
  user: GitUser,
  known: Map<string, Promise<Repository>> = new Map(),
): Promise<Repository> {
  const real = await realDirectory(directory);
  const found = await discover(real);
  if (found === null) throw notARepository(directory, 'there is none here or above');
  const { root, gitDirectory } = found;
  const at = root ?? gitDirectory;
  return once(known, `${at}\0${gitDirectory}`, () => openRepository(found, at, user));
}

async function openRepository(
  found: Discovered,
  at: string,
  { environment, userId }: GitUser,
): Promise<Repository> {
  const { root, gitDirectory } = found;
  const own = userId === null ? null : await lookAtOwn(found, userId).catch(() => null);
  const named = { GIT_DIR: gitDirectory, ...(root === null ? {} : { GIT_WORK_TREE: root }) };
  return {
    directory: at,
    name: at,
    environment: { ...offline(environment), ...named },
    root,
    gitDirectory,
    url: null,
    ...(own ?? { shallow: await askIfShallow(found, at, environment) }),
  };
}

/**
 * A repository of which git has nothing to say that is not seen: a directory `.git` in a working tree,
 * both the user's own, so that git trusts their owner (`ensure_valid_ownership`), with a HEAD as git
 * writes it and no other place for its objects. Null: git is asked.
 */
async function lookAtOwn(
  { root, gitDirectory }: Discovered,
  userId: number,
): Promise<Pick<Repository, 'shallow' | 'head'> | null> {
  if (root === null || gitDirectory !== join(root, '.git')) return null;
  const inside = (name: string): string => join(gitDirectory, name);
  const [tree, git, head, common, shallow] = await Promise.all([
    lstat(root),
    lstat(gitDirectory),
    lstat(inside('HEAD')),
    lstat(inside('commondir')).catch(() => null),
    lstat(inside('shallow')).catch(() => null),
  ]);
  const isOwn = [tree, git].every((one) => one.isDirectory() && one.uid === userId);
  if (!isOwn || common !== null || !head.isFile() || head.size > headBytes) return null;
  if (shallow !== null && !shallow.isFile()) return null;
  const written = (await readNamed(inside('HEAD'))).toString('latin1');
  return headForm.test(written) ? { shallow: shallow !== null, head: written } : null;
}

const headBytes = 4096;
const headForm = /^(?:ref: refs\/[!-~]+|[0-9a-f]{40}(?:[0-9a-f]{24})?)\n$/;

/** Whether a clone is shallow, by git, which looks by itself this once. Throws what git finds otherwise. */
async function askIfShallow(
  { root, gitDirectory }: Discovered,
  at: string,
  environment: Environment,
): Promise<boolean> {
  // Whether the user trusts its owner is asked of what git finds.
  const looking = root === null ? [['safe.bareRepository', 'all'] as const] : [];
  const place = {
    directory: at,
    environment: withSettings(offline(environment), looking),
    name: at,
  };
  // The git directory comes last: only its name may hold a line end.
  const asked = ['rev-parse', '--is-shallow-repository', '--absolute-git-dir'];
  const told = await runGit(place, asked);
  if (told.code !== 0) {
    const absent = told.startError === null && /not a git repository/.test(told.stderr);
    throw absent ? notARepository(at, saidBy(told)) : gitFailure(place, told, 'looking');
  }
  const [shallow, ...lines] = told.stdout.toString().replace(/\n$/, '').split('\n');
  const byGit = await realpath(lines.join('\n')).catch(() => null);
  if (byGit !== gitDirectory) throw otherRepository(at, lines.join('\n'));
  return shallow === 'true';
}

function otherRepository(at: string, byGit: string): KeydriftError {
  return new KeydriftError('GIT_UNTRUSTED', `${at}: git takes ${byGit} for its repository`, {
    hint: 'Its .git is not what it seems: make a fresh clone.',
  });
}

/** A folder as it really is, and the repository around it, or around the nearest one that exists above it. */
export interface FolderPlace {
  readonly real: string;
  readonly repository: Repository;
}

/** Finds the repository around a folder that need not exist; links are followed to where they lead. */
export async function findAround(
  folder: string,
  find: (directory: string) => Promise<Repository>,
): Promise<FolderPlace> {
  const parent = await nearestDirectory(folder);
  const real = await realpath(parent);
  return { real: join(real, relative(parent, folder)), repository: await find(real) };
}

/** Path of a file from the root of the repository around its folder; the file itself is no link. */
export function pathWithin(file: string, { real, repository }: FolderPlace): string {
  const { root } = repository;
  if (root === null) {
    throw new KeydriftError('GIT_NOT_A_REPOSITORY', `${file} is in no working tree`, {
      hint: 'Name the repository and the path from its root: {repo: DIR, path: PATH}.',
    });
  }
  const name = basename(file);
  // For each file of a fleet: what is plain is not resolved.
  if (real === root) return name;
  const isPlain = sep === '/' && real.startsWith(`${root}/`);
  const folder = isPlain ? real.slice(root.length + 1) : relative(root, real);
  return join(folder, name).split(sep).join('/');
}

async function nearestDirectory(directory: string): Promise<string> {
  const found = await stat(directory).catch(() => null);
  const parent = dirname(directory);
  return found?.isDirectory() === true || parent === directory
    ? directory
    : nearestDirectory(parent);
}

async function realDirectory(directory: string): Promise<string> {
  const found = await stat(directory).catch(() => null);
  if (found === null) throw notARepository(directory, 'it does not exist');
  if (!found.isDirectory()) throw notARepository(directory, 'it is no directory');
  return realpath(directory);
}

function notARepository(directory: string, why: string): KeydriftError {
  return new KeydriftError(
    'GIT_NOT_A_REPOSITORY',
    `${directory} is in no git repository (${why})`,
    {
      hint: {
        text: 'A reviewed copy is read from git, and what is committed is reviewed. A plain file is compared as file:PATH. To begin a repository',
        command: 'git init',
      },
    },
  );
}
