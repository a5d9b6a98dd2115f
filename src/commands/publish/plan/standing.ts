import {
  KeydriftError,
  type CommitPlace,
  type Location,
  type PinnedCopy,
  type PlannedObject,
  type PlannedOrder,
  type ReviewedHistory,
} from '../../../model/index.ts';
import type { Sources } from '../../../judge/context.ts';
import { askTogether } from '../../../judge/last-changes.ts';
import type { ContentNames } from '../../../sources/index.ts';
import type { Moment } from './reviewed.ts';

/** What would be written, and what over. */
export interface Overwriting {
  /** The written file, its ref the commit. */
  readonly location: Location;
  readonly commit: string;
  readonly object: PlannedObject;
  readonly names: ContentNames;
}

/** Where what is there stands in the history of what would be written. */
export type Standing = Omit<PlannedOrder, 'allowedBy'>;

/**
 * Where the objects of some writes stand, in their order (SPEC §7): by an object's claim first, if it
 * fits its bytes, else by the bytes. A claim is text of a stranger: it only ever tells which commit is
 * meant, never what the bytes are. How often a store is asked does not grow with the writes. An error
 * stands for a write of which that cannot be told.
 */
export async function standingsOf(
  writes: readonly Overwriting[],
  { sources, now }: Moment,
): Promise<readonly (Standing | KeydriftError)[]> {
  const locations = writes.map(({ location }) => location);
  const told = await askTogether(locations, sources, (source, inside) =>
    source.reviewedHistories?.(inside, now),
  );
  const histories = told.map((one) => one ?? new KeydriftError('INTERNAL', 'no history came'));
  const claims = writes.map(claimedCommit);
  const places = await placesOf(writes, claims, sources);
  const known = writes.map((write, at) => byClaim(write, histories[at]!, claims[at]!, places[at]!));
  const open = known.flatMap((one, at) => (one === null ? [at] : []));
  const branches = await byBranches(
    open.map((at) => writes[at]!),
    sources,
  );
  const found = new Map(open.map((at, index) => [at, branches[index]!]));
  return known.map((one, at) => {
    const history = histories[at]!;
    if (one !== null) return one;
    if (history instanceof KeydriftError) return history;
    return byBytes(history, claims[at]!, places[at]!, found.get(at)!);
  });
}

function standing(
  where: Standing['standing'],
  by: Standing['by'],
  commit: string | null,
  changes: number | null = null,
): Standing {
  return { standing: where, by, commit, changes };
}

/** The commit of a claim that fits the bytes, by its SHA-256 and by its blob; null: there is none. */
function claimedCommit({ object: { claim }, names }: Overwriting): string | null {
  if (claim === null || claim.fits !== true || claim.commit === null) return null;
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(claim.commit)) return null;
  return claim.blob === null || names.blobs.includes(claim.blob) ? claim.commit : null;
}

function isNamed({ revision }: PinnedCopy, { blobs }: ContentNames): boolean {
  const { blob } = revision.facts;
  return blob !== undefined && blobs.includes(blob);
}

/** Where commits stand, seen from those that would be written; without one null. */
async function placesOf(
  writes: readonly Overwriting[],
  commits: readonly (string | null)[],
  sources: Sources,
): Promise<readonly (CommitPlace | KeydriftError | null)[]> {
  const asked = writes.flatMap(({ location }, at) => {
    const commit = commits[at] ?? null;
    return commit === null ? [] : [{ at, location, commit }];
  });
  const told = await askTogether(
    asked.map(({ location }) => location),
    sources,
    (source, _inside, places) => source.placesOf?.(places.map((place) => asked[place]!)),
  );
  const unknown: CommitPlace = { place: 'unknown' };
  const found = new Map(asked.map(({ at }, index) => [at, told[index] ?? unknown]));
  return writes.map((_, at) => found.get(at) ?? null);
}

/** What a claim and the history of what would be written tell; null: what branches hold is to be asked. */
function byClaim(
  { names }: Overwriting,
  history: ReviewedHistory | KeydriftError,
  claim: string | null,
  place: CommitPlace | KeydriftError | null,
): Standing | KeydriftError | null {
  if (history instanceof KeydriftError) return history;
  if (place instanceof KeydriftError) return place;
  // A revert has older bytes and is newer all the same.
  if (place?.place === 'newer') return standing('newer', 'claim', claim, place.changes);
  const isEarlier = history.changes.some(({ copy }) => copy !== null && isNamed(copy, names));
  if (place?.place !== 'earlier' && !isEarlier) return null;
  return claim === null ? standing('forward', 'bytes', null) : standing('forward', 'claim', claim);
}

/** The bytes among what branches and tags hold that the written commits do not contain; null: not there. */
async function byBranches(
  writes: readonly Overwriting[],
  sources: Sources,
): Promise<readonly (Standing | KeydriftError | null)[]> {
  const unmerged = await askTogether(
    writes.map(({ location }) => location),
    sources,
    (source, inside) => source.unmergedChanges?.(inside),
  );
  const commits = writes.map(({ names }, at) => {
    const changes = unmerged[at] ?? [];
    if (changes instanceof KeydriftError) return null;
    return changes.find(({ copy }) => isNamed(copy, names))?.commit ?? null;
  });
  const places = await placesOf(writes, commits, sources);
  return writes.map((_, at) => {
    const changes = unmerged[at] ?? null;
    if (changes instanceof KeydriftError) return changes;
    const place = places[at] ?? null;
    if (place === null || place instanceof KeydriftError) return place;
    const commit = commits[at]!;
    return place.place === 'newer'
      ? standing('newer', 'bytes', commit, place.changes)
      : standing('beside', 'bytes', commit);
  });
}

/** What is left to tell where neither the claim nor the history decided. */
function byBytes(
  { reach }: ReviewedHistory,
  claim: string | null,
  place: CommitPlace | KeydriftError | null,
  branches: Standing | KeydriftError | null,
): Standing | KeydriftError {
  if (branches instanceof KeydriftError) return branches;
  // Bytes that nothing at hand has, and that claim nothing.
  if (claim === null) {
    return branches ?? standing(reach === 'complete' ? 'unreviewed' : 'unknown', null, null);
  }
  // A history that is cut off may lack what joins the two.
  const isBeside = place !== null && 'place' in place && place.place === 'beside';
  if (isBeside && reach === 'complete') {
    return branches?.standing === 'newer' ? branches : standing('beside', 'claim', claim);
  }
  return branches ?? standing('unknown', 'claim', claim);
}
