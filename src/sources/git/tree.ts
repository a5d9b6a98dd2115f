import { posix } from 'node:path';
import { KeydriftError, mostListed, shellQuote, type ListedFile } from '../../model/index.ts';
import { gitFailure } from './failure.ts';
import { runGit } from './process.ts';
import type { OpenRepository, Repository, Commit } from './repository.ts';
import { once } from './once.ts';
import { treeEntries, type TreeEntry } from './tree-object.ts';

/** A file of a commit. */
export interface Blob {
  readonly id: string;
  readonly bytes: number;
  /** What is in it, where that was read on the way. */
  readonly content: Uint8Array | null;
}

/** Up to here a blob is read whole, by the shared process; a larger one has its own and streams. */
export const smallBlob: number = 4 * 1024 * 1024;

interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly size: string;
  readonly path: string;
}

/** A path from the root in git's spelling. Throws `LOCATION_INVALID` for one that leaves it. */
export function treePath(path: string): string {
  const normal = posix.normalize(path).replace(/^\.\/|\/$/g, '');
  const outside = normal.startsWith('/') || normal === '..' || normal.startsWith('../');
  if (!outside && !path.includes('\0')) return normal === '.' ? '' : normal;
  throw new KeydriftError('LOCATION_INVALID', `${JSON.stringify(path)} leaves the repository`, {
    hint: 'A path in git is written from the root of its repository: support/participants.csv.',
  });
}

/**
 * The blob of a path in a commit. Throws `GIT_PATH_NOT_FOUND`, which says where the path was last,
 * and `GIT_NOT_A_FILE` for a directory, a symbolic link or a submodule.
 */
export async function blobAt(
  opened: OpenRepository,
  commit: Commit,
  ref: string,
  path: string,
): Promise<Blob> {
  const { repository } = opened;
  if (path === '') throw notAFile(repository, ref, 'the root', 'a directory');
  // What fails here is looked at again below, and told.
  const read = await readBlob(opened, commit, path).catch(() => null);
  if (read !== null) return read;
  const entries = await entriesAlong(repository, commit, [path]);
  const entry = entries.find((candidate) => candidate.path === path);
  if (entry === undefined) throw await absence(repository, commit, ref, path, entries);
  if (entry.mode === '120000') throw notAFile(repository, ref, path, 'a symbolic link');
  if (entry.mode === '160000') throw notAFile(repository, ref, path, 'a submodule');
  if (entry.mode === '040000') throw notAFile(repository, ref, path, 'a directory');
  if (!/^\d+$/.test(entry.size)) {
    throw new KeydriftError(
      'GIT_FAILED',
      `${repository.name}: the content of ${path} in ${ref} (object ${entry.id}) is missing or damaged`,
      {
        hint: {
          text: 'A fresh clone has it whole. See what is wrong',
          command: `git -C ${shellQuote(repository.directory)} fsck`,
        },
      },
    );
  }
  return { id: entry.id, bytes: Number(entry.size), content: null };
}

/** Names in a folder of a commit, those of folders with a `/` at their end; none where there is none. */
export async function namesIn(
  { repository }: OpenRepository,
  commit: Commit,
  folder: string,
): Promise<readonly string[]> {
  const tree = folder === '' ? commit.id : `${commit.id}:${folder}`;
  const listed = await runGit(repository, ['ls-tree', '-z', '--full-tree', tree, '--']);
  if (listed.code !== 0) return [];
  return listed.stdout
    .toString()
    .split('\0')
    .flatMap((line) => {
      const [, mode, name] = /^(\d+) [^\t]*\t(.*)$/s.exec(line) ?? [];
      if (mode === undefined || name === undefined) return [];
      return [mode === '040000' ? `${name}/` : name];
    });
}

/** Files below a folder of a commit (empty: all of it), by their names from there; none where there is no folder. */
export async function filesBelow(
  { repository }: OpenRepository,
  commit: Commit,
  folder: string,
): Promise<readonly Pick<ListedFile, 'name' | 'bytes' | 'content'>[]> {
  const args = ['ls-tree', '-r', '-l', '-z', '--full-tree', commit.id];
  const below = folder === '' ? '' : `${folder}/`;
  if (below !== '') args.push('--', below);
  const listed = await runGit(repository, args);
  if (listed.code !== 0) throw gitFailure(repository, listed, `listing ${folder}`);
  const files = entriesOf(listed.stdout).map(({ id, size, path }) => {
    return { name: path.slice(below.length), bytes: Number(size) || 0, content: id };
  });
  if (files.length > mostListed) {
    throw new KeydriftError('TOO_LARGE', `more than ${mostListed} files lie below ${folder}`);
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files below a folder of a working tree that git does not ignore, by their names from there. */
export async function worktreeFilesBelow(
  repository: Repository,
  folder: string,
): Promise<readonly string[]> {
  const ask = ['ls-files', '-z', '--full-name'];
  const at = ['--', folder === '' ? '.' : folder];
  const [listed, deleted] = await Promise.all([
    runGit(repository, [...ask, '--cached', '--others', '--exclude-standard', ...at]),
    runGit(repository, [...ask, '--deleted', ...at]),
  ]);
  for (const one of [listed, deleted]) {
    if (one.code !== 0) throw gitFailure(repository, one, `looking into ${folder}`);
  }
  const gone = new Set(deleted.stdout.toString().split('\0'));
  const below = folder === '' ? '' : `${folder}/`;
  const found = listed.stdout
    .toString()
    .split('\0')
    .filter((path) => path !== '');
  const files = found.filter((path) => path.startsWith(below) && !gone.has(path));
  return [...new Set(files.map((path) => path.slice(below.length)))].sort();
}

/** The blob of a path, if a regular file is there, by the process that is running already. */
async function readBlob(
  { batch, trees }: OpenRepository,
  commit: Commit,
  path: string,
): Promise<Blob | null> {
  let entry: TreeEntry | undefined;
  let tree = `${commit.id}^{tree}`;
  for (const name of path.split('/')) {
    if (entry !== undefined && entry.mode !== '40000') return null;
    const entries = await once(trees, tree, async () =>
      treeEntries((await batch.read(tree)).bytes, commit.id.length / 2),
    );
    entry = entries.get(name);
    if (entry === undefined) return null;
    tree = entry.id;
  }
  if (entry?.mode.startsWith('100') !== true) return null;
  const { type, size, bytes } = await batch.peek(entry.id, smallBlob);
  return type === 'blob' ? { id: entry.id, bytes: size, content: bytes } : null;
}

/** Whether a commit has something at a path: without the search for where it was, as `blobAt` does. */
export async function isInTree(
  repository: Repository,
  commit: string,
  path: string,
): Promise<boolean> {
  const entries = await entriesAlong(repository, { id: commit }, [path]);
  return entries.some((entry) => entry.path === path);
}

/** A path may be missing because something on the way to it is no directory of this repository. */
async function absence(
  repository: Repository,
  commit: Commit,
  ref: string,
  path: string,
  along: readonly Entry[],
): Promise<KeydriftError> {
  const parts = path.split('/');
  const parents = parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('/'));
  const deepest = along.length;
  const blocking = parents[deepest];
  const found = blocking === undefined ? [] : await entriesAlong(repository, commit, [blocking]);
  const entry = found.find((candidate) => candidate.path === blocking);
  if (entry?.mode === '120000')
    return notAFile(repository, ref, path, 'behind a symbolic link', entry.path);
  if (entry?.mode === '160000')
    return notAFile(repository, ref, path, 'inside the submodule', entry.path);
  const { missingPath } = await import('./missing-path.ts');
  return missingPath(repository, commit, ref, path);
}

/** The entries of a path and of the directories that lead to it, as far as they exist. */
async function entriesAlong(
  repository: Repository,
  commit: Pick<Commit, 'id'>,
  paths: readonly string[],
): Promise<Entry[]> {
  const args = ['ls-tree', '-t', '-l', '-z', '--full-tree', commit.id, '--', ...paths];
  const listed = await runGit(repository, args);
  if (listed.code !== 0) throw gitFailure(repository, listed, `looking for ${paths.join(', ')}`);
  return entriesOf(listed.stdout);
}

function entriesOf(listed: Buffer): Entry[] {
  return listed
    .toString()
    .split('\0')
    .flatMap((line) => {
      const found = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t(.*)$/s.exec(line);
      if (found === null) return [];
      const [, mode = '', id = '', size = '', path = ''] = found;
      return [{ mode, id, size, path }];
    });
}

function notAFile(
  repository: Repository,
  ref: string,
  path: string,
  what: string,
  where = '',
): KeydriftError {
  return new KeydriftError(
    'GIT_NOT_A_FILE',
    `${repository.name}: ${path} is ${what}${where === '' ? '' : ` ${where}`} in ${ref}, not a file`,
    { hint: 'Name the file itself; for a submodule, name its repository and the path inside it.' },
  );
}
