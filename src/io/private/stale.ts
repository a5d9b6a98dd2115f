import { rmSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dayMs } from '../../model/index.ts';
import { isGone, readOwner } from './owner.ts';
import { privatePrefix } from './private-directory.ts';
import { currentSpace, stillRuns, type ProcessSpace } from './processes.ts';

const name = new RegExp(`^${privatePrefix}([1-9][0-9]{0,9})-[A-Za-z0-9]{6}$`);

/** A killed run leaves this in doubt for so long, in milliseconds: a day. */
const doubtMs = dayMs;

/**
 * Removes what killed runs left in a directory: private directories of this user whose keydrift
 * and whose command are both gone. Whatever cannot be looked at or removed stays: it is nobody's
 * business now.
 */
export async function removeStale(parent: string, now: Date): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const space = currentSpace();
  for (const entry of names) {
    const pid = Number(name.exec(entry)?.[1]);
    if (Number.isNaN(pid)) continue;
    const path = join(parent, entry);
    try {
      if (await isStale(path, pid, { now, space })) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another run may be removing it as well.
    }
  }
}

async function isStale(
  path: string,
  pid: number,
  { now, space }: { readonly now: Date; readonly space: ProcessSpace },
): Promise<boolean> {
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = readOwner(path);
  const old = now.getTime() - found.mtimeMs > doubtMs;
  // Killed before it could say whose it is, or just as it started its command.
  if (owner === null) return old && !stillRuns({ pid, startedAt: null });
  if (owner.command !== 'starting') return isGone(owner, space);
  return old && isGone({ ...owner, command: 'none' }, space);
}
