import type { ArtifactReport, Report, SideReport, UnreadSide, Warning } from '../model/index.ts';
import { causeSentence, onTerminal } from './cause.ts';
import { hiddenUnits, unitsOf } from './change.ts';
import { commandLines, indented } from './command-lines.ts';
import { nextBrief, nextCommand } from './command.ts';
import { errorLines } from './error.ts';
import { escapeTerminal } from './escape.ts';
import { claimSentence, describeRevision, describeSide, locationLines } from './revision.ts';
import { hiddenIn, totalOf, type FindingGroup } from './select.ts';
import { sizeOf, workSentences } from './sentences.ts';
import { paintLead } from './style.ts';
import { displayName, joinFacts, verdictFacts, verdictLabel, warningTexts } from './summary.ts';
import { changeLines } from './text-change.ts';
import type { TextContext } from './text-context.ts';
import { findingLines, pairLines } from './text-findings.ts';
import { indent } from './text-keys.ts';
import { paintVerdict } from './text-overview.ts';
import { wrap } from './width.ts';
import { more } from './wording.ts';

/** All that a person is told of one artifact: what was read, what was found, what it means, next. */
export function artifactLines(
  report: Report,
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
  context: TextContext,
): readonly string[] {
  const inner = { ...context, width: context.width - indent.length };
  const blocks = [
    sideLines(artifact, inner),
    artifact.error === null ? [] : errorLines(artifact.error, inner),
    causeLines(report, artifact, inner),
    ...groups.map((group) => findingLines(group, artifact, inner)),
    pairLines(artifact, inner),
    artifact.change === null ? [] : changeLines(artifact.change, artifact, inner),
    workSentences(artifact).flatMap((sentence) => wrap(sentence, inner.width, 2)),
    warningLines(artifact.warnings, inner),
    nextLines(report, artifact, groups, inner),
  ].filter((block) => block.length > 0);
  const body = blocks.flatMap((block, at) => (at === 0 ? block : ['', ...block]));
  return [...headLines(artifact, groups, context), ...body.map(indented)];
}

/** `participants: DRIFTED (1 duplicated)`. */
export function headLines(
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
  { width, paint }: TextContext,
): readonly string[] {
  const name = displayName(artifact);
  const label = verdictLabel(artifact);
  const lead = `${name}: ${label}`;
  const facts = joinFacts(verdictFacts(artifact, groups));
  return paintLead(
    wrap(`${lead} (${facts})`, width, indent.length),
    lead,
    `${paint('bold', name)}: ${paintVerdict(artifact, label, paint)}`,
  );
}

/** Both copies: where they are, what pins them, what was counted. */
export function sideLines(
  { reviewed, runtime, unread }: ArtifactReport,
  context: TextContext,
): readonly string[] {
  const { sides } = context;
  return [
    ...oneSide(sides.reviewed, reviewed, context),
    ...oneSide(sides.runtime, runtime, context),
    ...(unread === undefined ? [] : unreadLines(sides.runtime, unread, context)),
  ];
}

function unreadLines(name: string, side: UnreadSide, { width }: TextContext): readonly string[] {
  const hang = ' '.repeat(10);
  return [
    ...placeLines(name, side, width),
    ...wrap(hang + describeRevision(side.revision), width, hang.length),
    `${hang}no row of it was read`,
  ];
}

function placeLines(name: string, side: UnreadSide, width: number): readonly string[] {
  return locationLines(side, width - 10).map(
    (line, at) => `${(at === 0 ? name : '').padEnd(8)}  ${line}`,
  );
}

function oneSide(name: string, side: SideReport | null, { width }: TextContext): readonly string[] {
  if (side === null) return [];
  const claim = side.claim ?? null;
  const hang = ' '.repeat(10);
  return [
    ...placeLines(name, side, width),
    ...wrap(hang + describeSide(side), width, hang.length),
    ...wrap(hang + sizeOf(side), width, hang.length),
    ...(claim === null ? [] : wrap(hang + claimSentence(claim), width, hang.length)),
  ];
}

/** Warnings, at most `limit` of them. */
export function warningLines(
  warnings: readonly Warning[],
  { width, limit }: TextContext,
): readonly string[] {
  const told = warningTexts(warnings);
  const rest = told.length - limit;
  const lines = told.slice(0, limit).map(({ text }) => `warning: ${escapeTerminal(text)}`);
  const all = rest > 0 ? [...lines, `warnings: ${more(rest)}`] : lines;
  return all.flatMap((line) => wrap(line, width, indent.length));
}

function causeLines(
  { startedAt }: Report,
  { cause = null }: ArtifactReport,
  { width }: TextContext,
): readonly string[] {
  if (cause === null) return [];
  return wrap(`cause    ${causeSentence(cause, startedAt, onTerminal)}`, width, 9);
}

/** What a refused run could be handed instead. */
function otherRuns({ command }: Report, { whatToDo = [] }: ArtifactReport): readonly string[] {
  if (command !== 'run') return [];
  return whatToDo.flatMap((step) => (step.kind === 'run' ? step.commands : []));
}

/** Where history is not at hand, what brings it comes first. */
function fetching({ whatToDo = [] }: ArtifactReport): readonly string[] {
  return whatToDo.flatMap(({ kind, commands }) => (kind === 'fetch' ? commands : []));
}

function nextLines(
  report: Report,
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
  context: TextContext,
): readonly string[] {
  const { limit } = context;
  const cut = { ...context, words: 'cut' } as const;
  const { change, owner, runbook } = artifact;
  const units = change === null ? 0 : unitsOf(change);
  const command = nextCommand(report, artifact, {
    total: Math.max(totalOf(groups), units),
    hidden: hiddenIn(groups) + (change === null ? 0 : hiddenUnits(change, limit)),
  });
  const silent = artifact.verdict === 'in-sync';
  const all = [...new Set([...fetching(artifact), ...(command === null ? [] : [command])])];
  return [
    ...(owner === null || silent ? [] : [`owner    ${escapeTerminal(owner)}`]),
    ...(runbook === null || silent ? [] : [`runbook  ${escapeTerminal(runbook)}`]),
    ...all.flatMap((one, at) => {
      const label = (at === 0 ? 'next' : '').padEnd(9);
      const brief = nextBrief(artifact, one);
      if (brief === null) return commandLines(label, one, cut);
      return [`${label}${brief}:`, ...commandLines(' '.repeat(9), one, cut)];
    }),
    ...otherRuns(report, artifact).flatMap((other, at) =>
      commandLines((at === 0 ? 'or run' : '').padEnd(9), other, cut),
    ),
  ];
}
