import {
  acceptFindings,
  listedFindings,
  proposeAccept,
  type FindingSet,
} from '../compare/index.ts';
import type { Acceptance, ArtifactContract, KeyGroup, Policy, Warning } from '../model/index.ts';
import { judgeAlone } from './alone.ts';
import { columnsOf } from './confirm.ts';
import { forgiveLag, type Lag } from './grace.ts';
import type { Room } from './room.ts';
import type { SoundFiles } from './evidence.ts';
import type { ScannedCopy } from './request.ts';

/** How copies are judged beyond their contract. */
export interface Judging {
  /** The moment that `accept` and `grace` are held against: one for a whole run. */
  readonly now: Date;
  /**
   * `propose`: also tell what `accept` could say of what is found; `honour`: entries cover for some
   * days after their end, as in `run`.
   */
  readonly acceptance: 'apply' | 'propose' | 'honour';
  /** Reviewed files that are known to be sound; left out: none are. */
  readonly sound?: SoundFiles;
  /** Where copies wait until there is memory for them; left out: they do not. */
  readonly room?: Room;
}

/** For how long `run` honours an entry of `accept` that has ended (SPEC §3). */
const daysHonoured = 14;

/** Two copies compared: findings after policy, and what they come from. */
export interface Compared {
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
  readonly keys: readonly KeyGroup[];
  readonly found: FindingSet;
}

const nothingProposed = { proposals: [], refused: [] };
/** One for all copies without such entries: each report keeps it. */
const nothingAccepted: Acceptance = { unused: [], ...nothingProposed };

/** What `accept` and then `grace` make of findings after policy. What is ignored stays ignored. */
export async function weighFindings(
  { reviewed, runtime, keys, found }: Compared,
  lag: Lag,
  { now, acceptance }: Judging,
): Promise<{
  readonly found: FindingSet;
  /** Whether what differs is a deployment on its way. */
  readonly pending: boolean;
  readonly warnings: readonly Warning[];
  readonly acceptance: Acceptance;
}> {
  const { accept } = lag.artifact;
  const isNothing = found.findings.length + found.counted.length + accept.length === 0;
  if (isNothing && acceptance !== 'propose') {
    return { found, pending: false, warnings: [], acceptance: nothingAccepted };
  }
  const { consumedColumns } = columnsOf(reviewed);
  const honouredDays = acceptance === 'honour' ? daysHonoured : 0;
  const { findings } = found;
  const accepted = acceptFindings({ findings, keys, accept, now, consumedColumns, honouredDays });
  const weighed = { ...found, findings: accepted.findings };
  const forgiven = await forgiveLag(lag, runtime, reviewed.copy, weighed);
  const proposed =
    acceptance === 'propose'
      ? proposeAccept({
          findings: listedFindings(forgiven.found),
          keys,
          accept,
          now,
          consumedColumns,
        })
      : nothingProposed;
  return {
    found: forgiven.found,
    pending: forgiven.pending,
    warnings: [...accepted.warnings, ...forgiven.warnings],
    acceptance:
      accepted.unused.length === 0 && proposed === nothingProposed
        ? nothingAccepted
        : { unused: accepted.unused, ...proposed },
  };
}

/** A reviewed copy by its contract alone, after `accept`: what lint, bundle and publish judge. */
export async function weighReviewed(
  artifact: ArtifactContract,
  policy: Policy,
  reviewed: ScannedCopy,
  now: Date,
): Promise<{ readonly found: FindingSet; readonly warnings: readonly Warning[] }> {
  const { found, keys } = await judgeAlone(artifact, policy, 'reviewed', reviewed);
  const { consumedColumns } = columnsOf(reviewed);
  const { findings, warnings } = acceptFindings({
    findings: found.findings,
    keys,
    consumedColumns,
    accept: artifact.accept,
    now,
  });
  return { found: { ...found, findings }, warnings };
}
