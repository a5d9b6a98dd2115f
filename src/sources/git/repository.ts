import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { KeydriftError } from '../../model/index.ts';
import type { Batch } from './cat-file.ts';
import type { Commit } from './commit.ts';
import { offline, type Environment } from './environment.ts';
import { gitFailure, saidBy } from './failure.ts';
import { runGit, type GitPlace } from './process.ts';
import type { TreeEntry } from './tree-object.ts';

/** A repository that was found, or fetched. */
export interface Repository extends GitPlace {
  /** Root of the working tree; null where there is none. */
  readonly root: string | null;
  readonly gitDirectory: string;
  readonly shallow: boolean;
  /** Where it was fetched from, credentials and all: never shown. Null: it is local. */
  readonly url: string | null;
}

/** A repository in use: one batch process, every ref resolved and every directory read once. */
export interface OpenRepository {
  readonly repository: Repository;
  readonly batch: Batch;
  readonly commits: Map<string, Promise<Commit>>;
  /** By the name that git knows a tree by. */
  readonly trees: Map<string, Promise<ReadonlyMap<string, TreeEntry>>>;
}

/** The repository around a directory. Throws `GIT_NOT_A_REPOSITORY`. */
export async function findRepository(
  directory: string,
  environment: Environment,
): Promise<Repository> {
  const real = await realDirectory(directory);
  const place: GitPlace = { directory: real, environment: offline(environment), name: directory };
  // The git directory comes last: of these only its name may hold a line end.
  const found = await runGit(place, [
    'rev-parse',
    '--is-inside-work-tree',
    '--is-shallow-repository',
    '--show-cdup',
    '--absolute-git-dir',
  ]);
  if (found.code !== 0) {
    const absent = found.startError === null && /not a git repository/.test(found.stderr);
    throw absent ? notARepository(directory, saidBy(found)) : gitFailure(place, found, 'looking');
  }
  const [inside, shallow, ...lines] = found.stdout.toString().replace(/\n$/, '').split('\n');
  // The way up is told in a working tree only.
  const root = inside === 'true' ? resolve(real, lines.shift() ?? '') : null;
  const gitDirectory = lines.join('\n');
  const at = root ?? gitDirectory;
  return {
    ...place,
    directory: at,
    name: at,
    root,
    gitDirectory,
    shallow: shallow === 'true',
    url: null,
  };
}

/** A folder as it really is: the nearest one that exists above it, and the repository around that. */
export interface FolderPlace {
  readonly parent: string;
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
  return { parent, real, repository: await find(real) };
}

/** Path of a file from the root of the repository around its folder; the file itself is no link. */
export function pathWithin(file: string, { parent, real, repository }: FolderPlace): string {
  if (repository.root === null) {
    throw new KeydriftError('GIT_NOT_A_REPOSITORY', `${file} is in no working tree`, {
      hint: 'Name the repository and the path from its root: {repo: DIR, path: PATH}.',
    });
  }
  const path = relative(repository.root, join(real, relative(parent, file)));
  return path.split(sep).join('/');
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
      hint: 'A reviewed copy is read from git. To compare a plain file, write file:PATH.',
    },
  );
}
