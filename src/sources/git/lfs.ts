import { KeydriftError } from '../../model/index.ts';
import { checkedRange, rangeWithin, type Checksum } from './bytes.ts';
import { gitFailure, saidBy, shellWord } from './failure.ts';
import { outputOf, runGit, startGit, type GitChild, type GitExit } from './process.ts';
import type { Repository } from './repository.ts';
import type { ByteRange } from '../../model/index.ts';

/** What a Git LFS pointer stands for. */
export interface LfsPointer {
  /** The pointer file itself. */
  readonly text: Uint8Array;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file of this size or more is never taken for a pointer (the Git LFS specification). */
export const pointerLimit = 1024;

const signature = 'version https://git-lfs.github.com/spec/v1\n';

/** Reads a Git LFS pointer; null: it is a file like any other. */
export function readPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.length >= pointerLimit) return null;
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.startsWith(signature)) return null;
  const sha256 = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  if (sha256 === undefined || size === undefined) return null;
  return { text: bytes.slice(), sha256, bytes: Number(size) };
}

/** Throws `GIT_LFS_UNAVAILABLE` where the pointer at `path` cannot be followed. */
export async function requireLfs(repository: Repository, path: string): Promise<void> {
  const version = await runGit(repository, ['lfs', 'version']);
  if (version.code === 0) return;
  if (version.startError !== null) throw gitFailure(repository, version, `reading ${path}`);
  throw new KeydriftError(
    'GIT_LFS_UNAVAILABLE',
    `${repository.name}: ${path} is stored in Git LFS, and git lfs is not installed here`,
    {
      hint: 'Install git-lfs, so that "git lfs version" answers; keydrift then reads it by itself.',
    },
  );
}

/** The bytes that a pointer stands for, by `git lfs smudge`; their length and sha256 are checked. */
export function smudged(
  repository: Repository,
  pointer: LfsPointer,
  running: Set<GitChild>,
  range: ByteRange | undefined,
): AsyncIterable<Uint8Array> {
  const failure = (found: string): KeydriftError => lfsFailure(repository, pointer, found);
  const onFailure = (exit: GitExit): KeydriftError => failure(saidBy(exit));
  const checksum: Checksum = {
    bytes: pointer.bytes,
    algorithm: 'sha256',
    prefix: '',
    digest: pointer.sha256,
  };
  const output = outputOf(() => startSmudge(repository, pointer), running, onFailure);
  return checkedRange(output, rangeWithin(pointer.bytes, range), checksum, failure);
}

function startSmudge(repository: Repository, pointer: LfsPointer): GitChild {
  // What a person does not want in a working tree is wanted here, and LFS has its own transports.
  const {
    GIT_LFS_SKIP_SMUDGE: _skip,
    GIT_ALLOW_PROTOCOL: _none,
    ...environment
  } = repository.environment;
  const config = ['-c', 'lfs.fetchinclude=', '-c', 'lfs.fetchexclude='];
  if (repository.url !== null) config.push('-c', `remote.origin.url=${repository.url}`);
  const child = startGit({ ...repository, environment }, [...config, 'lfs', 'smudge']);
  child.stdin.end(pointer.text);
  return child;
}

function lfsFailure(repository: Repository, pointer: LfsPointer, found: string): KeydriftError {
  const oid = pointer.sha256.slice(0, 12);
  return new KeydriftError(
    'GIT_FAILED',
    `${repository.name}: git lfs did not give the ${pointer.bytes} bytes of object ${oid} (${found})`,
    { hint: `See why: git -C ${shellWord(repository.directory)} lfs pull` },
  );
}
