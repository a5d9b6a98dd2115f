import { plannedEngine } from '../engine/index.ts';
import type { ArtifactContract } from '../model/index.ts';
import type { ScannedCopy } from './request.ts';

/** Whether a scanned copy is a table whose engine was not asked yet. */
export function isPlanned({ keyset }: ScannedCopy): boolean {
  return keyset.engine === plannedEngine;
}

/** A table by itself: what it repeats, and what is invalid. Any other copy as it was scanned. */
export async function reduceAlone(
  artifact: ArtifactContract,
  scanned: ScannedCopy,
): Promise<ScannedCopy> {
  if (!isPlanned(scanned)) return scanned;
  return (await import('./tables.ts')).reduceOne(artifact, scanned);
}
