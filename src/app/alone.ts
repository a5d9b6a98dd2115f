import { findFindings } from '../compare/index.ts';
import { joinTables } from '../keyset/index.ts';
import type { ArtifactContract, Finding, Policy, Side } from '../model/index.ts';
import { confirmScanned } from './confirm.ts';
import type { ScannedCopy } from './scan.ts';

/** One copy by its contract: what it repeats, what is invalid, which bounds it breaks. */
export async function judgeAlone(
  artifact: ArtifactContract,
  policy: Policy,
  side: Side,
  scanned: ScannedCopy,
): Promise<readonly Finding[]> {
  const { table } = scanned.keyset;
  const groups = side === 'reviewed' ? joinTables(table, null) : joinTables(null, table);
  const { keys, invalid } = await confirmScanned(groups, { [side]: scanned });
  return findFindings({
    ...columnsOf(scanned),
    keys,
    invalid,
    reviewed: side === 'reviewed' ? table : null,
    runtime: side === 'runtime' ? table : null,
    units: artifact.units,
    maxAmplification: artifact.maxAmplification,
    policy,
  });
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
