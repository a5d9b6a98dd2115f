import { gitFailure } from './failure.ts';
import { pointerLimit, readPointer } from './lfs.ts';
import { runGit, startGit } from './process.ts';
import type { OpenRepository, Repository } from './repository.ts';

/** Every content that a path had in a history, by its hash: none of it is read. */
export interface PathContents {
  /** Of git's blob ids in this repository: of `blob <size>`, NUL and the bytes. */
  readonly algorithm: 'sha1' | 'sha256';
  readonly blobs: ReadonlySet<string>;
  /** SHA-256 of the files that Git LFS pointers of the path stand for. */
  readonly lfs: ReadonlySet<string>;
  /** `shallow`: the history is cut off, and older contents are missing. */
  readonly history: 'complete' | 'shallow';
}

/** More names than this a path never had by honest renames. */
const mostNames = 32;

/** One change of a path in a commit. */
interface Change {
  readonly commit: string;
  readonly status: string;
  readonly blobs: readonly string[];
}

/**
 * Contents of a path in the histories of some commits, merged side branches and earlier names of
 * the file included. Throws `GIT_FAILED`.
 */
export async function contentsOf(
  opened: OpenRepository,
  commits: readonly string[],
  path: string,
): Promise<PathContents> {
  const { repository } = opened;
  const blobs = new Set<string>();
  const names = new Set([path]);
  for (const name of names) {
    for (const change of await changesOf(repository, commits, name)) {
      for (const blob of change.blobs) blobs.add(blob);
      if (change.status !== 'A' || names.size >= mostNames) continue;
      const earlier = await earlierName(repository, change.commit, name);
      if (earlier !== null) names.add(earlier);
    }
  }
  return {
    algorithm: commits[0]?.length === 64 ? 'sha256' : 'sha1',
    blobs,
    lfs: await pointedTo(opened, blobs),
    history: repository.shallow ? 'shallow' : 'complete',
  };
}

/** `--full-history`: without it git leaves out the blobs of merged side branches. */
const logChanges = [
  '-c',
  'log.showRoot=true',
  'log',
  '-m',
  '--full-history',
  '--no-renames',
  '--no-ext-diff',
  '--no-show-signature',
  '--raw',
  '-z',
  '--no-abbrev',
  '--format=commit %H',
];

const listRenames = [
  'diff-tree',
  '-r',
  '-m',
  '-z',
  '-M',
  '--diff-filter=R',
  '--name-status',
  '--no-commit-id',
  '--no-ext-diff',
];

/** Every change of a path, in any of the histories. */
async function changesOf(
  repository: Repository,
  commits: readonly string[],
  path: string,
): Promise<Change[]> {
  const args = [...logChanges, '--end-of-options', ...commits, '--', path];
  const listed = await runGit(repository, args);
  if (listed.code !== 0) throw gitFailure(repository, listed, `reading the history of ${path}`);
  const changes: Change[] = [];
  let commit = '';
  const fields = listed.stdout.toString().split('\0');
  for (const [at, field] of fields.entries()) {
    const found = /^\n?:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(field);
    if (found === null) {
      commit = /^\n?commit ([0-9a-f]+)/.exec(field)?.[1] ?? commit;
      continue;
    }
    const [, before = '', after = '', status = ''] = found;
    // A folder of that name has files of its own.
    if (fields[at + 1] !== path) continue;
    const blobs = [before, after].filter((id) => !/^0+$/.test(id));
    changes.push({ commit, status, blobs });
  }
  return changes;
}

/** What the path was called before the commit that brought its name, as git detects renames. */
async function earlierName(
  repository: Repository,
  commit: string,
  path: string,
): Promise<string | null> {
  const shown = await runGit(repository, [...listRenames, commit, '--']);
  const fields = shown.stdout.toString().split('\0');
  const at = fields.findIndex((field, index) => /^R\d*$/.test(field) && fields[index + 2] === path);
  return at < 0 ? null : (fields[at + 1] ?? null);
}

/** SHA-256 of what the Git LFS pointers among some blobs stand for. */
async function pointedTo(
  opened: OpenRepository,
  blobs: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const id of await smallOnes(opened.repository, blobs)) {
    const pointer = readPointer((await opened.batch.read(id)).bytes);
    if (pointer !== null) found.add(pointer.sha256);
  }
  return found;
}

/** Blobs that are small enough for a pointer; what a partial clone lacks is none. */
async function smallOnes(
  repository: Repository,
  blobs: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (blobs.size === 0) return [];
  const child = startGit(repository, ['cat-file', '--batch-check=%(objectname) %(objectsize)']);
  child.hold();
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end([...blobs, ''].join('\n'));
  const exit = await child.exit;
  if (exit.code !== 0) throw gitFailure(repository, exit, 'looking for Git LFS pointers');
  return Buffer.concat(chunks)
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [, id, size] = /^([0-9a-f]+) (\d+)$/.exec(line) ?? [];
      return id !== undefined && Number(size) < pointerLimit ? [id] : [];
    });
}
