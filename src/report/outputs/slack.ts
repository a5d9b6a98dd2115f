import type { ArtifactReport, Report } from '../../model/index.ts';
import { causeSentence } from '../cause.ts';
import { nextBrief, nextCommand } from '../command.ts';
import { escapeTerminal, head } from '../escape.ts';
import { jsonText, type JsonObject } from '../json-encode.ts';
import type { Reporter } from '../reporter.ts';
import { groupFindings, totalOf } from '../select.ts';
import { shareWarnings } from '../shared.ts';
import { workSentences } from '../sentences.ts';
import {
  displayName,
  finalLine,
  isClean,
  reportLabel,
  transitionsLine,
  verdictFacts,
  verdictLabel,
  warningText,
  worstFirst,
} from '../summary.ts';
import { capitalized, more, notEnforced } from '../wording.ts';

/** A message has at most 50 blocks, and is read where it has few. */
const mostArtifacts = 10;
/** Slack refuses a header of more than 150 characters, and a section of more than 3,000. */
const longestHeader = 150;
const longestSection = 2900;

/**
 * JSON for a Slack incoming webhook: the verdict, and what needs somebody, worst first. Nothing of a
 * file is markup, a mention or a link.
 */
export const report: Reporter = function* slack(whole) {
  const told = shareWarnings(whole);
  const off = worstFirst(told.artifacts.map((artifact) => ({ artifact }))).filter(
    ({ artifact }) => !isClean(artifact),
  );
  const shown = off.slice(0, mostArtifacts);
  const line = finalLine(told);
  const since = transitionsLine(told);
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: head(titleOf(told), longestHeader) } },
    ...(told.error === null
      ? []
      : [section(`${code(told.error.code)}: ${plainText(told.error.message)}`)]),
    ...shown.map(({ artifact }) => section(artifactText(told, artifact))),
    ...(since === null ? [] : [section(plainText(since))]),
    ...told.shared.map((one) => section(plainText(warningText(one)))),
    { type: 'context', elements: [mrkdwn(contextOf(line, off.length - shown.length))] },
  ];
  yield `${jsonText({ text: plainText(line), blocks })}\n`;
};

function titleOf(told: Report): string {
  const marked = told.enforced ? '' : ` (${notEnforced})`;
  return `keydrift ${told.command}: ${reportLabel(told)}${marked}`;
}

function contextOf(line: string, left: number): string {
  return left === 0
    ? plainText(line)
    : `${more(left)} are not in sync or have something to say. ${plainText(line)}`;
}

function artifactText(told: Report, artifact: ArtifactReport): string {
  const { owner, runbook, cause = null, error } = artifact;
  const groups = groupFindings(artifact.findings, 0, artifact.truncated);
  const total = totalOf(groups);
  const facts = verdictFacts(artifact, groups).join(', ');
  const next = nextCommand(told, artifact, { total, hidden: 0 });
  const brief = next === null ? null : nextBrief(artifact, next);
  const lines = [
    `*${code(displayName(artifact))}*: ${verdictLabel(artifact)} (${plainText(facts)})`,
    ...(error === null ? [] : [plainText(error.message)]),
    ...workSentences(artifact).map(plainText),
    ...(cause === null ? [] : [`Cause: ${causeSentence(cause, told.startedAt, inSlack)}`]),
    ...(owner === null ? [] : [`Owner: ${code(owner)}`]),
    ...(runbook === null ? [] : [`Runbook: ${link(runbook)}`]),
    // A backtick would end the block: a command is shown as it is, or not at all.
    ...(next === null || next.includes('`')
      ? []
      : [
          ...(brief === null ? [] : [`${capitalized(plainText(brief))}:`]),
          `\`\`\`${entities(escapeTerminal(next))}\`\`\``,
        ]),
  ];
  return fitted(lines);
}

/** Whole lines, as many as a section holds. */
function fitted(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    if (text.length + line.length + 1 > longestSection) break;
    text += text === '' ? line : `\n${line}`;
  }
  return text;
}

const inSlack = { title: code, sentence: plainText };

function section(text: string): JsonObject {
  return { type: 'section', text: mrkdwn(text) };
}

function mrkdwn(text: string): {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
} {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Untrusted words as a code span, in which nothing is markup. */
function code(text: string): string {
  return `\`${entities(head(escapeTerminal(text), 200).replaceAll('`', "'"))}\``;
}

/** Sentences of keydrift's, with words of others in them: what would be markup is not. */
function plainText(text: string): string {
  const safe = entities(head(escapeTerminal(text), 1000));
  return safe.replaceAll(/[*_~`]/g, (sign) => `${sign}\u200b`);
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A web address as a link; anything else is text. */
function link(address: string): string {
  const isWeb = /^https?:\/\/[^\s|<>]+$/i.test(address) && URL.canParse(address);
  return isWeb ? `<${entities(new URL(address).href)}>` : code(address);
}
