const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why the demo ends before its end. */
type InterruptionCause = (typeof signals)[number] | 'closed';

/** Turns signals, and a reader that went away, into an abort that everything unwinds by. */
interface Interruption {
  readonly signal: AbortSignal;
  /** Null: nothing interrupted. */
  cause(): InterruptionCause | null;
  /** Listens no more: the next signal ends the process as usual. */
  release(): void;
}

/** Listens for Ctrl-C and its like, until released. */
export function watchInterruption(stdout: NodeJS.WriteStream): Interruption {
  const controller = new AbortController();
  let cause: InterruptionCause | null = null;
  const interrupt = (what: InterruptionCause): void => {
    cause ??= what;
    controller.abort(new Error(`interrupted: ${what}`));
  };
  const listeners = signals.map((name) => [name, () => interrupt(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  // `npm run demo | head`: without a listener the error would end the process with all its litter.
  stdout.on('error', () => interrupt('closed'));
  return {
    signal: controller.signal,
    cause: () => cause,
    release: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
