import { warningsOfRuns, type Report, type Warning } from '../model/index.ts';

/** A report whose copies do not say what is said of the run: `shared` has it, once. */
export interface SharedReport extends Report {
  readonly shared: readonly Warning[];
}

/** What is true of the run, or of the contract that all copies are judged by, whichever of them tells it. */
export const ofRun: ReadonlySet<string> = new Set([
  'CONTRACT_UNCOMMITTED',
  'CONTRACT_DIFFERS',
  ...warningsOfRuns,
]);

/** Takes together what several copies say of the run; what only one says stays with it. */
export function shareWarnings(report: Report): SharedReport {
  const told = new Map<string, { readonly warning: Warning; number: number }>();
  for (const { warnings } of report.artifacts) {
    for (const warning of warnings) {
      if (!ofRun.has(warning.code)) continue;
      const known = told.get(warning.message);
      if (known === undefined) told.set(warning.message, { warning, number: 1 });
      else known.number += 1;
    }
  }
  const several = [...told.values()].filter(({ number }) => number > 1);
  if (several.length === 0) return { ...report, shared: [] };
  const shared = several.map(({ warning }) => warning);
  const messages = new Set(shared.map(({ message }) => message));
  const artifacts = report.artifacts.map((artifact) => ({
    ...artifact,
    warnings: artifact.warnings.filter(({ message }) => !messages.has(message)),
  }));
  return { ...report, artifacts, shared };
}
