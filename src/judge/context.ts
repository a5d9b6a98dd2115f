import type { Stores, Environment } from '../model/index.ts';
import type { Registries } from './registries.ts';

/** Everything a run takes from outside: the core has no console, clock or environment. */
export interface AppContext {
  readonly version: string;
  /** What a caller adds to what keydrift comes with; left out: nothing. */
  readonly registries?: Registries;
  readonly workingDirectory: string;
  readonly environment: Environment;
  /** Whose files are keydrift's own; left out: nobody's are looked at. */
  readonly userId?: number;
  readonly now: () => Date;
  /** Aborted when somebody ends the run: what was established until then is reported. */
  readonly stop?: AbortSignal;
  /** Told after each copy: how many are done of how many, and the one just done. */
  readonly progress: (done: number, total: number, name: string, fleet?: FleetFacts) => void;
  /** Waits so many seconds, or until the signal is aborted; left out: by the clock. */
  readonly wait?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/** How many copies are judged at once, and how that goes. */
export interface FleetFacts {
  readonly drifted: number;
  /** Without a verdict. */
  readonly failed: number;
  /** Since it began. */
  readonly seconds: number;
  /** The one that takes longest; null: none is slow. */
  readonly slow: { readonly name: string; readonly seconds: number } | null;
}

/** The stores of one run. Their child processes and connections end with `close`. */
export interface Sources extends Stores {
  close(): Promise<void>;
}
