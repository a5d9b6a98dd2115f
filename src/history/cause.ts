import type {
  Cause,
  EditCounts,
  ReviewedChange,
  ReviewedHistory,
  UnmergedChange,
} from '../model/index.ts';

/** A change of the path whose copy was held against the runtime copy. */
export interface HeldChange {
  readonly change: ReviewedChange;
  /**
   * `equal`: the same rows. Counts: of the edits that make the runtime copy of it. Null: there is no
   * copy, or it cannot be read.
   */
  readonly held: 'equal' | HeldEdits | null;
}

/** How far a reviewed copy is from the runtime copy. */
export interface HeldEdits {
  readonly edits: EditCounts;
  /** The consumed columns that were compared, where they are not all of the contract's; else null. */
  readonly columns: readonly string[] | null;
  /** Whether one of the two has a column that counts and that the other lacks. */
  readonly otherColumns: boolean;
  /** Whether enough units are in both for one to be made of the other. */
  readonly near: boolean;
}

/** Of so many units of the larger copy one at least is in both, where one may be made of the other. */
const unitsOfShared = 20;

/** Whether enough units are in both copies for one to be near the other. */
export function isNear(reviewed: number, runtime: number, { removed }: EditCounts): boolean {
  const shared = reviewed - removed;
  return shared > 0 && shared * unitsOfShared >= Math.max(reviewed, runtime);
}

/**
 * The cause where the runtime copy equals a reviewed version, the newest first; `in force`: it
 * equals what is reviewed now; null: it equals none. A version that was in force is preferred to a
 * commit of a side branch, which the ref has merged but which never stood there by itself.
 */
export function causeOfEqual(held: readonly HeldChange[]): Cause | 'in force' | null {
  const inForce = held.filter(({ change }) => change.arrivedAt !== null);
  const at = inForce.findIndex((one) => one.held === 'equal');
  if (at === 0) return 'in force';
  if (at > 0) {
    const { change } = inForce[at]!;
    const replacedAt = inForce[at - 1]!.change.arrivedAt;
    const found = { ...causeAt(at === 1 ? 'ahead' : 'stale', change), behind: at, replacedAt };
    const { commit, copy } = inForce[0]!.change;
    return copy === null ? { ...found, removed: { commit, renamedTo: null } } : found;
  }
  const side = held.findIndex((one) => one.held === 'equal');
  if (side < 0) return null;
  // What brought it in stands before it; all that came since is what it lacks.
  const later = held.slice(0, side).filter(({ change }) => change.arrivedAt !== null);
  const replacedAt = later.at(-1)?.change.arrivedAt ?? null;
  const behind = Math.max(1, later.length);
  return { ...causeAt('stale', held[side]!.change), behind, replacedAt };
}

/** The cause where the runtime copy equals a commit that the ref does not contain. */
export function causeOfUnmerged(change: UnmergedChange): Cause {
  return { ...causeAt('unmerged', change), branch: change.branch };
}

/**
 * The cause where no commit has the runtime copy's content: the nearest one, if any is near; of equally near ones
 * one with the same columns, then the newest, and the edits on top of it. A history that is cut off
 * cannot say so: then `unknown`.
 */
export function causeOfNearest(
  held: readonly HeldChange[],
  reach: ReviewedHistory['reach'],
  runtime: 'readable' | 'unreadable' = 'readable',
): Cause {
  let nearest: { readonly change: ReviewedChange; readonly held: HeldEdits } | null = null;
  let isFar = false;
  for (const { change, held: one } of held) {
    if (one === null || one === 'equal') continue;
    if (!one.near) isFar = true;
    else if (nearest === null || isNearer(one, nearest.held)) nearest = { change, held: one };
  }
  if (nearest === null && isFar) return withReach({ ...nothing, kind: 'edited' }, reach);
  if (nearest === null && held.every(({ change }) => change.copy === null)) {
    const where = reach === 'complete' ? 'no commit' : 'no commit at hand';
    const none = unknownCause(
      `${where} has a reviewed copy at this path, so there is nothing to compare with`,
    );
    return reach === 'complete' ? none : { ...none, cutOff: true };
  }
  if (nearest === null) {
    const why =
      runtime === 'unreadable'
        ? 'rows that cannot be read are not compared'
        : 'no rows can be compared: no reviewed version can be read';
    return unknownCause(`no commit has these bytes, and ${why}`);
  }
  const { edits, columns } = nearest.held;
  const shared = columns === null ? null : sharedColumns(columns);
  return withReach({ ...causeAt('edited', nearest.change), edits, reason: shared }, reach);
}

/** Of a cut history nobody can say that no commit has a content. */
function withReach(found: Cause, reach: ReviewedHistory['reach']): Cause {
  if (reach === 'complete') return found;
  const cutOff =
    'the history at hand is cut off (a CI checkout needs "fetch-depth: 0"), and an older commit may have this content';
  const reason = found.reason === null ? cutOff : `${cutOff}; ${found.reason}`;
  return { ...found, kind: 'unknown', reason, cutOff: true };
}

/** The cause where no commit is near, and one has the runtime copy's rows under loose reading. */
export function causeOfLoose(change: ReviewedChange): Cause {
  return { ...causeAt('edited', change), loose: 'spelling' };
}

function isNearer(one: HeldEdits, other: HeldEdits): boolean {
  if (one.edits.total !== other.edits.total) return one.edits.total < other.edits.total;
  return other.otherColumns && !one.otherColumns;
}

/** Names of columns that are told; more are counted. */
const namedColumns = 10;

function sharedColumns(columns: readonly string[]): string {
  if (columns.length === 0) return 'only the keys are compared: no consumed column is in both';
  const named = columns.slice(0, namedColumns).join(', ');
  const more = columns.length > namedColumns ? ` and ${columns.length - namedColumns} more` : '';
  return `compared are the columns that both have: ${named}${more}`;
}

/** The cause where history cannot tell it. */
export function unknownCause(reason: string): Cause {
  return { ...nothing, kind: 'unknown', reason };
}

/** Edits by kind, and how many they are in all: the distance between two copies, in keys. */
export function toEdits(counts: Omit<EditCounts, 'total'>): EditCounts {
  const { added, removed, duplicated, conflict, invalid } = counts;
  const total = added + removed + duplicated + conflict + invalid;
  return { added, removed, duplicated, conflict, invalid, total };
}

const nothing = {
  commit: null,
  subject: null,
  author: null,
  committedAt: null,
  behind: null,
  replacedAt: null,
  branch: null,
  edits: null,
  reason: null,
} as const;

function causeAt(
  kind: Cause['kind'],
  { commit, subject, author, committedAt }: ReviewedChange | UnmergedChange,
): Cause {
  return { ...nothing, kind, commit, subject, author, committedAt };
}
