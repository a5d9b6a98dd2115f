import type { PlanRequest } from '../engine/index.ts';
import { formats } from '../formats/index.ts';
import type {
  ArtifactContract,
  FormatOptions,
  FormatRegistry,
  RuntimeCopy,
} from '../model/index.ts';

/** What is wanted of a copy: its columns, and how its bytes are a table. */
export interface ScanRequest extends PlanRequest {
  readonly formats: FormatRegistry;
  /** What the contract says of how it is written, by the name of the format. */
  readonly written: Readonly<Record<string, FormatOptions>>;
}

/** What an artifact wants of its reviewed copy. */
export function reviewedRequest(artifact: ArtifactContract): ScanRequest {
  const { key, consumes, descriptive, normalize } = artifact;
  return {
    side: 'reviewed',
    formats: artifact.formats ?? formats,
    written: { csv: artifact.csv },
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
): ScanRequest {
  return {
    ...reviewedRequest(artifact),
    side: 'runtime',
    written: { csv: copy.csv },
    rename: copy.columns,
    counterpart,
  };
}
