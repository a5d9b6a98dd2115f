import { hostileCase } from './hostile-csv.ts';
import { compareEngines, type Outcome } from './differential.ts';

/**
 * Runs inputs `from` to below `to`, each with so many of its windows; throws with the seed of the first
 * one that fails.
 */
export async function fuzz(
  from: number,
  to: number,
  onProgress: (done: number) => void = () => undefined,
  windows: number = Infinity,
): Promise<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = { equal: 0, 'both-refuse': 0, 'given-up': 0 };
  for (let seed = from; seed < to; seed += 1) {
    const all = hostileCase(seed);
    const given = { ...all, windows: all.windows.slice(0, windows) };
    try {
      for (const outcome of await compareEngines(given)) counts[outcome] += 1;
    } catch (cause) {
      const shown = JSON.stringify({
        ...given,
        bodies: given.bodies.map((body) => body.toString('latin1')),
      });
      throw new Error(
        `input ${seed} differs: ${cause instanceof Error ? cause.message : String(cause)}\n${shown}`,
        { cause },
      );
    }
    if ((seed - from) % 1000 === 999) onProgress(seed - from + 1);
  }
  return counts;
}
