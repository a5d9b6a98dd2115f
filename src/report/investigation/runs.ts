import type { RunOfCopy, RunStory } from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { briefTime } from '../revision.ts';
import { paintLead } from '../style.ts';
import type { TextContext } from '../text-context.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { byteSize, count, more } from '../wording.ts';
import { shortId } from './sentences.ts';

/** What recorded runs did since the drift began: all in one sentence, then a line each. */
export function runLines(story: RunStory, context: TextContext): readonly string[] {
  const { since, place, runs, unread } = story;
  const lead = `runs since ${briefTime(since)}`;
  const heading = wrap(
    `${lead} (${escapeTerminal(place)}): ${runsSentence(story)}`,
    context.width,
    indent.length,
  );
  const shown = runs.slice(0, context.limit);
  const rest = runs.length - shown.length;
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...shown.flatMap((run) => wrap(indent + runSentence(run), context.width, indent.length + 2)),
    ...(rest > 0 ? [indent + more(rest)] : []),
    ...(unread > 0 ? [`${indent}${count(unread, 'record')} could not be read`] : []),
  ];
}

/** How many ran, how many were refused, and what that made in all. */
export function runsSentence({ runs, redundant, redundantBytes, known }: RunStory): string {
  const started = runs.filter((run) => run.started).length;
  const refused = runs.filter(({ decision }) => decision === 'refused').length;
  const open = runs.filter(({ endedAt }) => endedAt === null).length;
  const parts = [
    `${started} ran${open === 0 ? '' : ` (${open} without a recorded end)`}`,
    ...(refused === 0 ? [] : [`${refused} refused`]),
    count(redundant, 'redundant execution'),
    ...(redundant === 0
      ? []
      : redundantBytes === null
        ? ['bytes not known']
        : [`${known === 'part' ? 'at least ' : ''}${byteSize(redundantBytes)} scanned again`]),
  ];
  return parts.join(', ');
}

/** `2026-11-20 03:00Z ran on version 3HL4kqtJ: 2 redundant executions; exit code 0`. */
export function runSentence(run: RunOfCopy): string {
  const { startedAt, started, decision, exitCode, use, overridden, enforced, redundant } = run;
  const what = started
    ? 'ran'
    : decision === 'run'
      ? 'was let through'
      : decision.replace('-', ' ');
  const copy =
    use === 'reviewed'
      ? ' on the reviewed copy'
      : run.versionId === null
        ? ''
        : ` on version ${shortId('runtime', run.versionId)}${use === 'deduplicated' ? ', deduplicated' : ''}`;
  const facts = [
    ...(started ? [count(redundant, 'redundant execution')] : []),
    ...(run.redundantBytes === null || run.redundantBytes === 0
      ? []
      : [`${byteSize(run.redundantBytes)} scanned again`]),
    ...(overridden ? ['OVERRIDDEN'] : enforced ? [] : ['NOT ENFORCED']),
    exitCode === null ? 'no end recorded: killed, or still running' : `exit code ${exitCode}`,
  ];
  return `${briefTime(startedAt)} ${what}${copy}: ${facts.join('; ')}`;
}
