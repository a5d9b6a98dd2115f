import { unknownCause } from '../../history/index.ts';
import type {
  ArtifactReport,
  Cause,
  Cells,
  PinnedCopy,
  ReviewedHistory,
} from '../../model/index.ts';
import type { Contents } from './contents.ts';
import { findCause, reviewedContent, type CauseRequest } from './find-cause.ts';
import type { Reviewed } from './reviewed.ts';
import type { Histories } from './moments.ts';
import type { Content } from './facts-memory.ts';
import type { JudgedPair } from './tally.ts';

/** A judged copy whose drift is to be explained. */
export interface DriftToExplain {
  readonly contents: Contents;
  /** Null: it is not there, or could not be reached. */
  readonly runtime: PinnedCopy | null;
  /** What its judgement knows of both copies. */
  readonly pair: JudgedPair | null;
  readonly histories: Pick<Histories, 'versions'>;
  readonly reviewed: Pick<Reviewed, 'history' | 'reasons' | 'unmerged'>;
  readonly report: ArtifactReport;
  /** How long it may take, and what is said then; left out: as long as it takes. */
  readonly limit?: Pick<CauseRequest, 'isOver' | 'whenOver'>;
  readonly tables?: CauseRequest['tables'];
  readonly progress: (done: number, total: number) => void;
}

/** Why a copy differs; null where nothing stands between it and what is reviewed now. */
export async function explainDrift(drift: DriftToExplain): Promise<Cause | null> {
  const { contents, runtime, reviewed, report, progress, limit = unlimited, tables } = drift;
  const { state } = report;
  if (state !== 'drifted' && state !== 'unreviewed' && state !== 'unreadable') return null;
  if (runtime === null) return null;
  const { history, reasons, unmerged } = reviewed;
  if (history === null) return unknownCause(reasons.join('; '));
  const now = presentContent(drift, runtime);
  const isUnreadable = state === 'unreadable' && report.error?.place.side === 'runtime';
  if (drift.pair !== null)
    contents.learn(reviewedContent(drift.pair.reviewed.copy), now, drift.pair);
  const held = {
    history,
    unmerged,
    ...limit,
    ...(tables === undefined ? {} : { tables }),
    rows: isUnreadable ? ('unreadable' as const) : ('readable' as const),
    progress,
  };
  const cause = await findCause({ contents, runtime: now, ...held });
  if (cause === null) return null;
  return withLoose(withNewPath(withClaim(cause, report, history), report), report);
}

/**
 * Where no commit at hand has the content, a claim that fits the bytes may name one that is not at
 * hand: then nobody can say that there is none.
 */
function withClaim(cause: Cause, { runtime }: ArtifactReport, history: ReviewedHistory): Cause {
  const claim = runtime?.claim;
  if (cause.kind !== 'edited' || claim?.fits !== true || claim.commit === null) return cause;
  if (history.changes.some(({ commit }) => commit === claim.commit)) return cause;
  const reason = `it claims commit ${claim.commit.slice(0, 12)}, and no commit at hand has this content: fetch what is missing first`;
  return { ...cause, kind: 'unknown', reason };
}

/** Which of loose reading is needed: the pairs of keys that are listed tell. */
function withLoose(cause: Cause, { findings }: ArtifactReport): Cause {
  if (cause.loose === undefined) return cause;
  const pairs = findings.filter(({ kind, respelled }) => kind === 'added' && respelled !== null);
  const isZeros = pairs.every(
    ({ key, respelled }) => withoutZeros(key ?? []) === withoutZeros(respelled ?? []),
  );
  return pairs.length > 0 && isZeros ? { ...cause, loose: 'leading-zeros' } : cause;
}

function withoutZeros(key: Cells): string {
  return JSON.stringify(key.map(([, value]) => value?.replace(/^0+(?=[0-9])/, '')));
}

/** Where the reviewed file was taken away: where its fault says that git sees it since. */
function withNewPath(cause: Cause, { error }: ArtifactReport): Cause {
  const renamedTo = error?.place.renamedTo;
  if (cause.removed === undefined || renamedTo === undefined) return cause;
  return { ...cause, removed: { ...cause.removed, renamedTo } };
}

const unlimited: NonNullable<DriftToExplain['limit']> = { isOver: () => false, whenOver: '' };

/** The runtime copy now, by the name under which the history knows it. */
function presentContent({ histories }: DriftToExplain, runtime: PinnedCopy): Content {
  const { revision } = runtime;
  const listed = histories.versions.find(
    ({ version, content }) =>
      content !== null && version.versionId === (revision.facts.versionId ?? null),
  );
  const named = listed?.content ?? null;
  // A null version can be replaced between the listing and now: its name means other bytes then.
  if (named !== null && named.lasting) return { ...named, copy: runtime };
  return { side: 'runtime', name: 'now', lasting: false, copy: runtime };
}

/** A report whose reviewed side names the commit that last changed it, beside the one of its ref. */
export function withLastChange(
  report: ArtifactReport,
  history: ReviewedHistory | null,
): ArtifactReport {
  const change = history?.changes.find(({ arrivedAt }) => arrivedAt !== null);
  if (report.reviewed === null || change === undefined || change.copy === null) return report;
  // Where a clone is cut off, its oldest commit seems to have made all that it has.
  if (history?.reach === 'shallow' && change === history.changes.at(-1)) return report;
  const { commit, committedAt } = change;
  return { ...report, reviewed: { ...report.reviewed, changedIn: { commit, committedAt } } };
}
