import type { AppContext } from '../app/context.ts';
import type { Report } from '../model/index.ts';
import type { Reporter } from '../report/index.ts';
import { emitReport } from './output.ts';
import type { RawOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { version } from './version.ts';

/**
 * Runs a judging command for a terminal or a pipe: progress while it runs, then its report, or what
 * `reporter` makes of it.
 */
export async function runJudgement(
  raw: RawOptions,
  judge: (context: AppContext) => Promise<Report>,
  reporter: Reporter | null = null,
): Promise<void> {
  const progress = createProgress(process.stderr);
  let report: Report;
  try {
    report = await judge({
      version,
      workingDirectory: process.cwd(),
      environment: process.env,
      now: () => new Date(),
      progress: (done, total, name) => progress.show(done, total, name),
    });
  } finally {
    progress.clear();
  }
  await emitReport(report, raw, reporter);
}
