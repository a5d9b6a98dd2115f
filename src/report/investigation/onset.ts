import type {
  FindingKind,
  Onset,
  PointChange,
  SliceStory,
  TimelineEntry,
  TimelinePoint,
} from '../../model/index.ts';
import { groupFindings } from '../select.ts';
import { paintLead } from '../style.ts';
import type { TextContext } from '../text-context.ts';
import { findingLines } from '../text-findings.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { countsPhrase, more } from '../wording.ts';
import { isOfSlice } from './slice.ts';
import {
  beganWithOnset,
  isSamePoint,
  ownOnsets,
  ownOnsetWords,
  pointName,
  type Beginnings,
} from './sentences.ts';

/** What the one before is called, and the one that began the drift. */
export const versionNames = { reviewed: 'earlier', runtime: 'later' } as const;

/** Points after the onset whose changes are told. */
const laterTold = 3;

/** The points with which began what is wrong now, and what changed in them, the newest first. */
export function toldChanges(
  { later, ...onset }: Onset,
  begun: Beginnings,
): readonly (readonly [TimelinePoint, PointChange])[] {
  const own = later.filter((one) => begun.points.some((point) => isSamePoint(one, point)));
  const points = [
    ...own.slice(0, laterTold),
    ...(beganWithOnset({ ...onset, later }, begun) ? [onset] : []),
  ];
  return points.flatMap((point) => (point.change === null ? [] : [[point, point.change]]));
}

/** What changed where what is wrong now began, a block each. */
export function onsetBlocks(
  onset: Onset,
  begun: Beginnings,
  slice: SliceStory | null,
  context: TextContext,
): readonly (readonly string[])[] {
  return toldChanges(onset, begun).map(([point, change]) =>
    changeLines(point, change, slice, context),
  );
}

/** A heading, then the findings between a point and the one before it, of a slice its own. */
function changeLines(
  point: TimelinePoint,
  change: PointChange,
  slice: SliceStory | null,
  context: TextContext,
): readonly string[] {
  const findings = change.findings.filter((one) => slice === null || isOfSlice(one, slice));
  const lead = `what ${pointName(point)} changed`;
  const found = countsPhrase(change.counts);
  const heading = wrap(
    `${lead} against the one before it: ${found === '' ? 'nothing that counts' : found}`,
    context.width,
    indent.length,
  );
  const inner = { ...context, sides: versionNames, width: context.width - indent.length };
  const groups = groupFindings(findings, context.limit);
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...groups.flatMap((group) =>
      findingLines(group, { state: 'drifted' }, inner).map((line) => indent + line),
    ),
  ];
}

/** Kinds of finding that did not begin with the drift itself, a line each. */
export function ownOnsetLines(
  onset: Onset,
  begun: Beginnings,
  timeline: readonly TimelineEntry[],
  { width, limit }: TextContext,
): readonly string[] {
  const lines = ownOnsetTexts(onset, begun, timeline);
  const rest = lines.length - limit;
  return [
    ...lines
      .slice(0, limit)
      .flatMap(([kind, words]) => wrap(`${kind}: ${words}`, width, indent.length)),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

/** Kinds of finding that did not begin with the drift, each with where it began. */
export function ownOnsetTexts(
  onset: Onset,
  begun: Beginnings,
  timeline: readonly TimelineEntry[],
): readonly (readonly [FindingKind, words: string])[] {
  return ownOnsets(onset, begun).map(([kind, point, number]) => {
    const words = ownOnsetWords(kind, point, timeline);
    return [kind, number === null ? words : `${begun.isAll ? '' : 'at least '}${number} ${words}`];
  });
}
