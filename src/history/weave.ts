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

/** Which of two changes of one second came first, by their places in the lists of the sides. */
export type FirstOf = (reviewed: number, runtime: number) => Side;

/**
 * Two histories, each the oldest first with the times of its changes in milliseconds, as the moments
 * at which one of them changed, the oldest first. A side's own order is kept, whatever its clock
 * said. Both clocks tell whole seconds: of two changes of one second `firstOf` says which came
 * first; who knows nothing of them says the reviewed one, as a deployment follows a review.
 */
export function weave(
  reviewed: readonly number[],
  runtime: readonly number[],
  firstOf: FirstOf = () => 'reviewed',
): Standing[] {
  const times = { reviewed: monotonic(reviewed), runtime: monotonic(runtime) };
  const standings: Standing[] = [];
  let [r, t] = [0, 0];
  while (r < times.reviewed.length || t < times.runtime.length) {
    const nextReviewed = times.reviewed[r] ?? Infinity;
    const nextRuntime = times.runtime[t] ?? Infinity;
    const isTie = secondOf(nextReviewed) === secondOf(nextRuntime);
    const earlier: Side = nextReviewed < nextRuntime ? 'reviewed' : 'runtime';
    const side = isTie ? firstOf(r, t) : earlier;
    if (side === 'reviewed') r += 1;
    else t += 1;
    standings.push({
      at: Math.max(
        standings.at(-1)?.at ?? -Infinity,
        side === 'reviewed' ? nextReviewed : nextRuntime,
      ),
      side,
      reviewed: r === 0 ? null : r - 1,
      runtime: t === 0 ? null : t - 1,
    });
  }
  return standings;
}

function secondOf(time: number): number {
  return Math.floor(time / 1000);
}

function monotonic(times: readonly number[]): readonly number[] {
  let latest = -Infinity;
  return times.map((at) => (latest = Math.max(latest, at)));
}
