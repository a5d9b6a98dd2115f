import { constants } from 'node:os';
import { runExitCodes } from './decide.ts';
import type { Io } from '../../io/io.ts';

const always = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
const keyboard = ['SIGINT', 'SIGQUIT'] as const;

/** How far a run is: what a signal or a fault of keydrift means depends on it. */
type Phase =
  | { readonly kind: 'before' }
  | { readonly kind: 'running'; readonly forward: (signal: NodeJS.Signals) => void }
  | { readonly kind: 'after'; readonly code: number };

/** Holds a run through signals and faults. */
export interface Lifeline {
  /** The command runs: signals are its own from now on, and nothing ends keydrift before it. */
  running(forward: (signal: NodeJS.Signals) => void): void;
  /** The command has ended: its result stands, whatever comes. */
  ended(code: number): void;
  /** The process is itself again. */
  release(): void;
}

/**
 * Takes over the process's signals and uncaught errors. Before the command starts either ends the
 * run (128 + n, or 125), and nothing is left behind by it; after it has ended, with its code.
 */
export function holdRun(io: Io, tellFault: (error: unknown) => void): Lifeline {
  let phase: Phase = { kind: 'before' };
  const strike = (signal: NodeJS.Signals): void => {
    if (phase.kind === 'running') phase.forward(signal);
    else io.exit(phase.kind === 'after' ? phase.code : signalCode(signal));
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
      io.exit(phase.kind === 'after' ? phase.code : runExitCodes.noVerdict);
    }),
  ];
  return {
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

/** What a shell says of a process that died of a signal: 128 + n. */
export function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
