import { constants, openSync, type Stats } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { devNull } from 'node:os';

/**
 * What a file is that a flag or a variable names for reading, where reading it may never end: opening
 * a FIFO that nobody writes to holds a thread that no signal reaches. Null: it can be read, or opening
 * it says why not. `/dev/null`, and a pipe that the caller opened (`<(…)`, `/dev/fd/3`), can be read.
 */
export async function endlessKind(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if (found.isFIFO() && isDescriptor(path)) return null;
  if (found.isCharacterDevice() && (await isNull(found))) return null;
  return kindOf(found);
}

type Kinds = Pick<Stats, 'isFIFO' | 'isSocket' | 'isCharacterDevice' | 'isBlockDevice'>;

/** What is no file and no folder, in words; null: it is one. */
export function kindOf(stats: Kinds): string | null {
  if (stats.isFIFO()) return 'a FIFO (a named pipe)';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : null;
}

/**
 * Reads a file that a flag or a variable names. Throws what `refused` makes of a FIFO, a socket or a
 * device, and what the file system says. `check` is given what is known of the opened file.
 */
export async function readNamed(
  path: string,
  refused: (kind: string) => Error = (kind) => new Error(`${path} is ${kind}`),
  check: ((stats: Stats) => void) | null = null,
): Promise<Buffer> {
  const kind = await endlessKind(path);
  if (kind !== null) throw refused(kind);
  if (isDescriptor(path)) return await readDescriptor(path);
  // What was looked at may be a FIFO by now: that it is not waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    check?.(await file.stat());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A pipe is read by events, not by a thread: a signal ends the wait for the program that writes. */
async function readDescriptor(path: string): Promise<Buffer> {
  if (!(await stat(path)).isFIFO()) return await readFile(path);
  const { Socket } = await import('node:net');
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = [];
  const pipe = new Socket({ fd, readable: true, writable: false });
  for await (const chunk of pipe as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the shell opened for this process, by the names that it and the kernel have for it. */
function isDescriptor(path: string): boolean {
  return /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/.test(path);
}

async function isNull({ rdev }: Stats): Promise<boolean> {
  return rdev === (await stat(devNull).catch(() => null))?.rdev;
}
