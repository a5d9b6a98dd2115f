import { findingsVerdict } from '../../compare/index.ts';
import {
  faultClass,
  toKeydriftError,
  type ArtifactContract,
  type PointComparison,
  type RuntimeCopy,
} from '../../model/index.ts';
import { reportArtifact, type Judgement } from '../../judge/artifact-report.ts';
import { failedJudgement } from '../../judge/attempts.ts';
import type { Contents } from '../../judge/explain/contents.ts';
import { resolvePoint, type ContentPoint, type PointRequest } from './points.ts';
import type { Content } from '../../judge/explain/facts-memory.ts';

export interface ComparePoints {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly contents: Contents;
  /** As they were written; null: the reviewed copy now, and the runtime copy now. */
  readonly from: string | null;
  readonly to: string | null;
  readonly points: PointRequest;
}

/** Two points of the histories compared, `from` as the reviewed side. */
export async function comparePoints({
  artifact,
  copy,
  contents,
  from,
  to,
  points,
}: ComparePoints): Promise<PointComparison> {
  const [before, after] = [
    await resolvePoint(from ?? 'reviewed:now', points),
    await resolvePoint(to ?? 'runtime:now', points),
  ] as const satisfies readonly ContentPoint[];
  const judgement = await judge(contents, before.content, after.content);
  return {
    from: before.point,
    to: after.point,
    artifact: reportArtifact(artifact, copy.name, judgement),
  };
}

async function judge(contents: Contents, from: Content, to: Content): Promise<Judgement> {
  try {
    const compared = await contents.compare(from, to);
    return { ...compared, verdict: findingsVerdict(compared.found) };
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'content') return failedJudgement(error);
    throw error;
  }
}
