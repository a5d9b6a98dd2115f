import type { ArtifactReport, Investigation } from '../../model/index.ts';
import { causeSentence, onTerminal } from '../cause.ts';
import { commandLines, indented, lineChunks } from '../command-lines.ts';
import { errorLines } from '../error.ts';
import { escapeTerminal } from '../escape.ts';
import type { InvestigationReporter } from '../reporter.ts';
import { groupFindings, type FindingGroup } from '../select.ts';
import { workSentences } from '../sentences.ts';
import { headLines, warningLines } from '../text-artifact.ts';
import { textContext, type TextContext } from '../text-context.ts';
import { findingLines, pairLines } from '../text-findings.ts';
import { indent } from '../text-keys.ts';
import { overviewLines } from '../text-overview.ts';
import { wrap } from '../width.ts';
import { notEnforced, verdictWords } from '../wording.ts';
import { comparisonLines } from './comparison.ts';
import { costLines } from './cost.ts';
import { stepLines, nextCommands } from './next.ts';
import { onsetBlocks, ownOnsetLines } from './onset.ts';
import { runLines } from './runs.ts';
import {
  clockOf,
  costSentence,
  historySentences,
  nothingBegun,
  onsetSentences,
  type Beginnings,
} from './sentences.ts';
import { beginningsIn, ofSlice, otherSlices, sliceLines } from './slice.ts';
import { timelineLines } from './timeline.ts';

/** Columns of the words before the head's sentences. */
const label = 9;

/**
 * For a person at an incident: the verdict, what was asked for by name (a slice, two points, the runs),
 * the units that are wrong now, then why, since when and at which cost as sentences, the two histories
 * drawn, what changed where the drift began, what to type.
 */
export const investigationText: InvestigationReporter = function* investigationText(
  investigation,
  options,
) {
  const context = textContext(options);
  const { artifact, error } = investigation;
  const groups = groupFindings(
    artifact?.findings ?? [],
    context.limit,
    artifact?.truncated ?? null,
  );
  if (options.quiet) {
    yield* lineChunks(quietLines(investigation, groups, context));
    return;
  }
  const inner = { ...context, width: context.width - indent.length };
  const blocks = [
    error === null ? [] : errorLines(error, context),
    artifact === null ? [] : headLines(artifact, groups, context),
    ...bodyBlocks(investigation, groups, inner).map((block) => block.map(indented)),
    lastLines(investigation, context),
  ].filter((block) => block.length > 0);
  for (const [at, block] of blocks.entries()) {
    yield* lineChunks(at === blocks.length - 1 ? block : [...block, '']);
  }
};

function bodyBlocks(
  investigation: Investigation,
  groups: readonly FindingGroup[],
  context: TextContext,
): readonly (readonly string[])[] {
  const { artifact, onset, slice, comparison, cost, runs = null } = investigation;
  const begun = artifact === null ? nothingBegun : beginningsIn(artifact, slice);
  // What all began together is said once.
  const begins = begun.points.length < 2 ? {} : { begins: clockOf(investigation.timeline) };
  return [
    artifact === null || artifact.error === null ? [] : errorLines(artifact.error, context),
    slice === null ? [] : sliceLines(slice, context),
    comparison === null ? [] : comparisonLines(comparison, context),
    runs === null ? [] : runLines(runs, context),
    ...(artifact === null ? [] : presentBlocks(artifact, slice, groups, { ...context, ...begins })),
    sentenceLines(investigation, begun, context),
    stepLines(artifact?.whatToDo ?? [], context),
    timelineLines(investigation, context),
    ...(onset === null ? [] : onsetBlocks(onset, begun, slice, context)),
    onset === null ? [] : ownOnsetLines(onset, begun, investigation.timeline, context),
    cost === null ? [] : costLines(cost, context),
    labelled('history', historySentences(investigation.history), context),
    warningLines(artifact?.warnings ?? [], context),
    closingLines(investigation, context),
  ];
}

/** What is wrong now: the units with their rows, before anything of the past; of a slice its own. */
function presentBlocks(
  artifact: ArtifactReport,
  slice: Investigation['slice'],
  groups: readonly FindingGroup[],
  context: TextContext,
): readonly (readonly string[])[] {
  if (slice !== null) {
    const inSlice = ofSlice(artifact, slice);
    const own = groupFindings(inSlice.findings, context.limit);
    return [...presentBlocks(inSlice, null, own, context), otherSlices(groups, own, context)];
  }
  return [
    ...groups.map((group) => findingLines(group, artifact, context)),
    pairLines(artifact, context),
  ];
}

/** The head: why, since when, what it means in work, what it costs. */
function sentenceLines(
  { artifact, onset, cost, slice, timeline, startedAt }: Investigation,
  begun: Beginnings,
  context: TextContext,
): readonly string[] {
  const cause = artifact?.cause ?? null;
  const again = cost === null ? null : costSentence(cost);
  return [
    ...labelled(
      'cause',
      cause === null ? [] : [causeSentence(cause, startedAt, onTerminal)],
      context,
    ),
    ...labelled(
      'since',
      onset === null
        ? []
        : onsetSentences(onset, begun, timeline, {
            ...onTerminal,
            where: slice === null ? '' : ' in this slice',
          }),
      context,
    ),
    ...labelled('work', artifact === null ? [] : workSentences(artifact), context),
    ...labelled('cost', again === null ? [] : [again], context),
  ];
}

/** Sentences, a line or more each, with what they are about before the first. */
function labelled(
  name: string,
  sentences: readonly string[],
  { width, paint }: TextContext,
): readonly string[] {
  return sentences.flatMap((sentence, at) => {
    const [first = '', ...rest] = wrap(' '.repeat(label) + sentence, width, label);
    const word = at === 0 ? name : '';
    return [paint('bold', word) + first.slice(word.length), ...rest];
  });
}

function closingLines(investigation: Investigation, context: TextContext): readonly string[] {
  const { artifact } = investigation;
  const silent = artifact === null || artifact.verdict === 'in-sync';
  const [owner, runbook] = silent ? [null, null] : [artifact.owner, artifact.runbook];
  return [
    ...(owner === null ? [] : [`owner    ${escapeTerminal(owner)}`]),
    ...(runbook === null ? [] : [`runbook  ${escapeTerminal(runbook)}`]),
    ...nextCommands(investigation).flatMap((command, at) =>
      commandLines((at === 0 ? 'next' : '').padEnd(label), command, { ...context, words: 'cut' }),
    ),
  ];
}

/** One line where it is not in sync, as an audit tells it; nothing else. */
function quietLines(
  investigation: Investigation,
  groups: readonly FindingGroup[],
  context: TextContext,
): readonly string[] {
  const { artifact, error, enforced, verdict } = investigation;
  if (verdict === 'in-sync') return [];
  return [
    ...(error === null ? [] : errorLines(error, context)),
    ...(artifact === null || artifact.verdict === 'in-sync'
      ? []
      : overviewLines([{ artifact, groups }], 'alone', context)),
    ...(enforced ? [] : lastLines(investigation, context)),
  ];
}

/** `keydrift: drifted (exit code 1)`, after what was asked for and could not be told. */
function lastLines(
  { artifact, error, verdict, exitCode, enforced }: Investigation,
  { width, paint }: TextContext,
): readonly string[] {
  // The report between is of what was established: nobody is to take it for the answer.
  const unanswered =
    error === null || artifact === null
      ? []
      : wrap(`NOT ANSWERED: ${error.code}: ${escapeTerminal(error.message)}`, width, 2);
  const words = verdict === 'indeterminate' ? 'no verdict' : verdictWords[verdict].summary;
  const line = `keydrift: ${enforced ? '' : `${notEnforced}: `}${words} (exit code ${exitCode})`;
  return [...unanswered, ...wrap(line, width, 2)].map((part) => paint('bold', part));
}
