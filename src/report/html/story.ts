import type {
  Cause,
  Cost,
  FindingCounts,
  Investigation,
  Onset,
  Relation,
  TimelinePoint,
} from '../../model/index.ts';
import { shortTime } from '../revision.ts';
import { count, kindWords } from '../wording.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Why the copies differ, a sentence each; the commit and its author are told beside it. */
export function causeSentences(cause: Cause): readonly string[] {
  const commit = cause.commit === null ? 'a commit' : `commit ${shortCommit(cause.commit)}`;
  const reason = cause.reason === null ? [] : [sentence(cause.reason)];
  switch (cause.kind) {
    case 'stale':
      return [
        `Stale: the runtime copy equals ${commit}, ${count(cause.behind ?? 0, 'change')} of the file behind the reviewed copy.`,
        ...replaced(cause),
        ...reason,
      ];
    case 'ahead':
      return [
        `The reviewed copy is ahead: the runtime copy equals ${commit}, the version just before the last change of the file.`,
        ...replaced(cause),
        ...reason,
      ];
    case 'unmerged':
      return [
        `Unmerged: the runtime copy equals ${commit}${cause.branch === null ? '' : ` of ${cause.branch}`}, which the reviewed ref does not contain.`,
        ...reason,
      ];
    case 'edited':
      return [`Edited: no commit has this content. ${nearest(cause, commit)}`, ...reason];
    case 'unknown':
      return [
        cause.reason === null ? 'Cause unknown.' : `Cause unknown: ${sentence(cause.reason)}`,
      ];
  }
}

/** Since when, in sentences. */
export function onsetSentences(onset: Onset): readonly string[] {
  const where =
    onset.side === 'reviewed'
      ? `commit ${shortCommit(onset.id ?? '')}`
      : onset.id === null
        ? 'the runtime copy'
        : `object version ${onset.id}`;
  const since = onset.began === 'earlier' ? 'It was there already at' : 'The drift began with';
  return [
    `${since} ${where} of ${shortTime(onset.at)}, and has lasted ${duration(onset.lastedMs)} over ${count(onset.versions, 'object version')}.`,
    ...(onset.reviewedCommit === null || onset.side === 'reviewed'
      ? []
      : [`Commit ${shortCommit(onset.reviewedCommit)} was the reviewed copy then.`]),
  ];
}

/** What the repetition costs, a sentence each. */
export function costSentences(cost: Cost): readonly string[] {
  if (cost.redundantRows === 0) return [];
  const work = count(cost.redundantRows, 'redundant execution');
  if (cost.redundantBytes === null) return [`Every run has ${work}.`];
  const least = cost.known === 'part' ? 'at least ' : '';
  return [`Every run scans ${least}${bytes(cost.redundantBytes)} again, in ${work}.`];
}

/** What of the histories is not at hand. */
export function historySentences({ history }: Investigation): readonly string[] {
  return [
    ...(history.reviewed === 'shallow'
      ? ['The clone is shallow: older commits are not at hand.']
      : []),
    ...(history.runtime === 'unversioned'
      ? ['The bucket is not versioned: only the present object is known.']
      : []),
    ...(history.runtime === 'cut-off' ? ['Older object versions were not asked for.'] : []),
    ...history.reasons.map(sentence),
  ];
}

/** What a relation says of a version and the reviewed copy of its time. */
export const relationWords: Readonly<Record<Relation, string>> = {
  identical: 'identical',
  equivalent: 'equivalent',
  drifted: 'drifted',
  missing: 'no runtime object',
  unreviewed: 'no reviewed file',
  unreadable: 'unreadable content',
};

/** `2 added, 1 duplicated`; nothing without any. */
export function countsText(counts: FindingCounts): string {
  const inOrder: FindingCounts = { ...kindWords, ...counts };
  return Object.entries(inOrder)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${kind}`)
    .join(', ');
}

/** `commit 3f2a9c1`, `version 3HL4kqtJ`, or the side where nothing names it. */
export function pointName({ side, id }: Pick<TimelinePoint, 'side' | 'id'>): string {
  if (id === null) return `${side} copy`;
  return side === 'reviewed' ? `commit ${shortCommit(id)}` : `version ${id.slice(0, 8)}`;
}

export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

/** `3 days 4 h`, of milliseconds. */
export function duration(ms: number): string {
  if (ms < minute) return 'less than a minute';
  if (ms < hour) return count(Math.floor(ms / minute), 'minute');
  if (ms < day) return parts(ms, hour, 'hour', minute, 'min');
  return parts(ms, day, 'day', hour, 'h');
}

/** `1.4 GiB`, of bytes. */
export function bytes(size: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  if (power === 0) return count(size, 'byte');
  const value = size / 1024 ** power;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}

function nearest({ edits }: Cause, commit: string): string {
  if (edits === null) return `The nearest is ${commit}.`;
  const { total, ...kinds } = edits;
  return `The nearest is ${commit}, with ${count(total, 'edit')} on top of it: ${countsText({ ...kinds, bounds: 0 })}.`;
}

function replaced({ replacedAt }: Cause): readonly string[] {
  return replacedAt === null
    ? []
    : [`A newer version replaced it as the reviewed copy at ${shortTime(replacedAt)}.`];
}

function parts(ms: number, large: number, name: string, small: number, unit: string): string {
  const rest = Math.floor((ms % large) / small);
  return count(Math.floor(ms / large), name) + (rest === 0 ? '' : ` ${rest} ${unit}`);
}

/** A reason as a sentence of its own. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
