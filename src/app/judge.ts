import { comparedState, findFindings, findingsVerdict } from '../compare/index.ts';
import { confirmCandidates, joinTables } from '../keyset/index.ts';
import {
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type Location,
  type PinnedCopy,
  type PolicyKind,
  type RuntimeCopy,
} from '../model/index.ts';
import { columnsOf, judgeAlone } from './alone.ts';
import { reportArtifact, reportError, type Judgement } from './artifact-report.ts';
import { failedJudgement, withAttempts } from './attempts.ts';
import type { Sources } from './context.ts';
import { pinOrAbsent, scanNamed } from './copies.ts';
import { reviewedRequest, runtimeRequest } from './request.ts';
import { candidateSide, type ScannedCopy } from './scan.ts';

/**
 * One runtime copy against its reviewed copy: pin both, read both, join, confirm, compare.
 * It never throws: a fault of content is drift, any other a missing verdict.
 */
export async function judgeCopy(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  sources: Sources,
): Promise<ArtifactReport> {
  return reportArtifact(
    artifact,
    copy.name,
    await withAttempts(() => judge(artifact, copy, sources)),
  );
}

async function judge(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  sources: Sources,
): Promise<Judgement> {
  const [reviewed, runtime] = await Promise.all([
    pinOrAbsent(reviewedLocation(artifact, copy), 'reviewed', sources),
    pinOrAbsent(copy.location, 'runtime', sources),
  ]);
  // A file that is nowhere is a contract that names the wrong one: nothing was established.
  if (reviewed instanceof KeydriftError && runtime instanceof KeydriftError) throw reviewed;
  if (reviewed instanceof KeydriftError) {
    if (runtime instanceof KeydriftError) throw reviewed;
    return judgeUnreviewed(artifact, copy, runtime, reviewed);
  }
  if (runtime instanceof KeydriftError) return judgeMissing(artifact, copy, reviewed, runtime);
  return judgeBoth(artifact, copy, reviewed, runtime);
}

/** The reviewed copy's location for one runtime copy: that copy's ref wins (SPEC §3), as in a bundle. */
export function reviewedLocation(
  { reviewed }: ArtifactContract,
  { ref, name }: RuntimeCopy,
): Location {
  if (reviewed.kind === 'bundle') return { ...reviewed, copy: name };
  return reviewed.kind === 'git' && ref !== null ? { ...reviewed, ref } : reviewed;
}

async function judgeBoth(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  reviewedCopy: PinnedCopy,
  runtimeCopy: PinnedCopy,
): Promise<Judgement> {
  const reviewed = await scanNamed(reviewedCopy, reviewedRequest(artifact));
  const counterpart = reviewed.plan.consumed.map(({ name }) => name);
  let runtime: ScannedCopy;
  try {
    runtime = await scanNamed(runtimeCopy, runtimeRequest(artifact, copy, counterpart));
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (error.code === 'COPY_CHANGED') throw error;
    return { ...failedJudgement(error), reviewed };
  }
  const { keys, invalid } = await confirmCandidates(
    joinTables(reviewed.keyset.table, runtime.keyset.table),
    [candidateSide('reviewed', reviewed), candidateSide('runtime', runtime)],
  );
  const findings = findFindings({
    ...columnsOf(reviewed),
    keys,
    invalid,
    reviewed: reviewed.keyset.table,
    runtime: runtime.keyset.table,
    units: artifact.units,
    maxAmplification: artifact.maxAmplification,
    policy: copy.policy,
  });
  const bytes = reviewed.sha256 === runtime.sha256 ? 'same' : 'other';
  return {
    verdict: findingsVerdict(findings),
    state: comparedState(bytes, keys, invalid),
    reviewed,
    runtime,
    findings,
  };
}

/** An object without a reviewed file: judged by the contract alone, and by the policy for it. */
async function judgeUnreviewed(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  runtimeCopy: PinnedCopy,
  error: KeydriftError,
): Promise<Judgement> {
  const runtime = await scanNamed(runtimeCopy, runtimeRequest(artifact, copy, null));
  const findings = await judgeAlone(artifact, copy.policy, 'runtime', runtime);
  const verdict = worse(policyVerdict(copy, 'unreviewed'), findingsVerdict(findings));
  return { verdict, state: 'unreviewed', runtime, findings, error: reportError(error) };
}

/** No object: what would have run is told, and nothing more is judged. */
async function judgeMissing(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  reviewedCopy: PinnedCopy,
  error: KeydriftError,
): Promise<Judgement> {
  const reviewed = await scanNamed(reviewedCopy, reviewedRequest(artifact));
  return {
    verdict: policyVerdict(copy, 'missing'),
    state: 'missing',
    reviewed,
    error: reportError(error),
  };
}

function policyVerdict({ policy }: RuntimeCopy, kind: PolicyKind): Judgement['verdict'] {
  return policy[kind] === 'fail' ? 'drifted' : 'in-sync';
}

function worse(a: Judgement['verdict'], b: Judgement['verdict']): Judgement['verdict'] {
  return a === 'drifted' ? a : b;
}
