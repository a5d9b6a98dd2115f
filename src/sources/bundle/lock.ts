import { link, rm, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KeydriftError } from '../../model/index.ts';
import { readNamed } from '../file/named.ts';

/** A directory that one process may write. */
export interface Lock {
  /** Throws `BUNDLE_LOCKED` where it is another's by now. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * What knows of processes, handed in. Their ids mean something in one namespace and boot only: a
 * directory may be shared by containers, and by machines.
 */
export interface Owners {
  /** This process, as text. */
  own(): string;
  /** Whether the process of such a text is surely gone. In doubt, and of another place, it is not. */
  isGone(text: string): boolean;
}

const lockName = '.keydrift.bundle.lock';

/**
 * Locks a directory for one writer; a lock whose process is surely gone is taken over.
 * Throws `BUNDLE_LOCKED`, and what the file system says.
 */
export async function lockDirectory(
  directory: string,
  shown: string,
  owners: Owners,
): Promise<Lock> {
  const path = join(directory, lockName);
  const text = `${randomUUID()} ${owners.own()}`;
  for (let attempt = 1; ; attempt += 1) {
    if (await tryLock(directory, path, text)) return heldLock(path, shown, text);
    const other = await readLock(path);
    // Released meanwhile.
    if (other === null && attempt < mostAttempts) continue;
    const owner = other?.slice(other.indexOf(' ') + 1) ?? '';
    if (attempt >= mostAttempts || !owners.isGone(owner)) throw locked(path, shown, other);
    // Only the lock that was looked at: another writer may have taken it over meanwhile.
    if ((await readLock(path)) === other) await rm(path, { force: true });
  }
}

const mostAttempts = 5;

function heldLock(path: string, shown: string, text: string): Lock {
  return {
    async check() {
      const now = await readLock(path);
      if (now !== text) throw locked(path, shown, now);
    },
    async release() {
      if ((await readLock(path)) === text) await rm(path, { force: true });
    },
  };
}

/** Null: there is none. */
function readLock(path: string): Promise<string | null> {
  return readNamed(path).then(String, () => null);
}

function locked(path: string, shown: string, owner: string | null): KeydriftError {
  return new KeydriftError(
    'BUNDLE_LOCKED',
    `the bundle ${shown} is being written by another process (${owner?.slice(0, 400) ?? 'unknown'})`,
    { hint: `Wait for it. If nothing writes there, remove the lock: rm ${path}` },
  );
}

/** What says that there are no hard links. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** The lock comes with its owner in it: a writer may be killed between any two steps. */
async function tryLock(directory: string, path: string, text: string): Promise<boolean> {
  const draft = join(directory, `${lockName}.${text.slice(0, text.indexOf(' '))}.tmp`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await link(draft, path).catch(async (error: unknown) => {
      // The answer may be lost on the way: two names say that the link was made.
      if ((await stat(draft)).nlink > 1) return;
      if (!noLinks.has(codeOf(error))) throw error;
      await writeFile(path, text, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
