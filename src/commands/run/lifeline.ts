import { gateCodes } from '../../judge/exit-code.ts';
import type { Io } from '../../io/io.ts';
import { interruptedBy, signalCode } from '../signals.ts';

const always = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const keyboard = ['SIGINT', 'SIGQUIT'] as const;

/** How far a run is: what a signal or a fault of keydrift means depends on it. */
type Phase =
  | { readonly kind: 'before' }
  | { readonly kind: 'running'; readonly forward: (signal: NodeJS.Signals) => void }
  | { readonly kind: 'after'; readonly code: number };

/** A signal that ended the judging: it is not the command's. */
export interface Interruption {
  readonly signal: NodeJS.Signals;
  readonly exitCode: number;
}

/** Holds a run through signals and faults. */
export interface Lifeline {
  /** Aborted by the first signal before the command has started. */
  readonly stop: AbortSignal;
  /** That signal, or null. */
  readonly interruption: Interruption | null;
  /** The command runs: signals are its own from now on, and nothing ends keydrift before it. */
  running(forward: (signal: NodeJS.Signals) => void): void;
  /** The command has ended: its result stands, whatever comes. */
  ended(code: number): void;
  /** The process is itself again. */
  release(): void;
}

/**
 * Takes over the process's signals and uncaught errors. Before the command starts, the first signal
 * ends the judging, which tells what it has (128 + n), and a second one the process; a fault ends it
 * with 125. After the command has ended, both end the process with the command's code.
 */
export function holdRun(io: Io, tellFault: (error: unknown) => void): Lifeline {
  let phase: Phase = { kind: 'before' };
  let interruption: Interruption | null = null;
  const stop = new AbortController();
  const strike = (signal: NodeJS.Signals): void => {
    if (phase.kind === 'running') {
      // Without a terminal nobody has hung up: it was meant for keydrift, as under nohup.
      if (signal !== 'SIGHUP' || io.hasTerminal()) phase.forward(signal);
    } else if (phase.kind === 'after') io.exit(phase.code);
    else if (interruption !== null) io.exit(interruption.exitCode);
    else {
      interruption = { signal, exitCode: signalCode(signal) };
      stop.abort(interruptedBy(signal));
    }
  };
  const held = [
    ...always.map((signal) => io.onSignal(signal, () => strike(signal))),
    ...keyboard.map((signal) =>
      io.onSignal(signal, () => {
        if (phase.kind !== 'running' || !io.terminalSignalsUs()) strike(signal);
      }),
    ),
    io.onFault((error) => {
      tellFault(error);
      if (phase.kind === 'running') return;
      io.exit(phase.kind === 'after' ? phase.code : gateCodes.retry);
    }),
  ];
  return {
    stop: stop.signal,
    get interruption() {
      return interruption;
    },
    running(forward) {
      phase = { kind: 'running', forward };
    },
    ended(code) {
      phase = { kind: 'after', code };
    },
    release() {
      for (const letGo of held) letGo();
    },
  };
}
