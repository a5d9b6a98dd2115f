import type { ArtifactReport, Report, Warning } from '../model/index.ts';
import { causeSentence, type Show } from './cause.ts';
import { hiddenUnits, unitsOf } from './change.ts';
import { nextCommand } from './command.ts';
import { errorLines } from './error.ts';
import { escapeTerminal } from './escape.ts';
import { codeBlock, codeText } from './markdown-escape.ts';
import { changeTables, findingTable, pairList } from './markdown-findings.ts';
import { hiddenIn, totalOf, type FindingGroup } from './select.ts';
import { workSentences } from './sentences.ts';
import { plain } from './style.ts';
import { displayName, verdictLabel, warningTexts } from './summary.ts';
import { more } from './wording.ts';

/** Lines of a fenced block are read in a browser. */
export const blockWidth = 100;

/** What is to say of one artifact: error, findings, change, what it means, owner, next command. */
export function markdownArtifact(
  report: Report,
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
  limit: number,
): string {
  const { error, change } = artifact;
  const blocks = [
    `### ${codeText(displayName(artifact))}: ${verdictLabel(artifact)}\n`,
    error === null ? '' : codeBlock(errorLines(error, { width: blockWidth, paint: plain })),
    findingTable(groups),
    pairList(artifact, limit),
    change === null ? '' : changeTables(change, artifact, limit),
    list([...causeSentences(report, artifact), ...workSentences(artifact, codeText)]),
    warningList(artifact.warnings, limit),
    paragraph(contacts(artifact)),
    commandBlock(report, artifact, groups, limit),
  ];
  return blocks
    .filter((block) => block !== '')
    .map((block) => `\n${block}`)
    .join('');
}

const inMarkdown: Show = { title: codeText, sentence: codeText };

function causeSentences(
  { startedAt }: Report,
  { cause = null }: ArtifactReport,
): readonly string[] {
  return cause === null ? [] : [`Cause: ${causeSentence(cause, startedAt, inMarkdown)}`];
}

function contacts({ owner, runbook, verdict }: ArtifactReport): readonly string[] {
  if (verdict === 'in-sync') return [];
  return [
    ...(owner === null ? [] : [`Owner: ${codeText(owner)}.`]),
    ...(runbook === null ? [] : [`Runbook: ${codeText(runbook)}.`]),
  ];
}

function commandBlock(
  report: Report,
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
  limit: number,
): string {
  const { change } = artifact;
  const units = change === null ? 0 : unitsOf(change);
  const hidden = hiddenIn(groups) + (change === null ? 0 : hiddenUnits(change, limit));
  const total = Math.max(totalOf(groups), units);
  const command = hidden === 0 ? null : nextCommand(report, artifact, { total, hidden });
  return command === null ? '' : codeBlock([command]);
}

function warningList(warnings: readonly Warning[], limit: number): string {
  const told = warningTexts(warnings);
  const listed = told.slice(0, limit).map(({ text }) => `warning: ${escapeTerminal(text)}`);
  const rest = told.length - listed.length;
  const lines = rest > 0 ? [...listed, `warnings: ${more(rest)}`] : listed;
  return lines.length === 0 ? '' : codeBlock(lines);
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}\n`).join('');
}

function paragraph(sentences: readonly string[]): string {
  return sentences.length === 0 ? '' : `${sentences.join(' ')}\n`;
}
