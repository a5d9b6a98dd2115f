import {
  findingKinds,
  type FindingKind,
  type FindingCounts,
  type Policy,
  type Relation,
} from '../model/index.ts';

/** What one moment is made of for the question since when: the kinds of drift that stood then. */
export type Drift = ReadonlySet<DriftKind>;

/** A kind of finding, or a state without findings. */
export type DriftKind = FindingKind | 'missing' | 'unreviewed' | 'unreadable';

/** The present unbroken drift, by the places of moments (the oldest first). */
export interface DriftRun {
  /** Moment with which it began. */
  readonly begin: number;
  /** Of each kind that stands now, the moment since which it stands without a break. */
  readonly byKind: ReadonlyMap<DriftKind, number>;
}

/**
 * The kinds of drift between two copies that count: what the policy ignores does not. Null where
 * nothing is known.
 */
export function driftOf(
  relation: Relation | null,
  counts: FindingCounts | null,
  policy: Policy,
): Drift | null {
  if (relation === null) return null;
  if (relation === 'unreadable') return new Set([relation]);
  // Whatever lacks a column that the reviewed copy of its time had could not be read by it.
  if (relation === 'other-columns') return new Set(['unreadable']);
  const kinds = new Set<DriftKind>();
  for (const kind of findingKinds) {
    if ((counts?.[kind] ?? 0) > 0 && policy[kind] !== 'ignore') kinds.add(kind);
  }
  if ((relation === 'missing' || relation === 'unreviewed') && policy[relation] !== 'ignore')
    kinds.add(relation);
  return kinds;
}

/**
 * Where the drift that stands at the last moment began: the first moment of the unbroken run of
 * moments with drift. Null without drift. A moment of which nothing is known ends the run.
 */
export function findDriftRun(drifts: readonly (Drift | null)[]): DriftRun | null {
  const present = drifts.at(-1) ?? null;
  if (present === null || present.size === 0) return null;
  const begin = beginOf(drifts, (drift) => drift.size > 0);
  const byKind = new Map<DriftKind, number>();
  for (const kind of present)
    byKind.set(
      kind,
      beginOf(drifts, (drift) => drift.has(kind)),
    );
  return { begin, byKind };
}

/** First moment of the last unbroken run of moments of which something is true. */
function beginOf(drifts: readonly (Drift | null)[], stands: (drift: Drift) => boolean): number {
  const before = drifts.findLastIndex((drift) => drift === null || !stands(drift));
  return before + 1;
}
