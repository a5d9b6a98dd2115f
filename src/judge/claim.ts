import {
  count,
  KeydriftError,
  toKeydriftError,
  type ArtifactReport,
  type ClaimReport,
  type CommitAhead,
  type Location,
  type PinnedCopy,
  type Revision,
  type Side,
  type Warning,
} from '../model/index.ts';
import type { Sources } from './context.ts';

/** A copy's claim, compared with the SHA-256 of its bytes; null where it claims nothing. */
export function claimReport({ claim }: PinnedCopy, sha256: string): ClaimReport | null {
  if (claim === undefined || claim === null) return null;
  return { ...claim, fits: claim.sha256 === null ? null : claim.sha256 === sha256 };
}

const nothingTold: readonly Warning[] = [];

/**
 * What is told of a copy whatever its rows are: what its store says, and a claim that does not fit,
 * whose bytes were written over while the metadata stayed.
 */
export function copyWarnings(copy: PinnedCopy, sha256: string, side: Side): readonly Warning[] {
  if (copy.warnings === undefined && (copy.claim ?? null) === null) return nothingTold;
  const told = (copy.warnings ?? []).map((one) => ({ ...one, side }));
  const claim = claimReport(copy, sha256);
  if (claim?.fits !== false) return told;
  const commit = claim.commit === null ? 'no commit' : `commit ${claim.commit}`;
  const message = `it claims ${commit}, but its bytes are not those that were published: it was overwritten since`;
  return [...told, { code: 'CLAIM_DIFFERS', message, side, line: null }];
}

/**
 * Throws `BUNDLE_BEHIND` where a copy that differs from a bundle's claims, fittingly, a commit that
 * was made after the bundle's: the bundle is what is stale. Of a claim without a time, it counts when
 * the copy was written.
 */
export function requireBundleAbreast(reviewed: Revision, copy: PinnedCopy, sha256: string): void {
  const claim = claimReport(copy, sha256);
  const { facts, against } = reviewed;
  if (against === undefined || claim?.fits !== true) return;
  const { commit, blob } = claim;
  if (commit === null || commit === facts.commit || blob === facts.blob) return;
  const at = Date.parse(claim.committedAt ?? copy.revision.at);
  if (Number.isNaN(at) || at <= Date.parse(reviewed.at)) return;
  throw new KeydriftError(
    'BUNDLE_BEHIND',
    `${copy.location} claims commit ${commit.slice(0, 12)}, which is newer than the bundle's ${reviewed.short}`,
    { hint: 'Deploy the bundle of that release, or wait until it is deployed.' },
  );
}

/** What was released since the commit that a copy is judged by. */
export interface Released {
  readonly commit: string;
  /**
   * Else it is not at hand, and may be older as well (`cut off`: the clone is shallow), or it is not
   * merged, and so was none that is reviewed.
   */
  readonly ahead: CommitAhead | 'not at hand' | 'cut off' | 'unmerged';
  /** Whether there is anything that what is not at hand could be fetched from. */
  readonly isFetchable: boolean;
}

/**
 * Whether the runtime copy is of a commit that the judged one leads to, or that is not at hand: by its
 * claim where that fits, else by its bytes, where the branch that is checked out tracks one that has
 * them. Null: neither, or nobody can tell. It never throws: a verdict stands without it.
 */
export async function releasedSince(
  { runtime, cause = null, state }: ArtifactReport,
  location: Location,
  sources: Sources,
): Promise<Released | null> {
  const claim = runtime?.claim ?? null;
  const isSame = state === 'identical' || state === 'equivalent';
  if (runtime === null || isSame) return null;
  const standing = async (commit: string | null): Promise<Released['ahead'] | null> => {
    // It is text of a stranger: a name could mean any commit.
    if (commit === null || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return null;
    const found = (await (await sources.of(location)).standingOf?.(location, commit)) ?? 'other';
    return found === 'other' ? null : found;
  };
  try {
    const claimed = claim?.fits === true ? claim.commit : null;
    const ahead = await standing(claimed);
    // A commit that was squashed or rebased away is not at hand either: then its bytes tell.
    const isTold = cause !== null && cause.kind !== 'unknown';
    const isAtHand = typeof ahead === 'object' || ahead === 'unmerged';
    if (claimed !== null && ahead !== null && (isAtHand || !isTold)) {
      const source = await sources.of(location);
      const isFetchable = isAtHand || (await source.hasRemote?.(location));
      return { commit: claimed, ahead, isFetchable: isFetchable !== false };
    }
    const commit = cause?.kind === 'unmerged' ? cause.commit : null;
    const held = await standing(commit);
    const isPulled = typeof held === 'object' && held?.by === 'pull';
    return commit !== null && isPulled ? { commit, ahead: held, isFetchable: true } : null;
  } catch (thrown) {
    if (toKeydriftError(thrown).code === 'INTERNAL') throw thrown;
    return null;
  }
}

/** What is told where the reviewed copy is handed over, and the runtime copy is of a newer commit. */
export function handedBackWarning(
  { commit, ahead, isFetchable }: Released,
  { facts }: Revision,
): Warning {
  const handed = `commit ${facts.commit?.slice(0, 12) ?? 'unknown'}, which is handed over`;
  const claims = `the runtime copy claims commit ${commit.slice(0, 12)}, which`;
  const of = { side: 'runtime', line: null } as const;
  if (typeof ahead === 'string') {
    const first = isFetchable ? 'before a git fetch' : 'here: there is no remote to fetch it from';
    const message = `${claims} is not at hand: whether it is newer than ${handed}, cannot be told ${first}`;
    return { code: 'CLAIM_UNKNOWN', message, ...of };
  }
  const number = count(ahead.commits, 'commit');
  return { code: 'GOES_BACK', message: `${claims} is ${number} newer than ${handed}`, ...of };
}
