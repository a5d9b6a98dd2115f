import type { ArtifactReport, Verdict } from '../model/index.ts';
import { escapeTerminal } from './escape.ts';
import { briefSide, shortCommit, shortRevision } from './revision.ts';
import type { FindingGroup } from './select.ts';
import { paintLead, type Paint, type Style } from './style.ts';
import {
  displayName,
  hasDetails,
  isPlain,
  joinFacts,
  plainPhrase,
  verdictFacts,
  verdictLabel,
} from './summary.ts';
import type { TextContext } from './text-context.ts';
import { keepTogether, padEnd, widthOf, wrap } from './width.ts';
import { more } from './wording.ts';

const widestName = 24;
/** Columns below which facts do not stand in a column of their own. */
const leastFacts = 30;
const gap = '  ';

/** An artifact of the overview with its findings grouped. */
export interface Grouped {
  readonly artifact: ArtifactReport;
  readonly groups: readonly FindingGroup[];
}

/** What a line of the overview has room for: details follow it, or it stands alone. */
export type OverviewDetail = 'details-follow' | 'alone';

/** Lines that a person sees at once. */
export const screen = 40;

/** Artifacts whose overview is told whole. */
export const few = 30;

/**
 * The overview of all artifacts, worst first; of very many as much as `most` lines hold. What is plain
 * is one line together where there are many, or where what changes is asked for.
 */
export function overviewScreen(
  ranked: readonly Grouped[],
  context: TextContext,
  most: number,
): readonly string[] {
  const isOfChange = ranked.some(({ artifact }) => artifact.change !== null);
  if (ranked.length <= few && !isOfChange) return overviewLines(ranked, 'details-follow', context);
  const off = ranked.filter(({ artifact }) => !isPlain(artifact));
  const plain = ranked.map(({ artifact }) => artifact).filter(isPlain);
  let shown = off.slice(0, few);
  let lines = overviewLines(shown, 'details-follow', context);
  while (lines.length > most && shown.length > 1) {
    shown = shown.slice(0, -1);
    lines = overviewLines(shown, 'details-follow', context);
  }
  const rest = off.length - shown.length;
  return [
    ...lines,
    ...(rest > 0 ? [`${more(rest)} that are not in sync or have something to say`] : []),
    ...(plain.length > 0 ? [plainPhrase(plain)] : []),
  ];
}

/** One line for each artifact, or more where a line is too narrow: verdict, name, facts. */
export function overviewLines(
  all: readonly Grouped[],
  detail: OverviewDetail,
  context: TextContext,
): readonly string[] {
  if (all.length === 0) return [];
  const labels = Math.max(...all.map(({ artifact }) => widthOf(verdictLabel(artifact))));
  const names = all.map(({ artifact }) => widthOf(displayName(artifact)));
  const nameColumn = Math.max(...names.filter((width) => width <= widestName), 8);
  const column = labels + nameColumn + 2 * gap.length;
  const hang = context.width - column < leastFacts ? gap.length : column;
  return all.flatMap((grouped) => {
    const label = verdictLabel(grouped.artifact);
    const name = padEnd(displayName(grouped.artifact), nameColumn);
    const start = keepTogether(padEnd(label, labels) + gap + name + gap.slice(1));
    return paintLead(
      wrap(`${start} ${factsOf(grouped, detail)}`, context.width, hang),
      label,
      paintVerdict(grouped.artifact, label, context.paint),
    );
  });
}

const verdictStyles: Readonly<Record<Verdict, Style>> = {
  'in-sync': 'green',
  drifted: 'red',
  indeterminate: 'yellow',
};

/** The verdict's label in its colour: red needs action, yellow needs another try. */
export function paintVerdict({ verdict }: ArtifactReport, label: string, paint: Paint): string {
  const painted = paint(verdictStyles[verdict], label);
  return verdict === 'in-sync' ? painted : paint('bold', painted);
}

/** Facts as text to wrap. */
function factsOf({ artifact, groups }: Grouped, detail: OverviewDetail): string {
  const facts = joinFacts(verdictFacts(artifact, groups));
  const { error, reviewed, runtime, state } = artifact;
  if (detail === 'alone') {
    return error === null ? facts : `${facts}: ${escapeTerminal(error.message)}`;
  }
  if (hasDetails(artifact, groups) || state === null) return facts;
  const changedIn = reviewed?.changedIn;
  const revision =
    changedIn === undefined
      ? reviewed && shortRevision(reviewed.revision)
      : shortCommit(changedIn.commit);
  const pins = [
    ...(revision === null ? [] : [revision]),
    ...(runtime === null ? [] : [briefSide(runtime)]),
  ];
  return `${facts}  ${keepTogether(pins.join(', '))}`;
}
