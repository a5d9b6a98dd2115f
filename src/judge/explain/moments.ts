import { driftOf, weave, type Standing } from '../../history/index.ts';
import {
  KeydriftError,
  type FindingCounts,
  type ObjectVersion,
  type Policy,
  type PublishedClaim,
  type Relation,
  type ReportError,
  type ReviewedChange,
  type Side,
  type TimelinePoint,
} from '../../model/index.ts';
import { isOfVersion, type Contents } from './contents.ts';
import { reviewedContent } from './find-cause.ts';
import type { Content } from './facts-memory.ts';

/** An object version as the engine reads it. */
export interface RuntimeVersion {
  readonly version: ObjectVersion;
  /** Null: a delete marker, or a version that could not be reached. */
  readonly content: Content | null;
  /** `etag`: its content is that of another version with an equal ETag and size. */
  readonly taken: 'own' | 'etag';
  readonly claim: PublishedClaim | null;
  readonly error: ReportError | null;
}

/** Both histories of one runtime copy, each the newest first. */
export interface Histories {
  readonly changes: readonly ReviewedChange[];
  readonly versions: readonly RuntimeVersion[];
  /** Whether the oldest version is the first there ever was, as far as the store tells. */
  readonly allVersions: boolean;
  /** Whether the oldest change is the first there ever was. */
  readonly allChanges: boolean;
}

/** One moment at which a side changed, and what stood on both sides from then on. */
export interface Moment {
  readonly standing: Standing;
  readonly change: ReviewedChange | null;
  readonly version: RuntimeVersion | null;
  readonly relation: Relation | null;
  readonly counts: FindingCounts | null;
}

/** The moments of both histories, the oldest first, each pair of copies compared once. */
export async function readMoments(
  histories: Histories,
  contents: Contents,
  progress: (done: number, total: number) => void,
): Promise<readonly Moment[]> {
  const standing = await standMoments(histories, contents);
  const moments: Moment[] = [];
  for (const [index, moment] of standing.entries()) {
    // The side that stays for the next moment is the one to keep at hand.
    const staying = standing[index + 1]?.standing.side === 'reviewed' ? 'runtime' : 'reviewed';
    moments.push(await relateMoment(moment, histories, contents, staying));
    progress(index + 1, standing.length);
  }
  return moments;
}

/** A moment with how its copies stood to each other. */
export async function relateMoment(
  moment: Moment,
  { allChanges }: Pick<Histories, 'allChanges'>,
  contents: Contents,
  staying: Side,
): Promise<Moment> {
  const { change, version } = moment;
  if (change === null && !allChanges) return moment;
  return { ...moment, ...(await relate(change, version, contents, staying)) };
}

/** The moments of both histories, the oldest first, none of them compared yet. */
export async function standMoments(
  { changes, versions }: Pick<Histories, 'changes' | 'versions'>,
  contents: Contents,
): Promise<readonly Moment[]> {
  const inForce = changes.filter(({ arrivedAt }) => arrivedAt !== null).toReversed();
  const past = versions.toReversed();
  const claimed = await readClaims(inForce, past, contents);
  const standings = weave(
    inForce.map(({ arrivedAt }) => Date.parse(arrivedAt ?? '')),
    past.map(({ version }) => Date.parse(version.lastModified)),
    (change, version) => {
      const place = claimed.get(version);
      return place !== undefined && place < change ? 'runtime' : 'reviewed';
    },
  );
  return standings.map((standing) => ({
    standing,
    change: standing.reviewed === null ? null : inForce[standing.reviewed]!,
    version: standing.runtime === null ? null : past[standing.runtime]!,
    ...unknown,
  }));
}

/**
 * For each version of the same second as a change, the place of the change that its publisher's claim
 * names, where the claim fits its bytes: an object of an older version was there before the change.
 */
async function readClaims(
  inForce: readonly ReviewedChange[],
  past: readonly RuntimeVersion[],
  contents: Contents,
): Promise<ReadonlyMap<number, number>> {
  const seconds = new Set(inForce.map(({ arrivedAt }) => secondOf(arrivedAt ?? '')));
  const claimed = new Map<number, number>();
  for (const [at, { version, claim, content }] of past.entries()) {
    if (claim === null || content === null || !seconds.has(secondOf(version.lastModified)))
      continue;
    const { facts } = await contents.read(content);
    if (facts === null || facts.sha256 !== claim.sha256) continue;
    const place = inForce.findLastIndex(({ commit, copy }) => {
      const blob = copy?.revision.facts.blob;
      return commit === claim.commit || (blob !== undefined && blob === claim.blob);
    });
    if (place >= 0) claimed.set(at, place);
  }
  return claimed;
}

function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/** What is told where a side is not known. */
const unknown = { relation: null, counts: null };

async function relate(
  change: ReviewedChange | null,
  version: RuntimeVersion | null,
  contents: Contents,
  staying: Side,
): Promise<Pick<Moment, 'relation' | 'counts'>> {
  // Before the first version that is known, nothing is known to have drifted.
  if (version === null || version.error !== null) return unknown;
  const reviewed = change?.copy ?? null;
  if (version.content === null)
    return { relation: reviewed === null ? null : 'missing', counts: null };
  if (reviewed === null) return { relation: 'unreviewed', counts: null };
  try {
    return await contents.relate(reviewedContent(reviewed), version.content, staying);
  } catch (thrown) {
    // One version that cannot be had is a row that says so, not the end of the story.
    if (thrown instanceof KeydriftError && isOfVersion(thrown)) return unknown;
    throw thrown;
  }
}

/** The moments' kinds of drift that count by a policy, the oldest first. */
export function driftsOf(
  moments: readonly Moment[],
  policy: Policy,
): readonly ReturnType<typeof driftOf>[] {
  return moments.map(({ relation, counts }) => driftOf(relation, counts, policy));
}

/** What began at a moment, as a point of the timeline. */
export function pointOf({ standing, change, version }: Moment): TimelinePoint {
  const at = new Date(standing.at).toISOString();
  return standing.side === 'reviewed'
    ? { side: 'reviewed', id: change?.commit ?? null, at }
    : { side: 'runtime', id: version?.version.versionId ?? null, at };
}
