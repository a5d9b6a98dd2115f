import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeydriftError, type PinnedCopy } from '../../model/index.ts';
import { openFileSource } from '../../sources/index.ts';
import { checkRoom, writePrivateFile, type PrivateFile } from '../../io/private/private-file.ts';

/** A pinned copy whose bytes are in a private file. */
export interface SpooledCopy {
  readonly file: PrivateFile;
  /** Of the same location and revision; its bytes are the file's. */
  readonly copy: PinnedCopy;
}

/**
 * Reads a copy once, into a private file. Throws what reading it throws, `COPY_CHANGED` where it is
 * not of the pinned length, and `PRIVATE_FILE_FAILED`.
 */
export async function spoolCopy(copy: PinnedCopy, path: string): Promise<SpooledCopy> {
  // An attempt that found the copy changed leaves its bytes here.
  await rm(path, { force: true });
  await checkRoom(dirname(path), copy.bytes);
  const file = await writePrivateFile(path, copy.open());
  if (file.bytes !== copy.bytes) {
    throw new KeydriftError(
      'COPY_CHANGED',
      `${copy.location} gave ${file.bytes} bytes, it was pinned at ${copy.bytes}`,
    );
  }
  const spooled = await openFileSource().pin({ kind: 'file', path });
  const { location, revision, bytes, claim } = copy;
  const told = { location, revision, bytes, ...(claim === undefined ? {} : { claim }) };
  return { file, copy: { ...told, open: (range) => spooled.open(range) } };
}
