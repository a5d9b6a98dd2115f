import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeydriftError, wholeOf, type ByteRange, type PinnedCopy } from '../../model/index.ts';
import { pinFile } from '../file/file.ts';
import { requirePlain, type Run } from './blob.ts';
import { pointerLimit, readPointer, requireLfs, smudged } from './lfs.ts';
import { missingInWorkingTree } from './missing-path.ts';
import type { OpenRepository } from './repository.ts';

/**
 * Pins a file of the working tree as it stands. Throws `GIT_PATH_NOT_FOUND`, `GIT_NOT_A_FILE` (also
 * for a symbolic link), and the errors of a plain file.
 */
export async function pinWorktreeFile(
  opened: OpenRepository,
  path: string,
  location: string,
  run: Run,
): Promise<PinnedCopy> {
  const { repository } = opened;
  if (repository.root === null) {
    throw new KeydriftError('GIT_NOT_A_REPOSITORY', `${repository.name} has no working tree`, {
      hint: 'A bare repository has commits only: name the file by a ref, git:REF:PATH.',
    });
  }
  const file = join(repository.root, path);
  const found = await lstat(file).catch(() => null);
  if (found?.isSymbolicLink() === true) throw notAFile(file, 'a symbolic link');
  if (found?.isDirectory() === true) throw notAFile(file, 'a directory');
  const pinned = await pinFile(file, location, run).catch(async (error: unknown) => {
    throw await inWorkingTree(error, opened, path, file);
  });
  const copy = {
    ...pinned,
    open: (range?: ByteRange) => unlocked(pinned.open(range), range, file),
  };
  if (copy.bytes >= pointerLimit) return copy;
  const pointer = readPointer(await wholeOf(copy));
  if (pointer === null) return copy;
  await requireLfs(repository, pointer, path, run);
  return {
    // No more of the pointer's file than its names: what it lends is not what it stands for.
    location: copy.location,
    path,
    revision: copy.revision,
    bytes: pointer.bytes,
    async *open(range) {
      // Read again for its pin: another pointer would be another copy.
      await wholeOf(copy);
      yield* smudged(repository, pointer, run, range);
    },
  };
}

/** What is read of a file that git-crypt has not locked. */
async function* unlocked(
  chunks: AsyncIterable<Uint8Array>,
  range: ByteRange | undefined,
  file: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isFirst = (range?.start ?? 0) === 0;
  for await (const chunk of chunks) {
    const lock = { text: 'This checkout is locked', command: 'git-crypt unlock' };
    if (isFirst) requirePlain(chunk, file, lock);
    isFirst = false;
    yield chunk;
  }
}

async function inWorkingTree(
  error: unknown,
  opened: OpenRepository,
  path: string,
  file: string,
): Promise<unknown> {
  if (!(error instanceof KeydriftError)) return error;
  if (error.code === 'FILE_NOT_A_FILE') return notAFile(file, 'not a regular file');
  if (error.code !== 'FILE_NOT_FOUND') return error;
  return missingInWorkingTree(opened, path, file, error);
}

function notAFile(file: string, what: string): KeydriftError {
  return new KeydriftError('GIT_NOT_A_FILE', `${file} is ${what}, no file of the working tree`, {
    hint: 'Name the file itself.',
  });
}
