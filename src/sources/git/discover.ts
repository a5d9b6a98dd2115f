import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KeydriftError } from '../../model/index.ts';
import { readNamed } from '../file/named.ts';

/** A repository as keydrift found it by itself, before git is asked. Both by their real names. */
export interface Discovered {
  /** What git is to be told as its directory: a repository's own, or a linked working tree's. */
  readonly gitDirectory: string;
  /** Root of the working tree; null: there is none, or the git directory itself was asked for. */
  readonly root: string | null;
}

/**
 * The nearest repository around a directory, by its real name; null: there is none. Only a `.git`
 * makes a working tree: git never checks one out, so nothing that came with a commit can be one.
 * Throws `GIT_UNTRUSTED` for a bare repository that lies inside of a working tree: a commit can
 * bring that, configuration and all.
 */
export async function discover(directory: string): Promise<Discovered | null> {
  for (let at = directory; ; at = dirname(at)) {
    const gitDirectory = await gitDirectoryIn(at);
    if (gitDirectory !== null) return { gitDirectory, root: at };
    if (await isGitDirectory(at)) return bareAt(at);
    if (dirname(at) === at) return null;
  }
}

/** A git directory that was asked for itself: a working tree's own, or that of a bare repository. */
async function bareAt(at: string): Promise<Discovered> {
  if (isOwn(at)) return { gitDirectory: at, root: null };
  const around = dirname(at) === at ? null : await discover(dirname(at));
  if (around === null || around.root === null) return { gitDirectory: at, root: null };
  throw new KeydriftError(
    'GIT_UNTRUSTED',
    `${at} is a bare repository inside of the working tree ${around.root}`,
    {
      hint: 'A commit can bring such a directory, and with it configuration that runs programs. Clone it to a place of its own.',
    },
  );
}

/** `.git`, and what lies in it: that of a submodule or of a linked working tree. */
function isOwn(at: string): boolean {
  return basename(at) === '.git' || (dirname(at) !== at && isOwn(dirname(at)));
}

async function gitDirectoryIn(root: string): Promise<string | null> {
  const path = join(root, '.git');
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const named = found.isFile() ? await namedBy(path) : path;
  if (named === null || !(await isGitDirectory(named))) return null;
  return realpath(named);
}

/** The directory that a `.git` file names: of a submodule, or of a linked working tree. */
async function namedBy(path: string): Promise<string | null> {
  const { size } = await lstat(path);
  if (size > 65_536) return null;
  const [, named] = /^gitdir: (.+?)\n*$/s.exec(await readFile(path, 'utf8')) ?? [];
  return named === undefined ? null : resolve(dirname(path), named);
}

/** As git tells one: HEAD, objects and refs; a linked working tree's has the last two elsewhere. */
async function isGitDirectory(path: string): Promise<boolean> {
  const head = await lstat(join(path, 'HEAD')).catch(() => null);
  if (head === null || head.isDirectory()) return false;
  const common = await commonDirectoryOf(path);
  const [objects, refs] = await Promise.all(
    ['objects', 'refs'].map((name) => stat(join(common, name)).catch(() => null)),
  );
  return objects?.isDirectory() === true && refs?.isDirectory() === true;
}

/** Where the objects of a git directory are: its own, but for a linked working tree. */
export async function commonDirectoryOf(gitDirectory: string): Promise<string> {
  const path = join(gitDirectory, 'commondir');
  const named = await readNamed(path).then(String, () => null);
  return named === null ? gitDirectory : resolve(gitDirectory, named.replace(/\n+$/, ''));
}
