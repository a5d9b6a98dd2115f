import {
  countsOf,
  findingKinds,
  shortVersionId,
  type ArtifactReport,
  type Cost,
  type FindingCounts,
  type FindingKind,
  type Investigation,
  type Onset,
  type PointChange,
  type Relation,
  type TimelineEntry,
  type TimelinePoint,
} from '../../model/index.ts';
import { count } from '../../model/names.ts';
import type { Show } from '../cause.ts';
import { escapeTerminal } from '../escape.ts';
import { briefTime, shortCommit, shortTime } from '../revision.ts';
import { byteSize, capitalized, countsPhrase, duration } from '../wording.ts';
import { isAt } from './fold.ts';

/** What names a point of the timeline, short: `commit 3f2a9c1`, `version 3HL4kqtJ`, `the runtime copy`. */
export function pointName({ side, id }: TimelinePoint): string {
  if (side === 'reviewed') return id === null ? 'the reviewed copy' : `commit ${shortCommit(id)}`;
  return id === null ? 'the runtime copy' : `version ${shortId(side, id)}`;
}

/** The id of a point alone, as it fits a column. */
export function shortId(side: TimelinePoint['side'], id: string | null): string {
  if (id === null) return '-';
  return side === 'reviewed' ? shortCommit(id) : escapeTerminal(shortVersionId(id));
}

/** How the times of a story are told: to the minute, or to the second where that tells two moments apart. */
export function clockOf(timeline: readonly TimelineEntry[]): (iso: string) => string {
  const told = (clock: (iso: string) => string): number =>
    new Set(timeline.map(({ at }) => clock(at))).size;
  return told(briefTime) === told(shortTime) ? briefTime : shortTime;
}

/**
 * Since when it drifts, for how long, and which change `did` it: `began it`; `show` makes safe what
 * strangers wrote.
 */
function onsetSentence(
  onset: Onset,
  timeline: readonly TimelineEntry[],
  show: Show,
  did: string,
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
  return `${time} ${capitalized(name)} ${did}${what}${inForce}.`;
}

/**
 * What a version did to units against the one before it: `1 added, 2 changed`; empty: nothing, or nobody
 * knows. A unit that repeats otherwise, or holds other values, is changed.
 */
export function changedUnits(change: PointChange | null): string {
  if (change === null) return '';
  const { counts, findings } = change;
  const entire = findings.filter(({ kind }) => kind === 'added' || kind === 'removed');
  const whole = new Set(entire.map(({ key }) => JSON.stringify(key)));
  const touched = findings.filter(({ kind }) => kind === 'duplicated' || kind === 'conflict');
  const units = new Set(touched.map(({ key }) => JSON.stringify(key)));
  const changed = [...units].filter((id) => !whole.has(id)).length;
  // What is not listed is of no known unit.
  const isAll =
    entire.length === counts.added + counts.removed &&
    touched.length === counts.duplicated + counts.conflict;
  const told = [
    [counts.added, 'added'],
    [counts.removed, 'removed'],
    [changed, 'changed'],
  ] as const;
  const parts = told.flatMap(([number, word]) => (number === 0 ? [] : [`${number} ${word}`]));
  return isAll || parts.length === 0 ? parts.join(', ') : `at least ${parts.join(', ')}`;
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

/** A point with which findings began that stand now, and how many of each kind. */
export interface Begun extends TimelinePoint {
  readonly counts: FindingCounts;
}

/** With what the findings of now began. */
export interface Beginnings {
  /** The newest first. */
  readonly points: readonly Begun[];
  /** Whether it is known of each finding, listed or not. */
  readonly isAll: boolean;
  /** All that is wrong now is outside of the slice that is told; left out: it is not. */
  readonly elsewhere?: true;
}

/** Where no finding tells with what it began. */
export const nothingBegun: Beginnings = { points: [], isAll: false };

/** With what that began what is wrong now; of tables, and without a history, nothing is known. */
export function beginningsOf({
  findings,
  truncated,
}: Pick<ArtifactReport, 'findings' | 'truncated'>): Beginnings {
  const told = findings.filter(({ severity }) => severity !== 'ignore');
  const found = new Map<string, Begun & { readonly counts: Record<FindingKind, number> }>();
  for (const { kind, began } of told) {
    if (began === undefined) continue;
    const id = JSON.stringify([began.side, began.id, began.at]);
    const known = found.get(id) ?? { ...began, counts: countsOf(() => 0) };
    known.counts[kind] += 1;
    found.set(id, known);
  }
  const points = [...found.values()].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const isAll = truncated === null && told.every(({ began }) => began !== undefined);
  return { points, isAll };
}

/** Whether the drift began with something that is wrong now, or that may be. */
export function beganWithOnset(onset: Onset, { points, isAll, elsewhere }: Beginnings): boolean {
  if (elsewhere === true) return false;
  return !isAll || points.length === 0 || points.some((one) => isSamePoint(one, onset));
}

/** Whether two points are one. */
export function isSamePoint(one: TimelinePoint, other: TimelinePoint): boolean {
  return one.side === other.side && one.id === other.id && one.at === other.at;
}

/** Points that a sentence names. */
const pointsNamed = 3;

/**
 * With what that began what is wrong now, where all of it began later than the drift, and since when there
 * is drift at all. `where`: ` in this slice`.
 */
export function onsetSentences(
  onset: Onset,
  begun: Beginnings,
  timeline: readonly TimelineEntry[],
  { where = '', ...show }: Show & { readonly where?: string },
): readonly string[] {
  if (beganWithOnset(onset, begun)) return [onsetSentence(onset, timeline, show, 'began it')];
  const { points, elsewhere } = begun;
  const clock = clockOf(timeline);
  if (elsewhere === true) {
    const since = `${pointName(onset)}, ${clock(onset.at)}`;
    return [`Nothing is wrong now${where}; the copies have drifted in others, since ${since}.`];
  }
  const [kind, ...others] = points.flatMap(({ counts }) =>
    findingKinds.flatMap((one) => Array.from({ length: Math.min(counts[one], 2) }, () => one)),
  );
  const told = points.slice(0, pointsNamed).map((one) => {
    const found = others.length === 0 ? '' : ` (${countsPhrase(one.counts)})`;
    return `with ${pointName(one)}, ${clock(one.at)}${found}`;
  });
  const rest = points.length - told.length;
  const all = [...told, ...(rest > 0 ? [`${rest} earlier ones`] : [])].join('; ');
  const isOne = others.length === 0 && kind === 'conflict';
  const what = isOne ? 'This conflict' : `What is wrong now${where}`;
  return [
    `${what} began ${all}; the copies have drifted, by other findings, since ${pointName(onset)}.`,
    // What stands now began with others.
    `Drifted since ${onsetSentence(onset, timeline, show, 'was the first to differ')}`,
  ];
}

/** Kinds of finding that did not begin with the drift itself, and where each began. */
export function ownOnsets(
  onset: Onset,
  begun: Beginnings,
): readonly (readonly [FindingKind, TimelinePoint, number | null])[] {
  return findingKinds.flatMap((kind): (readonly [FindingKind, TimelinePoint, number | null])[] => {
    const of = begun.points.filter(({ counts }) => counts[kind] > 0);
    const point = onset.byKind[kind];
    // Of findings that are all known, a kind that none is of stands elsewhere.
    const isElsewhere = begun.isAll && begun.points.length > 0;
    const ofKind = point === undefined || isElsewhere || begun.elsewhere === true ? [] : [point];
    const points = of.length === 0 ? ofKind : of;
    const own = points.filter((one) => !isSamePoint(one, onset));
    return own.map((one) => [kind, one, of.length > 1 ? countAt(of, one, kind) : null]);
  });
}

function countAt(of: readonly Begun[], point: TimelinePoint, kind: FindingKind): number | null {
  return of.find((one) => one === point)?.counts[kind] ?? null;
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
