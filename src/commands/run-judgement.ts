import type { AppContext } from '../judge/context.ts';
import type { Report } from '../model/index.ts';
import type { Reporter } from '../report/index.ts';
import { emitReport } from './output.ts';
import type { RawOptions } from './options.ts';
import { createProgress } from '../io/progress.ts';
import { version } from '../io/version.ts';

/**
 * Runs a judging command for a terminal or a pipe: progress while it runs, then its report, or what
 * `reporter` makes of it.
 */
export async function runJudgement(
  raw: RawOptions,
  judge: (context: AppContext) => Promise<Report>,
  reporter: Reporter | null = null,
): Promise<void> {
  await emitReport(await runWithProgress(judge), raw, reporter);
}

/** Runs something in the context of this process, with progress on a terminal while it runs. */
export async function runWithProgress<T>(run: (context: AppContext) => Promise<T>): Promise<T> {
  const progress = createProgress(process.stderr);
  try {
    return await run({
      version,
      workingDirectory: process.cwd(),
      environment: process.env,
      now: () => new Date(),
      progress: (done, total, name) => progress.show(done, total, name),
    });
  } finally {
    progress.clear();
  }
}
