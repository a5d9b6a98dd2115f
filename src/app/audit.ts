import { failOn } from '../compare/index.ts';
import type { Report } from '../model/index.ts';
import { mapConcurrently } from './concurrency.ts';
import type { AppContext } from './context.ts';
import { judgedBy } from './against.ts';
import { chooseCopies } from './contract.ts';
import { judgeCopy } from './judge.ts';
import type { ContractOptions } from './options.ts';
import { reportRun } from './report.ts';
import { openSources } from './sources.ts';

/** Copies judged at once: requests overlap, memory stays that of a few copies. */
const mostAtOnce = 8;

/** `keydrift audit`: every runtime copy of the contract against its reviewed copy. */
export function audit(context: AppContext, options: ContractOptions): Promise<Report> {
  return reportRun('audit', context, options.enforced, async () => {
    const sources = openSources(context, options);
    let done = 0;
    try {
      const { contract, warnings } = await judgedBy(context, options, sources);
      const chosen = chooseCopies(contract, options.names);
      return await mapConcurrently(chosen, mostAtOnce, async ({ artifact, copy }) => {
        const policy = options.failOn === null ? copy.policy : failOn(copy.policy, options.failOn);
        const report = await judgeCopy(artifact, { ...copy, policy }, sources);
        done += 1;
        context.progress(done, chosen.length, artifact.name);
        return { ...report, warnings: [...warnings, ...report.warnings] };
      });
    } finally {
      await sources.close();
    }
  });
}
