import { constants, type Stats } from 'node:fs';
import { lstat, type FileHandle, chmod, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it (0700). Step by step: Node's own way never ends where a
 * directory that is there answers that it is not (`/proc`, an automounter's).
 */
export async function makeDirectories(directory: string): Promise<void> {
  const missing: string[] = [];
  let at = directory;
  while ((await stat(at).catch(() => null)) === null && dirname(at) !== at) {
    missing.push(at);
    at = dirname(at);
  }
  for (const path of missing.toReversed()) {
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      // Another run may have made it meanwhile.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Makes a directory that only this user can look into. Throws where another one's stands there. */
export async function makePrivate(directory: string): Promise<void> {
  await makeDirectories(directory);
  const found = await lstat(directory);
  if (!found.isDirectory()) throw new Error(`${directory} is no directory`);
  requireOwn(found, directory);
  if ((found.mode & 0o077) !== 0) await chmod(directory, 0o700);
}

/** `absent`: only where nothing is there yet. */
export type Access = 'read' | 'append' | 'absent';

const flags: Readonly<Record<Access, number>> = {
  read: constants.O_RDONLY,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT,
  absent: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};

/** Windows has no such flags. */
const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file that only this user can read. Throws what the file system says, and where it is a
 * symbolic link, no regular file, or another user's.
 */
export async function openPrivate(path: string, access: Access): Promise<FileHandle> {
  const handle = await open(path, flags[access] | careful, 0o600);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${path} is no regular file`);
    requireOwn(found, path);
    if ((found.mode & 0o077) !== 0) await handle.chmod(0o600);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function requireOwn({ uid }: Stats, path: string): void {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) throw new Error(`${path} belongs to another user`);
}

/** How often lines are written again that went to a file which was replaced meanwhile. */
const mostAttempts = 3;

/**
 * Appends whole lines, in one write: other processes do the same at the same time. They begin
 * after a line end, for the file may end with a line that is torn.
 */
export async function appendLines(path: string, lines: string): Promise<void> {
  const bytes = Buffer.from(`\n${lines}`);
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const handle = await openPrivate(path, 'append');
    try {
      const { bytesWritten } = await handle.write(bytes);
      if (bytesWritten < bytes.length) throw new Error(`${path} took no more: is the disk full?`);
      if (await isStill(path, handle)) return;
    } finally {
      await handle.close();
    }
  }
}

/** Whether the file at a path is the one that is open. */
export async function isStill(path: string, handle: FileHandle): Promise<boolean> {
  const [there, opened] = await Promise.all([lstat(path).catch(() => null), handle.stat()]);
  return there !== null && there.ino === opened.ino && there.dev === opened.dev;
}
