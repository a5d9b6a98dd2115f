import type { PlanRequest } from '../engine/index.ts';
import type { ArtifactContract, CsvOptions, Dialect, RuntimeCopy } from '../model/index.ts';

const rfc4180: Dialect = { delimiter: ',', quote: '"', comment: null, names: null };

/** A dialect as the contract says it; what it leaves out is RFC 4180. */
export function dialectOf(options: CsvOptions): Dialect {
  return { ...rfc4180, ...options };
}

/** What an artifact wants of its reviewed copy. */
export function reviewedRequest(artifact: ArtifactContract): PlanRequest {
  const { key, consumes, descriptive, normalize } = artifact;
  return {
    side: 'reviewed',
    dialect: dialectOf(artifact.csv),
    key,
    consumes,
    descriptive,
    rename: new Map(),
    normalize,
    counterpart: null,
  };
}

/** What it wants of a runtime copy, given the reviewed copy's consumed columns if they are known. */
export function runtimeRequest(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  counterpart: readonly string[] | null,
): PlanRequest {
  return {
    ...reviewedRequest(artifact),
    side: 'runtime',
    dialect: dialectOf(copy.csv),
    rename: copy.columns,
    counterpart,
  };
}
