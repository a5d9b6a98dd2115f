import type {
  ArtifactReport,
  Cells,
  GateDecision,
  GateEvent,
  Report,
  SideReport,
  Step,
} from '../model/index.ts';
import { count } from '../model/names.ts';
import { repeated } from './command.ts';
import { atMargin, commandLines } from './command-lines.ts';
import { errorLines } from './error.ts';
import { escapeTerminal, quoteValue, showValue } from './escape.ts';
import { clipEnd, keepTogether, letBreak, wrap } from './width.ts';
import type { GateReporter, ReportOptions } from './reporter.ts';
import { shortRevision } from './revision.ts';
import { ofRun, shareWarnings } from './shared.ts';
import { groupFindings } from './select.ts';
import { ansi, plain } from './style.ts';
import {
  displayName,
  isClean,
  joinFacts,
  verdictFacts,
  verdictLabel,
  warningTexts,
} from './summary.ts';
import { artifactLines, warningLines } from './text-artifact.ts';
import { textContext } from './text-context.ts';
import { paintVerdict } from './text-overview.ts';
import { more, notEnforced, withCode } from './wording.ts';

/**
 * What `run` says of an event, for people: whole lines, each but those of a refusal's findings
 * beginning with `keydrift:`. Empty where there is nothing to say. A terminal gets them wrapped.
 */
export const describeGateEvent: GateReporter = (event, options, { columns, command }) => {
  const ending = command === 'run' ? ': nothing was started' : '';
  const line = (text: string): string =>
    `${columns === null ? letBreak(text) : wrap(text, columns, 2).join('\n')}\n`;
  switch (event.kind) {
    case 'artifact': {
      const told = event.after === true ? withoutShared(event) : event;
      return isQuiet(told.decision, options)
        ? ''
        : decisionText(told, options, { line, columns }) + warningsText(told.decision, line);
    }
    case 'not-started': {
      const { exitCode } = event.report;
      const why = exitCode === 121 ? 'refused' : 'no verdict';
      const found = options.quiet ? [] : foundLines(event.report, options);
      const of = event.report.artifacts;
      const off = of.filter(({ verdict }) => verdict !== 'in-sync').length;
      const share =
        of.length > 1 && off > 0
          ? `, ${off} of ${of.length} ${off === 1 ? 'is' : 'are'} not in sync`
          : '';
      const last = line(`keydrift: ${why} (exit code ${exitCode})${share}${ending}`);
      return [...found.map((one) => `${atMargin(one)}\n`), last].join('');
    }
    case 'error': {
      const lines = errorLines(event.error, textContext(options));
      const next = event.observed
        ? `${notEnforced}: no verdict; the command is started all the same`
        : `${event.exitCode === 121 ? 'refused' : 'no verdict'} (exit code ${event.exitCode})${ending}`;
      return `${lines.join('\n')}\n${line(`keydrift: ${next}`)}`;
    }
    case 'start':
    case 'end':
      return '';
    case 'signal':
      return line(`keydrift: ${event.signal} while judging (exit code ${event.exitCode})${ending}`);
    case 'warning':
      return line(`keydrift: warning: ${escapeTerminal(withCode(event.message, event.code))}`);
    case 'command-failed':
      return line(`keydrift: ${escapeTerminal(event.message)} (exit code ${event.exitCode})`);
  }
};

/** Artifacts whose findings are told: the lines before name all of them. */
const mostDetailed = 10;

/** The findings in short, of every artifact that is not in sync. */
function foundLines(whole: Report, options: ReportOptions): readonly string[] {
  const context = textContext(options);
  const { shared, ...report } = shareWarnings(whole);
  const off = report.artifacts.filter(({ verdict }) => verdict !== 'in-sync');
  const told = off
    .slice(0, mostDetailed)
    .map(withoutRuns)
    .flatMap((artifact) => {
      const groups = groupFindings(artifact.findings, options.limit, artifact.truncated);
      return ['', ...artifactLines(report, artifact, groups, context)];
    });
  const rest = off.length - mostDetailed;
  // Beside a first copy that might run its line has said it.
  const isSaid = whole.artifacts[0]?.verdict === 'in-sync';
  const once = isSaid ? [] : warningLines(shared, context);
  const all = once.length === 0 ? told : [...told, '', ...once];
  return rest > 0
    ? [
        ...all,
        '',
        `${more(rest)} with findings, which an audit tells:`,
        `  keydrift audit${repeated(report.given, 'audit')}`,
        '',
      ]
    : [...all, ''];
}

/** The line of its decision said already what could run instead. */
function withoutRuns(artifact: ArtifactReport): ArtifactReport {
  const { whatToDo = [] } = artifact;
  return { ...artifact, whatToDo: whatToDo.filter(({ kind }) => kind !== 'run') };
}

/** Without what is true of the contract: another artifact's line said it. */
function withoutShared<Told extends Extract<GateEvent, { kind: 'artifact' }>>(event: Told): Told {
  const { decision } = event;
  const warnings = decision.report.warnings.filter(({ code }) => !ofRun.has(code));
  return { ...event, decision: { ...decision, report: { ...decision.report, warnings } } };
}

/** Warnings of a run that are told beside its decision. */
const mostWarnings = 10;

/**
 * What warns of a copy that runs, a line each: of others the findings follow, with their warnings. The
 * line of the decision says what the scope is.
 */
function warningsText(
  { report, outcome, observed }: GateDecision,
  line: (text: string) => string,
): string {
  if (outcome !== 'run' && !observed) return '';
  const warnings = report.warnings.filter(({ code }) => code !== 'SCOPED');
  const name = displayName(report);
  const texts = warningTexts(warnings);
  const told = texts
    .slice(0, mostWarnings)
    .map(({ code, text }) => `${ofRun.has(code) ? '' : `${name}: `}${escapeTerminal(text)}`);
  const rest = texts.length - told.length;
  const all = rest > 0 ? [...told, `${name}: ${more(rest)}`] : told;
  return all.map((one) => line(`keydrift: warning: ${one}`)).join('');
}

/** `--quiet` tells what needs somebody: everything but a plain "in sync" that was enforced. */
function isQuiet({ report, outcome, enforced }: GateDecision, { quiet }: ReportOptions): boolean {
  return quiet && enforced && outcome === 'run' && isClean(report);
}

/** `keydrift: participants: in sync (identical); runtime: 4 rows, 4 units, 0 redundant; versionId:…`. */
function decisionText(
  { decision, follows, variable }: Extract<GateEvent, { kind: 'artifact' }>,
  { color }: ReportOptions,
  { line, columns }: { line: (text: string) => string; columns: number | null },
): string {
  const { report, use, revision, scope, reason, fromEnvironment } = decision;
  // What the job reads; of what is refused, what it would have read.
  const used = use === 'reviewed' ? report.reviewed : report.runtime;
  const groups = groupFindings(report.findings, 0, report.truncated);
  const facts = joinFacts(verdictFacts(report, groups));
  const label = verdictLabel(report);
  const start = `${displayName(report)}: `;
  const parts = [
    `${start}${label} (${facts})`,
    ...(used === null ? [] : [`${use === 'reviewed' ? 'reviewed' : 'runtime'}: ${sizeOf(used)}`]),
    ...(scope === null ? [] : [`scope ${escapeTerminal(scope)}`]),
    ...(revision === null ? [] : [escapeTerminal(revision)]),
    ...otherCopy(decision),
    ...handOverPart(decision, variable),
    ...letThrough(decision),
    ...errorPart(report.error, facts),
    ...(reason === null ? [] : [escapeTerminal(reason)]),
    ...whoAndWhat(decision),
    ...(fromEnvironment.length === 0 ? [] : [`by ${fromEnvironment.join(', ')}`]),
    ...outcomePart(decision),
  ];
  // A label is painted last: what paints it has no columns.
  const painted = paintVerdict(report, label, color ? ansi : plain);
  const ways = waysOut(decision);
  const inLine = columns === null ? ways.map(({ words, command }) => `${words}: ${command}`) : [];
  // A person reads on: what answers all refused copies is told once, under the last of them.
  const shown = ways.filter(
    ({ kind }) => follows !== true || (kind !== 'run' && kind !== 'override'),
  );
  const below = columns === null ? [] : shown.map((way) => wayLines(way, columns));
  const told = line(`keydrift: ${[...parts, ...inLine].join('; ')}`);
  return told.replace(start + label, () => start + painted) + below.join('');
}

/** Keys that one line names. */
const mostKeys = 3;
const longestValue = 40;

/** Of what is refused: the first keys, and whom to ask. */
function whoAndWhat({ report, outcome }: GateDecision): string[] {
  if (outcome === 'run') return [];
  const { owner, runbook } = report;
  const keys = new Set(
    report.findings
      .filter(({ key, severity }) => key !== null && severity === 'fail')
      .map(({ key }) => keyText(key ?? [])),
  );
  const [first, ...others] = [...keys].slice(0, mostKeys);
  const ending = keys.size > mostKeys ? ' | …' : '';
  return [
    ...(first === undefined
      ? []
      : [`keys ${[first, ...others].map(keepTogether).join(' | ')}${ending}`]),
    ...(owner === null ? [] : [`owner ${escapeTerminal(owner)}`]),
    ...(runbook === null ? [] : [`runbook ${escapeTerminal(runbook)}`]),
  ];
}

function wayLines({ words, command }: Way, width: number): string {
  const lines = commandLines('    ', command, { width, commands: 'folded', words: 'cut' });
  return `  ${words}:\n${lines.map(atMargin).join('\n')}\n`;
}

/**
 * What to do about a refusal: the safe ways first, the override last and by its name. Commands are to
 * be pasted: a log has them in its line, a terminal each on a line of its own.
 */
function waysOut({ outcome, observed, report }: GateDecision): readonly Way[] {
  if (outcome === 'run' || observed) return [];
  const ways = (report.whatToDo ?? []).flatMap(({ kind, briefs = [], commands }) =>
    briefs
      .slice(0, commands.length)
      .map((words, at) => ({ kind, words, command: escapeTerminal(commands[at]!) })),
  );
  const isLast = ({ kind }: Way): boolean => kind === 'override';
  return [...ways.filter((way) => !isLast(way)), ...ways.filter(isLast)];
}

interface Way extends Pick<Step, 'kind'> {
  readonly words: string;
  readonly command: string;
}

function keyText(key: Cells): string {
  return key
    .map(
      ([column, value]) =>
        `${escapeTerminal(column)}=${clipEnd(showValue(value ?? ''), longestValue)}`,
    )
    .join(',');
}

/** An error, with its code where the facts of the verdict do not say it. */
function errorPart(error: ArtifactReport['error'], facts: string): string[] {
  if (error === null) return [];
  const code = facts.includes(error.code) ? '' : `${error.code}: `;
  return [`${code}${escapeTerminal(error.message).replace(/\.$/, '')}`];
}

/** What comes of it, where it is not simply run. */
function outcomePart({ outcome, observed }: GateDecision): string[] {
  if (outcome === 'run') return [];
  if (observed) return [`${notEnforced}: observed only, would be ${outcomeWords[outcome]}`];
  return outcome === 'refused' ? ['REFUSED'] : [];
}

const outcomeWords = { refused: 'refused', 'no-verdict': 'no verdict' } as const;

function sizeOf({ rows, units, redundant, invalid }: SideReport): string {
  const bad = invalid === 0 ? '' : `, ${invalid} invalid`;
  return `${count(rows, 'row')}, ${count(units, 'unit')}, ${redundant} redundant${bad}`;
}

/** What the copy that is handed over was held against. */
function otherCopy({ use, report }: GateDecision): string[] {
  const [name, side] =
    use === 'reviewed'
      ? (['runtime', report.runtime] as const)
      : (['reviewed', report.reviewed] as const);
  const revision = side === null ? null : shortRevision(side.revision);
  return revision === null ? [] : [`${name} ${revision}`];
}

function handOverPart(
  { use, handOver, report }: GateDecision,
  variable: string | undefined,
): string[] {
  if (handOver === null) return [];
  const url = handOver.url === null ? [] : [`staged at ${escapeTerminal(handOver.url)}`];
  const where =
    variable === undefined
      ? []
      : [`its command has no {${report.name}}: the job gets it only by reading $${variable}`];
  if (use === 'reviewed') return ['the reviewed copy is handed over', ...where, ...url];
  if (use === 'runtime') return url;
  return [`deduplicated, ${count(handOver.dropped, 'row')} dropped`, ...where, ...url];
}

/** Why something runs that has drifted, or would have. */
function letThrough({ outcome, override, enforced }: GateDecision): string[] {
  if (override !== null) {
    return [
      `${notEnforced}, OVERRIDDEN: ${quoteValue(override.reason)} at ${escapeTerminal(override.at)}`,
    ];
  }
  return outcome === 'run' && !enforced ? [notEnforced] : [];
}
