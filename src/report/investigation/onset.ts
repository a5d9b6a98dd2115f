import type { Onset, SliceStory, TimelineEntry } from '../../model/index.ts';
import { groupFindings } from '../select.ts';
import { paintLead } from '../style.ts';
import type { TextContext } from '../text-context.ts';
import { findingLines } from '../text-findings.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { countsPhrase } from '../wording.ts';
import { isOfSlice } from './slice.ts';
import { ownOnsets, ownOnsetWords, pointName } from './sentences.ts';

/** What the one before is called, and the one that began the drift. */
export const versionNames = { reviewed: 'earlier', runtime: 'later' } as const;

/** What changed where the drift began: a heading, then the findings between the two, of a slice its own. */
export function onsetLines(
  onset: Onset,
  slice: SliceStory | null,
  context: TextContext,
): readonly string[] {
  const { change } = onset;
  if (change === null) return [];
  const findings = change.findings.filter((one) => slice === null || isOfSlice(one, slice));
  const lead = `what ${pointName(onset)} changed`;
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
  timeline: readonly TimelineEntry[],
  { width }: TextContext,
): readonly string[] {
  return ownOnsets(onset).flatMap(([kind, point]) =>
    wrap(`${kind}: ${ownOnsetWords(kind, point, timeline)}`, width, indent.length),
  );
}
