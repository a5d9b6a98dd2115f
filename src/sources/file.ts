import { constants, type BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import {
  KeydriftError,
  type ByteRange,
  type FileLocation,
  type PinnedCopy,
  type Source,
} from '../model/index.ts';
import { nearestNames } from './git/names.ts';

const chunkSize = 256 * 1024;
const streams = /^(-|\/dev\/stdin|\/dev\/fd\/.*|\/proc\/self\/fd\/.*)$/;

/** Copies that are plain files. */
export function openFileSource(): Source<FileLocation> {
  let closed = false;
  return {
    pin({ path }) {
      return pinFile(path, `file:${path}`, () => closed);
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

/**
 * Pins a regular file by device, inode, size, and mtime and ctime in nanoseconds; they are looked
 * at again when it is opened and when its last byte is read. Symbolic links are followed.
 * Throws `FILE_NOT_FOUND`, `FILE_NOT_A_FILE`, `FILE_NOT_READABLE`; `open` throws `COPY_CHANGED`.
 */
export async function pinFile(
  path: string,
  location: string,
  isClosed: () => boolean,
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
    revision: { kind: 'file', modifiedAt: new Date(Number(pinned.mtimeMs)).toISOString() },
    bytes: Number(pinned.size),
    async *open(range) {
      if (isClosed()) throw new KeydriftError('INTERNAL', `${location}: its source is closed`);
      yield* readPinned(path, pinned, range);
    },
  };
}

async function* readPinned(
  path: string,
  pinned: BigIntStats,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = Math.min(Number(pinned.size), range?.end ?? Number(pinned.size));
  const handle = await openRegular(path).catch((error: unknown) => {
    throw isAbsent(error) ? changed(path, 'it is gone') : error;
  });
  try {
    await requireUnchanged(handle, path, pinned);
    for (let at = range?.start ?? 0; at < end;) {
      // A buffer of its own for each chunk: it is the reader's to keep.
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw changed(path, `it ends at byte ${at}`);
      at += bytesRead;
      // Before the last chunk is handed out: a reader that has all bytes may stop asking.
      if (at >= end) await requireUnchanged(handle, path, pinned);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function requireUnchanged(
  handle: FileHandle,
  path: string,
  pinned: BigIntStats,
): Promise<void> {
  const now = await handle.stat({ bigint: true });
  const facts = ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const;
  const differing = facts.filter((fact) => now[fact] !== pinned[fact]);
  if (differing.length > 0) throw changed(path, `${differing.join(', ')} differ`);
}

/** Looks before it opens, and opens without blocking: a FIFO without a writer would hang. */
async function openRegular(path: string): Promise<FileHandle> {
  try {
    if (!(await stat(path)).isFile()) throw notAFile(path);
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw notAFile(path);
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

function notAFile(path: string): KeydriftError {
  return new KeydriftError('FILE_NOT_A_FILE', `${path} is not a regular file`, {
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
