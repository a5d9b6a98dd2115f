import { open, readFile, rm } from 'node:fs/promises';
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
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(String(process.pid)).finally(() => handle.close());
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
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

/** A lock without a number is being made at this moment. */
function isAlive(owner: string): boolean {
  if (!/^[1-9]\d{0,9}$/.test(owner)) return true;
  // In containers the same few numbers come again and again; this process holds no other lock.
  if (Number(owner) === process.pid) return false;
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
