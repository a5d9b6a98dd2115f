import type { CommitPlace, KeydriftError } from '../../model/index.ts';
import { gitFailure } from './failure.ts';
import { isOwnChange } from './lineage.ts';
import { runGit } from './process.ts';
import type { OpenRepository, Repository } from './repository.ts';
import { answerTogether, type TrackedFile } from './reviewed.ts';
import { revisionLines, walkPaths } from './walk.ts';

/** A file at the commit of its ref, and another commit by its whole id. */
export interface AskedPlace extends TrackedFile {
  readonly commit: string;
}

/**
 * How commits stand to those of their files, in their order: two processes for all that are of one
 * commit, and the one that reads objects. An error stands for a file that has one.
 */
export function placesOf(
  asked: readonly (AskedPlace | KeydriftError)[],
): Promise<readonly (CommitPlace | KeydriftError)[]> {
  return answerTogether(asked, placesBesideOne);
}

async function placesBesideOne(files: readonly AskedPlace[]): Promise<readonly CommitPlace[]> {
  const { opened, tip } = files[0]!;
  const ids = await idsOf(
    opened,
    files.map(({ commit }) => commit),
  );
  const beyond = await commitsBeyond(opened.repository, tip, [...new Set(ids.values())]);
  const building = buildingOn(tip, beyond);
  const newer = files.flatMap(({ path, commit }) => {
    const id = ids.get(commit);
    return id !== undefined && building.has(id) ? [{ path, id }] : [];
  });
  const counts = await countChanges(opened.repository, tip, newer, beyond);
  return files.map(({ path, commit }): CommitPlace => {
    const id = ids.get(commit);
    if (id === undefined) return { place: 'unknown' };
    if (!beyond.has(id)) return { place: 'earlier' };
    if (!building.has(id)) return { place: 'beside' };
    return { place: 'newer', changes: counts.get(`${id} ${path}`) ?? 0 };
  });
}

/** No commit or tag is larger: what is, is not read for its id. */
const smallObject = 1024 * 1024;

/** Ids of the commits that are at hand, by how they are asked for: a tag's id is followed. */
async function idsOf(
  { batch }: OpenRepository,
  asked: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  await Promise.all(
    [...new Set(asked)].map(async (commit) => {
      const found = await batch.peek(`${commit}^{commit}`, smallObject).catch(() => null);
      if (found !== null) ids.set(commit, found.id);
    }),
  );
  return ids;
}

/** Parents of the commits in the histories of some that are not in that of a tip; parents stand first. */
async function commitsBeyond(
  repository: Repository,
  tip: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (ids.every((id) => id === tip)) return new Map();
  const args = ['rev-list', '--parents', '--topo-order', '--reverse', '--stdin'];
  const listed = await runGit(repository, args, revisionLines(ids, [tip]));
  if (listed.code !== 0) throw gitFailure(repository, listed, 'comparing commits');
  const lines = listed.stdout.toString('latin1').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [id = '', ...parents] = line.split(' ');
      return [id, parents] as const;
    }),
  );
}

/** Those of some commits beyond a tip that have it in their history. */
function buildingOn(
  tip: string,
  beyond: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const building = new Set([tip]);
  for (const [id, parents] of beyond) {
    if (parents.some((parent) => building.has(parent))) building.add(id);
  }
  return building;
}

/** How many commits beyond a tip changed a file by themselves, up to another commit; by that and the path. */
async function countChanges(
  repository: Repository,
  tip: string,
  newer: readonly { readonly path: string; readonly id: string }[],
  beyond: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (newer.length === 0) return counts;
  const tips = [...new Set(newer.map(({ id }) => id))];
  const paths = [...new Set(newer.map(({ path }) => path))];
  const walked = await walkPaths(repository, { tips, without: [tip], parents: 'all' }, paths);
  const changing = new Map(paths.map((path): [string, string[]] => [path, []]));
  for (const commit of walked) {
    for (const path of new Set(commit.diffs.map((diff) => diff.path))) {
      if (isOwnChange(commit, path)) changing.get(path)?.push(commit.id);
    }
  }
  const histories = new Map<string, ReadonlySet<string>>();
  for (const { path, id } of newer) {
    const history = histories.get(id) ?? historyOf(id, beyond);
    histories.set(id, history);
    const changes = changing.get(path)?.filter((commit) => history.has(commit)) ?? [];
    counts.set(`${id} ${path}`, changes.length);
  }
  return counts;
}

/** A commit and what is in its history beyond the tip. */
function historyOf(
  id: string,
  beyond: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const history = new Set([id]);
  // What is added while it is walked is walked as well.
  for (const commit of history) {
    for (const parent of beyond.get(commit) ?? []) if (beyond.has(parent)) history.add(parent);
  }
  return history;
}
