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
    hint: 'A path in git is written from the root of its repository, and stays in it.',
  });
}

/** Whether it is searched for where a path that is not there was last: a walk of the history for each. */
export type Absence = 'searched' | 'not searched';

/**
 * The blob of a path in a commit. Throws `GIT_PATH_NOT_FOUND`, which says where the path was last
 * if that was `searched`, and `GIT_NOT_A_FILE` for a directory, a symbolic link or a submodule. What
 * is there, and what is not, is told by the process that is running already.
 */
export async function blobAt(
  opened: OpenRepository,
  commit: Commit,
  ref: string,
  path: string,
  absence: Absence = 'searched',
): Promise<Blob> {
  const { repository, batch } = opened;
  if (path === '') throw notAFile(repository, ref, 'the root', 'a directory');
  // What cannot be read here is looked at again below, and told.
  const found = await entryAt(opened, commit.id, path).catch(() => 'unread' as const);
  if (found === 'unread') return describedBlob(repository, commit, ref, path);
  const other = found === null ? undefined : otherKinds.get(found.entry.mode);
  if (found?.at !== path) {
    const behind = other?.before;
    if (behind !== undefined) throw notAFile(repository, ref, path, behind, found?.at);
    const { missingPath } = await import('./missing-path.ts');
    throw await missingPath(opened, commit, ref, path, absence);
  }
  if (other !== undefined) throw notAFile(repository, ref, path, other.itself);
  const { id } = found.entry;
  const read = await batch.peek(id, smallBlob).catch(() => null);
  if (read?.type !== 'blob') return describedBlob(repository, commit, ref, path);
  return { id, bytes: read.size, content: read.bytes };
}

/** What is no file, by its mode: at a path itself, and on the way to one. */
const otherKinds: ReadonlyMap<string, { readonly itself: string; readonly before?: string }> =
  new Map([
    ['120000', { itself: 'a symbolic link', before: 'behind a symbolic link' }],
    ['160000', { itself: 'a submodule', before: 'inside the submodule' }],
    ['40000', { itself: 'a directory' }],
  ]);

/** A blob as `ls-tree` tells of it, or why it cannot be read. */
async function describedBlob(
  repository: Repository,
  commit: Commit,
  ref: string,
  path: string,
): Promise<Blob> {
  const args = ['ls-tree', '-l', '-z', '--full-tree', commit.id, '--', path];
  const listed = await runGit(repository, args);
  if (listed.code !== 0) throw gitFailure(repository, listed, `looking for ${path}`);
  const entry = entriesOf(listed.stdout).find((candidate) => candidate.path === path);
  if (entry !== undefined && /^\d+$/.test(entry.size)) {
    return { id: entry.id, bytes: Number(entry.size), content: null };
  }
  const object = entry === undefined ? '' : ` (object ${entry.id})`;
  throw new KeydriftError(
    'GIT_FAILED',
    `${repository.name}: the content of ${path} in ${ref}${object} is missing or damaged`,
    {
      hint: {
        text: 'A fresh clone has it whole. See what is wrong',
        command: `git -C ${shellQuote(repository.directory)} fsck`,
      },
    },
  );
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

/** An entry of a tree, and the path from the root at which it stands. */
interface PlacedEntry {
  readonly at: string;
  readonly entry: TreeEntry;
}

/**
 * What a commit has at a path, or what stands on the way to it and is no directory; null: nothing.
 * Every directory is read once for all paths, by the process that is running already.
 */
async function entryAt(
  { batch, trees }: OpenRepository,
  commit: string,
  path: string,
): Promise<PlacedEntry | null> {
  const names = path.split('/');
  let tree = `${commit}^{tree}`;
  for (const [index, name] of names.entries()) {
    const entries: ReadonlyMap<string, TreeEntry> = await once(trees, tree, async () =>
      treeEntries((await batch.read(tree)).bytes, commit.length / 2),
    );
    const entry = entries.get(name);
    if (entry === undefined) return null;
    const isOnTheWay = index + 1 < names.length && entry.mode === '40000';
    if (!isOnTheWay) return { at: names.slice(0, index + 1).join('/'), entry };
    tree = entry.id;
  }
  return null;
}

/** Whether a commit has something at a path: without the search for where it was, as `blobAt` does. */
export async function isInTree(
  opened: OpenRepository,
  commit: string,
  path: string,
): Promise<boolean> {
  return (await entryAt(opened, commit, path))?.at === path;
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
