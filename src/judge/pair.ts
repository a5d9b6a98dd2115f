import { findingsVerdict } from '../compare/index.ts';
import {
  faultClass,
  KeydriftError,
  perObject,
  retold,
  sha256Of,
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type Location,
  type PinnedCopy,
  type Policy,
  type PolicyKind,
  type RuntimeCopy,
  type ScanPlan,
  type Stores,
} from '../model/index.ts';
import { judgeRuntimeAlone } from './alone.ts';
import { reportArtifact, reportError, type Judgement } from './artifact-report.ts';
import { failedJudgement, withAttempts } from './attempts.ts';
import { requireBundleAbreast } from './claim.ts';
import type { ChosenCopy } from './choose.ts';
import { compareScanned } from './compare-scanned.ts';
import type { Sources } from './context.ts';
import { judgedPair, type JudgedPair } from './explain/tally.ts';
import {
  ofSide,
  pinBoth,
  pinOrAbsent,
  releaseCopies,
  reviewedPurpose,
  scanNamed,
  scanReviewed,
} from './copies.ts';
import { judgeByHash } from './evidence.ts';
import { equalsReviewed, wasAbsent, wasReviewed, type Lag, type LagAnswer } from './grace.ts';
import { reviewedRequest, runtimeRequest, type ScannedCopy } from './request.ts';
import { fetchAhead, forgetKept, withoutKept } from './memory.ts';
import { isPlanned, reduceAlone } from './planned.ts';
import { twinOf } from './twin.ts';
import { weighFindings, type Judging } from './weigh.ts';

/** A copy's judgement, and what was judged. */
export interface JudgedCopy {
  readonly report: ArtifactReport;
  /** As it was pinned; null: it is not there, or could not be reached. */
  readonly runtime: PinnedCopy | null;
  /** What is known of both, where they differ; null: nothing that spares a reading. */
  readonly pair: JudgedPair | null;
}

/** A copy of an audit, and its judgement. */
export interface AuditedCopy extends ChosenCopy {
  readonly judged: JudgedCopy;
}

/**
 * One runtime copy against its reviewed copy: pin both, read both, join, confirm, compare.
 * It never throws: a fault of content is drift, any other a missing verdict.
 */
export async function judgeCopyPinned(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  sources: Sources,
  judging: Judging,
): Promise<JudgedCopy> {
  const location = reviewedLocation(artifact, copy, sources);
  const lag: Lag = { artifact, copy, reviewed: location, sources, now: judging.now, scope: null };
  let judged: PinnedCopy | null = null;
  const judgement = await withAttempts(async () => {
    const byHash = await judgeByHash(lag, judging.sound ?? null, (reviewed, runtime) =>
      judgeWithRoom(lag, judging, { reviewed, runtime }),
    );
    if (byHash !== null) {
      judged = byHash.runtime;
      return byHash.judgement;
    }
    const [reviewed, runtime] = await pinBoth(
      pinOrAbsent(location, 'reviewed', sources, reviewedPurpose(artifact)),
      pinOrAbsent(copy.location, 'runtime', sources),
    );
    judged = runtime instanceof KeydriftError ? null : withoutKept(runtime);
    return judgeWithRoom(lag, judging, { reviewed, runtime }).finally(() => {
      for (const one of [reviewed, runtime]) if (!(one instanceof KeydriftError)) forgetKept(one);
      return releaseCopies([reviewed, runtime]);
    });
  });
  const report = reportArtifact(artifact, copy.name, byPolicy(judgement, copy.policy));
  return { report, runtime: judged, pair: judgement.pair ?? null };
}

/** The copies of a judgement; one that is not there is the error that says so. */
export interface PinnedPair {
  readonly reviewed: PinnedCopy | KeydriftError;
  readonly runtime: PinnedCopy | KeydriftError;
}

/** Judges two copies as soon as there is memory for both. */
async function judgeWithRoom(lag: Lag, judging: Judging, pair: PinnedPair): Promise<Judgement> {
  const sizes = [pair.reviewed, pair.runtime].map((one) =>
    one instanceof KeydriftError ? 0 : one.bytes,
  );
  const leave = await judging.room?.enter((sizes[0] ?? 0) + (sizes[1] ?? 0));
  return judgePinned(lag, judging, pair).finally(() => leave?.());
}

/** Judges copies that are pinned already, or the slices of them that a scope names. */
export async function judgePinned(
  lag: Lag,
  judging: Judging,
  { reviewed, runtime }: PinnedPair,
): Promise<Judgement> {
  if (reviewed instanceof KeydriftError) {
    // A file that is nowhere is a contract that names the wrong one: nothing was established.
    if (runtime instanceof KeydriftError) throw reviewed;
    if (await isNowhere(lag, reviewed)) throw nowhere(reviewed);
    return judgeUnreviewed(lag, runtime, lag.artifact.unexplained ?? reviewed);
  }
  if (runtime instanceof KeydriftError) return judgeMissing(lag, reviewed, runtime);
  return judgeBoth(lag, judging, reviewed, runtime);
}

/** The reviewed copy's location for one runtime copy: that copy's ref wins (SPEC §3), as in a bundle. */
export function reviewedLocation(
  { reviewed }: ArtifactContract,
  copy: RuntimeCopy,
  stores: Pick<Stores, 'scheme'>,
): Location {
  return stores.scheme(reviewed).forCopy?.(reviewed, copy) ?? reviewed;
}

/** One list for a plan: by it requests are known to be alike. */
const consumedNames = perObject((plan: ScanPlan) => plan.consumed.map(({ name }) => name));

async function judgeBoth(
  lag: Lag,
  judging: Judging,
  reviewedCopy: PinnedCopy,
  runtimeCopy: PinnedCopy,
): Promise<Judgement> {
  const { artifact, copy, scope } = lag;
  // Nothing is waited for while an engine holds a copy: a fleet needs as many as wait.
  await fetchAhead(runtimeCopy);
  const reviewed = await scanReviewed(reviewedCopy, reviewedRequest(artifact), { scope });
  const counterpart = consumedNames(reviewed.plan);
  let runtime: ScannedCopy;
  try {
    const request = runtimeRequest(artifact, copy, counterpart);
    runtime =
      (await twinOf(reviewed, runtimeCopy, request).catch((thrown: unknown) => {
        throw ofSide(toKeydriftError(thrown), 'runtime');
      })) ?? (await scanNamed(runtimeCopy, request, { scope, partner: reviewed }));
  } catch (thrown) {
    reviewed.keyset.release();
    const error = toKeydriftError(thrown);
    if (error.code === 'COPY_CHANGED') throw error;
    const isBundled =
      reviewedCopy.revision.against !== undefined && faultClass(error) === 'content';
    if (isBundled) {
      requireBundleAbreast(reviewedCopy.revision, runtimeCopy, await sha256Of(runtimeCopy));
    }
    const judgement = await unreadable(lag, runtimeCopy, error);
    // Of a table that no engine was asked of nothing is known.
    return isPlanned(reviewed) ? judgement : { ...judgement, reviewed };
  }
  // What could be accepted is pinned by its group.
  const many = judging.acceptance === 'propose' ? 'as groups' : 'packed';
  const how = { unsaid: 'told of', many } as const;
  const compared = await compareScanned(artifact, copy, { reviewed, runtime }, how);
  const isDrifted = compared.state === 'drifted';
  const pair = isDrifted
    ? await judgedPair(artifact, copy, withoutKept(reviewedCopy), compared)
    : null;
  compared.reviewed.keyset.release();
  if (isDrifted) {
    requireBundleAbreast(reviewedCopy.revision, runtimeCopy, runtime.sha256);
  }
  const { found, pending, warnings, acceptance } = await weighFindings(compared, lag, judging);
  return {
    verdict: findingsVerdict(found),
    state: compared.state,
    reviewed: compared.reviewed,
    runtime: compared.runtime,
    found,
    redundant: compared.redundant,
    spelling: compared.spelling,
    pending,
    warnings: [...compared.readerWarnings, ...warnings],
    acceptance,
    pair,
  };
}

/** A runtime copy that cannot be read: as it was reviewed a moment ago, it is on its way (SPEC §3). */
async function unreadable(lag: Lag, runtime: PinnedCopy, error: KeydriftError): Promise<Judgement> {
  const failed = failedJudgement(error);
  if (failed.state !== 'unreadable') return failed;
  const { pending, warnings } = await equalsReviewed(lag, runtime);
  const verdict = pending ? 'in-sync' : failed.verdict;
  return { ...failed, verdict, pending, warnings, unread: runtime };
}

/** What a policy makes of a copy that cannot be read: one word for all kinds speaks of it too. */
export function byPolicy(judgement: Judgement, { unreadable: action }: Policy): Judgement {
  const warns = judgement.state === 'unreadable' && action !== 'fail';
  return warns ? { ...judgement, verdict: 'in-sync' } : judgement;
}

/**
 * Whether a policy of one word (or `enforceFrom`) would let pass that a contract names a file that was
 * never there: a misspelt path is no kind of drift that somebody chose to be warned of.
 */
async function isNowhere(
  { artifact, copy, reviewed, sources }: Lag,
  { code }: KeydriftError,
): Promise<boolean> {
  const isExcused = copy.policy.unreviewed !== 'fail' && copy.policy.unreadable !== 'fail';
  if (!isExcused || artifact.unexplained !== undefined) return false;
  if (code === 'FILE_NOT_FOUND') return true;
  if (code !== 'GIT_PATH_NOT_FOUND') return false;
  const [contents] = (await (await sources.of(reviewed)).contentsOf?.([reviewed])) ?? [];
  if (contents instanceof KeydriftError) throw contents;
  return contents?.history === 'complete' && contents.blobs.size === 0;
}

function nowhere(error: KeydriftError): KeydriftError {
  const message = `${error.message}: the contract names a reviewed file that never was there, which no policy excuses`;
  return retold(error, { message });
}

/** An object without a reviewed file: judged by the contract alone, and by the policy for it. */
async function judgeUnreviewed(
  lag: Lag,
  runtimeCopy: PinnedCopy,
  error: KeydriftError,
): Promise<Judgement> {
  const { artifact, copy, scope } = lag;
  let runtime: ScannedCopy;
  try {
    const request = runtimeRequest(artifact, copy, null);
    runtime = await reduceAlone(artifact, await scanNamed(runtimeCopy, request, { scope }));
  } catch (thrown) {
    const fault = toKeydriftError(thrown);
    if (faultClass(fault) !== 'content') throw fault;
    // What nobody reviewed need not be a table: that nobody did is what counts.
    const verdict = policyVerdict(copy, 'unreviewed');
    const told = reportError(absentFirst(error, fault));
    return { verdict, state: 'unreviewed', error: told, unread: runtimeCopy };
  }
  const alone = await judgeRuntimeAlone(artifact, copy, runtime);
  const { found, redundant } = alone;
  runtime.keyset.release();
  const { pending, warnings } =
    copy.policy.unreviewed === 'ignore' ? notAsked : await wasReviewed(lag, runtime, null);
  const verdict = worse(
    pending ? 'in-sync' : policyVerdict(copy, 'unreviewed'),
    findingsVerdict(found),
  );
  const told = { runtime, found, redundant, pending, error: reportError(error) };
  return { verdict, state: 'unreviewed', ...told, warnings: [...alone.warnings, ...warnings] };
}

/** A side that is not there, and then what is wrong with the other one. */
function absentFirst(absent: KeydriftError, fault: KeydriftError): KeydriftError {
  const side = absent.place.side === undefined ? '' : ` (${absent.place.side})`;
  const message = `${absent.message.replace(/\.$/, '')}${side}; and ${fault.message}`;
  return retold(absent, { message });
}

/** No object: what would have run is told, and nothing more is judged. */
async function judgeMissing(
  lag: Lag,
  reviewedCopy: PinnedCopy,
  error: KeydriftError,
): Promise<Judgement> {
  const { artifact, copy, scope } = lag;
  const scanned = await scanReviewed(reviewedCopy, reviewedRequest(artifact), { scope }).catch(
    (thrown: unknown) => {
      const fault = toKeydriftError(thrown);
      const { message } = absentFirst(error, fault);
      throw retold(fault, { message });
    },
  );
  const reviewed = await reduceAlone(artifact, scanned);
  reviewed.keyset.release();
  const { pending, warnings } = copy.policy.missing === 'ignore' ? notAsked : await wasAbsent(lag);
  return {
    verdict: pending ? 'in-sync' : policyVerdict(copy, 'missing'),
    state: 'missing',
    reviewed,
    pending,
    warnings,
    error: reportError(error),
  };
}

/** Where there is nothing to excuse. */
const notAsked: LagAnswer = { pending: false, warnings: [] };

/** The verdict of a state without findings. */
export function policyVerdict({ policy }: RuntimeCopy, kind: PolicyKind): Judgement['verdict'] {
  return policy[kind] === 'fail' ? 'drifted' : 'in-sync';
}

function worse(a: Judgement['verdict'], b: Judgement['verdict']): Judgement['verdict'] {
  return a === 'drifted' ? a : b;
}
