import {
  copyName,
  errorCodes,
  severities,
  timeText,
  type ArtifactReport,
  type Finding,
  type Report,
  type State,
  type Transition,
  type Verdict,
  type Warning,
} from '../model/index.ts';
import { count } from '../model/names.ts';
import { isTouched, unitsOf } from './change.ts';
import { enforcementLines, forbiddenWords } from './enforcement.ts';
import { escapeTerminal, showValue } from './escape.ts';
import { groupFindings, type FindingGroup } from './select.ts';
import type { SharedReport } from './shared.ts';
import { sizeFacts } from './sentences.ts';
import { keepTogether } from './width.ts';
import {
  countKind,
  notEnforced,
  severityWords,
  stateText,
  stateWords,
  verdictWords,
  withCode,
} from './wording.ts';

/** How the last line lists verdicts: what needs a person first. */
const verdictOrder: readonly Verdict[] = ['drifted', 'in-sync', 'indeterminate'];

/** `participants@eu`, safe to show. */
export function displayName({ name, copy }: ArtifactReport): string {
  return showValue(copyName(name, copy));
}

/** The verdict as a label; where there is only one side, of its contract. */
export function verdictLabel(artifact: ArtifactReport): string {
  const { verdict, state, skipped } = artifact;
  if (skipped !== undefined) return 'skipped';
  if (isLetPass(artifact)) return letPassWords;
  const words = verdictWords[verdict];
  return state === null ? words.contractLabel : words.label;
}

/**
 * Whether it is in sync only because the contract, or how a copy is used, lets something pass: it stands
 * beside the verdict, in counts and marks (SPEC §4), and is no green line.
 */
export function isAllowed(artifact: ArtifactReport): boolean {
  const { verdict, state, severities: by, skipped, pending = false } = artifact;
  if (verdict !== 'in-sync' || state === null || skipped !== undefined) return false;
  return pending || by.warn + by.accepted + by.pending > 0 || forgiven.has(state);
}

const letPassWords = 'drift let pass';

/** Whether what was found does not matter to the rows alone that a run hands over (`--use`): it is there. */
function isLetPass(artifact: ArtifactReport): boolean {
  const { use, severities: by, pending = false } = artifact;
  const isWarned = by.warn > 0 || (!pending && by.accepted + by.pending === 0);
  return use !== undefined && isAllowed(artifact) && isWarned;
}

const forgiven: ReadonlySet<State> = new Set(['missing', 'unreviewed', 'unreadable']);

/**
 * What was found, an item each: the state where it says more than findings do, and counts of
 * findings; else the error's code; else the state or the size.
 */
export function verdictFacts(
  artifact: ArtifactReport,
  groups: readonly FindingGroup[],
): readonly string[] {
  const { confirmed } = artifact;
  return [
    ...foundFacts(artifact, groups),
    ...transitionFacts(artifact),
    ...(confirmed === undefined ? [] : [confirmedFact(artifact, confirmed)]),
  ];
}

/** `2 added, 1 duplicated`. */
export function artifactFacts(artifact: ArtifactReport): string {
  return verdictFacts(artifact, groupFindings(artifact.findings, 0, artifact.truncated)).join(', ');
}

/** Since when it has drifted, and how much of that is new; nothing where no earlier run was asked. */
function transitionFacts({ transition, findings }: ArtifactReport): readonly string[] {
  if (transition === undefined) return [];
  const news = transition.change === 'new' ? 0 : findings.filter(isNewFailure).length;
  return news === 0 ? [sinceFact(transition)] : [`${news} new`, `others ${sinceFact(transition)}`];
}

/** Whether a finding fails that the earlier run did not have. */
function isNewFailure({ severity, transition }: Finding): boolean {
  return severity === 'fail' && transition?.change === 'new';
}

/** `new`, or since when it is known. */
export function sinceFact({ change, since }: Transition): string {
  return change === 'new' ? 'new' : `known since ${timeText(since)}`;
}

/** What became of what an earlier run found, in one line; null: none was asked. */
export function transitionsLine({ transitions, artifacts }: Report): string | null {
  if (transitions === undefined) return null;
  const { previous, resolved, ...counts } = transitions;
  const than = previous === null ? 'the first run' : `since ${timeText(previous)}`;
  const shown = resolved.slice(0, 5).map(({ artifact }) => showValue(artifact));
  const rest = resolved.length > shown.length ? ', …' : '';
  const names = shown.length === 0 ? '' : ` (${shown.join(', ')}${rest})`;
  const { unknown = 0 } = counts;
  const open = unknown === 0 ? '' : `, ${unknown} of unknown standing`;
  const found = `${count(counts.new, 'new finding')}, ${counts.persisting} persisting${open}`;
  const whole = artifacts.filter(
    ({ transition, findings }) => transition !== undefined && findings.length === 0,
  );
  const news = whole.filter(({ transition }) => transition?.change === 'new').length;
  // Of a copy that is not there, or cannot be read, nothing is listed.
  const copies =
    whole.length === 0
      ? ''
      : `; copies missing, unreadable or unreviewed: ${news} new, ${whole.length - news} persisting`;
  return `${than}: ${found}${copies}${copies === '' ? ',' : ';'} resolved in ${resolved.length === 1 ? '1 copy' : `${resolved.length} copies`}${names}`;
}

/** What a second look said, of which the report is. */
function confirmedFact(
  { verdict }: ArtifactReport,
  { seconds, again }: NonNullable<ArtifactReport['confirmed']>,
): string {
  if (again === 'indeterminate') return `not read again after ${seconds} s`;
  return verdict === 'drifted' ? `confirmed after ${seconds} s` : `drifted ${seconds} s before`;
}

function foundFacts(artifact: ArtifactReport, groups: readonly FindingGroup[]): readonly string[] {
  const { state, error, reviewed, runtime, skipped } = artifact;
  if (skipped !== undefined) return [skipped];
  const found = [...groups.map(groupFact), ...warned(artifact)];
  const isFound = groups.length > 0;
  if (state === 'missing' || state === 'unreviewed') return [stateFact(artifact), ...found];
  if (isFound) return found;
  if (error !== null) {
    return state === 'unreadable'
      ? [stateFact(artifact), error.code, ...found]
      : [error.code, ...found];
  }
  if (state !== null) return [stateFact(artifact), ...found];
  const side = reviewed ?? runtime;
  if (side === null) return ['nothing was read', ...found];
  const units = artifact.change === null ? 0 : unitsOf(artifact.change);
  return [
    ...sizeFacts(side),
    ...found,
    ...(units === 0 ? [] : [`${count(units, 'unit')} changed`]),
    ...(artifact.change?.reading === undefined ? [] : ['read otherwise']),
  ];
}

/** The state beside its verdict: what is forgiven is told as forgiven. */
function stateFact(artifact: ArtifactReport): string {
  const { state, verdict, evidence, error, pending = false } = artifact;
  if (state === null) return '';
  if (evidence === 'sha256') return `${stateWords[state]} by the store's SHA-256`;
  const words = otherColumns.has(error?.code) ? 'other columns' : stateText(state, error);
  if (verdict !== 'in-sync') return words;
  if (state === 'drifted') return 'differs in what is ignored only';
  return forgiven.has(state) ? `${words} [${pending ? 'pending' : 'warn'}]` : words;
}

/** Of content that can be read, and is of other columns. */
export const otherColumns: ReadonlySet<string | undefined> = new Set([
  'COLUMNS_DIFFER',
  'COLUMN_MISSING',
]);

/** Codes of warnings that are named beside their number. */
const codesNamed = 2;

/** Warnings of a copy that is in sync, by their codes: what is told as well must not be read as well. */
function warned({ verdict, warnings }: ArtifactReport): readonly string[] {
  if (verdict !== 'in-sync' || warnings.length === 0) return [];
  const codes = [...new Set(warnings.map(({ code }) => code))];
  const named = codes.slice(0, codesNamed).join(' and ');
  const rest = codes.length > codesNamed ? ' …' : '';
  return [`${count(warningTexts(warnings).length, 'warning')}: ${named}${rest}`];
}

/** Whether a copy is in sync and there is nothing else to say of it. */
export function isClean(artifact: ArtifactReport): boolean {
  const { verdict, warnings, severities: by, skipped, confirmed } = artifact;
  const told = by.warn + by.accepted + by.pending + warnings.length;
  const isTold = isAllowed(artifact) || skipped !== undefined || confirmed !== undefined;
  return verdict === 'in-sync' && told === 0 && !isTold;
}

/** Whether it is clean, and no change of it is to be told either. */
export function isPlain(artifact: ArtifactReport): boolean {
  const { change } = artifact;
  return isClean(artifact) && (change === null || !isTouched(change));
}

/** All that is plain, in one phrase: `489 in sync, with nothing else to say`. */
export function plainPhrase(plain: readonly ArtifactReport[]): string {
  const { summary, contractSummary } = verdictWords['in-sync'];
  const isOfContracts = plain.every(({ state }) => state === null);
  const words = isOfContracts ? contractSummary[plain.length === 1 ? 0 : 1] : summary;
  const rest = plain.every(({ change }) => change !== null)
    ? 'unchanged'
    : 'with nothing else to say';
  return `${plain.length} ${words}, ${rest}`;
}

/** Copies, what needs a person most first, else in their order. */
export function worstFirst<T extends { readonly artifact: ArtifactReport }>(
  all: readonly T[],
): readonly T[] {
  return all.toSorted((a, b) => rankOf(a.artifact) - rankOf(b.artifact));
}

/**
 * 0 is what needs a person most: what the contract or git has to be mended for, which may explain all
 * that follows; then drift that an earlier run did not know, which is what somebody is called for; a job
 * that finds no table stands before one that finds another.
 */
export function rankOf(artifact: ArtifactReport): number {
  const { verdict, state, error } = artifact;
  if (verdict === 'drifted') {
    const known = isNewDrift(artifact) ? 0 : 2;
    return known + (state === 'missing' || state === 'unreadable' ? 1 : 2);
  }
  if (verdict === 'indeterminate') return isMisconfigured(error) ? 0 : 5;
  return isPlain(artifact) ? 7 : 6;
}

/** Whether an earlier run did not know of all of its drift. */
function isNewDrift({ transition, findings }: ArtifactReport): boolean {
  return transition?.change === 'new' || findings.some(isNewFailure);
}

/** Whether there is no reviewed copy to judge by until somebody mends what names it. */
function isMisconfigured(error: ArtifactReport['error']): boolean {
  return error?.place.side === 'reviewed' && errorCodes[error.code] === 'configuration';
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
    (change !== null && isTouched(change)) ||
    warnings.length > 0
  );
}

/**
 * A warning where it stands, with the code by which a contract silences it and `keydrift help` explains
 * it: `runtime line 3: … (SPREADSHEET_NUMBER)`. Not yet escaped.
 */
export function warningText({ code, message, side, line }: Warning): string {
  const parts = [side ?? '', line === null ? '' : `line ${line}`].filter((part) => part !== '');
  return `${parts.length === 0 ? '' : `${parts.join(' ')}: `}${withCode(message, code)}`;
}

/** What a warning says, whichever copy it is of. */
function idOf({ code, message, line }: Warning): string {
  return JSON.stringify([code, message, line]);
}

/** Warnings with their texts, as `warningText` has them; what is said of both copies alike is one. */
export function warningTexts(
  warnings: readonly Warning[],
): readonly { readonly code: string; readonly text: string }[] {
  const idsOf = (of: Warning['side']): ReadonlySet<string> =>
    new Set(warnings.filter(({ side }) => side === of).map(idOf));
  const [reviewed, runtime] = [idsOf('reviewed'), idsOf('runtime')];
  return warnings.flatMap((one) => {
    const { code, side, line } = one;
    const isBoth = side !== null && reviewed.has(idOf(one)) && runtime.has(idOf(one));
    if (!isBoth) return [{ code, text: warningText(one) }];
    if (side === 'runtime') return [];
    const text = warningText({ ...one, side: null, line: null });
    return [{ code, text: `both copies${line === null ? '' : ` line ${line}`}: ${text}` }];
  });
}

/** A report, and warnings of it that its copies do not say. */
type Counted = Report & Partial<SharedReport>;

/** The last line of a report: `keydrift: 1 drifted, 2 in sync (exit code 1)`. */
export function finalLine(report: Counted): string {
  const { enforced, enforcement, exitCode, fromEnvironment = [] } = report;
  const by = fromEnvironment.length === 0 ? '' : `, by ${fromEnvironment.join(', ')}`;
  const forbidden =
    enforcement !== undefined && isForbidden(report)
      ? `, ${forbiddenWords(enforcement).short}`
      : '';
  return `keydrift: ${enforced ? '' : `${notEnforced}: `}${verdictCounts(report)}${forbidden} (exit code ${exitCode})${by}`;
}

/** Whether a change of the contract alone fails a report. */
export function isForbidden({ enforcement, verdict, artifacts }: Report): boolean {
  const isFine = artifacts.every((artifact) => artifact.verdict !== 'drifted');
  return enforcement !== undefined && verdict === 'drifted' && isFine;
}

/** Whether what is weaker is forbidden, whatever fails beside it. */
export function isForbidding(report: Report): boolean {
  return isForbidden(report) || report.given?.some(([name]) => name === 'forbid-weaker') === true;
}

/** Changes that an output tells which has no place of its own for them. */
const mostForbidden = 20;

/** What fails a report of which no artifact does: a change of the contract. Null: nothing but artifacts. */
export function forbiddenChange(
  report: Report,
): { readonly title: string; readonly lines: readonly string[] } | null {
  const { enforcement } = report;
  if (enforcement === undefined || !isForbidden(report)) return null;
  const { short: title } = forbiddenWords(enforcement);
  return { title, lines: enforcementLines(enforcement, mostForbidden) };
}

/** The verdict of a run in its words: of contracts alone where it judged nothing else, or of nothing. */
export function reportLabel(report: Report): string {
  const { verdict, command, artifacts, error, enforcement } = report;
  if (enforcement !== undefined && isForbidden(report)) return forbiddenWords(enforcement).label;
  if (artifacts.length === 0 && error === null) return 'nothing judged';
  if (verdict === 'in-sync' && artifacts.some(isLetPass)) return letPassWords;
  const words = verdictWords[verdict];
  return command === 'lint' || command === 'bundle' ? words.contractLabel : words.label;
}

/**
 * `1 drifted, 2 in sync, 8 warnings, 1 warned`: what is told beside a verdict is counted beside it, and so is what
 * was not judged.
 */
export function verdictCounts(report: Counted): string {
  const { artifacts, error, changedSince, shard } = report;
  const counts = countsOf(report);
  if (error !== null) return counts === '' ? 'no verdict' : counts;
  if (changedSince !== undefined) {
    const { ref, of } = changedSince;
    const since = `changed since ${escapeTerminal(ref)}`;
    const judged = `${artifacts.length} of ${of} judged`;
    return counts === '' ? `nothing ${since}: ${judged}` : `${counts}; ${judged}, ${since}`;
  }
  if (counts !== '') return counts;
  return shard === undefined
    ? 'nothing was judged'
    : `nothing was judged: shard ${shard.part}/${shard.of} is empty`;
}

function countsOf({ command, artifacts, shared = [] }: Counted): string {
  const alone = command === 'lint' || artifacts.every(({ state }) => state === null);
  const parts = verdictOrder.flatMap((verdict) => {
    const number = artifacts.filter(
      (one) => one.verdict === verdict && one.skipped === undefined && !isLetPass(one),
    ).length;
    const { summary, contractSummary } = verdictWords[verdict];
    const words = alone ? contractSummary[number === 1 ? 0 : 1] : summary;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  const passed = artifacts.filter(isLetPass).length;
  if (passed > 0) parts.push(`${passed} ${letPassWords}`);
  const sum = (of: (artifact: ArtifactReport) => number): number =>
    artifacts.reduce((total, artifact) => total + of(artifact), 0);
  const beside = [
    [sum(({ skipped }) => Number(skipped !== undefined)), 'skipped'],
    [sum(({ severities: by }) => by.warn), 'warned'],
    [sum(({ severities: by }) => by.accepted), 'accepted'],
    [sum(({ severities: by }) => by.pending), 'pending'],
  ] as const;
  // As many as are told: findings that warn are no lines of their own, and are counted by themselves.
  const warnings = shared.length + sum((one) => warningTexts(one.warnings).length);
  const told = [
    ...parts,
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
    ...beside.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : [])),
  ];
  return told.join(', ');
}

/** `3 added`, `1 duplicated [accepted]`, `5 conflict [2 warn]`. */
function groupFact({ kind, total, bySeverity }: FindingGroup): string {
  const marked = severities.filter((severity) => severity !== 'fail' && bySeverity.has(severity));
  const only = marked.length === 1 && bySeverity.get(marked[0] ?? 'fail') === total;
  const marks = marked.map((severity) =>
    only ? severityWords[severity] : `${bySeverity.get(severity)} ${severityWords[severity]}`,
  );
  return `${countKind(total, kind)}${marks.length === 0 ? '' : ` [${marks.join(', ')}]`}`;
}
