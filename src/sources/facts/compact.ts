import { randomUUID } from 'node:crypto';
import { lstat, rename, rm, type FileHandle } from 'node:fs/promises';
import { factsIn } from './lines.ts';
import { appendLines, openPrivate } from './private.ts';

/** A compaction that takes longer was killed. */
const longestMs = 10 * 60 * 1000;

/**
 * Writes a facts file anew, without what is dead: of each key its newest line only, and of all
 * lines the newest that `mostBytes` have room for. The new file takes the place of the old one at
 * once; what others appended to the old one meanwhile is carried over. Where another process does
 * the same right now, it is left to that.
 */
export async function compact(path: string, mostBytes: number): Promise<void> {
  const lock = `${path}.lock`;
  if (!(await takeLock(lock))) return;
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const old = await openPrivate(path, 'read');
    try {
      const read = await readFrom(old, 0);
      // A line that is being appended right now belongs to what comes meanwhile.
      const before = read.subarray(0, read.lastIndexOf(0x0a) + 1);
      const drafted = await openPrivate(draft, 'absent');
      try {
        await drafted.writeFile(newestLines(before, mostBytes));
      } finally {
        await drafted.close();
      }
      await rename(draft, path);
      const meanwhile = await readFrom(old, before.length);
      const lines = Array.from(factsIn(meanwhile), ({ text }) => text);
      if (lines.length > 0) await appendLines(path, lines.join(''));
    } finally {
      await old.close();
    }
  } finally {
    await rm(draft, { force: true });
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await (await openPrivate(lock, 'absent')).close();
    return true;
  } catch {
    const found = await lstat(lock).catch(() => null);
    // The next run finds it gone.
    if (found !== null && Date.now() - found.mtimeMs > longestMs) await rm(lock, { force: true });
    return false;
  }
}

function newestLines(bytes: Buffer, mostBytes: number): string {
  const lines = new Map<string, string>();
  for (const { key, text } of factsIn(bytes)) {
    // Where its newest line stands is its age.
    lines.delete(key);
    lines.set(key, text);
  }
  const kept: string[] = [];
  let room = mostBytes;
  for (const text of [...lines.values()].reverse()) {
    room -= Buffer.byteLength(text);
    if (room < 0) break;
    kept.push(text);
  }
  return kept.reverse().join('');
}

/** The bytes of a file from an offset to its end. */
export async function readFrom(handle: FileHandle, offset: number): Promise<Buffer> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(Math.max(0, size - offset));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
