import type { ChildProcess } from 'node:child_process';
import { KeydriftError, type Environment } from '../model/index.ts';

/** Where text goes: stdout or stderr. */
export interface Output {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where there is none, or where it tells none (many containers). */
  readonly columns: number;
  readonly hasColors: boolean;
  /** Resolves when the text was taken. It never rejects: what failed is `fault`. */
  write(text: string): Promise<void>;
  /** The first fault of writing; null: none. `EPIPE`: the reader has gone away. */
  readonly fault: NodeJS.ErrnoException | null;
}

/** All that a command takes from outside: the process that it is, or what a test hands in. */
export interface Io {
  /** The command line without the program's own name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  /** Throws `USAGE` where it was removed. */
  readonly workingDirectory: string;
  /** Whose files are its own; left out: the system has no such thing. */
  readonly userId?: number;
  /** Bytes of memory that the system lets the process have; left out: nothing is known of a bound. */
  readonly memory?: number;
  readonly now: () => Date;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Answers a signal until the function that it gives is called. */
  onSignal(signal: NodeJS.Signals, act: () => void): () => void;
  /** Answers an error that nobody caught, until the function that it gives is called. */
  onFault(act: (error: unknown) => void): () => void;
  /** Has something done when the process ends, however that comes (but for SIGKILL). */
  atExit(cleanup: () => void): () => void;
  /** Ends at once; `atExit` is done. */
  exit(code: number): never;
  /** Starts a program with the process's own stdin, stdout and stderr. Throws as `spawn` does. */
  start(file: string, words: readonly string[], environment: Environment): ChildProcess;
  /** Whether there is a terminal that could hang up. */
  hasTerminal(): boolean;
  /** Whether a terminal sends its own signals to this process and to what it starts. */
  terminalSignalsUs(): boolean;
}

/** A switch in the environment. Throws `USAGE` for what is neither on nor off. */
export function isSwitchedOn(environment: Environment, name: string): boolean {
  const value = environment[name]?.toLowerCase() ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(value)) return false;
  if (['1', 'true', 'yes', 'on'].includes(value)) return true;
  throw new KeydriftError('USAGE', `${name} is neither on (1) nor off (0)`);
}

declare const KEYDRIFT_VERSION: string;

/** The package's version, put in when it is built. */
export const version: string = KEYDRIFT_VERSION;
