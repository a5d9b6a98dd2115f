import type { ClaimReport, PinnedCopy, Side, Warning } from '../model/index.ts';

/** A copy's claim, compared with the SHA-256 of its bytes; null where it claims nothing. */
export function claimReport({ claim }: PinnedCopy, sha256: string): ClaimReport | null {
  if (claim === undefined || claim === null) return null;
  return { ...claim, fits: claim.sha256 === null ? null : claim.sha256 === sha256 };
}

/** What a claim that does not fit says: bytes were written over, and the metadata stayed. */
export function claimWarnings(copy: PinnedCopy, sha256: string, side: Side): readonly Warning[] {
  const claim = claimReport(copy, sha256);
  if (claim?.fits !== false) return [];
  const commit = claim.commit === null ? 'no commit' : `commit ${claim.commit}`;
  const message = `it claims ${commit}, but its bytes are not those that were published: it was overwritten since`;
  return [{ code: 'CLAIM_DIFFERS', message, side, line: null }];
}
