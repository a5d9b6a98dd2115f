/** Who acts when a signal is aborted; places are used again. */
interface Acts {
  readonly list: ((() => void) | null)[];
  readonly free: number[];
}

const known = new WeakMap<AbortSignal, Acts>();

/**
 * Acts once when a signal is aborted, at once where it is already; what it gives ends that. For a signal
 * that outlives thousands of those who wait for it: a listener that was removed keeps all that came after
 * it until the garbage collector's next large round, as Node links them, and each of those what it waits
 * with.
 */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => undefined;
  }
  const acts = known.get(signal) ?? listen(signal);
  const place = acts.free.pop() ?? acts.list.length;
  acts.list[place] = act;
  return () => {
    if (acts.list[place] !== act) return;
    acts.list[place] = null;
    acts.free.push(place);
  };
}

function listen(signal: AbortSignal): Acts {
  const acts: Acts = { list: [], free: [] };
  known.set(signal, acts);
  const end = (): void => {
    for (const [place, act] of acts.list.entries()) {
      acts.list[place] = null;
      act?.();
    }
  };
  signal.addEventListener('abort', end, { once: true });
  return acts;
}
