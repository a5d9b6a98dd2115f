import type { Side } from '../model/index.ts';

/** What stood on both sides from one moment of the histories on. */
export interface Standing {
  /** In milliseconds; never before the moment that precedes it. */
  readonly at: number;
  /** Side that changed then. */
  readonly side: Side;
  /** Places in the lists of the sides; null: nothing of that side is known yet. */
  readonly reviewed: number | null;
  readonly runtime: number | null;
}

/**
 * Two histories, each the oldest first with the times of its changes in milliseconds, as the moments
 * at which one of them changed, the oldest first. A side's own order is kept, whatever its clock
 * said; of two changes at one time the reviewed one counts first, as a deployment follows a review.
 */
export function weave(reviewed: readonly number[], runtime: readonly number[]): Standing[] {
  const times = { reviewed: monotonic(reviewed), runtime: monotonic(runtime) };
  const standings: Standing[] = [];
  let [r, t] = [0, 0];
  while (r < times.reviewed.length || t < times.runtime.length) {
    const nextReviewed = times.reviewed[r] ?? Infinity;
    const nextRuntime = times.runtime[t] ?? Infinity;
    const side: Side = nextReviewed <= nextRuntime ? 'reviewed' : 'runtime';
    if (side === 'reviewed') r += 1;
    else t += 1;
    standings.push({
      at: Math.min(nextReviewed, nextRuntime),
      side,
      reviewed: r === 0 ? null : r - 1,
      runtime: t === 0 ? null : t - 1,
    });
  }
  return standings;
}

function monotonic(times: readonly number[]): readonly number[] {
  let latest = -Infinity;
  return times.map((at) => (latest = Math.max(latest, at)));
}
