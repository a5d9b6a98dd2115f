import { namesRevision, revisionWord, type GateDecision } from '../../model/index.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { RunOptions } from './options.ts';

/** Exit codes that are `run`'s own (SPEC §4). */
export const runExitCodes = { refused: 120, noVerdict: 125 } as const;

/** Whether a command may have this copy. Without a verdict it never may, whatever else is said. */
export function decide(judged: JudgedCopy, options: RunOptions): GateDecision {
  const { report, spooled, scope } = judged;
  const revision =
    spooled === null ? null : revisionWord(spooled.copy.revision, spooled.file.sha256);
  const base = {
    report,
    use: options.use,
    revision,
    enforced: options.enforced,
    override: null,
    scope: scope?.shown ?? null,
    reason: null,
    handOver: null,
  };
  if (report.verdict === 'indeterminate') return { ...base, outcome: 'no-verdict' };
  const lacking = whatLacks(judged, options);
  if (lacking !== null) return { ...base, outcome: 'refused', reason: lacking };
  if (report.verdict === 'in-sync') return { ...base, outcome: 'run' };
  const { override, enforced } = options;
  if (override !== null && revision !== null && namesRevision(override.at, revision)) {
    return { ...base, outcome: 'run', override };
  }
  if (!enforced) return { ...base, outcome: 'run' };
  const reason =
    override === null ? null : `--at ${override.at} is another revision than ${revision}`;
  return { ...base, outcome: 'refused', reason };
}

/** Why there is nothing that could be handed over, or null. Neither flag nor policy helps. */
function whatLacks(
  { report, spooled, scanned }: JudgedCopy,
  { use, scope }: RunOptions,
): string | null {
  const side = use === 'reviewed' ? 'reviewed' : 'runtime';
  if (spooled === null) return `there is no ${side} copy to hand over`;
  const chosenRows = use === 'deduplicated' || scope.length > 0;
  if (chosenRows && scanned === null) return `the rows of the ${side} copy cannot be read`;
  if (use === 'deduplicated' && report.counts.conflict > 0) {
    return 'rows of one unit disagree, and --use deduplicated does not choose between them';
  }
  return null;
}

/** The answer of a run that starts nothing: drift is final, whatever else could not be established. */
export function refusalCode(decisions: readonly GateDecision[]): number | null {
  if (decisions.some(({ outcome }) => outcome === 'refused')) return runExitCodes.refused;
  if (decisions.some(({ outcome }) => outcome === 'no-verdict')) return runExitCodes.noVerdict;
  return null;
}
