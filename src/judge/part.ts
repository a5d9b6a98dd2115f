import { copyName, type ArtifactReport, type NotEnforced, type Report } from '../model/index.ts';
import { exitCodeOf, exitCodes, overallVerdict } from './exit-code.ts';
import { isTold, kindsOf } from './transitions.ts';

/**
 * A report of some of a report's copies, with what is said of these alone: their verdict, their exit code,
 * what a flag let pass of them, and what became of what an earlier run found of them.
 */
export function partOfReport(report: Report, artifacts: readonly ArtifactReport[]): Report {
  const names = new Set(artifacts.map(nameOf));
  const { notEnforced = [], transitions } = report;
  const own = notEnforced.filter(({ artifact }) => names.has(artifact));
  return {
    ...report,
    artifacts,
    verdict: overallVerdict(artifacts.map(({ verdict }) => verdict)),
    // A gate's code is of the whole: nothing was started for a part.
    exitCode: report.command === 'run' ? report.exitCode : codeOf(report, artifacts, own),
    ...(report.notEnforced === undefined ? {} : { notEnforced: own }),
    ...(transitions === undefined
      ? {}
      : { transitions: { ...transitions, ...transitionsOf(report, artifacts, names) } }),
  };
}

function nameOf({ name, copy }: ArtifactReport): string {
  return copyName(name, copy);
}

/** Drift counts as it did for the whole: not under `--no-fail`, nor where all of it was let pass. */
function codeOf(
  { exitCode, enforced }: Report,
  artifacts: readonly ArtifactReport[],
  notEnforced: readonly NotEnforced[],
): number {
  // A signal's code tells of neither: then it counts.
  const isDrift = exitCode !== exitCodes.inSync && exitCode !== exitCodes.noVerdict;
  const verdicts = artifacts.map((one) => (isPassed(one, notEnforced) ? 'in-sync' : one.verdict));
  return exitCodeOf(verdicts, isDrift || enforced);
}

/** Whether a flag let pass all that fails of a copy (`--only-new`), not only what does not fail any more. */
function isPassed(artifact: ArtifactReport, notEnforced: readonly NotEnforced[]): boolean {
  if (artifact.verdict !== 'drifted') return false;
  const failing = kindsOf(artifact).join();
  const name = nameOf(artifact);
  return notEnforced.some((one) => one.artifact === name && one.kinds.join() === failing);
}

/** What became of the findings of some copies, counted as `withTransitions` counts those of all. */
function transitionsOf(
  { transitions }: Report,
  artifacts: readonly ArtifactReport[],
  names: ReadonlySet<string>,
): Partial<NonNullable<Report['transitions']>> {
  const counts = { new: 0, persisting: 0, unknown: 0 };
  for (const { verdict, findings } of artifacts) {
    if (verdict === 'indeterminate') continue;
    for (const finding of findings) {
      if (isTold(finding)) counts[finding.transition?.change ?? 'unknown'] += 1;
    }
  }
  return {
    ...counts,
    resolved: transitions?.resolved.filter(({ artifact }) => names.has(artifact)) ?? [],
  };
}
