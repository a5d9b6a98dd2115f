import type { ArtifactReport } from '../model/index.ts';

/**
 * Since when a drifted copy is known to have drifted, ISO 8601: since what is there was written, or
 * since a newer reviewed version replaced it in git, the later of the two; or since an earlier run found
 * it, where that was before. It may have drifted longer. Null: it has not drifted, or nothing tells.
 */
export function driftedSince(artifact: ArtifactReport): string | null {
  const { verdict, cause, runtime, transition } = artifact;
  if (verdict !== 'drifted') return null;
  const there = byAge([cause?.replacedAt, runtime?.revision.at]).at(-1);
  return byAge([there, transition?.since])[0] ?? null;
}

/** Times that are known, the earliest first. */
function byAge(times: readonly (string | null | undefined)[]): readonly string[] {
  return times
    .filter((time) => time !== null && time !== undefined)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
}
