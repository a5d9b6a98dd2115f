import {
  amplificationOf,
  countFindings,
  countRespelled,
  countSeverities,
  listedFindings,
  noFindingSet,
  truncatedFindings,
  type FindingSet,
} from '../compare/index.ts';
import { isRetryable } from '../model/index.ts';
import {
  clipMessage,
  type Acceptance,
  type ArtifactContract,
  type ArtifactReport,
  type KeydriftError,
  type PinnedCopy,
  type ReportError,
  type Side,
  type SideReport,
  type UnreadSide,
  type Verdict,
  type Warning,
} from '../model/index.ts';
import { inItsPlace, withContractFiles, wordsInPlace } from './in-its-place.ts';
import { misspelledWarnings } from './misspelled.ts';
import { redactReport } from './redact.ts';
import { sideReport } from './scan.ts';
import type { ScannedCopy } from './request.ts';
import type { JudgedPair } from './explain/tally.ts';

/** What a judgement established, before it is told. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly state: ArtifactReport['state'];
  readonly reviewed?: ScannedCopy | null;
  readonly runtime?: ScannedCopy | null;
  /** The runtime copy that cannot be read. */
  readonly unread?: Pick<PinnedCopy, 'location' | 'revision'>;
  /** What is known of both copies, where neither was scanned. */
  readonly sides?: Readonly<Record<Side, SideReport>>;
  /** What is known of two copies that differ, for whoever asks why. */
  readonly pair?: JudgedPair | null;
  /** What it rests on; left out: the bytes of both copies. */
  readonly evidence?: 'sha256';
  readonly found?: FindingSet;
  /** Numbers of the runtime records that repeat a key, without the first of each. */
  readonly redundant?: Uint32Array;
  /** Nothing that readers take otherwise is left where the runtime copy is written anew. */
  readonly spelling?: boolean;
  readonly warnings?: readonly Warning[];
  /** Whether what differs is a deployment on its way. */
  readonly pending?: boolean;
  /** Why nothing was read, and nothing is decided. */
  readonly skipped?: string;
  readonly change?: ArtifactReport['change'];
  readonly error?: ReportError | null;
  readonly acceptance?: Acceptance;
}

/** What is counted of copies of which there is nothing to count: a fleet is mostly that. */
const nothingCounted = {
  counts: countFindings(noFindingSet),
  severities: countSeverities(noFindingSet),
  truncated: null,
};

function countsOf(found: FindingSet): Pick<ArtifactReport, 'counts' | 'severities' | 'truncated'> {
  const isNothing = found.findings.length === 0 && found.counted.every(({ count }) => count === 0);
  if (isNothing) return nothingCounted;
  return {
    counts: countFindings(found),
    severities: countSeverities(found),
    truncated: truncatedFindings(found),
  };
}

/** One copy's judgement as reports carry it. */
export function reportArtifact(
  artifact: ArtifactContract,
  copy: string | null,
  judgement: Judgement,
): ArtifactReport {
  const { verdict, state, reviewed = null, runtime = null, found = noFindingSet } = judgement;
  const { error = null } = judgement;
  const findings = listedFindings(found);
  const counted = countsOf(found);
  const { sides } = judgement;
  const told =
    sides?.runtime ?? runtime?.keyset.table ?? (state === null ? reviewed?.keyset.table : null);
  const { name, owner, runbook, labels } = artifact;
  const report: ArtifactReport = {
    name,
    copy,
    owner,
    runbook,
    labels,
    verdict,
    state,
    reviewed: sides?.reviewed ?? (reviewed === null ? null : sideReport(reviewed)),
    runtime: sides?.runtime ?? (runtime === null ? null : sideReport(runtime)),
    ...(judgement.unread === undefined ? {} : { unread: unreadSide(judgement.unread) }),
    amplification: told === null || told === undefined ? null : amplificationOf(told),
    ...counted,
    evidence: judgement.evidence ?? (reviewed === null || runtime === null ? null : 'bytes'),
    pending: judgement.pending ?? false,
    findings,
    respelled: countRespelled(findings),
    warnings: toldOf(artifact, copy, [
      ...ofContract(artifact, state, counted.severities.warn),
      ...(artifact.notes ?? []),
      ...(reviewed === null ? [] : misspelledWarnings(reviewed)),
      ...(reviewed?.warnings ?? []),
      ...(runtime?.warnings ?? []),
      ...(judgement.warnings ?? []),
    ]),
    ...(artifact.contract === undefined ? {} : { contract: artifact.contract }),
    ...(judgement.skipped === undefined ? {} : { skipped: judgement.skipped }),
    change: judgement.change ?? null,
    error: error === null ? null : placed(error, artifact, copy),
    ...(judgement.acceptance === undefined ? {} : { acceptance: judgement.acceptance }),
  };
  return redactReport(report, artifact);
}

function unreadSide({ location, revision }: UnreadSide): UnreadSide {
  return { location, revision };
}

/** The same in a report, where what is said for one copy is told as its line of the contract. */
function toldOf(
  artifact: ArtifactContract,
  copy: string | null,
  warnings: readonly Warning[],
): readonly Warning[] {
  return toldWarnings(artifact, warnings).map((one) => {
    const message = wordsInPlace(one.message, one.side, artifact, copy);
    return message === one.message ? one : { ...one, message };
  });
}

/** Warnings that the contract does not silence (`warnings: {CODE: ignore}`). */
export function toldWarnings(
  { silenced }: ArtifactContract,
  warnings: readonly Warning[],
): readonly Warning[] {
  if (warnings.length === 0) return warnings;
  const told = warnings.map((one) => ({ ...one, message: clipMessage(one.message) }));
  return silenced === undefined ? told : told.filter(({ code }) => !silenced.has(code));
}

/** What is to be known of the contract itself: it was not reviewed, or does not fail anything yet. */
function ofContract(
  { contract, enforceFrom }: ArtifactContract,
  state: Judgement['state'],
  warned: number,
): readonly Warning[] {
  const warnings: Warning[] = [];
  const of = { side: null, line: null };
  if (contract?.uncommitted === true) {
    const what = contract.commit === null ? 'in git at HEAD' : 'the committed one';
    const message = `the contract is not ${what}: what it says was not reviewed; commit it (sha256 ${contract.sha256.slice(0, 12)})`;
    warnings.push({ code: 'CONTRACT_UNCOMMITTED', message, ...of });
  }
  const softened =
    warned > 0 || (state !== null && ['missing', 'unreviewed', 'unreadable'].includes(state));
  if (enforceFrom !== undefined && softened) {
    const message = `what would fail is a warning until ${enforceFrom} (enforceFrom)`;
    warnings.push({ code: 'ENFORCED_LATER', message, ...of });
  }
  return warnings;
}

/** The same error, its hint with what only the contract tells: a line of it, its files. */
function placed(error: ReportError, artifact: ArtifactContract, copy: string | null): ReportError {
  const told = withContractFiles(inItsPlace(error, artifact, copy), artifact);
  const origin = origins.get(error);
  if (origin !== undefined) origins.set(told, origin);
  return told;
}

const origins = new WeakMap<ReportError, KeydriftError>();

/** An error as reports carry it. */
export function reportError(error: KeydriftError): ReportError {
  const { code, message, hint, place, problems } = error;
  const command = error.command === null ? {} : { command: error.command };
  const told = { code, message, hint, ...command, retryable: isRetryable(code), place, problems };
  origins.set(told, error);
  return told;
}

/** What a report's error was before it was told; its stack says where it came from. */
export function errorOf(told: ReportError): KeydriftError | null {
  return origins.get(told) ?? null;
}
