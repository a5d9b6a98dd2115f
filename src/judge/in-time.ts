import { toKeydriftError, type ArtifactContract, type RuntimeCopy } from '../model/index.ts';
import { reportArtifact } from './artifact-report.ts';
import { failedJudgement } from './attempts.ts';
import type { Sources } from './context.ts';
import { judgeCopyPinned, type JudgedCopy } from './pair.ts';
import { inTime, startClock } from './time.ts';
import type { Judging } from './weigh.ts';

/** How long one copy may take: `--timeout` in seconds or null, and until somebody ends the run. */
export interface Limit {
  readonly seconds: number | null;
  readonly stop: AbortSignal | undefined;
}

/** Judges one runtime copy; without a verdict (`TIMEOUT`, `INTERRUPTED`) where its time is over. */
export async function judgeInTime(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  sources: Sources,
  judging: Judging,
  { seconds, stop }: Limit,
): Promise<JudgedCopy> {
  const clock = startClock(seconds, stop, '--timeout');
  try {
    const judge = () => judgeCopyPinned(artifact, copy, sources, judging);
    return await inTime(judge, clock.signal);
  } catch (thrown) {
    const judgement = failedJudgement(toKeydriftError(thrown));
    return { report: reportArtifact(artifact, copy.name, judgement), runtime: null, pair: null };
  } finally {
    clock.clear();
  }
}
