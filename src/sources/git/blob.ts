import { KeydriftError, type ByteRange, type PinnedCopy } from '../../model/index.ts';
import { checkedRange, checksumOfBlob, rangeWithin } from './bytes.ts';
import { missingObject, unreadableObject } from './cat-file.ts';
import { pointerLimit, readPointer, requireLfs, smudged } from './lfs.ts';
import { outputOf, startGit, type GitChild } from './process.ts';
import type { OpenRepository } from './repository.ts';
import type { Blob } from './tree.ts';

/** Up to here a blob is read whole, by the shared process; a larger one has its own and streams. */
const smallBlob = 1024 * 1024;

/** What of the source every copy of it needs. */
export interface Run {
  readonly running: Set<GitChild>;
  readonly isClosed: () => boolean;
}

/** A blob as a pinned copy; a Git LFS pointer as the file that it stands for. */
export async function pinBlob(
  opened: OpenRepository,
  blob: Blob,
  path: string,
  run: Run,
): Promise<Pick<PinnedCopy, 'bytes' | 'open'>> {
  const { repository } = opened;
  const plain = {
    bytes: blob.bytes,
    open: (range?: ByteRange) => bytesOf(opened, blob, run, range),
  };
  if (blob.bytes >= pointerLimit) return plain;
  const pointer = readPointer((await opened.batch.read(blob.id)).bytes);
  if (pointer === null) return plain;
  await requireLfs(repository, path);
  return {
    bytes: pointer.bytes,
    async *open(range) {
      requireOpen(run);
      yield* smudged(repository, pointer, run.running, range);
    },
  };
}

/** The bytes of a blob; read whole, they are checked against its id. */
async function* bytesOf(
  opened: OpenRepository,
  blob: Blob,
  run: Run,
  asked: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  requireOpen(run);
  const { repository } = opened;
  const range = rangeWithin(blob.bytes, asked);
  const onMismatch = (found: string): KeydriftError =>
    missingObject(repository, blob.id, `git gave ${found}`);
  const chunks =
    blob.bytes <= smallBlob
      ? wholeBlob(opened, blob.id)
      : outputOf(
          // Git itself holds what is below this threshold in memory.
          () =>
            startGit(repository, ['-c', 'core.bigFileThreshold=1m', 'cat-file', 'blob', blob.id]),
          run.running,
          (exit) => unreadableObject(repository, blob.id, exit),
        );
  yield* checkedRange(chunks, range, checksumOfBlob(blob.id, blob.bytes), onMismatch);
}

async function* wholeBlob(
  opened: OpenRepository,
  id: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { bytes } = await opened.batch.read(id);
  if (bytes.length > 0) yield bytes;
}

function requireOpen(run: Run): void {
  if (run.isClosed()) throw new KeydriftError('INTERNAL', 'the git source is closed');
}
