import {
  causeOfEqual,
  causeOfNearest,
  causeOfUnmerged,
  unknownCause,
  type HeldChange,
} from '../../history/index.ts';
import type {
  Cause,
  EditCounts,
  PinnedCopy,
  ReviewedHistory,
  UnmergedChange,
} from '../../model/index.ts';
import type { Content, Contents } from './contents.ts';

/** Why a runtime copy differs from its reviewed copy: what is asked. */
export interface CauseRequest {
  readonly contents: Contents;
  readonly runtime: Content;
  readonly history: ReviewedHistory;
  /** Asked only where no reviewed version equals the runtime copy. */
  readonly unmerged: () => Promise<readonly UnmergedChange[]>;
  /** Whether the time for it is over; it is asked before each content. */
  readonly isOver: () => boolean;
  /** What is said then: where more time is taken. */
  readonly whenOver: string;
  /** Told after each content: how many are done of how many. */
  readonly progress: (done: number, total: number) => void;
}

/**
 * The cause of a runtime copy's drift; null where it equals what is reviewed now. Equal copies are
 * decided by their rows; the nearest commit is exact over all distinct contents of the history.
 */
export async function findCause(request: CauseRequest): Promise<Cause | null> {
  const held = await holdChanges(request);
  if (held === null) return unknownCause(request.whenOver);
  const equal = causeOfEqual(held);
  if (equal !== null) return equal === 'in force' ? null : equal;
  const unmerged = await findUnmerged(request, held);
  if (unmerged === 'over') return unknownCause(request.whenOver);
  if (unmerged !== null) return causeOfUnmerged(unmerged);
  return causeOfNearest(held, request.history.reach);
}

/**
 * Every change held against the runtime copy, the newest first, each content once; null: out of
 * time. It ends early at a version that was in force and is equal: no older one counts then.
 */
async function holdChanges(request: CauseRequest): Promise<readonly HeldChange[] | null> {
  const { history, isOver, progress } = request;
  const known = new Map<string, HeldChange['held']>();
  const held: HeldChange[] = [];
  for (const [index, change] of history.changes.entries()) {
    const { copy } = change;
    if (copy === null) {
      held.push({ change, held: null });
      continue;
    }
    const content = reviewedContent(copy);
    const found = known.get(content.name);
    if (found === undefined && isOver()) return null;
    const result = found === undefined ? await hold(request, content) : found;
    known.set(content.name, result);
    held.push({ change, held: result });
    if (result === 'equal' && change.arrivedAt !== null) break;
    progress(index + 1, history.changes.length);
  }
  return held;
}

/** One content of the path against the runtime copy. */
async function hold(
  { contents, runtime }: CauseRequest,
  reviewed: Content,
): Promise<'equal' | EditCounts | null> {
  const { relation, edits } = await contents.relate(reviewed, runtime, 'runtime');
  if (edits === null || relation === 'drifted') return edits;
  // Digests and hashes propose; the rows decide.
  return (await contents.haveSameRows(reviewed, runtime)) ? 'equal' : edits;
}

/** The newest commit that the ref does not contain and that has the runtime copy's rows. */
async function findUnmerged(
  request: CauseRequest,
  held: readonly HeldChange[],
): Promise<UnmergedChange | 'over' | null> {
  const seen = new Set(
    held.flatMap(({ change: { copy } }) => (copy === null ? [] : [reviewedContent(copy).name])),
  );
  for (const change of await request.unmerged()) {
    const content = reviewedContent(change.copy);
    if (seen.has(content.name)) continue;
    if (request.isOver()) return 'over';
    seen.add(content.name);
    if ((await hold(request, content)) === 'equal') return change;
  }
  return null;
}

/** A version of a reviewed file as a content. */
export function reviewedContent(copy: PinnedCopy): Content {
  const { revision, location } = copy;
  const name = 'blob' in revision ? `blob ${revision.blob}` : location;
  return { side: 'reviewed', name, lasting: 'blob' in revision, copy };
}
