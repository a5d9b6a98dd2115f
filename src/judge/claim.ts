import {
  KeydriftError,
  type ClaimReport,
  type PinnedCopy,
  type Revision,
  type Side,
  type Warning,
} from '../model/index.ts';

/** A copy's claim, compared with the SHA-256 of its bytes; null where it claims nothing. */
export function claimReport({ claim }: PinnedCopy, sha256: string): ClaimReport | null {
  if (claim === undefined || claim === null) return null;
  return { ...claim, fits: claim.sha256 === null ? null : claim.sha256 === sha256 };
}

/**
 * What is told of a copy whatever its rows are: what its store says, and a claim that does not fit,
 * whose bytes were written over while the metadata stayed.
 */
export function copyWarnings(copy: PinnedCopy, sha256: string, side: Side): readonly Warning[] {
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
