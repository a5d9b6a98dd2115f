import {
  KeydriftError,
  type ByteRange,
  type HintText,
  type PinnedCopy,
} from '../../model/index.ts';
import { checkedRange, checksumOfBlob, checkWhole, rangeWithin } from './bytes.ts';
import { missingObject, unreadableObject } from './cat-file.ts';
import {
  pointerLimit,
  readPointer,
  requireLfs,
  smudged,
  type LfsPointer,
  type LfsRun,
} from './lfs.ts';
import { outputOf, startGit } from './process.ts';
import type { OpenRepository, Repository } from './repository.ts';
import { smallBlob, type Blob } from './tree.ts';

/** A blob in memory is handed out in pieces of this size. */
const chunkBytes = 256 * 1024;

/** As `smallBlob`, for a blob that is one of many: then a process for each costs more than memory. */
const wholeUpToOfMany = 16 * 1024 * 1024;

/** What of the source every copy of it needs. */
export type Run = LfsRun;

/** A blob as a pinned copy; a Git LFS pointer as the file that it stands for. */
export async function pinBlob(
  opened: OpenRepository,
  blob: Blob,
  path: string,
  run: Run,
): Promise<Pick<PinnedCopy, 'bytes' | 'open'>> {
  const small = blob.bytes < pointerLimit;
  const content = blob.content ?? (small ? (await opened.batch.read(blob.id)).bytes : null);
  if (content !== null) requirePlain(content, `${opened.repository.name}: ${path}`);
  const pointer = content === null ? null : readPointer(content);
  if (pointer === null) return plainCopy(opened, blob, smallBlob, run);
  await requireLfs(opened.repository, pointer, path, run);
  return lfsCopy(opened.repository, pointer, null, run);
}

/** One of many blobs as a copy; nothing is read, and no Git LFS looked for, before it is opened. */
export function copyOfMany(
  opened: OpenRepository,
  blob: Blob,
  pointer: LfsPointer | undefined,
  path: string,
  run: Run,
): Pick<PinnedCopy, 'bytes' | 'open'> {
  return pointer === undefined
    ? plainCopy(opened, blob, wholeUpToOfMany, run)
    : lfsCopy(opened.repository, pointer, path, run);
}

function plainCopy(
  opened: OpenRepository,
  blob: Blob,
  whole: number,
  run: Run,
): Pick<PinnedCopy, 'bytes' | 'open'> {
  let { content } = blob;
  return {
    bytes: blob.bytes,
    open(range) {
      // Until it is read, and no longer: a run may pin many.
      const known = content;
      content = null;
      return bytesOf(opened, { ...blob, content: known }, whole, run, range);
    },
  };
}

function lfsCopy(
  repository: Repository,
  pointer: LfsPointer,
  unlooked: string | null,
  run: Run,
): Pick<PinnedCopy, 'bytes' | 'open'> {
  return {
    bytes: pointer.bytes,
    async *open(range) {
      requireOpen(run);
      if (unlooked !== null) await requireLfs(repository, pointer, unlooked, run);
      yield* smudged(repository, pointer, run, range);
    },
  };
}

/** The bytes of a blob; read whole, they are checked against its id. */
async function* bytesOf(
  opened: OpenRepository,
  blob: Blob,
  whole: number,
  run: Run,
  asked: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  requireOpen(run);
  const { repository } = opened;
  const range = rangeWithin(blob.bytes, asked);
  const onMismatch = (found: string): KeydriftError =>
    missingObject(repository, blob.id, `git gave ${found}`);
  const checksum = checksumOfBlob(blob.id, blob.bytes);
  const isWhole = range.start === 0 && range.end === blob.bytes;
  if (isWhole && blob.bytes <= whole) {
    // At hand at once: nothing is handed out that was not checked.
    const bytes = await readBlob(opened, blob);
    checkWhole(bytes, checksum, onMismatch);
    requirePlain(bytes, `${repository.name}: object ${blob.id.slice(0, 12)}`);
    yield* inPieces(bytes);
    return;
  }
  const chunks =
    blob.bytes <= whole
      ? wholeBlob(opened, blob)
      : outputOf(
          // Git itself holds what is below this threshold in memory.
          () =>
            startGit(repository, ['-c', 'core.bigFileThreshold=1m', 'cat-file', 'blob', blob.id]),
          run.running,
          (exit) => unreadableObject(repository, blob.id, exit),
        );
  const checked = checkedRange(chunks, range, checksum, onMismatch);
  let isFirst = range.start === 0;
  for await (const chunk of checked) {
    if (isFirst) requirePlain(chunk, `${repository.name}: object ${blob.id.slice(0, 12)}`);
    isFirst = false;
    yield chunk;
  }
}

const gitCrypt = Buffer.from('\0GITCRYPT\0');

/**
 * Throws `GIT_ENCRYPTED` for what git-crypt wrote: its key is in no commit, so it was not reviewed here.
 * `lock`: what would decrypt it; left out: nothing would.
 */
export function requirePlain(start: Uint8Array, name: string, lock?: HintText): void {
  if (!gitCrypt.equals(start.subarray(0, gitCrypt.length))) return;
  throw new KeydriftError('GIT_ENCRYPTED', `${name} is encrypted by git-crypt`, {
    hint:
      lock ??
      'A commit holds no more than its ciphertext. Let the reviewed copy be a file that is not encrypted, or compare the decrypted one: file:PATH.',
  });
}

async function* wholeBlob(
  opened: OpenRepository,
  blob: Blob,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* inPieces(await readBlob(opened, blob));
}

async function readBlob(opened: OpenRepository, { id, content }: Blob): Promise<Uint8Array> {
  return content ?? (await opened.batch.read(id)).bytes;
}

/** Copies: the reader may overwrite its chunks, and these bytes may be asked for again. */
function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
}

function requireOpen(run: Run): void {
  if (run.isClosed()) throw new KeydriftError('INTERNAL', 'the git source is closed');
}
