import {
  KeydriftError,
  toKeydriftError,
  type BlamedLine,
  type GitLocation,
  type Location,
  type ReviewedHistory,
  type UnmergedChange,
} from '../../model/index.ts';
import type { Sources } from '../context.ts';

/** What is known of a reviewed copy's past. */
export interface Reviewed {
  /** Null: it is in no git repository that could be read. */
  readonly history: ReviewedHistory | null;
  /** Where it is in git. */
  readonly location: GitLocation | null;
  /** Why it is not at hand, as sentences. */
  readonly reasons: readonly string[];
  readonly unmerged: () => Promise<readonly UnmergedChange[]>;
  readonly blame: (lines: readonly number[]) => Promise<readonly BlamedLine[]>;
}

type HistorySources = Pick<Sources, 'reviewedHistories' | 'unmergedChanges' | 'blame'>;

/** The history of one reviewed location. */
export async function readReviewed(location: Location, sources: HistorySources): Promise<Reviewed> {
  if (location.kind !== 'git') return withoutHistory(location);
  const [found] = await sources.reviewedHistories([location]);
  return describeReviewed(location, found ?? new KeydriftError('INTERNAL', 'no history'), sources);
}

/** A location in git and what its history is, or why it cannot be read. */
export function describeReviewed(
  location: GitLocation,
  found: ReviewedHistory | KeydriftError,
  sources: HistorySources,
): Reviewed {
  const failed = found instanceof KeydriftError;
  return {
    history: failed ? null : found,
    location,
    reasons: failed ? [`the reviewed copy's history cannot be read: ${found.message}`] : [],
    unmerged: () => sources.unmergedChanges(location),
    // Who wrote a line is beside the point of an investigation: without it the story is told.
    blame: async (lines) => {
      try {
        return await sources.blame(location, lines);
      } catch (thrown) {
        if (toKeydriftError(thrown).code === 'INTERNAL') throw thrown;
        return [];
      }
    },
  };
}

/** A reviewed copy that is no file of a commit. */
export function withoutHistory(location: Location): Reviewed {
  const what = location.kind === 'bundle' ? 'in a bundle' : `a ${location.kind}`;
  return {
    history: null,
    location: null,
    reasons: [`the reviewed copy is ${what}, not in git: it has no history here`],
    unmerged: () => Promise.resolve([]),
    blame: () => Promise.resolve([]),
  };
}
