import { lstat, type FileHandle } from 'node:fs/promises';
import { openPrivate } from './private.ts';

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
