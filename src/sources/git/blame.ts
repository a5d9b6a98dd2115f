import { KeydriftError, shellQuote, type BlamedLine } from '../../model/index.ts';
import { timeOf } from './copies.ts';
import { gitFailure } from './failure.ts';
import { pointerLimit, readPointer } from './lfs.ts';
import { runGit } from './process.ts';
import type { OpenRepository, Repository, Commit } from './repository.ts';
import { blobAt } from './tree.ts';
import { describeCommits } from './walk.ts';

/** A file of a commit, and how its ref was written. */
export interface BlamedFile {
  readonly opened: OpenRepository;
  readonly commit: Commit;
  readonly ref: string;
  readonly path: string;
}

/**
 * Who last changed some physical lines (1-based) of a file, by `git blame`, in the order asked. A
 * line that is older than a shallow clone is told as of the commit where that begins. Throws the
 * errors of a pin; `NOT_SUPPORTED` for a file in Git LFS, whose lines git does not have, and
 * `GIT_FAILED` for a line that the file has not.
 */
export async function blame(
  file: BlamedFile,
  lines: readonly number[],
): Promise<readonly BlamedLine[]> {
  const { opened, commit, ref, path } = file;
  const { repository } = opened;
  await requireText(file);
  const ranges = rangesOf(lines);
  if (ranges.length === 0) return [];
  const args = [
    'blame',
    '--incremental',
    '--no-textconv',
    // The configuration's may not be there; and what they ignore would be said of other commits.
    '--no-ignore-revs-file',
    ...ranges.map(([first, last]) => `-L${first},${last}`),
    commit.id,
    '--',
    path,
  ];
  const blamed = await runGit(repository, args);
  if (blamed.code !== 0) throw gitFailure(repository, blamed, `blaming ${path} in ${ref}`);
  const commits = commitsByLine(blamed.stdout.toString('latin1'));
  const told = await describeCommits(repository, [...new Set(commits.values())]);
  return lines.map((line) => {
    const by = told.get(commits.get(line) ?? '');
    if (by === undefined) throw unblamed(repository, path, line);
    const { id, author, subject, committedAt } = by;
    return { line, commit: id, author, subject, at: timeOf(committedAt) };
  });
}

/** Throws where the lines of the file are not those of its blob. */
async function requireText({ opened, commit, ref, path }: BlamedFile): Promise<void> {
  const { repository, batch } = opened;
  const { id, bytes, content } = await blobAt(opened, commit, ref, path);
  if (bytes >= pointerLimit) return;
  if (readPointer(content ?? (await batch.read(id)).bytes) === null) return;
  throw new KeydriftError(
    'NOT_SUPPORTED',
    `${repository.name}: ${path} is stored in Git LFS, whose lines git cannot blame`,
    { hint: { text: 'See its changes as a whole', command: `git log -- ${shellQuote(path)}` } },
  );
}

/** Lines as ranges, for fewer arguments. */
function rangesOf(lines: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = [];
  for (const line of [...new Set(lines)].toSorted((a, b) => a - b)) {
    if (!Number.isSafeInteger(line) || line < 1) {
      throw new KeydriftError('INTERNAL', `${line} is no line of a file`);
    }
    const last = ranges.at(-1);
    if (last !== undefined && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}

/** Each group begins with `<commit> <line there> <line here> <count>`; all else has a word first. */
function commitsByLine(incremental: string): ReadonlyMap<number, string> {
  const commits = new Map<number, string>();
  for (const [, id = '', first, count] of incremental.matchAll(
    /^([0-9a-f]{40,64}) \d+ (\d+) (\d+)$/gm,
  )) {
    for (let at = 0; at < Number(count); at++) commits.set(Number(first) + at, id);
  }
  return commits;
}

function unblamed(repository: Repository, path: string, line: number): KeydriftError {
  return new KeydriftError(
    'GIT_FAILED',
    `${repository.name}: git does not blame line ${line} of ${path}`,
  );
}
