import {
  findingKinds,
  type LaterOnset,
  type Onset,
  type TimelineEntry,
  type TimelinePoint,
} from '../../model/index.ts';

/** A part of the timeline that is shown: an entry, or the number of those left out between two. */
export type TimelinePart =
  | { readonly kind: 'entry'; readonly entry: TimelineEntry }
  | { readonly kind: 'fold'; readonly number: number; readonly what: 'unchanged' | 'others' };

/** Runs shorter than this are not worth a line that stands for them. */
const shortestRun = 4;

/**
 * The timeline as people read it: of a run of versions of the same bytes, the newest and the oldest; at most `limit` entries, and where drift began whatever the limit.
 */
export function foldTimeline(
  timeline: readonly TimelineEntry[],
  onset: Onset | null,
  limit: number,
): readonly TimelinePart[] {
  const pinned = timeline.map((entry) => isOnset(entry, onset) || beginsKind(entry, onset));
  const unchanged = insideRuns(timeline, pinned);
  let room = limit;
  const parts: TimelinePart[] = [];
  for (const [at, entry] of timeline.entries()) {
    const shown = pinned[at] === true || (unchanged[at] === false && room > 0);
    if (shown) {
      parts.push({ kind: 'entry', entry });
      room -= 1;
      continue;
    }
    const what = unchanged[at] === true ? 'unchanged' : 'others';
    const last = parts.at(-1);
    if (last?.kind !== 'fold') parts.push({ kind: 'fold', number: 1, what });
    else parts[parts.length - 1] = joined(last, what);
  }
  return parts;
}

/** Whether the present drift began with an entry. */
export function isOnset(entry: TimelineEntry, onset: Onset | null): boolean {
  return onset !== null && isAt(entry, onset);
}

/** Whether an entry is the one that a point names. */
export function isAt(entry: TimelineEntry, { side, id, at }: TimelinePoint): boolean {
  const own = entry.side === 'reviewed' ? entry.commit : entry.versionId;
  return entry.side === side && own === id && entry.at === at;
}

/** Points after the onset that are shown whatever the limit, the newest. */
const laterShown = 3;

/** What of now began with an entry that is later than the onset; null: nothing. */
export function laterAt(entry: TimelineEntry, onset: Onset | null): LaterOnset | null {
  return onset?.later.slice(0, laterShown).find((point) => isAt(entry, point)) ?? null;
}

function beginsKind(entry: TimelineEntry, onset: Onset | null): boolean {
  const kinds = findingKinds.some((kind) => {
    const point = onset?.byKind[kind];
    return point !== undefined && isAt(entry, point);
  });
  return kinds || laterAt(entry, onset) !== null;
}

/** For each entry, whether it stands between two of a run that are like it. */
function insideRuns(
  timeline: readonly TimelineEntry[],
  pinned: readonly boolean[],
): readonly boolean[] {
  const states = timeline.map((entry, at) => (pinned[at] === true ? null : stateOf(entry)));
  const inside = timeline.map(() => false);
  let start = 0;
  for (let at = 1; at <= states.length; at += 1) {
    if (at < states.length && states[at] !== null && states[at] === states[start]) continue;
    if (at - start >= shortestRun) inside.fill(true, start + 1, at - 1);
    start = at;
  }
  return inside;
}

/**
 * What makes two object versions alike: equal bytes that stand alike. Null for what is like no other:
 * every commit is a change, and so is what was not read.
 */
function stateOf(entry: TimelineEntry): string | null {
  if (entry.side === 'reviewed' || entry.sha256 === null) return null;
  const { relation, counts, sha256 } = entry;
  return JSON.stringify([sha256, relation, counts]);
}

function joined(
  { number, what }: TimelinePart & { kind: 'fold' },
  next: 'unchanged' | 'others',
): TimelinePart {
  return { kind: 'fold', number: number + 1, what: what === next ? what : 'others' };
}
