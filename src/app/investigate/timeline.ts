import { driftOf, weave, type Standing } from '../../history/index.ts';
import { amplificationOf } from '../../compare/index.ts';
import type {
  CommitEntry,
  FindingCounts,
  ObjectVersion,
  PinnedCopy,
  Policy,
  PublishedClaim,
  Relation,
  ReportError,
  ReviewedChange,
  Side,
  TimelineEntry,
  TimelinePoint,
  VersionEntry,
} from '../../model/index.ts';
import type { Content, Contents, Reading } from './contents.ts';
import { reviewedContent } from './find-cause.ts';

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
  { changes, versions, allChanges }: Histories,
  contents: Contents,
  progress: (done: number, total: number) => void,
): Promise<readonly Moment[]> {
  const inForce = changes.filter(({ arrivedAt }) => arrivedAt !== null).toReversed();
  const past = versions.toReversed();
  const standings = weave(
    inForce.map(({ arrivedAt }) => Date.parse(arrivedAt ?? '')),
    past.map(({ version }) => Date.parse(version.lastModified)),
  );
  const moments: Moment[] = [];
  for (const [index, standing] of standings.entries()) {
    const change = standing.reviewed === null ? null : inForce[standing.reviewed]!;
    const version = standing.runtime === null ? null : past[standing.runtime]!;
    // The side that stays for the next moment is the one to keep at hand.
    const staying = standings[index + 1]?.side === 'reviewed' ? 'runtime' : 'reviewed';
    const known = change !== null || allChanges;
    const told = known ? await relate(change, version, contents, staying) : unknown;
    moments.push({ standing, change, version, ...told });
    progress(index + 1, standings.length);
  }
  return moments;
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
  return contents.relate(reviewedContent(reviewed), version.content, staying);
}

/** The timeline, the newest first; commits of side branches stand at the time of their commit. */
export async function buildTimeline(
  { changes, versions }: Histories,
  moments: readonly Moment[],
  contents: Contents,
): Promise<readonly TimelineEntry[]> {
  const byChange = new Map(
    moments.flatMap((one) => (one.standing.side === 'reviewed' ? [[one.change, one]] : [])),
  );
  const byVersion = new Map(
    moments.flatMap((one) => (one.standing.side === 'runtime' ? [[one.version, one]] : [])),
  );
  const entries: { readonly at: number; readonly entry: TimelineEntry }[] = [];
  const current = changes.find(({ arrivedAt }) => arrivedAt !== null);
  for (const change of changes.toReversed()) {
    const moment = byChange.get(change) ?? null;
    const reading = await readCopy(change.copy, contents);
    entries.push({
      at: moment?.standing.at ?? Date.parse(change.committedAt),
      entry: commitEntry(change, moment, reading, change === current),
    });
  }
  for (const version of versions.toReversed()) {
    const moment = byVersion.get(version)!;
    const reading = version.content === null ? null : await contents.read(version.content);
    entries.push({
      at: moment.standing.at,
      entry: versionEntry(version, moment, reading, version === versions[0]),
    });
  }
  // Stable: at one time the later pushed, a version, is the newer one.
  return entries
    .toSorted((a, b) => a.at - b.at)
    .map(({ entry }) => entry)
    .toReversed();
}

function readCopy(copy: PinnedCopy | null, contents: Contents): Promise<Reading> | null {
  return copy === null ? null : contents.read(reviewedContent(copy));
}

function commitEntry(
  { commit, author, subject, path, committedAt, copy, arrivedAt }: ReviewedChange,
  moment: Moment | null,
  reading: Reading | null,
  current: boolean,
): CommitEntry {
  return {
    side: 'reviewed',
    at: arrivedAt ?? committedAt,
    commit,
    author,
    subject,
    path,
    deleted: copy === null,
    inForce: arrivedAt !== null,
    ...readingFacts(reading),
    relation: moment?.relation ?? null,
    counts: moment?.counts ?? null,
    current,
  };
}

function versionEntry(
  { version, claim, taken, error }: RuntimeVersion,
  moment: Moment,
  reading: Reading | null,
  current: boolean,
): VersionEntry {
  const facts = readingFacts(reading);
  return {
    side: 'runtime',
    at: version.lastModified,
    versionId: version.versionId,
    deleted: version.deleted,
    bytes: version.bytes,
    claim,
    evidence: reading === null ? null : taken === 'etag' ? 'etag' : reading.from,
    reviewedCommit: moment.change?.commit ?? null,
    ...facts,
    error: error ?? facts.error,
    relation: moment.relation,
    counts: moment.counts,
    current,
  };
}

function readingFacts(
  reading: Reading | null,
): Pick<
  CommitEntry,
  'rows' | 'units' | 'redundant' | 'invalid' | 'amplification' | 'sha256' | 'error'
> {
  const facts = reading?.facts ?? null;
  if (facts === null) {
    const none = { rows: null, units: null, redundant: null, invalid: null };
    return { ...none, amplification: null, sha256: null, error: reading?.error ?? null };
  }
  const { rows, units, invalid, sha256 } = facts;
  const redundant = rows - units - invalid;
  const amplification = amplificationOf(facts);
  return { rows, units, redundant, invalid, amplification, sha256, error: null };
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
