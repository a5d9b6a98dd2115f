import { toKeydriftError, type ArtifactContract, type RuntimeCopy } from '../model/index.ts';
import { reportArtifact } from './artifact-report.ts';
import { failedJudgement } from './attempts.ts';
import type { Sources } from './context.ts';
import { judgeCopyPinned, type JudgedCopy } from './pair.ts';
import { inTimeLeft, type TimeLimit } from './time.ts';
import type { Judging } from './weigh.ts';

/** Judges one runtime copy; without a verdict (`TIMEOUT`, `INTERRUPTED`) where its time is over. */
export async function judgeInTime(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  sources: Sources,
  judging: Judging,
  limit: TimeLimit,
): Promise<JudgedCopy> {
  try {
    const judge = () => judgeCopyPinned(artifact, copy, sources, judging);
    return await inTimeLeft(judge, limit, '--timeout');
  } catch (thrown) {
    const judgement = failedJudgement(toKeydriftError(thrown));
    return { report: reportArtifact(artifact, copy.name, judgement), runtime: null, pair: null };
  }
}
