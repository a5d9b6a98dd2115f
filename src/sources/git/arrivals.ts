import { KeydriftError } from '../../model/index.ts';
import type { Commit } from './commit.ts';
import { gitFailure, shellWord } from './failure.ts';
import { outputOf, startGit, type GitChild } from './process.ts';
import type { OpenRepository } from './repository.ts';
import { blobAt } from './tree.ts';

/** A version of a file, by the commit with which it arrived on a first-parent chain. */
export interface Arrival {
  readonly commit: string;
  /** That commit's time: ISO 8601 in UTC. */
  readonly arrivedAt: string;
  readonly blob: string;
}

/** A commit that changed the path; blob null: no file was there any more. */
interface Change {
  commit: string;
  at: number;
  readonly blob: string | null;
}

/**
 * The versions of a path that were in force within the `seconds` before a commit's own time, newest
 * first; the first is the commit's own. A version is in force until the next one arrives.
 * Throws `GIT_HISTORY_CUT_OFF` where a shallow clone does not tell when one arrived.
 */
export async function arrivalsOf(
  opened: OpenRepository,
  commit: Commit,
  path: string,
  seconds: number,
  running: Set<GitChild>,
): Promise<readonly Arrival[]> {
  const from = Date.parse(commit.committedAt) / 1000 - seconds;
  const changes: Change[] = [];
  for await (const { id, at, parents } of changesOf(opened, commit, path, running)) {
    const newer = changes.at(-1);
    // What was replaced before that moment was not in force any more.
    if (newer !== undefined && newer.at < from) break;
    if (parents === '') await requireRoot(opened, id);
    const blob = await blobIn(opened, { ...commit, id }, path);
    if (newer !== undefined && newer.blob === blob) {
      // Only its mode was changed: the content arrived with the older commit.
      newer.commit = id;
      newer.at = at;
    } else changes.push({ commit: id, at, blob });
  }
  return changes.flatMap((change) =>
    change.blob === null
      ? []
      : [
          {
            commit: change.commit,
            arrivedAt: new Date(change.at * 1000).toISOString(),
            blob: change.blob,
          },
        ],
  );
}

/** Commits of the first-parent chain that changed a path, newest first, as git finds them. */
async function* changesOf(
  { repository }: OpenRepository,
  commit: Commit,
  path: string,
  running: Set<GitChild>,
): AsyncGenerator<{ readonly id: string; readonly at: number; readonly parents: string }> {
  const options = ['--first-parent', '--no-show-signature', '--no-ext-diff', '--no-patch'];
  const args = ['log', ...options, '--format=%H,%ct,%P', commit.id, '--', path];
  const output = outputOf(
    () => startGit(repository, args),
    running,
    (exit) => gitFailure(repository, exit, `reading the history of ${path}`),
  );
  let text = '';
  for await (const chunk of output) {
    text += Buffer.from(chunk).toString('latin1');
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', at = '', parents = ''] = line.split(',');
      if (id !== '') yield { id, at: Number(at), parents };
    }
  }
}

/** A shallow clone shows its oldest commits as if they had no parents; the objects tell. */
async function requireRoot({ repository, batch }: OpenRepository, id: string): Promise<void> {
  if (!repository.shallow) return;
  const header = Buffer.from((await batch.read(id)).bytes)
    .toString('latin1')
    .split('\n\n', 1)[0];
  if (header === undefined || !/^parent /m.test(header)) return;
  throw new KeydriftError(
    'GIT_HISTORY_CUT_OFF',
    `${repository.name}: this clone is shallow, its history ends at ${id.slice(0, 7)}: which versions were in force before cannot be said`,
    {
      hint: `"fetch-depth: 0" in a CI checkout, or: git -C ${shellWord(repository.directory)} fetch --unshallow`,
    },
  );
}

async function blobIn(
  { repository }: OpenRepository,
  commit: Commit,
  path: string,
): Promise<string | null> {
  try {
    return (await blobAt(repository, commit, commit.id, path)).id;
  } catch (error) {
    const absent = error instanceof KeydriftError && noFile.has(error.code);
    if (absent) return null;
    throw error;
  }
}

const noFile: ReadonlySet<string> = new Set(['GIT_PATH_NOT_FOUND', 'GIT_NOT_A_FILE']);
