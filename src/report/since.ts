import type { ArtifactReport } from '../model/index.ts';

/**
 * Since when a drifted copy is known to have drifted, ISO 8601: since a newer reviewed version
 * replaced the one that is there, where history told that; else since what is there was written,
 * and it may have drifted before. Null: it has not drifted, or nothing tells.
 */
export function driftedSince({ verdict, cause, runtime }: ArtifactReport): string | null {
  if (verdict !== 'drifted') return null;
  return cause?.replacedAt ?? runtime?.revision.at ?? null;
}
