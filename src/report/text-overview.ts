import type { ArtifactReport, Verdict } from '../model/index.ts';
import { escapeTerminal } from './escape.ts';
import { briefSide, shortCommit, shortRevision } from './revision.ts';
import type { FindingGroup } from './select.ts';
import { paintLead, type Paint, type Style } from './style.ts';
import {
  displayName,
  hasDetails,
  isAllowed,
  isPlain,
  joinFacts,
  plainPhrase,
  verdictFacts,
  verdictLabel,
} from './summary.ts';
import type { TextContext } from './text-context.ts';
import { keepTogether, padEnd, widthOf, wrap } from './width.ts';
import { more, verdictWords } from './wording.ts';

/** Columns of a name that others are put in line with, however narrow the terminal is. */
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
  const rest = off.slice(shown.length).map(({ artifact }) => artifact);
  return [
    ...lines,
    ...(rest.length > 0 ? wrap(restPhrase(rest), context.width, 2) : []),
    ...(plain.length > 0 ? [plainPhrase(plain)] : []),
  ];
}

/** Copies that the overview has no room for, by their verdicts: no kind of trouble is out of sight. */
function restPhrase(rest: readonly ArtifactReport[]): string {
  const told = (['drifted', 'indeterminate', 'in-sync'] as const).flatMap((verdict) => {
    const those = rest.filter((artifact) => artifact.verdict === verdict);
    if (those.length === 0) return [];
    const { summary, contractSummary } = verdictWords[verdict];
    const isOfContracts = those.every(({ state }) => state === null);
    const words = isOfContracts ? contractSummary[those.length === 1 ? 0 : 1] : summary;
    const said = verdict === 'in-sync' ? `${words} with something to say` : words;
    return [keepTogether(`${those.length} ${said}`)];
  });
  return `${more(rest.length)}: ${told.join(', ')}`;
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
  // As wide as facts leave room for: a longer name pushes those of its own line only.
  const widest = Math.max(widestName, context.width - labels - 2 * gap.length - leastFacts);
  const nameColumn = Math.max(...names.filter((width) => width <= widest), 8);
  const column = labels + nameColumn + 2 * gap.length;
  const hang = context.width - column < leastFacts ? gap.length : column;
  return all.flatMap((grouped) => {
    const label = verdictLabel(grouped.artifact);
    const name = padEnd(displayName(grouped.artifact), nameColumn);
    const start = keepTogether(padEnd(label, labels) + gap + name + gap.slice(1));
    const told = factsOf(grouped, detail).map((facts) =>
      wrap(`${start} ${facts}`, context.width, hang),
    );
    return paintLead(
      told.find((lines) => lines.length === 1) ?? told.at(-1) ?? [],
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
export function paintVerdict(artifact: ArtifactReport, label: string, paint: Paint): string {
  const { verdict } = artifact;
  const painted = paint(isAllowed(artifact) ? 'yellow' : verdictStyles[verdict], label);
  return verdict === 'in-sync' ? painted : paint('bold', painted);
}

/** Facts as text to wrap; what has no details also shorter, for lines that do not hold its revisions. */
function factsOf({ artifact, groups }: Grouped, detail: OverviewDetail): readonly string[] {
  const facts = joinFacts(verdictFacts(artifact, groups));
  const { error, reviewed, runtime, state } = artifact;
  if (detail === 'alone') {
    return [error === null ? facts : `${facts}: ${escapeTerminal(error.message)}`];
  }
  if (hasDetails(artifact, groups) || state === null) return [facts];
  const changedIn = reviewed?.changedIn;
  const revision =
    changedIn === undefined
      ? reviewed && shortRevision(reviewed.revision)
      : shortCommit(changedIn.commit);
  const pins = [
    ...(revision === null ? [] : [revision]),
    ...(runtime === null ? [] : [briefSide(runtime)]),
  ];
  const kept = [pins, pins.slice(0, 1)].map((some) => `${facts}  ${keepTogether(some.join(', '))}`);
  return [...kept, facts];
}
