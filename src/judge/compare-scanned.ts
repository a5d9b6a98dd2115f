import { findFindings } from '../compare/index.ts';
import { joinKeySets } from '../engine/index.ts';
import type { ArtifactContract, Finding, InvalidRow, KeyGroup, Policy } from '../model/index.ts';
import { columnsOf } from './alone.ts';
import { confirmScanned } from './confirm.ts';
import { comparableWith, type ScannedCopy } from './scan.ts';

/** Two scanned copies, joined and confirmed on their bytes. */
export interface ComparedRows {
  /** As it was joined: it may have been read once more. */
  readonly reviewed: ScannedCopy;
  /** Every key that is not the same single row on both sides. */
  readonly keys: readonly KeyGroup[];
  readonly invalid: readonly InvalidRow[];
  readonly findings: readonly Finding[];
}

/** Both copies of a comparison. */
export interface ScannedPair {
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
}

/** Two scanned copies as they can be joined: where their engines differ, the reference reads both. */
export async function comparable(scanned: ScannedPair): Promise<ScannedPair> {
  const gaveUp = scanned.reviewed.keyset.engine === 'reference';
  const reviewed = gaveUp
    ? scanned.reviewed
    : await comparableWith(scanned.reviewed, scanned.runtime);
  return { reviewed, runtime: await comparableWith(scanned.runtime, reviewed) };
}

/** Joins two scanned copies, confirms what the join proposes, and finds what differs. */
export async function compareScanned(
  { units, maxAmplification }: Pick<ArtifactContract, 'units' | 'maxAmplification'>,
  policy: Policy,
  scanned: ScannedPair,
): Promise<ComparedRows> {
  const { reviewed, runtime } = await comparable(scanned);
  const candidates = joinKeySets(reviewed.keyset, runtime.keyset);
  const { keys, invalid } = await confirmScanned(candidates, { reviewed, runtime });
  const findings = findFindings({
    ...columnsOf(reviewed),
    keys,
    invalid,
    reviewed: reviewed.keyset.table,
    runtime: runtime.keyset.table,
    units,
    maxAmplification,
    policy,
  });
  return { reviewed, keys, invalid, findings };
}
