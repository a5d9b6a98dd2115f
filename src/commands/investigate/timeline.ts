import { amplificationOf } from '../../compare/index.ts';
import type {
  CommitEntry,
  PinnedCopy,
  ReviewedChange,
  TimelineEntry,
  VersionEntry,
} from '../../model/index.ts';
import { isTable, type Contents, type Reading } from '../../judge/explain/contents.ts';
import type { Content } from '../../judge/explain/facts-memory.ts';
import { reviewedContent } from '../../judge/explain/find-cause.ts';
import type { Histories, Moment, RuntimeVersion } from '../../judge/explain/moments.ts';

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
  /** `rank`: where it stands among the moments; what is none of them comes before those of its time. */
  const entries: {
    readonly at: number;
    readonly rank: number;
    readonly entry: TimelineEntry;
  }[] = [];
  const ranks = new Map(moments.map((moment, rank) => [moment, rank]));
  const current = changes.find(({ arrivedAt }) => arrivedAt !== null);
  for (const change of changes.toReversed()) {
    const moment = byChange.get(change) ?? null;
    const reading = await readCopy(change.copy, contents);
    entries.push({
      at: moment?.standing.at ?? Date.parse(change.committedAt),
      rank: moment === null ? -1 : ranks.get(moment)!,
      entry: commitEntry(change, moment, reading, change === current),
    });
  }
  for (const version of versions.toReversed()) {
    const moment = byVersion.get(version)!;
    const reading = version.content === null ? null : await readVersion(version.content, contents);
    entries.push({
      at: moment.standing.at,
      rank: ranks.get(moment)!,
      entry: versionEntry(version, moment, reading, version === versions[0]),
    });
  }
  return entries
    .toSorted((a, b) => a.at - b.at || a.rank - b.rank)
    .map(({ entry }) => entry)
    .toReversed();
}

/** A snapshot of a table is not read for the sake of its line. */
function readVersion(content: Content, contents: Contents): Promise<Reading | null> {
  return isTable(content) ? contents.known(content) : contents.read(content);
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
  runtime: RuntimeVersion,
  moment: Moment,
  reading: Reading | null,
  current: boolean,
): VersionEntry {
  const { version, claim, taken, error } = runtime;
  const told = readingFacts(reading);
  const { content } = runtime;
  // A snapshot has no bytes.
  const facts = content !== null && isTable(content) ? { ...told, sha256: null } : told;
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
