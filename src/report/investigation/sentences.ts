import {
  findingKinds,
  type Cost,
  type FindingKind,
  type Investigation,
  type Onset,
  type Relation,
  type TimelineEntry,
  type TimelinePoint,
} from '../../model/index.ts';
import type { Show } from '../cause.ts';
import { escapeTerminal } from '../escape.ts';
import { briefTime, shortCommit, shortTime } from '../revision.ts';
import { byteSize, capitalized, count, countsPhrase, duration } from '../wording.ts';
import { isAt } from './fold.ts';

const shortVersion = 8;

/** What names a point of the timeline, short: `commit 3f2a9c1`, `version 3HL4kqtJ`, `the runtime copy`. */
export function pointName({ side, id }: TimelinePoint): string {
  if (side === 'reviewed') return id === null ? 'the reviewed copy' : `commit ${shortCommit(id)}`;
  return id === null ? 'the runtime copy' : `version ${shortId(side, id)}`;
}

/** The id of a point alone, as it fits a column. */
export function shortId(side: TimelinePoint['side'], id: string | null): string {
  if (id === null) return '-';
  return side === 'reviewed' ? shortCommit(id) : escapeTerminal(id.slice(0, shortVersion));
}

/** How the times of a story are told: to the minute, or to the second where that tells two moments apart. */
export function clockOf(timeline: readonly TimelineEntry[]): (iso: string) => string {
  const told = (clock: (iso: string) => string): number =>
    new Set(timeline.map(({ at }) => clock(at))).size;
  return told(briefTime) === told(shortTime) ? briefTime : shortTime;
}

/**
 * Since when it drifts, for how long, and which change began it; `show` makes safe what strangers
 * wrote.
 */
export function onsetSentence(
  onset: Onset,
  timeline: readonly TimelineEntry[],
  show: Show,
): string {
  const { began, versions, side, reviewedCommit, change } = onset;
  const lasting = [
    duration(onset.lastedMs),
    ...(versions === 0 || !keepsVersions(timeline) ? [] : [count(versions, 'object version')]),
  ].join(' and ');
  const clock = clockOf(timeline);
  const name = pointName(onset) + subjectOf(onset, timeline, show);
  if (began === 'earlier') {
    const time = `${clock(onset.at)} at the latest, for at least ${lasting}.`;
    const oldest =
      onset.id === null
        ? `${capitalized(name)} was written then and had drifted already; no older one is known.`
        : `${capitalized(name)} is the oldest that is known, and the copies differed already.`;
    return `${time} ${oldest}`;
  }
  const found = change === null ? '' : countsPhrase(change.counts);
  const what = found === '' ? '' : ` (in the ${side} copy: ${found})`;
  const inForce =
    side === 'reviewed' || reviewedCommit === null
      ? ''
      : `, while commit ${shortCommit(reviewedCommit)} was the reviewed copy`;
  const time = `${clock(onset.at)}, for ${lasting}.`;
  return `${time} ${capitalized(name)} began it${what}${inForce}.`;
}

/** A store without versions has the present copy only: that is no version of anything. */
function keepsVersions(timeline: readonly TimelineEntry[]): boolean {
  return timeline.some((entry) => entry.side === 'runtime' && entry.versionId !== null);
}

function subjectOf(onset: Onset, timeline: readonly TimelineEntry[], { title }: Show): string {
  const entry = timeline.find((one) => isAt(one, onset));
  if (entry === undefined || entry.side === 'runtime') return '';
  return ` (${title(entry.author)}: ${title(entry.subject)})`;
}

/** Kinds of finding that did not begin with the drift itself, and where each began. */
export function ownOnsets(onset: Onset): readonly (readonly [FindingKind, TimelinePoint])[] {
  return findingKinds.flatMap((kind) => {
    const point = onset.byKind[kind];
    if (point === undefined || (point.side === onset.side && point.id === onset.id)) return [];
    return [[kind, point] as const];
  });
}

/** Relations of copies of which one could not be read, or was not there to be compared with. */
const uncompared: ReadonlySet<Relation> = new Set(['unreviewed', 'unreadable', 'other-columns']);

/**
 * Where a kind of finding began. What was the first to be compared with began nothing; a unit that was
 * repeated already, and now disagrees with itself, is no new repetition.
 */
export function ownOnsetWords(
  kind: FindingKind,
  point: TimelinePoint,
  timeline: readonly TimelineEntry[],
): string {
  const since = `since ${clockOf(timeline)(point.at)}`;
  const index = timeline.findIndex((entry) => isAt(entry, point));
  const older = index === -1 ? [] : timeline.slice(index + 1);
  const last = older.find(({ relation }) => relation !== null)?.relation ?? null;
  if (last !== null && uncompared.has(last)) {
    return `known ${since}: before ${pointName(point)} the copies could not be compared`;
  }
  const began = `${since}, with ${pointName(point)}`;
  const before = older.find(({ counts }) => counts !== null)?.counts ?? null;
  const repeated = kind === 'conflict' ? (before?.duplicated ?? 0) : 0;
  const now = timeline[index]?.counts?.duplicated ?? 0;
  return repeated > now ? `${began}; before it: ${repeated} duplicated` : began;
}

/** What the repetition scans again; null where nothing is repeated, or nobody said what a unit scans. */
export function costSentence(cost: Cost): string | null {
  if (cost.redundantRows === 0 || cost.scans === null) return null;
  if (cost.redundantBytes === null || cost.known === 'none') {
    return 'what the redundant executions scan could not be established.';
  }
  const least = cost.known === 'part' ? 'at least ' : '';
  return `${least}${byteSize(cost.redundantBytes)} scanned again in each run.`;
}

/** What of the two histories is not at hand. */
export function historySentences({
  reviewed,
  runtime,
  reasons,
}: Investigation['history']): readonly string[] {
  return [
    ...(runtime === null ? [] : runtimeWords[runtime]),
    ...(reviewed === null ? [] : reviewedWords[reviewed]),
    ...reasons.map(escapeTerminal),
  ];
}

const runtimeWords: Readonly<
  Record<NonNullable<Investigation['history']['runtime']>, readonly string[]>
> = {
  versioned: [],
  unversioned: ['No versions are kept of the runtime copy: only the present one is known.'],
  'cut-off': ['There are older object versions, which were not read.'],
};

const reviewedWords: Readonly<
  Record<NonNullable<Investigation['history']['reviewed']>, readonly string[]>
> = {
  complete: [],
  shallow: ['The clone is shallow: older commits are not known.'],
};
