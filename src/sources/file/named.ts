import { closeSync, constants, openSync, readSync, type Stats } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

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

/** How long a pipe may keep its reader waiting. */
export interface PipeLimit {
  /** A pipe gives that many bytes, or its end, in that many milliseconds. */
  readonly bytes: number;
  readonly ms: number;
  /** Bytes that it gives at most. */
  readonly most: number;
}

const pipeLimit: PipeLimit = { bytes: 55 * 1024, ms: 55_000, most: 1024 ** 3 };

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
  limit: PipeLimit = pipeLimit,
): Promise<Buffer> {
  const kind = await endlessKind(path);
  if (kind !== null) throw refused(kind);
  if ((await pipeAt(path)) !== null) {
    const read = await readPipe(path, limit);
    if (typeof read === 'string') throw refused(read);
    return read;
  }
  if (isDescriptor(path)) return await readFile(path);
  // What was looked at may be a FIFO by now: that it is not waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    check?.(await file.stat());
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** What tells a pipe that the caller opened from others; null: it is none. */
export async function pipeAt(path: string): Promise<string | null> {
  const found = isDescriptor(path) ? await stat(path).catch(() => null) : null;
  return found?.isFIFO() === true ? `${path} ${found.dev} ${found.ino}` : null;
}

/** Between two looks at a pipe that has nothing yet. */
const lookMs = 10;

/**
 * Reads a pipe without waiting in it: a signal ends the wait for the program that writes, and a limit
 * does. Gives what kind of pipe it is where it ends by that. Events do not tell of the end of a FIFO
 * whose writers had gone before it was opened here.
 */
async function readPipe(path: string, { bytes, ms, most }: PipeLimit): Promise<Buffer | string> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = [];
  let given = 0;
  let before = 0;
  let endless: string | null = null;
  const timer = setInterval(() => {
    if (given - before < bytes) endless = `${given - before} bytes in ${ms / 1000} s, and no end`;
    before = given;
  }, ms);
  try {
    for (;;) {
      const chunk = takeFrom(fd);
      if (chunk?.length === 0) return Buffer.concat(chunks);
      if (chunk !== null) chunks.push(chunk);
      given += chunk?.length ?? 0;
      if (given > most) endless = `more than ${most} bytes`;
      if (endless !== null) return `a pipe that its writer keeps open (${endless})`;
      await wait(chunk === null ? lookMs : 0);
    }
  } finally {
    clearInterval(timer);
    closeSync(fd);
  }
}

/** What a pipe has; empty at its end, null: nothing yet. */
function takeFrom(fd: number): Buffer | null {
  const buffer = Buffer.allocUnsafe(1 << 16);
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return null;
    throw error;
  }
}

/** What the shell opened for this process, by the names that it and the kernel have for it. */
function isDescriptor(path: string): boolean {
  return /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/.test(path);
}

async function isNull({ rdev }: Stats): Promise<boolean> {
  return rdev === (await stat(devNull).catch(() => null))?.rdev;
}
