import { findFindings } from '../compare/index.ts';
import { repeatsOf } from '../engine/index.ts';
import type { ArtifactContract, Finding, KeyGroup, Policy, Side } from '../model/index.ts';
import { confirmScanned } from './confirm.ts';
import type { ScannedCopy } from './scan.ts';

/** One copy by its contract: what it repeats, what is invalid, which bounds it breaks. */
export async function judgeAlone(
  artifact: ArtifactContract,
  policy: Policy,
  side: Side,
  scanned: ScannedCopy,
): Promise<readonly Finding[]> {
  return (await findAlone(artifact, policy, side, scanned)).findings;
}

/** The same, with the confirmed keys that findings come from: all that a side repeats. */
export async function findAlone(
  artifact: ArtifactContract,
  policy: Policy,
  side: Side,
  scanned: ScannedCopy,
): Promise<{ readonly findings: readonly Finding[]; readonly keys: readonly KeyGroup[] }> {
  const { table } = scanned.keyset;
  const rows = repeatsOf(scanned.keyset);
  const { keys, invalid } = await confirmScanned({ [side]: rows }, { [side]: scanned });
  const findings = findFindings({
    ...columnsOf(scanned),
    keys,
    invalid,
    reviewed: side === 'reviewed' ? table : null,
    runtime: side === 'runtime' ? table : null,
    units: artifact.units,
    maxAmplification: artifact.maxAmplification,
    policy,
  });
  return { findings, keys };
}

/** Names of a plan's columns, in contract order. */
export function columnsOf({ plan }: ScannedCopy): {
  keyColumns: readonly string[];
  consumedColumns: readonly string[];
} {
  return {
    keyColumns: plan.key.map(({ name }) => name),
    consumedColumns: plan.consumed.map(({ name }) => name),
  };
}
