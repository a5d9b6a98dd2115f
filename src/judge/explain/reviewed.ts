import {
  KeydriftError,
  isUnset,
  toKeydriftError,
  type BlamedLine,
  type Location,
  type ReviewedHistory,
  type Source,
  type Stores,
  type UnmergedChange,
} from '../../model/index.ts';

/** What is known of a reviewed copy's past. */
export interface Reviewed {
  /** Null: it is in no git repository that could be read. */
  readonly history: ReviewedHistory | null;
  /** Where it is, if it has a history there. */
  readonly location: Location | null;
  /** Why it is not at hand, as sentences. */
  readonly reasons: readonly string[];
  readonly unmerged: () => Promise<readonly UnmergedChange[]>;
  readonly blame: (lines: readonly number[]) => Promise<readonly BlamedLine[]>;
}

/** The history of one reviewed location. */
export async function readReviewed(
  location: Location,
  stores: Stores,
  now: Date,
): Promise<Reviewed> {
  const source = await stores.of(location);
  const found = await source.reviewedHistories?.([location], now);
  if (found === undefined) return withoutHistory(location, stores);
  const history = found[0] ?? new KeydriftError('INTERNAL', 'no history');
  const unmerged = unmergedIn(source, [location]);
  return describeReviewed(location, history, { source, unmerged: () => unmerged(0) });
}

/**
 * What branches made of some locations of a store, by their place among them. The first question reads
 * it for all of them.
 */
export function unmergedIn(
  source: Source,
  locations: readonly Location[],
): (at: number) => Promise<readonly UnmergedChange[]> {
  let reading: ReturnType<NonNullable<Source['unmergedChanges']>> | undefined;
  return async (at) => {
    const found = (await (reading ??= source.unmergedChanges?.(locations)))?.[at] ?? [];
    if (found instanceof KeydriftError) throw found;
    return found;
  };
}

/** A location with a history and what that is, or why it cannot be read. */
export function describeReviewed(
  location: Location,
  found: ReviewedHistory | KeydriftError,
  { source, unmerged }: Pick<Reviewed, 'unmerged'> & { readonly source: Source },
): Reviewed {
  const failed = found instanceof KeydriftError;
  return {
    history: failed ? null : found,
    location,
    reasons: failed
      ? [`the reviewed copy's history cannot be read: ${found.message}`]
      : lostNames(found),
    unmerged,
    // Who wrote a line is beside the point of an investigation: without it the story is told.
    blame: async (lines) => {
      try {
        return (await source.blame?.(location, lines)) ?? [];
      } catch (thrown) {
        if (toKeydriftError(thrown).code === 'INTERNAL') throw thrown;
        return [];
      }
    },
  };
}

/** A history that begins where the file got its name stands, and says so. */
function lostNames({ lost }: ReviewedHistory): readonly string[] {
  return (lost ?? null) === null
    ? []
    : [`what the file was called before could not be looked for: ${lost}`];
}

/** A reviewed copy of which only the present is known. */
export function withoutHistory(location: Location, stores: Pick<Stores, 'scheme'>): Reviewed {
  const where = stores.scheme(location).textOf(location);
  const reason =
    isUnset(location) && location.fault.code === 'NOT_REVIEWED'
      ? `${location.fault.message}, so there is no history to look in`
      : `the reviewed copy is ${where}, not in git: it has no history here`;
  return {
    history: null,
    location: null,
    reasons: [reason],
    unmerged: () => Promise.resolve([]),
    blame: () => Promise.resolve([]),
  };
}
