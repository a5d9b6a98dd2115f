import { unknownCause } from '../history/index.ts';
import { toKeydriftError, type ArtifactReport, type Cause } from '../model/index.ts';
import type { AppContext, Sources } from './context.ts';
import { openContents } from './explain/contents.ts';
import { explainDrift, withLastChange } from './explain/explain.ts';
import { openFactsMemory } from './explain/facts-memory.ts';
import { describeReviewed, unmergedIn, withoutHistory, type Reviewed } from './explain/reviewed.ts';
import { askTogether, withLastChanges } from './last-changes.ts';
import { reviewedLocation, type AuditedCopy } from './pair.ts';
import { keepSmall } from './memory.ts';

/** What an audit takes for causes in all: its verdicts are what people wait for. */
const budgetMs = 20_000;

/**
 * The reports of an audit, with the cause of each that drifts. One history walk serves all copies of
 * a repository; what is beyond the audit's time is `unknown`, and says what to run.
 */
export async function explainAll(
  copies: readonly AuditedCopy[],
  sources: Sources,
  context: AppContext,
): Promise<readonly ArtifactReport[]> {
  const drifted = copies.filter(({ judged }) => isToExplain(judged.report));
  const end = context.now().getTime() + budgetMs;
  const isOver = (): boolean => context.now().getTime() >= end;
  const reviewed = await readHistories(drifted, sources, context.now());
  const told = new Map<AuditedCopy, ArtifactReport>();
  for (const [index, one] of drifted.entries()) {
    context.progress(index, drifted.length, one.artifact.name);
    const known = reviewed[index]!;
    const cause = await explain(one, known, isOver);
    told.set(one, { ...withLastChange(one.judged.report, known.history), cause });
  }
  const others = copies.filter((one) => !told.has(one));
  for (const [at, report] of (await withLastChanges(others, sources)).entries()) {
    told.set(others[at]!, report);
  }
  return copies.map((one) => told.get(one)!);
}

/** Whether a copy differs in a way of which history may tell the cause. */
function isToExplain({ state }: ArtifactReport): boolean {
  return state === 'drifted' || state === 'unreviewed' || state === 'unreadable';
}

/** The history of each copy's reviewed side, all that are in one store read at once. */
async function readHistories(
  copies: readonly AuditedCopy[],
  sources: Sources,
  now: Date,
): Promise<readonly Reviewed[]> {
  const locations = copies.map(({ artifact, copy }) => reviewedLocation(artifact, copy, sources));
  const found = await askTogether(locations, sources, (source, inside) => {
    const unmerged = unmergedIn(source, inside);
    const told = source.reviewedHistories?.(inside, now);
    return told?.then((histories) =>
      histories.map((history, at) => ({ history, source, unmerged: () => unmerged(at) })),
    );
  });
  return locations.map((location, at) => {
    const told = found[at] ?? null;
    return told === null
      ? withoutHistory(location, sources)
      : describeReviewed(location, told.history, told);
  });
}

/** An audit's progress counts copies. */
const untold = (): void => undefined;

async function explain(
  { artifact, copy, judged: { report, runtime, pair } }: AuditedCopy,
  reviewed: Reviewed,
  isOver: () => boolean,
): Promise<Cause | null> {
  const contents = openContents(artifact, copy, openFactsMemory(null));
  const kept = runtime === null ? null : keepSmall(runtime);
  const drift = { contents, runtime: kept, pair, histories: { versions: [] }, reviewed, report };
  const whenOver = `an audit takes ${budgetMs / 1000} s for causes, which were over; an investigation takes as long as it needs`;
  try {
    return await explainDrift({ ...drift, limit: { isOver, whenOver }, progress: untold });
  } catch (thrown) {
    // A verdict stands: what history could not tell does not take it back.
    const { message } = toKeydriftError(thrown);
    return unknownCause(`the history could not be read: ${message}`);
  } finally {
    contents.close();
  }
}
