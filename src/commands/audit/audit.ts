import type { GivenOption, Report } from '../../model/index.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext } from '../../judge/context.ts';
import { judgedBy } from '../../judge/against.ts';
import { explainAll } from '../../judge/causes.ts';
import { chooseCopies } from '../../judge/choose.ts';
import { judgeInTime } from '../../judge/in-time.ts';
import { policyUnder, weakenedBy } from '../../judge/enforcement.ts';
import type { ContractOptions } from '../../judge/options.ts';
import { toldWarnings } from '../../judge/artifact-report.ts';
import { reportRun } from '../../judge/report.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';
import { warnOfUnused } from '../../judge/unused.ts';
import type { Judging } from '../../judge/weigh.ts';
import { withSteps } from '../what-to-do.ts';

export interface AuditOptions extends ContractOptions {
  /** `propose` (`--propose-accept`): also tell what `accept` could say of what is found. */
  readonly acceptance?: Judging['acceptance'];
  /** `none` (`--no-cause`): history is not asked why a copy drifted. */
  readonly cause: 'find' | 'none';
  /** `--total-timeout` in seconds; left out or null: none. */
  readonly totalTimeout?: number | null;
  /** Options of the command line, which the commands that are told repeat. */
  readonly given: readonly GivenOption[];
}

/** Copies judged at once: requests overlap, memory stays that of a few copies. */
const mostAtOnce = 8;

/** `keydrift audit`: every runtime copy of the contract against its reviewed copy. */
export function audit(context: AppContext, options: AuditOptions): Promise<Report> {
  return reportRun('audit', context, options.enforced, async (noted) => {
    const sources = openSources(context, options);
    const judging: Judging = { now: context.now(), acceptance: options.acceptance ?? 'apply' };
    const total = startClock(options.totalTimeout ?? null, context.stop, '--total-timeout');
    let done = 0;
    try {
      const { contract, warnings } = await inTime(
        () => judgedBy(context, { ...options, strays: 'all' }, sources),
        total.signal,
      );
      const chosen = chooseCopies(contract, options, context);
      for (const { artifact, copy } of chosen) {
        const names = { artifact: artifact.name, copy: copy.name };
        const weakened = weakenedBy(names, copy.policy, options);
        if (weakened !== null) noted.push(weakened);
      }
      const audited = await mapConcurrently(chosen, mostAtOnce, async ({ artifact, copy: own }) => {
        const copy = { ...own, policy: policyUnder(own.policy, options) };
        const judged = await judgeInTime(artifact, copy, sources, judging, {
          seconds: options.timeout ?? null,
          stop: total.signal,
        });
        done += 1;
        context.progress(done, chosen.length, artifact.name);
        const told = toldWarnings(artifact, warnings);
        const report = { ...judged.report, warnings: [...told, ...judged.report.warnings] };
        return { artifact, copy, judged: { ...judged, report } };
      });
      const plain = audited.map(({ judged }) => judged.report);
      // A cause that comes too late takes no verdict back.
      const reports =
        options.cause === 'find'
          ? await inTime(() => explainAll(audited, sources, context), total.signal).catch(
              (error: unknown) => {
                if (total.signal.aborted) return plain;
                throw error;
              },
            )
          : plain;
      const { given } = options;
      const { workingDirectory } = context;
      const told = audited.map(({ artifact, copy, judged: { runtime } }, at) => {
        const report = reports[at]!;
        return withSteps({ artifact, copy, report, runtime, sources, workingDirectory, given });
      });
      return warnOfUnused(chosen, told);
    } finally {
      total.clear();
      await closeSoon(sources);
    }
  });
}
