import type { RunOfCopy, RunStory } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { escapeTerminal } from '../escape.ts';
import { briefTime } from '../revision.ts';
import { paintLead } from '../style.ts';
import type { TextContext } from '../text-context.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { byteSize, more } from '../wording.ts';
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

/** How each run went: every run is counted once, whatever would have been decided with enforcement. */
function courseOf({ started, decision, exitCode }: RunOfCopy): string {
  if (started) return 'ran';
  // A gate starts nothing: what it answers is what its caller goes by.
  if (decision === 'run' || exitCode === 0) return 'let through';
  return decision === 'no-verdict' ? 'without a verdict' : decision;
}

/** How many ran, how many were let through or refused, and what that made in all. */
export function runsSentence({
  place,
  runs,
  redundant,
  redundantBytes,
  known,
  records,
}: RunStory): string {
  if (records === 0) {
    const where = escapeTerminal(place);
    return `there is no record under ${where} of that time, and nothing is known of any run: is that where --record keeps them?`;
  }
  if (records !== undefined && runs.length === 0) {
    return `none of ${count(records, 'record')} is of this copy`;
  }
  const courses = ['ran', ...new Set(runs.map(courseOf))];
  const parts = [
    ...[...new Set(courses)].map((course) => {
      const those = runs.filter((run) => courseOf(run) === course);
      return `${those.length} ${course}${asidesOf(course, those)}`;
    }),
    count(redundant, 'redundant execution'),
    ...(redundant === 0
      ? []
      : redundantBytes === null
        ? ['bytes not known']
        : [`${known === 'part' ? 'at least ' : ''}${byteSize(redundantBytes)} scanned again`]),
  ];
  return parts.join(', ');
}

/** ` (1 not enforced, 2 without a recorded end)`; no number where it is true of each. */
function asidesOf(course: string, runs: readonly RunOfCopy[]): string {
  const passed = course === 'ran' || course === 'let through';
  const asides = [
    [passed ? runs.filter((run) => !run.enforced && !run.overridden) : [], 'not enforced'],
    [runs.filter(({ endedAt }) => endedAt === null), 'without a recorded end'],
  ] as const;
  const told = asides.flatMap(([those, words]) =>
    those.length === 0 ? [] : [those.length === runs.length ? words : `${those.length} ${words}`],
  );
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

/** `2026-11-20 03:00Z ran on version 3HL4kqtJ: 2 redundant executions; exit code 0`. */
export function runSentence(run: RunOfCopy): string {
  const { startedAt, started, exitCode, use, overridden, enforced, redundant } = run;
  const course = courseOf(run);
  const what = course === 'let through' ? 'was let through' : course;
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
