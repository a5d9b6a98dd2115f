import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  KeydriftError,
  sha256Of,
  sumLine,
  tooLarge,
  type CopyPart,
  type PinnedCopy,
  type PinnedFolder,
} from '../../model/index.ts';
import { toldOf } from '../../judge/memory.ts';
import { openFileSource } from '../../sources/index.ts';
import {
  checkRoom,
  privateFileError,
  writePrivateFile,
  type PrivateFile,
} from '../../io/private/private-file.ts';

/** A pinned copy whose bytes are in a private file. */
export interface SpooledCopy {
  readonly file: PrivateFile;
  /** Of the same location and revision; its bytes are the file's. */
  readonly copy: PinnedCopy;
}

/** What the copies of one run take together, by their paths, and those of them on their way. */
export interface SpoolRoom {
  readonly taken: Map<string, number>;
  readonly coming: Set<string>;
}

/**
 * Reads a copy once, into a private file, or into a private folder where it is one. All copies of a run
 * together are held to `limit` bytes (`TOO_LARGE`), and to the room that the disk has. Throws what
 * reading it throws, `COPY_CHANGED` where it is
 * not of the pinned length, and `PRIVATE_FILE_FAILED`.
 */
export async function spoolCopy(
  copy: PinnedCopy,
  path: string,
  room: SpoolRoom,
  limit: number,
): Promise<SpooledCopy> {
  // An attempt that found the copy changed leaves its bytes here.
  await rm(path, { force: true, recursive: true });
  if (copy.folder !== undefined) {
    return within(room, copy, path, limit, () => spoolFolder(copy, copy.folder!, path));
  }
  return within(room, copy, path, limit, () => spoolFile(copy, path));
}

async function spoolFile(copy: PinnedCopy, path: string): Promise<SpooledCopy> {
  const file = await writePrivateFile(path, copy.open());
  if (file.bytes !== copy.bytes) {
    throw new KeydriftError(
      'COPY_CHANGED',
      `${copy.location} gave ${file.bytes} bytes, it was pinned at ${copy.bytes}`,
    );
  }
  const spooled = await openFileSource().pin({ kind: 'file', path });
  return { file, copy: { ...toldOf(copy), open: (range) => spooled.open(range) } };
}

/** Every part under its own name; then the folder must hold what was pinned. */
async function spoolFolder(
  copy: PinnedCopy,
  { parts, others, requireStill }: PinnedFolder,
  path: string,
): Promise<SpooledCopy> {
  const hash = createHash('sha256');
  const spooled: CopyPart[] = [];
  let bytes = 0;
  for (const { name, copy: part } of parts) {
    if (name.split('/').includes('')) {
      throw new KeydriftError('NOT_SUPPORTED', `the part ${name} has a name that no file can have`);
    }
    const at = join(path, name);
    await mkdir(dirname(at), { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw privateFileError(dirname(at), cause);
    });
    const one = await spoolFile(part, at);
    spooled.push({ name, copy: one.copy });
    hash.update(sumLine({ name, sha256: one.file.sha256 }));
    bytes += one.file.bytes;
  }
  await requireStill();
  const folder = { parts: spooled, others, requireStill: () => Promise.resolve() };
  const { location, revision } = copy;
  const told = { location, revision, bytes, folder, open: () => linesOf(spooled) };
  return { file: { path, bytes, sha256: hash.digest('hex'), parts: parts.length }, copy: told };
}

async function* linesOf(parts: readonly CopyPart[]): AsyncGenerator<Uint8Array> {
  for (const { name, copy } of parts) {
    yield Buffer.from(sumLine({ name, sha256: await sha256Of(copy) }));
  }
}

/** Takes the room that a copy needs before its first byte comes; what fails gives it back. */
async function within(
  { taken, coming }: SpoolRoom,
  copy: PinnedCopy,
  path: string,
  limit: number,
  spool: () => Promise<SpooledCopy>,
): Promise<SpooledCopy> {
  const sum = (paths: Iterable<string>): number =>
    [...paths].reduce((all, one) => all + (taken.get(one) ?? 0), 0);
  taken.set(path, copy.bytes);
  coming.add(path);
  try {
    const all = sum(taken.keys());
    if (all > limit) {
      throw tooLarge('bytes', limit, `the copies of this run have ${all} bytes together`);
    }
    await checkRoom(dirname(path), sum(coming));
    return await spool();
  } catch (error) {
    taken.delete(path);
    throw error;
  } finally {
    coming.delete(path);
  }
}
