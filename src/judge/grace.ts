import {
  markPending,
  mayBePending,
  someFinding,
  standsBetween,
  type FindingSet,
} from '../compare/index.ts';
import {
  faultClass,
  sha256Of,
  strictPolicy,
  timeText,
  toKeydriftError,
  type ArtifactContract,
  type Location,
  type PinnedCopy,
  type RuntimeCopy,
  type VersionInForce,
  type Warning,
} from '../model/index.ts';
import { compareScanned } from './compare-scanned.ts';
import { columnsOf } from './confirm.ts';
import type { Sources } from './context.ts';
import { keepSmall } from './memory.ts';
import { reviewedRequest, type ScannedCopy } from './request.ts';
import { asPartner, scanCopy } from './scan.ts';
import type { Scope } from './scope.ts';

/** What grace is asked about: one runtime copy, its reviewed location, and now. */
export interface Lag {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly reviewed: Location;
  readonly sources: Sources;
  readonly now: Date;
  /** The part of the copies that is judged; null: all of them. */
  readonly scope: Scope | null;
}

/** What history says of a copy that differs from what is reviewed now. */
export interface LagAnswer {
  readonly pending: boolean;
  readonly warnings: readonly Warning[];
}

/** A copy that is what was reviewed until a moment. */
interface Overtaken {
  readonly version: VersionInForce;
  readonly replacedAt: string;
}

/**
 * Findings between the copies become `pending` exactly when the runtime copy has none against some
 * reviewed version that was in force within the grace time (SPEC §3). Without such findings, or
 * without grace, no history is read.
 */
export async function forgiveLag(
  lag: Lag,
  runtime: ScannedCopy,
  current: PinnedCopy,
  found: FindingSet,
): Promise<LagAnswer & { readonly found: FindingSet }> {
  if (!someFinding(found, mayBePending)) return { found, pending: false, warnings: [] };
  const { pending, warnings } = await wasReviewed(lag, runtime, current);
  return { found: pending ? markPending(found) : found, pending, warnings };
}

/** Whether a runtime copy was the reviewed one within the grace time; `current`: it is not now. */
export function wasReviewed(
  lag: Lag,
  runtime: ScannedCopy,
  current: PinnedCopy | null,
): Promise<LagAnswer> {
  const seen = new Set([current === null ? '' : current.revision.content]);
  // Read once more, and only if there is a version to hold against it.
  let partner: Promise<ScannedCopy> | null = null;
  return askHistory(lag, async ({ copy }) => {
    if (copy === null || seen.has(copy.revision.content)) return false;
    seen.add(copy.revision.content);
    return agreesWith(lag, copy, await (partner ??= asPartner(runtime)));
  }).finally(async () => (await partner)?.keyset.release());
}

/** Whether a runtime copy's bytes are those of what was reviewed within the grace time. */
export function equalsReviewed(lag: Lag, runtime: PinnedCopy): Promise<LagAnswer> {
  let own: Promise<string> | null = null;
  return askHistory(lag, async ({ copy }) => {
    if (copy?.bytes !== runtime.bytes) return false;
    return (await sha256Of(copy)) === (await (own ??= sha256Of(runtime)));
  });
}

/** Whether there was no reviewed file within the grace time: its object may be on its way. */
export function wasAbsent(lag: Lag): Promise<LagAnswer> {
  return askHistory(lag, ({ copy }) => Promise.resolve(copy === null));
}

async function askHistory(
  { copy: { grace }, reviewed, sources, now }: Lag,
  isDeployed: (version: VersionInForce) => Promise<boolean>,
): Promise<LagAnswer> {
  if (grace === 0) return { pending: false, warnings: [] };
  const since = new Date(now.getTime() - grace * 1000);
  const source = await sources.of(reviewed);
  const found = await source.versionsInForce?.(reviewed, { since, now });
  const { versions, cutOff, lost = null } = found ?? { versions: [], cutOff: false };
  const warnings = lost === null ? [] : [lostWarning(lost)];
  for (const version of versions) {
    const { replacedAt } = version;
    if (replacedAt === null || !(await isDeployed(version))) continue;
    const told = pendingWarning({ version, replacedAt }, grace);
    return { pending: true, warnings: [told, ...warnings] };
  }
  return { pending: false, warnings: cutOff ? [cutOffWarning(since), ...warnings] : warnings };
}

/** Whether no finding stands between a version and a runtime copy; one that cannot be read differs. */
async function agreesWith(
  { artifact, copy, scope }: Lag,
  version: PinnedCopy,
  partner: ScannedCopy,
): Promise<boolean> {
  const { consumedColumns } = columnsOf(partner);
  let reviewed: ScannedCopy;
  try {
    const request = { ...reviewedRequest(artifact), counterpart: consumedColumns };
    reviewed = await scanCopy(keepSmall(version), request, { scope, partner });
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) === 'content') return false;
    throw thrown;
  }
  const pair = { reviewed, runtime: partner };
  const strict = { ...copy, policy: strictPolicy };
  return !someFinding((await compareScanned(artifact, strict, pair)).found, standsBetween);
}

function pendingWarning({ version: { copy }, replacedAt }: Overtaken, grace: number): Warning {
  const was =
    copy === null
      ? 'there was no reviewed file until then'
      : `the runtime copy agrees with what was reviewed until then (${copy.revision.text})`;
  const until = new Date(Date.parse(replacedAt) + grace * 1000).toISOString();
  return {
    code: 'PENDING',
    message: `deployment on its way since ${timeText(replacedAt)}: ${was}; it is drift from ${timeText(until)} on`,
    side: null,
    line: null,
  };
}

function lostWarning(lost: string): Warning {
  return {
    code: 'GRACE_NAMES_UNKNOWN',
    message: `what the reviewed file was called before could not be looked for, and grace cannot excuse what is not known: ${lost}`,
    side: 'reviewed',
    line: null,
  };
}

function cutOffWarning(since: Date): Warning {
  return {
    code: 'GRACE_HISTORY_CUT_OFF',
    message: `the history at hand does not reach back to ${timeText(since.toISOString())}, and grace cannot excuse what is not known`,
    side: 'reviewed',
    line: null,
  };
}
