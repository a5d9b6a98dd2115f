import { findingsVerdict, noFindingSet, reweigh, type Weighed } from '../../compare/index.ts';
import type { Judgement } from '../../judge/artifact-report.ts';
import type { HandedCopy, Policy, Severity, Verdict } from '../../model/index.ts';

/**
 * A copy's judgement by the rules of `run` (SPEC §4). What the copy that is not used does wrong is a
 * warning; `deduplicated` forgives repeated rows and no conflict whatsoever.
 */
export function weighJudgement(judgement: Judgement, use: HandedCopy, policy: Policy): Judgement {
  const found = reweigh(judgement.found ?? noFindingSet, (one) => severityOf(one, use));
  const weighed = { ...judgement, found };
  return { ...weighed, verdict: verdictOf(weighed, use, policy) };
}

/** Whether a finding is one of the reviewed copy, whatever the runtime copy holds. */
function isReviewedAlone({ kind, side }: Weighed): boolean {
  return side === 'reviewed' && kind !== 'removed';
}

function severityOf(finding: Weighed, use: HandedCopy): Severity {
  const { kind, severity } = finding;
  // Which of the rows that disagree is to run is nobody's to guess.
  if (use === 'deduplicated' && kind === 'conflict') return 'fail';
  if (severity !== 'fail') return severity;
  if (use === 'reviewed') return isReviewedAlone(finding) ? 'fail' : 'warn';
  if (isReviewedAlone(finding)) return 'warn';
  return use === 'deduplicated' && kind === 'duplicated' ? 'warn' : 'fail';
}

function verdictOf(
  { verdict, state, found = noFindingSet, pending = false, error = null }: Judgement,
  use: HandedCopy,
  policy: Policy,
): Verdict {
  if (verdict === 'indeterminate') return verdict;
  const byFindings = findingsVerdict(found);
  if (byFindings === 'drifted') return byFindings;
  switch (state) {
    case 'missing':
      return use === 'reviewed' || policy.missing !== 'fail' ? 'in-sync' : 'drifted';
    case 'unreviewed':
      return policy.unreviewed === 'fail' && !pending ? 'drifted' : 'in-sync';
    case 'unreadable':
      if (error?.place.side !== 'runtime') return 'drifted';
      return use === 'reviewed' || policy.unreadable !== 'fail' || pending ? 'in-sync' : 'drifted';
    case null:
      // One side alone: without a finding, only an error can have decided it.
      return error === null ? byFindings : verdict;
    case 'identical':
    case 'equivalent':
    case 'drifted':
    case 'indeterminate':
      return byFindings;
  }
}
