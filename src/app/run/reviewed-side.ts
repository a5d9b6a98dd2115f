import type { ArtifactContract, PinnedCopy, RuntimeCopy } from '../../model/index.ts';
import type { Sources } from '../context.ts';
import { reviewedLocation } from '../judge.ts';

/** Where the reviewed copies of a run come from: git, or whatever stands in for it. */
export interface ReviewedSide {
  /**
   * The reviewed copy that a runtime copy is held against, pinned. Throws a KeydriftError; of class
   * `absent` where there is no reviewed file.
   */
  pin(artifact: ArtifactContract, copy: RuntimeCopy): Promise<PinnedCopy>;
}

/** Reviewed copies where the contract says that they are. */
export function contractReviewedSide(sources: Sources): ReviewedSide {
  return { pin: (artifact, copy) => sources.pin(reviewedLocation(artifact, copy)) };
}
