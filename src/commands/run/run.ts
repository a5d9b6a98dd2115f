import { toKeydriftError, type GateDecision, type Report } from '../../model/index.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { reportRun } from '../../judge/report.ts';
import { lookAgain } from './after.ts';
import { commandEnvironment, fillPlaceholders, type HandedArtifact } from './child-command.ts';
import type { RunContext } from './context.ts';
import { decide, refusalCode, runExitCodes } from './decide.ts';
import { handOver } from './hand-over.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { RunOptions } from './options.ts';
import { prepare, type Preparation } from './prepare.ts';
import { openSources } from '../../judge/sources.ts';

/**
 * `keydrift run`: judges what a command is about to read, hands those bytes over, and runs it.
 * Resolves to the exit code: the command's own, or what kept it from running. It never throws.
 */
export async function run(context: RunContext, options: RunOptions): Promise<number> {
  const closers: (() => unknown)[] = [];
  try {
    return await gate(context, options, (closer) => closers.push(closer));
  } catch (thrown) {
    const error = reportError(toKeydriftError(thrown));
    context.tell({ kind: 'error', error, exitCode: runExitCodes.noVerdict });
    return runExitCodes.noVerdict;
  } finally {
    // What cannot be closed or removed takes nothing from the command's result.
    for (const close of closers.toReversed())
      await Promise.resolve()
        .then(close)
        .catch(() => undefined);
  }
}

/** Judge, decide, hand over, run, look again. */
async function gate(
  context: RunContext,
  options: RunOptions,
  atEnd: (closer: () => unknown) => void,
): Promise<number> {
  const state: { preparation: Preparation | null; judged: readonly JudgedCopy[] } = {
    preparation: null,
    judged: [],
  };
  const report = await reportRun('run', context, options.enforced, async () => {
    state.preparation = await prepare(context, options, atEnd);
    state.judged = await state.preparation.judge();
    return state.judged.map((one) => one.report);
  });
  const { preparation, judged } = state;
  if (report.error !== null || preparation === null || judged.length === 0) {
    return await tellError(context, report);
  }
  const decisions = judged.map((one) => decide(one, options));
  const refusal = refusalCode(decisions);
  const told: Report = { ...report, exitCode: refusal ?? 0 };
  if (refusal !== null) {
    await context.writeReports(told);
    for (const decision of decisions) context.tell({ kind: 'artifact', decision });
    context.tell({ kind: 'not-started', report: told });
    return refusal;
  }
  const handed = await handAllOver(judged, decisions, options, preparation);
  // What should have told of this run is not there: the command does not start.
  if (await context.writeReports(told)) return runExitCodes.noVerdict;
  for (const { decision } of handed) context.tell({ kind: 'artifact', decision });
  // A job may run for hours: git's processes and S3's connections are not kept for it.
  await preparation.sources.close();
  const code = await runCommand(context, options, handed, preparation);
  const again = openSources(context, options);
  atEnd(() => again.close());
  for (const warning of await lookAgain(judged, again)) context.tell(warning);
  return code;
}

/** A contract or usage error: nothing was judged, so nothing runs. */
async function tellError(context: RunContext, report: Report): Promise<number> {
  const exitCode = runExitCodes.noVerdict;
  const error = report.error ?? reportError(toKeydriftError(new Error('nothing was judged')));
  context.tell({ kind: 'error', error, exitCode });
  await context.writeReports({ ...report, error, exitCode });
  return exitCode;
}

/** An artifact with the decision that let it through. */
interface Handed extends HandedArtifact {
  readonly decision: GateDecision;
}

/** Every artifact's file, and the same bytes where they are staged. All of them, or it throws. */
async function handAllOver(
  judged: readonly JudgedCopy[],
  decisions: readonly GateDecision[],
  options: RunOptions,
  { folders, stage }: Preparation,
): Promise<readonly Handed[]> {
  const handed: Handed[] = [];
  for (const [index, one] of judged.entries()) {
    const { name } = one.chosen.artifact;
    const decision = decisions[index]!;
    const file = await handOver(one, options, folders.chosen);
    const url = (await stage?.put(name, file)) ?? null;
    const given = { ...file, url };
    const revision = decision.revision ?? '';
    handed.push({ name, revision, handOver: given, decision: { ...decision, handOver: given } });
  }
  return handed;
}

async function runCommand(
  context: RunContext,
  { command: [file, ...words] }: RunOptions,
  handed: readonly Handed[],
  { directory }: Preparation,
): Promise<number> {
  directory.noteStarting();
  const end = await context.launch({
    file,
    words: fillPlaceholders(words, handed),
    environment: commandEnvironment(context.environment, handed),
    started: (pid) => directory.noteCommand(pid),
  });
  if (end.kind === 'failed') {
    context.tell({ kind: 'command-failed', message: end.message, exitCode: end.code });
  }
  return end.code;
}
