import { constants } from 'node:os';
import type { Io } from '../io/io.ts';
import { KeydriftError } from '../model/index.ts';

/** What a shell says of a process that died of a signal: 128 + n. */
export function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** A signal ended a run before it had its verdict. */
export function interruptedBy(signal: NodeJS.Signals): KeydriftError {
  return new KeydriftError('INTERRUPTED', `${signal} ended the run before there was a verdict`, {
    hint: 'What had been established until then is reported. Run it again for the rest.',
  });
}

/** A process that signals end: at once, or where a command asks for it after its report. */
export interface SignalHold {
  /** From now on the first signal aborts this, and only a second one ends the process. */
  holdSignals(): AbortSignal;
  readonly interrupted: number | null;
  /** The process is itself again. */
  release(): void;
}

/** Takes over the signals that end a process. */
export function holdSignals(io: Io): SignalHold {
  const stop = new AbortController();
  let held = false;
  let interrupted: number | null = null;
  const strike = (signal: NodeJS.Signals): void => {
    if (!held || interrupted !== null) io.exit(signalCode(signal));
    interrupted = signalCode(signal);
    stop.abort(interruptedBy(signal));
  };
  const watched = (['SIGHUP', 'SIGINT', 'SIGTERM'] as const).map((signal) =>
    io.onSignal(signal, () => strike(signal)),
  );
  return {
    holdSignals() {
      held = true;
      return stop.signal;
    },
    get interrupted() {
      return interrupted;
    },
    release() {
      for (const letGo of watched) letGo();
    },
  };
}
