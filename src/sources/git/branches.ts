import { resolveCommit } from './commit.ts';
import { gitFailure } from './failure.ts';
import { once } from './once.ts';
import { runGit } from './process.ts';
import type { Branch, OpenRepository, Repository } from './repository.ts';
import { revisionLines } from './walk.ts';

/** Where refs are, the dearest first, and what is cut off their names. */
const kinds: readonly (readonly [folder: string, cut: string])[] = [
  ['refs/heads/', 'refs/heads/'],
  ['refs/remotes/', 'refs/remotes/'],
  ['refs/tags/', 'refs/'],
];

/**
 * Branches that are not contained in a commit, the dearest first: local ones, remote-tracking ones,
 * tags, a detached HEAD; the shortest names, then by code units. Read once a run. Throws `GIT_FAILED`.
 */
export function branchesBeside(opened: OpenRepository, commit: string): Promise<readonly Branch[]> {
  return once(opened.branches, commit, () => listBeside(opened, commit));
}

async function listBeside(opened: OpenRepository, commit: string): Promise<readonly Branch[]> {
  const { repository } = opened;
  const format = ['objecttype', 'objectname', '*objecttype', '*objectname', 'symref', 'refname'];
  const listed = await runGit(repository, [
    'for-each-ref',
    `--no-merged=${commit}`,
    `--format=${format.map((field) => `%(${field})`).join('%00')}`,
    ...kinds.map(([folder]) => folder),
  ]);
  if (listed.code !== 0) throw gitFailure(repository, listed, 'listing the branches');
  const found: (readonly [kind: number, branch: Branch])[] = [];
  for (const line of listed.stdout.toString('utf8').split('\n')) {
    const [type, id = '', peeledType, peeled = '', symref, ref = ''] = line.split('\0');
    const kind = kinds.findIndex(([folder]) => ref.startsWith(folder));
    const tip = type === 'commit' ? id : peeledType === 'commit' ? peeled : null;
    if (tip === null || symref !== '' || kind < 0) continue;
    found.push([kind, { name: ref.slice(kinds[kind]?.[1].length), tip }]);
  }
  const head = await resolveCommit(opened, 'HEAD').catch(() => null);
  const isDetached =
    head !== null && head.id !== commit && found.every(([, { tip }]) => tip !== head.id);
  if (isDetached) found.push([kinds.length, { name: 'HEAD', tip: head.id }]);
  return found
    .toSorted(
      ([kindA, a], [kindB, b]) =>
        kindA - kindB || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
    )
    .map(([, branch]) => branch);
}

/** For each commit of some branches that another one does not contain: the dearest that has it. */
export async function branchesByCommit(
  repository: Repository,
  branches: readonly Branch[],
  without: string,
): Promise<ReadonlyMap<string, Branch>> {
  const tips = branches.map(({ tip }) => tip);
  const args = ['rev-list', '--topo-order', '--parents', '--stdin'];
  const listed = await runGit(repository, args, revisionLines(tips, [without]));
  if (listed.code !== 0) throw gitFailure(repository, listed, 'reading the branches');
  const ranks = new Map<string, number>();
  const prefer = (commit: string, rank: number): void => {
    ranks.set(commit, Math.min(rank, ranks.get(commit) ?? rank));
  };
  for (const [rank, tip] of tips.entries()) prefer(tip, rank);
  // Each commit comes after all that build on it, whose branches have it too.
  for (const line of listed.stdout.toString('latin1').split('\n')) {
    const [commit = '', ...parents] = line.split(' ');
    const rank = ranks.get(commit);
    if (rank !== undefined) for (const parent of parents) prefer(parent, rank);
  }
  return new Map([...ranks].map(([commit, rank]) => [commit, branches[rank]!]));
}
