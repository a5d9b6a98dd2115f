import type { ArtifactReport, Report } from '../model/index.ts';
import { commandLines, lineChunks } from './command-lines.ts';
import { auditOf } from './command.ts';
import { enforcementLines, forbiddenWords } from './enforcement.ts';
import { errorLines } from './error.ts';
import { escapeTerminal } from './escape.ts';
import type { Reporter } from './reporter.ts';
import { groupFindings } from './select.ts';
import { shareWarnings, type SharedReport } from './shared.ts';
import {
  displayName,
  finalLine,
  isForbidden,
  hasDetails,
  isClean,
  transitionsLine,
  worstFirst,
} from './summary.ts';
import { artifactLines, warningLines } from './text-artifact.ts';
import { textContext, type TextContext } from './text-context.ts';
import { few, overviewScreen, screen, type Grouped } from './text-overview.ts';
import { clipMiddle, keepTogether, wrap } from './width.ts';
import { leftOut, more, stateText } from './wording.ts';

/**
 * For a person at a terminal: an overview of all artifacts, then each that has something to say,
 * then one line with the exit code. No line is wider than the terminal but one that is to be
 * copied whole; nothing raw of a file but printable text.
 */
export const text: Reporter = function* text(whole, options) {
  const report = shareWarnings(whole);
  const context = textContext(options);
  if (report.error !== null) {
    yield* lineChunks(errorLines(report.error, context));
    yield* lineChunks(['', ...lastLines(report, context)]);
    return;
  }
  const all = report.artifacts.map((artifact) => ({
    artifact,
    groups: groupFindings(artifact.findings, context.limit, artifact.truncated),
  }));
  yield* options.quiet ? quietly(report, all, context) : fully(report, all, context);
};

/** Without what is in sync and has nothing else to say; nothing at all where all of it is so. */
function* quietly(
  report: SharedReport,
  all: readonly Grouped[],
  context: TextContext,
): Iterable<string> {
  const off = all.filter(({ artifact }) => !isClean(artifact));
  const weaker = report.enforcement?.changes.some(({ effect }) => effect === 'weaker') === true;
  if (off.length > 0) yield* fully(report, off, context);
  else if (!report.enforced || weaker || report.shared.length > 0)
    yield* lineChunks(lastLines(report, context));
}

function* fully(
  report: SharedReport,
  all: readonly Grouped[],
  context: TextContext,
): Iterable<string> {
  const ranked = foldErrors(worstFirst(all));
  if (report.artifacts.length > few && context.many === 'one-screen') {
    yield* lineChunks(oneScreen(report, ranked, context));
    return;
  }
  if (all.length > 1) yield* lineChunks([...overviewScreen(ranked, context, few), '']);
  const absent = new Set(all.length > 1 ? absentAlike(ranked) : []);
  for (const { artifact, groups } of ranked) {
    if (all.length > 1 && !hasDetails(artifact, groups)) continue;
    if (absent.has(artifact)) continue;
    yield* lineChunks([...artifactLines(report, artifact, groups, context), '']);
  }
  if (absent.size > 0) {
    const [first] = absent;
    const what = stateText('missing', first?.error);
    yield* lineChunks([`${more(absent.size)} have ${what} either, as told above`, '']);
  }
  yield* lineChunks(lastLines(report, context));
}

/** Copies of which there is no more to tell than of the first: there is no object, and nothing else. */
function absentAlike(ranked: readonly Grouped[]): readonly ArtifactReport[] {
  const [first, ...others] = ranked.flatMap(({ artifact }) =>
    artifact.state === 'missing' && artifact.warnings.length === 0 ? [artifact] : [],
  );
  const code = first?.error?.code;
  return others.filter(
    ({ error, owner, runbook, cause = null, findings }) =>
      error?.code === code &&
      owner === first?.owner &&
      runbook === first?.runbook &&
      cause === null &&
      findings.length === 0,
  );
}

/** One message for each endpoint that gave no answer: the others name the artifact that has it. */
function foldErrors(ranked: readonly Grouped[]): readonly Grouped[] {
  const told = new Map<string, string>();
  return ranked.map((one) => {
    const { error } = one.artifact;
    const { endpoint, code } = error?.place.store ?? {};
    if (error === null || endpoint === undefined) return one;
    const fault = `${error.code} ${endpoint} ${code ?? ''}`;
    const first = told.get(fault);
    if (first === undefined) {
      told.set(fault, displayName(one.artifact));
      return one;
    }
    const message = `${endpoint} again, as for ${first} above`;
    return { ...one, artifact: { ...one.artifact, error: { ...error, message, hint: null } } };
  });
}

/** Findings of each artifact in so little room. */
const fewFindings = 3;

/** Of very many artifacts what fits on a screen: the overview, then details of the worst. */
function oneScreen(
  report: SharedReport,
  ranked: readonly Grouped[],
  context: TextContext,
): readonly string[] {
  const end = lastLines(report, context);
  const overview = overviewScreen(ranked, context, screen / 2);
  let lines = [...overview, ...ownerLines(report.artifacts, context), ''];
  const left: ArtifactReport[] = [];
  let detailed = 0;
  for (const { artifact, groups } of ranked) {
    if (!hasDetails(artifact, groups)) continue;
    detailed += 1;
    const fewer = groupFindings(artifact.findings, fewFindings, artifact.truncated);
    const own = left.length > 0 ? [] : [...artifactLines(report, artifact, fewer, context), ''];
    const isFull = lines.length + own.length + end.length + mostLeftLines > screen;
    if (left.length > 0 || isFull) left.push(artifact);
    else lines = [...lines, ...own];
  }
  return [...lines, ...leftLines(report, left, detailed, context), ...end];
}

const ownersShown = 5;

/** Whose copies are not in sync, who has most first: whom an operator calls. Nothing for one owner. */
function ownerLines(
  artifacts: readonly ArtifactReport[],
  { width }: TextContext,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { owner, verdict } of artifacts) {
    if (verdict === 'in-sync') continue;
    const name = owner === null ? 'nobody' : escapeTerminal(owner);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size < 2) return [];
  const ranked = [...counts].toSorted(([, a], [, b]) => b - a);
  const shown = ranked
    .slice(0, ownersShown)
    .map(([name, number]) => keepTogether(`${clipMiddle(name, 40)} ${number}`));
  const rest = ranked.length - shown.length;
  const all = rest > 0 ? [...shown, more(rest)] : shown;
  return wrap(`owners: ${all.join(', ')}`, width, 8);
}

const mostLeftLines = 4;
const mostNamed = 10;

/** Of whom no details are told, and the command that tells them. */
function leftLines(
  report: Report,
  left: readonly ArtifactReport[],
  detailed: number,
  context: TextContext,
): readonly string[] {
  const { width, limit } = context;
  if (left.length === 0) return [];
  // What stands for a report that could not be read is no artifact to be asked for.
  const isKnown = left.every(({ error }) => error?.code !== 'REPORT_UNREADABLE');
  const command = isKnown && left.length <= mostNamed ? auditOf(report, left) : null;
  const told = [
    leftOut(left.length, detailed),
    ...(command === null
      ? [`With --limit ${limit} the same command tells them, up to ${limit} findings each.`]
      : []),
  ];
  return [
    ...told.flatMap((line) => wrap(line, width, 2)),
    ...(command === null ? [] : commandLines('next     ', command, { ...context, words: 'cut' })),
    '',
  ];
}

function lastLines(report: SharedReport, context: TextContext): readonly string[] {
  const { width, paint, limit } = context;
  const { enforcement } = report;
  const since = transitionsLine(report);
  const told = [
    ...(since === null ? [] : [since, '']),
    ...(enforcement === undefined ? [] : [...enforcementLines(enforcement, limit), '']),
    ...(enforcement !== undefined && isForbidden(report)
      ? [forbiddenWords(enforcement).long, '']
      : []),
  ];
  const lines = told.flatMap((line) =>
    line === '' ? [''] : wrap(line, width, line.startsWith('  ') ? 12 : 2),
  );
  const shared = warningLines(report.shared, context);
  return [
    ...(shared.length === 0 ? [] : [...shared, '']),
    ...lines,
    ...wrap(finalLine(report), width, 2).map((line) => paint('bold', line)),
  ];
}
