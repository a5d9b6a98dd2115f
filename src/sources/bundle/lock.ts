import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeydriftError } from '../../model/index.ts';

/** A directory that one process may write. */
export interface Lock {
  release(): Promise<void>;
}

const lockName = '.keydrift.bundle.lock';

/**
 * Locks a directory for one writer; a lock whose process is gone is taken over.
 * Throws `BUNDLE_LOCKED`, and what the file system says.
 */
export async function lockDirectory(directory: string, shown: string): Promise<Lock> {
  const path = join(directory, lockName);
  for (let attempt = 1; ; attempt += 1) {
    if (await tryLock(directory, path)) return { release: () => rm(path, { force: true }) };
    const owner = await readFile(path, 'utf8').catch(() => '');
    if (attempt > 1 || isAlive(owner)) {
      throw new KeydriftError(
        'BUNDLE_LOCKED',
        `the bundle ${shown} is being written by another process (${owner === '' ? 'unknown' : owner})`,
        { hint: `Wait for it. If nothing writes there, remove the lock: rm ${path}` },
      );
    }
    await rm(path, { force: true });
  }
}

/** What says that there are no hard links. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** The lock comes with its owner's number in it: a writer may be killed between any two steps. */
async function tryLock(directory: string, path: string): Promise<boolean> {
  const draft = join(directory, `${lockName}.${process.pid}.tmp`);
  try {
    await writeFile(draft, String(process.pid));
    await link(draft, path).catch(async (error: unknown) => {
      if (!noLinks.has(codeOf(error))) throw error;
      await writeFile(path, String(process.pid), { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isAlive(owner: string): boolean {
  if (!/^[1-9]\d{0,9}$/.test(owner)) return true;
  // In containers the same few numbers come again and again; this process holds no other lock.
  if (Number(owner) === process.pid) return false;
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
