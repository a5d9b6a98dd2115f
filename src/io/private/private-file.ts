import { createHash } from 'node:crypto';
import { open, rm, statfs, type FileHandle } from 'node:fs/promises';
import { KeydriftError } from '../../model/index.ts';

/** A file of a private directory, written whole. */
export interface PrivateFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** How many files it is, where it is a folder: then the hash is of what `sha256sum` prints of them. */
  readonly parts?: number;
}

/** Looks first whether some bytes have room in a directory. Throws `PRIVATE_FILE_FAILED`. */
export async function checkRoom(directory: string, bytes: number): Promise<void> {
  // Where the file system cannot say it, writing will.
  const found = await statfs(directory).catch(() => null);
  if (found === null || found.blocks === 0) return;
  const free = found.bavail * found.bsize;
  if (bytes <= free) return;
  throw new KeydriftError(
    'PRIVATE_FILE_FAILED',
    `${directory} has ${free} bytes left, and ${bytes} are to be written (ENOSPC)`,
    { hint: 'Make room, or name another directory: KEYDRIFT_TMPDIR=DIR.' },
  );
}

/** Small chunks are gathered up to this size: a write for each chosen row would be slow. */
const writeSize = 256 * 1024;

/**
 * Writes a new file that its owner can only read (0400). What is half written is removed.
 * Throws `PRIVATE_FILE_FAILED` for the disk's faults, and whatever the chunks throw.
 */
export async function writePrivateFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<PrivateFile> {
  const handle = await open(path, 'wx', 0o400).catch((cause: unknown) => {
    throw privateFileError(path, cause);
  });
  try {
    const written = await writeAll(handle, path, chunks);
    await handle.close();
    return { path, ...written };
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

async function writeAll(
  handle: FileHandle,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Omit<PrivateFile, 'path'>> {
  const hash = createHash('sha256');
  let gathered: Uint8Array[] = [];
  let size = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const piece = Buffer.concat(gathered);
    gathered = [];
    size = 0;
    hash.update(piece);
    bytes += piece.length;
    await handle.writeFile(piece).catch((cause: unknown) => {
      throw privateFileError(path, cause);
    });
  };
  for await (const chunk of chunks) {
    gathered.push(chunk);
    size += chunk.length;
    if (size >= writeSize) await flush();
  }
  if (size > 0) await flush();
  return { bytes, sha256: hash.digest('hex') };
}

/** What the disk said of a private file or directory. */
export function privateFileError(path: string, cause: unknown): KeydriftError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const hints: Readonly<Record<string, string>> = {
    ENOSPC: 'The disk is full. Make room, or name another directory: KEYDRIFT_TMPDIR=DIR.',
    EDQUOT: 'The quota is used up. Make room, or name another directory: KEYDRIFT_TMPDIR=DIR.',
    ENOENT: 'The directory for temporary files is not there: see KEYDRIFT_TMPDIR and TMPDIR.',
  };
  return new KeydriftError('PRIVATE_FILE_FAILED', `${path} cannot be written (${code})`, {
    cause,
    hint:
      hints[code] ??
      'Name a directory that this user can write to, with room: KEYDRIFT_TMPDIR=DIR.',
  });
}
