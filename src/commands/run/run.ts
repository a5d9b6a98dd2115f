import { randomBytes } from 'node:crypto';
import { environmentName } from '../../contract/names.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { policyUnder } from '../../judge/enforcement.ts';
import { gateCodeOf, gateCodes, unwrittenGateCode } from '../../judge/exit-code.ts';
import { reportRun } from '../../judge/report.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';
import {
  toKeydriftError,
  type ArtifactReport,
  type Decision,
  type GateDecision,
  type Report,
  type ReportError,
} from '../../model/index.ts';
import { nameOf, repeated } from '../../report/index.ts';
import { recordFolder, recordName } from '../records.ts';
import { lookAgain } from './after.ts';
import {
  commandEnvironment,
  fillPlaceholders,
  misspelled,
  placeholdersOf,
} from './child-command.ts';
import type { Course, RunContext, RunOptions } from './context.ts';
import { askedOf, decide, refusalCode, weakenedHere } from './decide.ts';
import { decided, failedWhole, undecided } from './decision.ts';
import { handAllOver, missingFiles, type Handed } from './hand-over.ts';
import type { JudgedCopy } from './judge-run.ts';
import { prepare, type Preparation } from './prepare.ts';
import { keepRecord } from './record.ts';

/** What should have told of a run cannot be written, which was said: nothing starts. */
const notWritable = gateCodeOf('OUTPUT_NOT_WRITABLE');

/**
 * `keydrift run` and `keydrift gate`: judges what a command is about to read, hands those bytes over,
 * and runs it. Resolves to the exit code: the command's own, or what kept it from running. It never
 * throws.
 */
export async function run(context: RunContext, options: RunOptions): Promise<number> {
  const closers: (() => unknown)[] = [];
  const course: Course = {
    context,
    options,
    clock: startClock(options.timeout ?? null, context.stop, '--timeout'),
    atEnd: (closer) => closers.push(closer),
    decision: undecided(context.version, context.now()),
    decisions: [],
    record: null,
  };
  try {
    const { record: url } = options;
    if (url !== null) {
      const folder = recordFolder(context, { flag: '--record', url }, options.access);
      const name = recordName(course.decision.startedAt, randomBytes(6).toString('hex'));
      course.record = { folder, name };
    }
    return await conclude(course, await gate(course));
  } catch (thrown) {
    const error = reportError(toKeydriftError(thrown));
    return await conclude(course, failWhole(course, error));
  } finally {
    course.clock.clear();
    // What cannot be closed or removed takes nothing from the command's result.
    for (const close of closers.toReversed())
      await Promise.resolve()
        .then(close)
        .catch(() => undefined);
  }
}

/** Judge, decide, hand over, run, look again. */
async function gate(course: Course): Promise<number> {
  const { context, options } = course;
  // A killed run must not leave the decision of an earlier one.
  if (!(await note(course, {}))) return notWritable;
  const { report, preparation, judged } = await judge(course);
  if (report.error !== null || preparation === null || judged.length === 0) {
    const error = report.error ?? reportError(toKeydriftError(new Error('nothing was judged')));
    return await withoutVerdict(course, { ...report, error });
  }
  tellUnfilled(course, judged, preparation);
  const missing = missingFiles(options, judged);
  const starts = context.interruption === null && missing.length === 0;
  // What does not start is no longer only observed.
  const observe = options.observe && starts;
  const decisions = judged.map((one) => decide(one, { ...options, observe }));
  course.decisions = decisions;
  const refusal = refusalCode(decisions);
  course.decision = decided(course.decision, decisions, refusal);
  const enforced = report.enforced && !observe;
  const exitCode = context.interruption?.exitCode ?? refusal ?? (starts ? 0 : gateCodes.retry);
  const told: Report = { ...report, enforced, exitCode };
  if (!starts || (refusal !== null && !observe)) {
    if (options.observe) tellMissing(course, missing);
    const ways = await withWaysOut(course, judged, decisions, preparation);
    const artifacts = ways.map((one) => one.report);
    return await refuse(course, { ...told, artifacts }, ways);
  }
  const handed = await handAllOver(judged, decisions, course, preparation);
  course.decision = decided(
    course.decision,
    handed.map(({ decision }) => decision),
    refusal,
  );
  // What should have told of this run is not there: the command does not start.
  if (await context.writeReports(told)) return unwrittenGateCode(refusal);
  for (const [at, { decision }] of handed.entries()) {
    const after = at > 0 ? ({ after: true } as const) : {};
    context.tell({ kind: 'artifact', decision, ...after, ...unnamedBy(options, decision) });
  }
  // A job may run for hours: git's processes and S3's connections are not kept for it.
  await closeSoon(preparation.sources);
  if (options.command === null) return options.observe ? 0 : (refusal ?? 0);
  const code = await runCommand(course, handed, preparation);
  await tellReplaced(course, judged, handed);
  return code;
}

/** What was judged, and with what. */
interface Judged {
  readonly report: Report;
  readonly preparation: Preparation | null;
  readonly judged: readonly JudgedCopy[];
}

export async function judge({ context, options, clock, atEnd }: Course): Promise<Judged> {
  const state: { preparation: Preparation | null; judged: readonly JudgedCopy[] } = {
    preparation: null,
    judged: [],
  };
  const report = await reportRun('run', context, options.enforced, async (noted) => {
    const preparing = (): Promise<Preparation> => prepare(context, options, clock.signal, atEnd);
    state.preparation = await inTime(preparing, clock.signal);
    state.judged = await state.preparation.judge();
    for (const { chosen } of state.judged) {
      const weakened = weakenedHere(chosen, options);
      if (weakened !== null) noted.push(weakened);
    }
    return state.judged.map((one) => one.report);
  });
  return { report, ...state };
}

/**
 * Where a copy is that was chosen and that no word of the command names: a job that opens what it always
 * opened reads another, and whether it does cannot be seen.
 */
function unnamedBy(
  { command, use }: RunOptions,
  { report: { name } }: GateDecision,
): { readonly variable?: string } {
  if (command === null || use === 'runtime') return {};
  // What is nearly its name was warned of by itself.
  const isMisspelled = misspelled(command, [name]).some(([, meant]) => meant === name);
  if (isMisspelled || placeholdersOf(command, [name]).length > 0) return {};
  return { variable: `KEYDRIFT_${environmentName(name)}_FILE` };
}

/** A placeholder of no artifact of this run goes to the command as it stands. */
function tellUnfilled(
  { context, options: { command, given } }: Course,
  judged: readonly JudgedCopy[],
  { known }: Preparation,
): void {
  const names = judged.map(({ chosen }) => chosen.artifact.name);
  const others = known.filter((name) => !names.includes(name));
  const lacking = [...new Set(placeholdersOf(command ?? [], others))];
  if (lacking.length > 0) {
    const braced = lacking.map((name) => `{${name}}`).join(', ');
    const are =
      lacking.length === 1
        ? 'is an artifact of the contract that this run does not judge, and is left as it stands'
        : 'are artifacts of the contract that this run does not judge, and are left as they stand';
    const judging = [...judged.map(({ report }) => nameOf(report)), ...lacking].join(' ');
    const message = `${braced} ${are}: keydrift run ${judging}${repeated(given, 'run')} -- …`;
    context.tell({ kind: 'warning', code: 'UNKNOWN_PLACEHOLDER', message });
  }
  for (const [word, meant] of misspelled(command ?? [], names)) {
    if (lacking.includes(word)) continue;
    const message = `{${word}} is no artifact of this run, and is left as it stands; is {${meant}} meant?`;
    context.tell({ kind: 'warning', code: 'UNKNOWN_PLACEHOLDER', message });
  }
}

/** What is refused, with what could be done, and run, instead. */
async function withWaysOut(
  { context, options }: Course,
  judged: readonly JudgedCopy[],
  decisions: readonly GateDecision[],
  { sources }: Preparation,
): Promise<readonly GateDecision[]> {
  const { withSteps } = await import('../what-to-do.ts');
  const { workingDirectory } = context;
  const { given } = options;
  const copies = judged.map(({ chosen: { copy } }) => {
    return { ...copy, policy: policyUnder(copy.policy, options) };
  });
  const together = decisions.map((one, at) => ({ ...one, policy: copies[at]!.policy }));
  const cuttable = judged.every(({ scanned }) => scanned?.table.subset !== undefined);
  const refused = judged.filter((_, at) => decisions[at]?.outcome === 'refused');
  const spelling =
    options.use === 'runtime' &&
    refused.every((one) => one.spelling && isOnlyAmbiguous(one.report));
  const told: GateDecision[] = [];
  for (const [at, decision] of decisions.entries()) {
    const { chosen, runtime } = judged[at]!;
    const asked = { ...askedOf(judged[at]!, options), cuttable, spelling, together };
    const { report } = decision;
    const known = { report, runtime, sources, workingDirectory, given, asked };
    const withWays = await withSteps({ ...chosen, copy: copies[at]!, ...known });
    told.push({ ...decision, report: withWays });
  }
  return told;
}

/** Whether only what readers take otherwise keeps a job from running. */
function isOnlyAmbiguous({ findings, counts, truncated }: ArtifactReport): boolean {
  return (
    truncated === null &&
    counts.ambiguous > 0 &&
    findings.every(({ kind, severity }) => severity !== 'fail' || kind === 'ambiguous')
  );
}

/** Nothing runs: every artifact is told, and what kept the command from running. */
async function refuse(
  { context }: Course,
  report: Report,
  decisions: readonly GateDecision[],
): Promise<number> {
  await context.writeReports(report);
  const last = decisions.findLastIndex(({ outcome }) => outcome === 'refused');
  for (const [at, decision] of decisions.entries()) {
    const follows = decision.outcome === 'refused' && at < last ? ({ follows: true } as const) : {};
    const after = at > 0 ? ({ after: true } as const) : {};
    context.tell({ kind: 'artifact', decision, ...follows, ...after });
  }
  const { interruption } = context;
  if (interruption === null) context.tell({ kind: 'not-started', report });
  else context.tell({ kind: 'signal', ...interruption });
  return report.exitCode;
}

/**
 * A contract or usage error: nothing was judged, so nothing runs. But under `--observe`, where the
 * command runs as if keydrift were not there, unless it needs a file.
 */
async function withoutVerdict(
  course: Course,
  report: Report & { readonly error: ReportError },
): Promise<number> {
  const { context, options } = course;
  const { error } = report;
  const exitCode = context.interruption?.exitCode ?? gateCodeOf(error.code);
  const { command, observe, names } = options;
  const asked = names.map((name) => name.replace(/@.*$/, ''));
  const runs =
    observe &&
    command !== null &&
    context.interruption === null &&
    placeholdersOf(command, asked.length === 0 ? null : asked).length === 0;
  await context.writeReports({ ...report, enforced: report.enforced && !runs, exitCode });
  if (!runs) return failWhole(course, error);
  course.decision = { ...course.decision, decision: 'no-verdict', enforced: false, error };
  context.tell({ kind: 'error', error, exitCode, observed: true });
  return await runCommand(course, [], null);
}

/** Tells an error of the whole run, after which nothing runs. */
function failWhole(course: Course, error: ReportError): number {
  const { context } = course;
  const exitCode = context.interruption?.exitCode ?? gateCodeOf(error.code);
  course.decision = failedWhole(course.decision, error, exitCode);
  if (context.interruption === null)
    context.tell({ kind: 'error', error, exitCode, observed: false });
  else context.tell({ kind: 'signal', ...context.interruption });
  return exitCode;
}

/** Under `--observe`: a command that says where its file goes cannot run without it. */
function tellMissing({ context }: Course, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const files = missing.map((name) => `{${name}}`).join(', ');
  const message = `there is no file for ${files}: --observe does not start a command without it`;
  context.tell({ kind: 'warning', code: 'NOT_HANDED_OVER', message });
}

async function runCommand(
  course: Course,
  handed: readonly Handed[],
  preparation: Preparation | null,
): Promise<number> {
  const { context, options } = course;
  const { interruption } = context;
  if (interruption !== null) {
    context.tell({ kind: 'signal', ...interruption });
    return interruption.exitCode;
  }
  // The time of the command is its own.
  course.clock.clear();
  const [file, ...words] = options.command ?? [''];
  preparation?.directory.noteStarting();
  if (!(await note(course, { started: true }))) return notWritable;
  await keepRecord(course, 'start');
  const files = handed.flatMap((one) => (one.file === null ? [] : [one.file]));
  context.tell({ kind: 'start', file, artifacts: files.map(({ name }) => name) });
  const began = context.now().getTime();
  const end = await context.launch({
    file,
    words: fillPlaceholders(words, files),
    environment: commandEnvironment(
      context.environment,
      files,
      handed.map(({ decision }) => decision),
    ),
    started: (pid) => preparation?.directory.noteCommand(pid),
  });
  if (end.kind === 'failed') {
    course.decision = { ...course.decision, started: false };
    context.tell({ kind: 'command-failed', message: end.message, exitCode: end.code });
    return end.code;
  }
  const signal = end.kind === 'signalled' ? end.signal : null;
  course.decision = { ...course.decision, command: { exitCode: end.code, signal } };
  const durationMs = Math.max(0, context.now().getTime() - began);
  const artifacts = handed.map(({ decision }) => decision);
  context.tell({ kind: 'end', exitCode: end.code, signal, durationMs, artifacts });
  return end.code;
}

/** After the command: whether what it may have read beside its files is still what was judged. */
async function tellReplaced(
  { context, options, atEnd }: Course,
  judged: readonly JudgedCopy[],
  handed: readonly Handed[],
): Promise<void> {
  const again = openSources(context, options);
  atEnd(() => closeSoon(again));
  const staged = handed.flatMap((one) => (one.staged === null ? [] : [one.staged]));
  for (const warning of await lookAgain(judged, staged, again)) context.tell(warning);
}

/** Writes what is decided; false: it could not be, which was told. */
async function note(course: Course, change: Partial<Decision>): Promise<boolean> {
  course.decision = { ...course.decision, ...change };
  return course.context.writeDecision(course.decision);
}

/** The last word: a command's result stands, also where it cannot be written down. */
async function conclude(course: Course, exitCode: number): Promise<number> {
  await note(course, { exitCode });
  await keepRecord(course, 'end');
  return exitCode;
}
