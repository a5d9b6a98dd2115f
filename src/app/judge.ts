import { comparedState, findFindings, findingsVerdict } from '../compare/index.ts';
import { joinTables } from '../keyset/index.ts';
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
import { confirmScanned } from './confirm.ts';
import type { Sources } from './context.ts';
import { pinOrAbsent, scanNamed } from './copies.ts';
import { reviewedRequest, runtimeRequest } from './request.ts';
import type { ScannedCopy } from './scan.ts';
import type { Scope } from './scope.ts';

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
  return judgePinned(artifact, copy, { reviewed, runtime });
}

/** The copies of a judgement; one that is not there is the error that says so. */
export interface PinnedPair {
  readonly reviewed: PinnedCopy | KeydriftError;
  readonly runtime: PinnedCopy | KeydriftError;
}

/** Judges copies that are pinned already, or the slices of them that a scope names. */
export async function judgePinned(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  { reviewed, runtime }: PinnedPair,
  scope: Scope | null = null,
): Promise<Judgement> {
  // A file that is nowhere is a contract that names the wrong one: nothing was established.
  if (reviewed instanceof KeydriftError && runtime instanceof KeydriftError) throw reviewed;
  if (reviewed instanceof KeydriftError) {
    if (runtime instanceof KeydriftError) throw reviewed;
    return judgeUnreviewed(artifact, copy, { runtime, error: reviewed, scope });
  }
  if (runtime instanceof KeydriftError)
    return judgeMissing(artifact, copy, { reviewed, error: runtime, scope });
  return judgeBoth(artifact, copy, { reviewed, runtime, scope });
}

/** The reviewed copy's location for one runtime copy: that copy's ref wins (SPEC §3). */
export function reviewedLocation({ reviewed }: ArtifactContract, { ref }: RuntimeCopy): Location {
  return reviewed.kind === 'git' && ref !== null ? { ...reviewed, ref } : reviewed;
}

/** What is judged, and the part of it that is. */
type Scoped<T> = Readonly<T> & { readonly scope: Scope | null };

async function judgeBoth(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  pinned: Scoped<{ reviewed: PinnedCopy; runtime: PinnedCopy }>,
): Promise<Judgement> {
  const { scope } = pinned;
  const reviewed = await scanNamed(pinned.reviewed, reviewedRequest(artifact), scope);
  const counterpart = reviewed.plan.consumed.map(({ name }) => name);
  let runtime: ScannedCopy;
  try {
    runtime = await scanNamed(pinned.runtime, runtimeRequest(artifact, copy, counterpart), scope);
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (error.code === 'COPY_CHANGED') throw error;
    return { ...failedJudgement(error), reviewed };
  }
  const { keys, invalid } = await confirmScanned(
    joinTables(reviewed.keyset.table, runtime.keyset.table),
    { reviewed, runtime },
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
  pinned: Scoped<{ runtime: PinnedCopy; error: KeydriftError }>,
): Promise<Judgement> {
  const request = runtimeRequest(artifact, copy, null);
  const runtime = await scanNamed(pinned.runtime, request, pinned.scope);
  const findings = await judgeAlone(artifact, copy.policy, 'runtime', runtime);
  const verdict = worse(policyVerdict(copy, 'unreviewed'), findingsVerdict(findings));
  const error = reportError(pinned.error);
  return { verdict, state: 'unreviewed', runtime, findings, error };
}

/** No object: what would have run is told, and nothing more is judged. */
async function judgeMissing(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  pinned: Scoped<{ reviewed: PinnedCopy; error: KeydriftError }>,
): Promise<Judgement> {
  const reviewed = await scanNamed(pinned.reviewed, reviewedRequest(artifact), pinned.scope);
  return {
    verdict: policyVerdict(copy, 'missing'),
    state: 'missing',
    reviewed,
    error: reportError(pinned.error),
  };
}

/** The verdict of a state without findings. */
export function policyVerdict({ policy }: RuntimeCopy, kind: PolicyKind): Judgement['verdict'] {
  return policy[kind] === 'fail' ? 'drifted' : 'in-sync';
}

function worse(a: Judgement['verdict'], b: Judgement['verdict']): Judgement['verdict'] {
  return a === 'drifted' ? a : b;
}
