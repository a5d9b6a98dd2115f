import type { PointComparison, TimelinePoint } from '../../model/index.ts';
import { errorLines } from '../error.ts';
import { briefTime } from '../revision.ts';
import { groupFindings } from '../select.ts';
import { paintLead } from '../style.ts';
import { joinFacts, verdictFacts } from '../summary.ts';
import { sideLines, warningLines } from '../text-artifact.ts';
import type { TextContext } from '../text-context.ts';
import { findingLines, pairLines } from '../text-findings.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { pointName } from './sentences.ts';

const points = { reviewed: '--from', runtime: '--to' } as const;

/** Two points of the histories compared: what they are, and the findings between them. */
export function comparisonLines(
  { from, to, artifact }: PointComparison,
  context: TextContext,
): readonly string[] {
  const inner = { ...context, sides: points, width: context.width - indent.length };
  const groups = groupFindings(artifact.findings, context.limit, artifact.truncated);
  const lead = `from ${pointText(from)} to ${pointText(to)}`;
  const facts = joinFacts(verdictFacts(artifact, groups));
  const heading = wrap(`${lead}: ${facts}`, context.width, indent.length);
  const body = [
    sideLines(artifact, inner),
    artifact.error === null ? [] : errorLines(artifact.error, inner),
    ...groups.map((group) => findingLines(group, artifact, inner)),
    pairLines(artifact, inner),
    warningLines(artifact.warnings, inner),
  ]
    .filter((block) => block.length > 0)
    .flatMap((block, at) => (at === 0 ? block : ['', ...block]));
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...body.map((line) => (line === '' ? '' : indent + line)),
  ];
}

function pointText(point: TimelinePoint): string {
  return `${pointName(point)} of ${briefTime(point.at)}`;
}
