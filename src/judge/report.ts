import type { ArtifactReport, KeydriftError, NotEnforced, Report } from '../model/index.ts';
import { toKeydriftError } from '../model/index.ts';
import { reportError } from './artifact-report.ts';
import type { AppContext } from './context.ts';
import { exitCodeOf, exitCodes, overallVerdict } from './exit-code.ts';

/**
 * Runs a command's judgement, which notes what a flag lets pass, and reports it; what it throws is an error of the
 * whole run.
 */
export async function reportRun(
  command: Report['command'],
  context: AppContext,
  enforced: Report['enforced'],
  judge: (noted: NotEnforced[]) => Promise<readonly ArtifactReport[]>,
): Promise<Report> {
  const started = context.now();
  const noted: NotEnforced[] = [];
  const finish = (artifacts: readonly ArtifactReport[], error: KeydriftError | null): Report => {
    const verdicts = artifacts.map(({ verdict }) => verdict);
    return {
      command,
      version: context.version,
      startedAt: started.toISOString(),
      durationMs: Math.max(0, context.now().getTime() - started.getTime()),
      verdict: error === null ? overallVerdict(verdicts) : 'indeterminate',
      exitCode: error === null ? exitCodeOf(verdicts, enforced) : exitCodes.noVerdict,
      enforced: enforced && noted.length === 0,
      notEnforced: noted,
      error: error === null ? null : reportError(error),
      artifacts,
    };
  };
  try {
    return finish(await judge(noted), null);
  } catch (thrown) {
    return finish([], toKeydriftError(thrown));
  }
}
