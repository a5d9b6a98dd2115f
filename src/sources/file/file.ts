import { constants, readSync, type BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listFiles } from './list.ts';
import { kindOf } from './named.ts';
import {
  fileRevision,
  KeydriftError,
  nearestNames,
  pause,
  type ByteRange,
  type FileLocation,
  type PinnedCopy,
  type Source,
} from '../../model/index.ts';

const chunkSize = 256 * 1024;
/** Bytes that are read between two turns of the event loop, and ranges. */
const bytesATurn = 1 << 20;
const rangesATurn = 1 << 9;
/** Ranges nearer to each other than this are read at once: a call costs as much as these bytes. */
const gapBytes = 8 * 1024;
const streams = /^(-|\/dev\/stdin|\/dev\/fd\/.*|\/proc\/self\/fd\/.*)$/;

/** What a file is pinned by. */
const pinnedFacts = ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const;

/** The files that a source holds open; whoever pauses in one of them may never come back. */
export interface OpenFiles {
  readonly handles: Set<FileHandle>;
  readonly isClosed: () => boolean;
}

/** Copies that are plain files. */
export function openFileSource(): Source<FileLocation> {
  let closed = false;
  const files: OpenFiles = { handles: new Set(), isClosed: () => closed };
  return {
    pin({ path }) {
      return pinFile(path, `file:${path}`, files);
    },
    list: ({ root, prefix }) => listFiles(join(root.path, prefix)),
    async close() {
      closed = true;
      await closeFiles(files);
    },
  };
}

/** Ends every reader, also a paused one. */
export async function closeFiles({ handles }: OpenFiles): Promise<void> {
  await Promise.all([...handles].map((handle) => handle.close()));
}

/**
 * Pins a regular file by device, inode, size, and mtime and ctime in nanoseconds; they are looked
 * at again when it is opened and when its last byte is read. Symbolic links are followed.
 * Throws `FILE_NOT_FOUND`, `FILE_NOT_A_FILE`, `FILE_NOT_READABLE`; `open` throws `COPY_CHANGED`.
 */
export async function pinFile(
  path: string,
  location: string,
  files: OpenFiles,
): Promise<PinnedCopy> {
  if (streams.test(path)) {
    throw new KeydriftError('NOT_SUPPORTED', `${path}: a stream cannot be pinned and read twice`, {
      hint: 'Write it to a file first, and name the file.',
    });
  }
  const handle = await openRegular(path);
  const pinned = await handle.stat({ bigint: true }).finally(() => handle.close());
  return {
    location,
    path,
    revision: fileRevision(
      new Date(Number(pinned.mtimeMs)).toISOString(),
      pinnedFacts.map((fact) => pinned[fact]).join(' '),
    ),
    bytes: Number(pinned.size),
    open: (range) => readPinned(path, pinned, files, range),
    lend: (into) => lendPinned(path, pinned, files, into),
    async readRanges(ranges, sink) {
      requireOpen(files, path);
      await readRanges(path, pinned, files, ranges, sink);
    },
  };
}

async function* readPinned(
  path: string,
  pinned: BigIntStats,
  files: OpenFiles,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  requireOpen(files, path);
  const end = Math.min(Number(pinned.size), range?.end ?? Number(pinned.size));
  const handle = await reopen(path, pinned, files);
  try {
    for (let at = range?.start ?? 0; at < end;) {
      // A buffer of its own for each chunk: it is the reader's to keep.
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
      requireOpen(files, path);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw changed(path, `it ends at byte ${at}`);
      at += bytesRead;
      // Before the last chunk is handed out: a reader that has all bytes may stop asking.
      if (at >= end) await requireUnchanged(handle, path, pinned);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await release(handle, files);
  }
}

/**
 * The whole file through one buffer, read in this thread: what is in the page cache is here sooner
 * than another thread would wake up, and nothing is allocated that must be collected again.
 */
async function* lendPinned(
  path: string,
  pinned: BigIntStats,
  files: OpenFiles,
  into: Uint8Array | undefined,
): AsyncGenerator<Uint8Array> {
  requireOpen(files, path);
  const end = Number(pinned.size);
  const buffer = into ?? Buffer.allocUnsafeSlow(Math.min(chunkSize, end));
  const handle = await reopen(path, pinned, files);
  try {
    for (let at = 0; at < end;) {
      requireOpen(files, path);
      const count = readSync(handle.fd, buffer, 0, Math.min(buffer.length, end - at), at);
      if (count === 0) throw changed(path, `it ends at byte ${at}`);
      at += count;
      if (at >= end) await requireUnchanged(handle, path, pinned);
      yield buffer.subarray(0, count);
    }
  } finally {
    await release(handle, files);
  }
}

async function readRanges(
  path: string,
  pinned: BigIntStats,
  files: OpenFiles,
  ranges: readonly ByteRange[],
  sink: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  let buffer = Buffer.allocUnsafeSlow(4096);
  const handle = await reopen(path, pinned, files);
  const read = (start: number, length: number): void => {
    if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(2 * length);
    for (let filled = 0; filled < length;) {
      const count = readSync(handle.fd, buffer, filled, length - filled, start + filled);
      if (count === 0) throw changed(path, `it ends at byte ${start + filled}`);
      filled += count;
    }
  };
  try {
    let turn = { bytes: 0, ranges: 0 };
    for (let first = 0; first < ranges.length;) {
      const last = lastAtOnce(ranges, first);
      const { start } = ranges[first]!;
      const length = ranges[last]!.end - start;
      turn = { bytes: turn.bytes + length, ranges: turn.ranges + last + 1 - first };
      if (turn.bytes > bytesATurn || turn.ranges > rangesATurn) {
        await pause();
        turn = { bytes: 0, ranges: 0 };
      }
      read(start, length);
      for (let index = first; index <= last; index += 1) {
        const range = ranges[index]!;
        sink(buffer.subarray(range.start - start, range.end - start), index);
      }
      first = last + 1;
    }
    await requireUnchanged(handle, path, pinned);
  } finally {
    await release(handle, files);
  }
}

/** The last of ascending ranges that are read at once, from `first` on. */
function lastAtOnce(ranges: readonly ByteRange[], first: number): number {
  const { start, end } = ranges[first]!;
  let last = first;
  let at = end;
  for (let next = first + 1; next < ranges.length && next - first < rangesATurn; next += 1) {
    const range = ranges[next]!;
    if (range.start - at > gapBytes || range.start < at || range.end - start > chunkSize) break;
    last = next;
    at = range.end;
  }
  return last;
}

/** Opens a pinned file again; it must be the one that was pinned. */
async function reopen(path: string, pinned: BigIntStats, files: OpenFiles): Promise<FileHandle> {
  const handle = await openRegular(path).catch((error: unknown) => {
    throw isAbsent(error) ? changed(path, 'it is gone') : error;
  });
  try {
    await requireUnchanged(handle, path, pinned);
    requireOpen(files, path);
    files.handles.add(handle);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function release(handle: FileHandle, { handles }: OpenFiles): Promise<void> {
  handles.delete(handle);
  await handle.close();
}

function requireOpen({ isClosed }: OpenFiles, path: string): void {
  if (isClosed()) throw new KeydriftError('INTERNAL', `${path}: its source is closed`);
}

async function requireUnchanged(
  handle: FileHandle,
  path: string,
  pinned: BigIntStats,
): Promise<void> {
  const now = await handle.stat({ bigint: true });
  const differing = pinnedFacts.filter((fact) => now[fact] !== pinned[fact]);
  if (differing.length > 0) throw changed(path, `${differing.join(', ')} differ`);
}

/** Looks before it opens, and opens without blocking: a FIFO without a writer would hang. */
async function openRegular(path: string): Promise<FileHandle> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw notAFile(path, kindOf(found));
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw notAFile(path, null);
  } catch (error) {
    throw error instanceof KeydriftError ? error : await fileError(path, error);
  }
}

async function fileError(path: string, cause: unknown): Promise<KeydriftError> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new KeydriftError('FILE_NOT_FOUND', `${path} does not exist`, {
      cause,
      hint: await nearby(path),
    });
  }
  return new KeydriftError('FILE_NOT_READABLE', `${path} cannot be read (${code})`, {
    cause,
    hint:
      code === 'EACCES' || code === 'EPERM'
        ? 'Check the permissions of the file and of its folders: ls -l.'
        : null,
  });
}

async function nearby(path: string): Promise<string> {
  const names = await readdir(dirname(path)).catch(() => null);
  if (names === null) return `The folder ${dirname(path)} does not exist or cannot be read.`;
  const near = nearestNames(basename(path), names);
  return near.length === 0
    ? `See what there is: ls ${dirname(path)}`
    : `Did you mean ${near.join(' or ')}?`;
}

function notAFile(path: string, kind: string | null): KeydriftError {
  const is = kind === null ? 'is' : `is ${kind},`;
  return new KeydriftError('FILE_NOT_A_FILE', `${path} ${is} not a regular file`, {
    hint: 'Name a file, not a folder, pipe or device.',
  });
}

function isAbsent(error: unknown): boolean {
  return error instanceof KeydriftError && error.code === 'FILE_NOT_FOUND';
}

function changed(path: string, how: string): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `${path} changed while it was read: ${how}`, {
    hint: 'Somebody writes to it. Try again when the writer is done.',
  });
}
