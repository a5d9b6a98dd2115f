/** Edits on top of a commit: the keys whose variants or row counts differ between its copy and the runtime copy. */
export type EditCounts = Readonly<
  Record<'added' | 'removed' | 'duplicated' | 'conflict' | 'invalid' | 'total', number>
>;

export const causeKinds = ['stale', 'unmerged', 'edited', 'ahead', 'unknown'] as const;
export type CauseKind = (typeof causeKinds)[number];

/** Why a runtime copy differs from its reviewed copy, as history tells it (SPEC §5). */
export interface Cause {
  readonly kind: CauseKind;
  /** The commit that the runtime copy equals, or is nearest to. */
  readonly commit: string | null;
  /** Text of a stranger, like the author; null without a commit. */
  readonly subject: string | null;
  readonly author: string | null;
  /** When that commit was made, ISO 8601. */
  readonly committedAt: string | null;
  /** Changes of the path from that commit to the reviewed copy; for `stale` and `ahead`. */
  readonly behind: number | null;
  /** When a newer version replaced it as the reviewed one; for `stale` and `ahead`. */
  readonly replacedAt: string | null;
  /** A branch that has the commit; for `unmerged`. */
  readonly branch: string | null;
  /** For `edited`. */
  readonly edits: EditCounts | null;
  /** For `unknown`, and where what was found may not be all. */
  readonly reason: string | null;
  /**
   * It equals the commit only under loose reading, and which of it is needed as far as is listed:
   * `leading-zeros` alone, or `spelling` of other kinds; left out: it was not compared so, or does not.
   */
  readonly loose?: 'leading-zeros' | 'spelling';
  /** What took the reviewed file away, and where git sees it since; left out: it is there. */
  readonly removed?: { readonly commit: string; readonly renamedTo: string | null };
  /** Older commits may tell it, which a shallow clone lacks; left out: they do not. */
  readonly cutOff?: true;
}
