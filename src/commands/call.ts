import { type Io, version } from '../io/io.ts';
import { createProgress, type Progress } from '../io/progress.ts';
import type { AppContext } from '../judge/context.ts';
import type { Registries } from '../judge/registries.ts';
import { heardBy } from '../model/index.ts';
import type { GateReporter } from '../report/index.ts';
import { bothHear, eventLog } from './log.ts';

/** One call of the program: what it takes from outside, and what it answers. */
export interface Call {
  readonly io: Io;
  readonly registries: Registries;
  /** What tells the log of a gate; null: the command is none. */
  readonly log: GateReporter | null;
  /** The words after `--`, which are another program's; null: there is no `--`. */
  readonly after: readonly string[] | null;
  /**
   * From now on a signal does not end the process: it aborts what this gives, and the command tells
   * what it had established. A second one ends it at once.
   */
  holdSignals(): AbortSignal;
  /** 128 + n where a signal ended the command; null: none did. */
  readonly interrupted: number | null;
  /** Variables of the environment that decided what is judged. */
  readonly fromEnvironment: readonly string[];
  /** Sets the exit code. */
  answer(exitCode: number): void;
}

/**
 * Runs something in the context of a call, with progress on a terminal while it runs. `stop` is what
 * the call's signals abort, where the command reports what it has.
 */
export async function runWithProgress<T>(
  { io, registries }: Call,
  run: (context: AppContext, progress: Progress) => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  const progress = createProgress(io.stderr);
  const heard = bothHear(eventLog(io), progress.listener);
  try {
    const context: AppContext = {
      version,
      registries,
      workingDirectory: io.workingDirectory,
      ...(io.userId === undefined ? {} : { userId: io.userId }),
      environment: io.environment,
      now: io.now,
      progress: (...told) => progress.show(...told),
      ...(stop === undefined ? {} : { stop }),
    };
    return await heardBy(heard, () => run(context, progress));
  } finally {
    progress.clear();
  }
}

/** The same, of what reports what it has when a signal comes. */
export function runHeld<T>(call: Call, run: (context: AppContext) => Promise<T>): Promise<T> {
  return runWithProgress(call, run, call.holdSignals());
}
