import { toKeydriftError, type KeydriftError } from '../../model/index.ts';
import { gitFailure } from './failure.ts';
import { runGit } from './process.ts';
import type { OpenRepository, Repository } from './repository.ts';
import type { WalkedCommit } from './walk.ts';

/** A path of a commit: one that it has and that one of its parents has not, or the other way round. */
export interface CommitPath {
  readonly commit: WalkedCommit;
  readonly path: string;
}

/** What an added path was called at the commit's first parent. */
export interface Renaming {
  readonly from: string;
  readonly parent: string;
}

/** Told why earlier names of a file are not known: its history under its own name stands. */
export type Lost = (error: KeydriftError) => void;

/** A path of a commit that has a parent. */
interface Question {
  readonly addition: CommitPath;
  readonly parent: string;
}

const listRenames = [
  'diff-tree',
  '--stdin',
  '-r',
  '-z',
  '-M',
  '--diff-filter=R',
  '--name-status',
  '--no-ext-diff',
];

/**
 * Those additions that renamed a file, as git detects renames, against the first parent. Finding
 * renames looks at every file of a commit, so that is asked of true additions only: a merge often
 * has its path from the first parent. One process for all, and the one that reads objects. Where the
 * search fails, as in a clone that lacks blobs, no addition is a renaming, and `lost` is told why.
 */
export async function renamingsOf(
  { repository, batch }: OpenRepository,
  additions: readonly CommitPath[],
  lost: Lost,
): Promise<ReadonlyMap<CommitPath, Renaming>> {
  const questions = questionsOf(additions);
  const ofMerges = questions.filter(({ addition }) => addition.commit.parents.length > 1);
  const renamings = new Map<CommitPath, Renaming>();
  try {
    const atParents = await batch.sizes(new Set(ofMerges.map(atParent)));
    const added = questions.filter((question) => !atParents.has(atParent(question)));
    const sources = await sourcesIn(repository, added);
    for (const { addition, parent } of added) {
      const from = sources.get(addition.commit.id)?.get(addition.path);
      if (from !== undefined) renamings.set(addition, { from, parent });
    }
  } catch (thrown) {
    lost(toKeydriftError(thrown));
  }
  return renamings;
}

/** What a file was renamed to, where a commit took it away. One process for all. */
export async function targetsOf(
  repository: Repository,
  removals: readonly CommitPath[],
): Promise<ReadonlyMap<CommitPath, readonly string[]>> {
  const none = new Map<string, ReadonlyMap<string, string>>();
  const sources = await sourcesIn(repository, questionsOf(removals)).catch(() => none);
  const ofCommit = new Map<string, ReadonlyMap<string, readonly string[]>>();
  for (const [commit, renamed] of sources) ofCommit.set(commit, turned(renamed));
  return new Map(
    removals.map((removal) => {
      const { commit, path } = removal;
      return [removal, ofCommit.get(commit.id)?.get(path) ?? []];
    }),
  );
}

/** By what files were called before: what they are called now. */
function turned(renamed: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const targets = new Map<string, string[]>();
  for (const [to, from] of renamed) {
    const known = targets.get(from);
    if (known === undefined) targets.set(from, [to]);
    else known.push(to);
  }
  return targets;
}

function questionsOf(all: readonly CommitPath[]): readonly Question[] {
  return all.flatMap((addition): readonly Question[] => {
    const [parent] = addition.commit.parents;
    return parent === undefined || addition.path.includes('\n') ? [] : [{ addition, parent }];
  });
}

function atParent({ addition, parent }: Question): string {
  return `${parent}:${addition.path}`;
}

/** For each commit: what its renamed files were called, by what they are called in it. */
async function sourcesIn(
  repository: Repository,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const sources = new Map<string, Map<string, string>>();
  if (questions.length === 0) return sources;
  const lines = new Set(questions.map(({ addition, parent }) => `${addition.commit.id} ${parent}`));
  const listed = await runGit(repository, listRenames, `${[...lines].join('\n')}\n`);
  if (listed.code !== 0) throw gitFailure(repository, listed, 'looking for renamed files');
  const fields = listed.stdout.toString('utf8').split('\0');
  let names = new Map<string, string>();
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    if (/^R\d*$/.test(field)) {
      names.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
      at += 2;
      continue;
    }
    names = new Map();
    sources.set(field, names);
  }
  return sources;
}
