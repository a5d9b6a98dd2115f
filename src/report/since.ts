import type { ArtifactReport } from '../model/index.ts';

/**
 * Since when a drifted copy is known to have drifted, ISO 8601: since a newer reviewed version
 * replaced the one that is there, where history told that, or an earlier run found it, the earlier of
 * the two; else since what is there was written, and it may have drifted before. Null: it has not
 * drifted, or nothing tells.
 */
export function driftedSince(artifact: ArtifactReport): string | null {
  const { verdict, cause, runtime, transition } = artifact;
  if (verdict !== 'drifted') return null;
  const known = [cause?.replacedAt ?? null, transition?.since ?? null];
  const [first] = known
    .filter((time) => time !== null)
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  return first ?? runtime?.revision.at ?? null;
}
