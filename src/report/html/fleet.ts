import type { ArtifactReport, Report, Verdict } from '../../model/index.ts';
import { causeSentence, onTerminal, driftedSince } from '../cause.ts';
import { errorLines } from '../error.ts';
import { escapeTerminal } from '../escape.ts';
import { briefTime } from '../revision.ts';
import { groupFindings } from '../select.ts';
import { workSentences } from '../sentences.ts';
import { plain } from '../style.ts';
import {
  artifactFacts,
  displayName,
  hasDetails,
  isClean,
  rankOf,
  verdictLabel,
  warningText,
  worstFirst,
} from '../summary.ts';
import { stateText } from '../wording.ts';
import { verdictBadge } from './artifact.ts';
import { fleetHeads, type FleetFacts } from './fleet-facts.ts';
import { foreign, markup, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

/** Artifacts that have a part of the page of their own; more are told by the table alone. */
export const mostParts = 25;
/** Rows that stand in the page itself, for a reader without scripts. */
const staticRows = 50;
/** Of an artifact's warnings. */
const mostWarnings = 10;

/** Where an artifact's part of the page starts. */
export function anchorOf(at: number): string {
  return `artifact-${at + 1}`;
}

/** Whether an artifact has a part of the page: it says more than its line, and there is room. */
export function hasPart({ artifacts }: Report, artifact: ArtifactReport): boolean {
  return (
    artifacts.length <= mostParts &&
    hasDetails(artifact, groupFindings(artifact.findings, 0, artifact.truncated))
  );
}

/** What the page's script tells of an artifact. */
export function fleetFacts(report: Report, artifact: ArtifactReport, at: number): FleetFacts {
  const { verdict, state, owner, runbook, labels, runtime, cause = null } = artifact;
  const { error, warnings, whatToDo = [] } = artifact;
  const since = driftedSince(artifact);
  return {
    name: displayName(artifact),
    anchor: hasPart(report, artifact) ? anchorOf(at) : null,
    rank: rankOf(artifact),
    verdict,
    label: verdictLabel(artifact),
    found: artifactFacts(artifact),
    owner: escapeTerminal(owner ?? ''),
    runbook: escapeTerminal(runbook ?? ''),
    labels: [...labels].map(([name, value]) => [escapeTerminal(name), escapeTerminal(value)]),
    state: state === null ? '' : stateText(state, error),
    since: since === null ? '' : briefTime(since),
    change: artifact.transition?.change ?? '',
    redundant: runtime?.redundant ?? null,
    cause: cause?.kind ?? '',
    sentences: [
      ...(cause === null ? [] : [causeSentence(cause, report.startedAt, onTerminal)]),
      ...(error === null ? [] : errorLines(error, { width: 1000, paint: plain })),
      ...workSentences(artifact),
      ...warnings
        .slice(0, mostWarnings)
        .map((one) => `warning: ${escapeTerminal(warningText(one))}`),
    ],
    steps: whatToDo.map(({ kind, text, commands }) => ({
      kind,
      text: escapeTerminal(text),
      commands: commands.map(escapeTerminal),
    })),
  };
}

/** Every artifact in a table, worst first, which the page's script filters, sorts and opens. */
export function overview(report: Report): Markup {
  const { artifacts } = report;
  const all = artifacts.map((artifact, at) => ({ artifact, at }));
  const shown = worstFirst(all).slice(0, staticRows);
  const rows = shown.map(({ artifact, at }) => {
    const name = foreign(displayName(artifact));
    const since = driftedSince(artifact);
    return [
      verdictBadge(artifact.verdict, verdictLabel(artifact)),
      hasPart(report, artifact) ? markup`<a href="#${anchorOf(at)}">${name}</a>` : name,
      artifactFacts(artifact),
      artifact.owner === null ? null : foreign(artifact.owner),
      since === null ? null : briefTime(since),
      artifact.runtime?.redundant ?? null,
      artifact.cause?.kind ?? null,
    ];
  });
  const columns = [
    { head: fleetHeads.verdict, look: 'short' as const },
    { head: fleetHeads.name, look: 'short' as const },
    { head: fleetHeads.found, look: 'long' as const },
    { head: fleetHeads.owner },
    { head: fleetHeads.since, look: 'short' as const },
    { head: fleetHeads.redundant, look: 'number' as const },
    { head: fleetHeads.cause, look: 'short' as const },
  ];
  const rest =
    shown.length === artifacts.length
      ? null
      : markup`<p class="note">${`The first ${shown.length} of ${artifacts.length} artifacts, worst first.`}</p>`;
  return markup`<section aria-labelledby="overview"><h2 id="overview">Overview</h2>
${counts(artifacts)}
<div class="findings" data-fleet>${staticTable('Overview of the artifacts', columns, rows)}${rest}</div></section>
`;
}

/** How many there are of each verdict. */
function counts(artifacts: readonly ArtifactReport[]): Markup {
  const of = (wanted: Verdict): number =>
    artifacts.filter(({ verdict }) => verdict === wanted).length;
  const remarks = artifacts.filter(
    (artifact) => artifact.verdict === 'in-sync' && !isClean(artifact),
  ).length;
  const redundant = artifacts.reduce((sum, { runtime }) => sum + (runtime?.redundant ?? 0), 0);
  const figures = [
    ['artifacts', artifacts.length],
    ['drifted', of('drifted')],
    ['without a verdict', of('indeterminate')],
    ['in sync, with remarks', remarks],
    ['in sync', of('in-sync') - remarks],
    ['redundant rows at run time', redundant],
  ] as const;
  return markup`<dl class="figures">${figures.map(
    ([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
