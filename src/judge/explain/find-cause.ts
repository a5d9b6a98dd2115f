import {
  causeOfEqual,
  causeOfLoose,
  causeOfNearest,
  causeOfUnmerged,
  isNear,
  unknownCause,
  type HeldChange,
} from '../../history/index.ts';
import type {
  Cause,
  PinnedCopy,
  ReviewedChange,
  ReviewedHistory,
  UnmergedChange,
} from '../../model/index.ts';
import { contentNames } from '../../sources/index.ts';
import { isTable, type Contents } from './contents.ts';
import type { Content } from './facts-memory.ts';

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
  /** Whether a table is held against earlier versions, each by a pass over it; left out: it is not. */
  readonly tables?: 'held' | 'not held';
  /** Whether rows of the runtime copy can be told; left out: they can. */
  readonly rows?: 'readable' | 'unreadable';
  /** Told after each content: how many are done of how many. */
  readonly progress: (done: number, total: number) => void;
}

/**
 * The cause of a runtime copy's drift; null where it equals what is reviewed now. Equal bytes are
 * looked for first, whether or not they can be read; then equal rows, decided by the rows; the
 * nearest commit is exact over all distinct contents of the history.
 */
export async function findCause(request: CauseRequest): Promise<Cause | null> {
  const { history, runtime, whenOver } = request;
  if (isTable(runtime)) return findCauseOfTable(request);
  const bytes = await bytesOf(runtime.copy, history.changes);
  const same = causeOfEqual(history.changes.map((change) => ({ change, held: bytes(change) })));
  if (same === 'in force') return null;
  if (same !== null) return (await isInForce(request)) ? null : same;
  const held = await holdChanges(request);
  if (held === null) return unknownCause(whenOver);
  const equal = causeOfEqual(held);
  if (equal !== null) return equal === 'in force' ? null : equal;
  const unmerged = await findUnmerged(request, held);
  if (unmerged === 'over') return unknownCause(whenOver);
  if (unmerged !== null) return causeOfUnmerged(unmerged);
  const nearest = causeOfNearest(held, history.reach, request.rows);
  const loose = nearest.commit === null ? await findLoose(request, held) : null;
  return loose === null ? nearest : causeOfLoose(loose);
}

/** Contents of the history that are compared under loose reading, the newest. */
const mostLoose = 20;

/** The newest change whose rows are those of the runtime copy under loose reading; null: none, or no time. */
async function findLoose(
  { contents, runtime, isOver }: CauseRequest,
  held: readonly HeldChange[],
): Promise<ReviewedChange | null> {
  const tried = new Set<string>();
  for (const { change, held: how } of held) {
    const { copy } = change;
    if (copy === null || how === null) continue;
    const content = reviewedContent(copy);
    if (tried.has(content.name)) continue;
    if (tried.size === mostLoose || isOver()) return null;
    tried.add(content.name);
    if (await contents.haveSameLooseRows(content, runtime)) return change;
  }
  return null;
}

/** Reviewed versions that a table is held against: each time its engine reads it. */
const mostHeld = 20;

/** Of a table no bytes tell anything, and its engine is not asked without end. */
async function findCauseOfTable(request: CauseRequest): Promise<Cause> {
  const { history, isOver, whenOver, tables = 'not held' } = request;
  if (tables === 'not held') {
    return unknownCause('the runtime copy is a table, which is not held against earlier versions');
  }
  let asked = 0;
  const isEnough = (): boolean => (asked += 1) > mostHeld;
  const held = await holdChanges({ ...request, isOver: () => isOver() || isEnough() });
  if (held === null) {
    return unknownCause(
      isOver()
        ? whenOver
        : `the table holds none of the newest ${mostHeld} reviewed versions; it is not held against older ones, as each is a pass over it`,
    );
  }
  const equal = causeOfEqual(held);
  if (equal === 'in force') return unknownCause('the table changed while it was read');
  return equal ?? causeOfNearest(held, history.reach);
}

/** Whether a copy of an older version's bytes has the rows of the present one all the same. */
async function isInForce(request: CauseRequest): Promise<boolean> {
  const current = request.history.changes.find(({ arrivedAt }) => arrivedAt !== null)?.copy ?? null;
  return current !== null && (await hold(request, reviewedContent(current))) === 'equal';
}

/** Tells of a commit's copy whether it has the very bytes of the runtime copy. */
async function bytesOf(
  runtime: PinnedCopy,
  changes: readonly Pick<ReviewedChange, 'copy'>[],
): Promise<(change: Pick<ReviewedChange, 'copy'>) => 'equal' | null> {
  // Bytes of another length are other bytes: the runtime copy is read only where it may be one.
  const isLikely = changes.some(({ copy }) => copy?.bytes === runtime.bytes);
  const ids = new Set(isLikely ? (await contentNames(runtime)).blobs : []);
  return ({ copy }) => {
    const blob = copy?.revision.facts.blob;
    return blob !== undefined && ids.has(blob) ? 'equal' : null;
  };
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
): Promise<HeldChange['held']> {
  const { relation, edits, columns } = await contents.relate(reviewed, runtime, 'runtime');
  if (edits === null) return null;
  const [one, other] = await Promise.all([contents.known(reviewed), contents.known(runtime)]);
  // Of contents that were read by the columns that both have, nothing else is known.
  const near = !one?.facts || !other?.facts || isNear(one.facts.units, other.facts.units, edits);
  const held = { edits, columns, otherColumns: relation === 'other-columns', near };
  if (relation === 'drifted' || relation === 'other-columns') return held;
  // Digests and hashes propose; the rows decide.
  return (await contents.haveSameRows(reviewed, runtime)) ? 'equal' : held;
}

/** The newest commit that the ref does not contain and that has the runtime copy's rows. */
async function findUnmerged(
  request: CauseRequest,
  held: readonly HeldChange[],
): Promise<UnmergedChange | 'over' | null> {
  const seen = new Set(
    held.flatMap(({ change: { copy } }) => (copy === null ? [] : [reviewedContent(copy).name])),
  );
  const unmerged = await request.unmerged();
  const bytes = await bytesOf(request.runtime.copy, unmerged);
  const same = unmerged.find((change) => bytes(change) === 'equal');
  if (same !== undefined) return same;
  for (const change of unmerged) {
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
  const { blob } = revision.facts;
  const name = blob === undefined ? location : `blob ${blob}`;
  return { side: 'reviewed', name, lasting: blob !== undefined, copy };
}
