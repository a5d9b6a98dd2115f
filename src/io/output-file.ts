import { rmSync, write as writeToDescriptor, type Stats } from 'node:fs';
import {
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { dayMs, KeydriftError, sha256Hex } from '../model/index.ts';
import type { Io } from './io.ts';
import { currentSpace, markProcess, stillRuns } from './private/processes.ts';

/** Pieces are gathered up to this many characters: a write for each finding would be slow. */
const writeLength = 64 * 1024;

/** A killed run leaves a temporary file in doubt for so long, in milliseconds: a day. */
const doubtMs = dayMs;

/**
 * Writes a report where it was asked for. A regular file is replaced whole, under its mode, and a
 * link's target instead of the link; a device, a FIFO or a descriptor (`/dev/fd/3`, `>(…)`) is
 * written to. Throws `OUTPUT_NOT_WRITABLE`.
 */
export async function writeOutput(io: Io, file: string, chunks: Iterable<string>): Promise<void> {
  const path = resolve(io.workingDirectory, file);
  try {
    const descriptor = descriptorOf(path);
    if (descriptor !== null) {
      await writeDescriptor(io, descriptor, chunks);
      return;
    }
    const target = await targetOf(path);
    const present = await stat(target).catch(() => null);
    if (present !== null && !present.isFile()) await writeInPlace(target, chunks);
    else await replaceFile(io, target, present, chunks);
  } catch (cause) {
    throw notWritable(file, cause);
  }
}

/** Adds to a file that others write to as well. Throws `OUTPUT_NOT_WRITABLE`. */
export async function appendOutput(io: Io, file: string, chunks: Iterable<string>): Promise<void> {
  try {
    const handle = await open(resolve(io.workingDirectory, file), 'a');
    try {
      for (const piece of gather(chunks)) await handle.appendFile(piece);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw notWritable(file, cause);
  }
}

/** Joins small pieces into large ones. */
export function* gather(chunks: Iterable<string>): Generator<string> {
  let piece = '';
  for (const chunk of chunks) {
    piece += chunk;
    if (piece.length < writeLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** What a file's or a stream's fault means to the one who asked for it. */
export function notWritable(what: string, cause: unknown): KeydriftError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new KeydriftError('OUTPUT_NOT_WRITABLE', `${what} cannot be written (${reason})`, {
    cause,
    hint: hints[reason] ?? 'The directory must exist and be writable.',
  });
}

const noSpace = 'The disk is full, or the quota used up: make room, or write to another place.';
const hints: Readonly<Record<string, string>> = {
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  ENOENT: 'The directory is not there: make it first.',
  ENOTDIR: 'A part of the path is a file, and no directory.',
  EISDIR: 'It is a directory: name a file in it.',
  EACCES: 'This user may not write there: see the permissions of the file and its directory.',
  EPERM: 'This user may not write there: see the permissions of the file and its directory.',
  EROFS: 'The file system is read-only: write to another place.',
  EFBIG: 'It is larger than this process may write: see ulimit -f.',
  EPIPE: 'The reader has gone away.',
  ENXIO: 'Nobody reads from it, or nothing is open there.',
  EBADF: 'No such descriptor is open for writing.',
  ELOOP: 'The symbolic links go in a circle.',
  ENAMETOOLONG: 'The name is too long for the file system.',
};

/** The number of an open descriptor that a path stands for, or null. */
function descriptorOf(path: string): number | null {
  if (path === '/dev/stdout') return 1;
  if (path === '/dev/stderr') return 2;
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/([0-9]{1,9})$/.exec(path) ?? [];
  return number === undefined ? null : Number(number);
}

const writeAsync = promisify(writeToDescriptor);

async function writeDescriptor(
  io: Io,
  descriptor: number,
  chunks: Iterable<string>,
): Promise<void> {
  for (const piece of gather(chunks)) {
    if (descriptor === 1 || descriptor === 2) {
      const stream = descriptor === 1 ? io.stdout : io.stderr;
      await stream.write(piece);
      if (stream.fault !== null) throw stream.fault;
      continue;
    }
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length;) {
      at += (await writeAsync(descriptor, bytes, at, bytes.length - at, null)).bytesWritten;
    }
  }
}

/** Where writing to a path arrives: the end of a chain of links, whose last one may dangle. */
async function targetOf(path: string): Promise<string> {
  let at = path;
  for (let step = 0; step < 40; step += 1) {
    const found = await lstat(at).catch(() => null);
    if (found?.isSymbolicLink() !== true) return at;
    // A link is relative to the directory that it really stands in.
    at = resolve(await realpath(dirname(at)), await readlink(at));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

async function writeInPlace(path: string, chunks: Iterable<string>): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await writeAll(handle, chunks);
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunks: Iterable<string>): Promise<void> {
  for (const piece of gather(chunks)) await handle.writeFile(piece);
}

/** Writes beside the place and renames: a reader never sees half of a report. */
async function replaceFile(
  io: Io,
  path: string,
  present: Stats | null,
  chunks: Iterable<string>,
): Promise<void> {
  const { own, prefix } = temporaryNames(path);
  await removeStale(dirname(path), prefix, io.now());
  let handle: FileHandle;
  try {
    handle = await open(own, 'wx', present === null ? 0o666 : present.mode & 0o777);
  } catch (error) {
    // A file that may be written in a directory that may not.
    if (present === null || !isOneOf(error, ['EACCES', 'EPERM', 'EROFS'])) throw error;
    await writeInPlace(path, chunks);
    return;
  }
  const forget = io.atExit(() => rmSync(own, { force: true }));
  try {
    try {
      if (present !== null) await handle.chmod(present.mode & 0o7777);
      await writeAll(handle, chunks);
    } finally {
      await handle.close();
    }
    await rename(own, path);
  } catch (error) {
    await rm(own, { force: true });
    // A single file that was mounted into a container cannot be replaced.
    if (present === null || !isOneOf(error, ['EBUSY', 'EXDEV'])) throw error;
    await writeInPlace(path, chunks);
  } finally {
    forget();
  }
}

/** A name of a temporary file says of which file and process it is. */
function temporaryNames(path: string): { readonly own: string; readonly prefix: string } {
  const { boot, namespace } = currentSpace();
  const prefix = `.keydrift-${shortHash(basename(path))}-`;
  const startedAt = markProcess(process.pid)?.startedAt ?? '';
  const mark = `${shortHash(boot + namespace)}-${process.pid}-${startedAt.replaceAll(/\W/g, '')}`;
  return { own: join(dirname(path), `${prefix}${mark}.tmp`), prefix };
}

const temporaryName = /-([0-9a-f]{12})-([1-9][0-9]{0,9})-(\w*)\.tmp$/;

/** Removes what killed runs left of a report; what cannot be looked at or removed stays. */
async function removeStale(directory: string, prefix: string, now: Date): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const { boot, namespace } = currentSpace();
  const here = shortHash(boot + namespace);
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const [, space, pid, startedAt = ''] = temporaryName.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(directory, name);
    const mark = { pid: Number(pid), startedAt: startedAt === '' ? null : startedAt };
    const found = await lstat(path).catch(() => null);
    if (found?.isFile() !== true) continue;
    const gone = space === here ? !stillRuns(mark) : now.getTime() - found.mtimeMs > doubtMs;
    if (gone) await rm(path, { force: true }).catch(() => undefined);
  }
}

function shortHash(text: string): string {
  return sha256Hex(text).slice(0, 12);
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
