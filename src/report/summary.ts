import {
  copyName,
  severities,
  type ArtifactReport,
  type Report,
  type Verdict,
  type Warning,
} from '../model/index.ts';
import { showValue } from './escape.ts';
import type { FindingGroup } from './select.ts';
import { sizeFacts } from './sentences.ts';
import { keepTogether } from './width.ts';
import { notEnforced, severityWords, stateWords, verdictWords } from './wording.ts';

/** How the last line lists verdicts: what needs a person first. */
const verdictOrder: readonly Verdict[] = ['drifted', 'in-sync', 'indeterminate'];

/** `participants@eu`, safe to show. */
export function displayName({ name, copy }: ArtifactReport): string {
  return showValue(copyName(name, copy));
}

/** The verdict as a label; where there is only one side, of its contract. */
export function verdictLabel({ verdict, state, skipped }: ArtifactReport): string {
  if (skipped !== undefined) return 'skipped';
  const words = verdictWords[verdict];
  return state === null ? words.contractLabel : words.label;
}

/**
 * What was found, an item each: the state where it says more than findings do, and counts of
 * findings; else the error's code; else the state or the size.
 */
export function verdictFacts(
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
): readonly string[] {
  const { state, error, reviewed, runtime, skipped } = artifact;
  if (skipped !== undefined) return [skipped];
  const found = groups.map(groupFact);
  if (state === 'missing' || state === 'unreviewed') return [stateWords[state], ...found];
  if (found.length > 0) return found;
  if (error !== null) {
    return state === 'unreadable' ? [stateWords[state], error.code] : [error.code];
  }
  if (state !== null) return [stateWords[state]];
  const side = reviewed ?? runtime;
  return side === null ? ['nothing was read'] : sizeFacts(side);
}

/** Facts in one text, for `wrap`: a count stays with its kind. */
export function joinFacts(facts: readonly string[]): string {
  return facts.map((fact) => fact.replace(/^[^[]*\S/, keepTogether)).join(', ');
}

/** Whether an artifact has more to say than its line of the overview. */
export function hasDetails(artifact: ArtifactReport, groups: readonly FindingGroup[]): boolean {
  const { error, change, warnings, verdict } = artifact;
  return (
    verdict !== 'in-sync' ||
    groups.length > 0 ||
    error !== null ||
    change !== null ||
    warnings.length > 0
  );
}

/** Where a warning stands, as the start of a sentence: `runtime line 3: `, or nothing. */
export function warningWhere({ side, line }: Warning): string {
  const parts = [side ?? '', line === null ? '' : `line ${line}`].filter((part) => part !== '');
  return parts.length === 0 ? '' : `${parts.join(' ')}: `;
}

/** The last line of a report: `keydrift: 1 drifted, 2 in sync (exit code 1)`. */
export function finalLine(report: Report): string {
  const { enforced, exitCode, fromEnvironment = [] } = report;
  const by = fromEnvironment.length === 0 ? '' : `, by ${fromEnvironment.join(', ')}`;
  return `keydrift: ${enforced ? '' : `${notEnforced}: `}${verdictCounts(report)} (exit code ${exitCode})${by}`;
}

/** `1 drifted, 2 in sync`. */
export function verdictCounts({ command, artifacts }: Report): string {
  const alone = command === 'lint' || artifacts.every(({ state }) => state === null);
  const parts = verdictOrder.flatMap((verdict) => {
    const number = artifacts.filter(
      (artifact) => artifact.verdict === verdict && artifact.skipped === undefined,
    ).length;
    const { summary, contractSummary } = verdictWords[verdict];
    const words = alone ? contractSummary[number === 1 ? 0 : 1] : summary;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  const skipped = artifacts.filter((artifact) => artifact.skipped !== undefined).length;
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.length === 0 ? 'no verdict' : parts.join(', ');
}

/** `3 added`, `1 duplicated [accepted]`, `5 conflict [2 warn]`. */
function groupFact({ kind, total, bySeverity }: FindingGroup): string {
  const marked = severities.filter((severity) => severity !== 'fail' && bySeverity.has(severity));
  const only = marked.length === 1 && bySeverity.get(marked[0] ?? 'fail') === total;
  const marks = marked.map((severity) =>
    only ? severityWords[severity] : `${bySeverity.get(severity)} ${severityWords[severity]}`,
  );
  return `${total} ${kind}${marks.length === 0 ? '' : ` [${marks.join(', ')}]`}`;
}
