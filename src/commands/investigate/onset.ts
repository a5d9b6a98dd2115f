import { countFindings, listedFindings } from '../../compare/index.ts';
import { findDriftRun } from '../../history/index.ts';
import {
  faultClass,
  findingKinds,
  toKeydriftError,
  type FindingKind,
  type Onset,
  type Policy,
  type TimelinePoint,
  type Redaction,
} from '../../model/index.ts';
import type { Contents } from '../../judge/explain/contents.ts';
import { filledDrifts, searchReason, type SearchedMoments } from './bisect.ts';
import { redactFindings } from '../../judge/redact.ts';
import { reviewedContent } from '../../judge/explain/find-cause.ts';
import { driftsOf, pointOf, type Histories, type Moment } from '../../judge/explain/moments.ts';
import type { Content } from '../../judge/explain/facts-memory.ts';

/** What is told of an onset besides its moments. */
export interface OnsetRequest {
  /** What of the artifact is not told; left out: all is. */
  readonly redaction?: Redaction | undefined;
  readonly histories: Histories;
  /** The oldest first. */
  readonly moments: readonly Moment[];
  readonly contents: Contents;
  readonly policy: Policy;
  readonly now: Date;
  /** Left out: every moment was compared. */
  readonly searched?: SearchedMoments;
}

/** Where the present unbroken drift began; null where nothing drifts now. */
export async function findOnset(request: OnsetRequest): Promise<Onset | null> {
  const { moments, policy, now } = request;
  const { searched } = request;
  const told = driftsOf(moments, policy);
  const drifts = searched === undefined ? told : filledDrifts(told, searched);
  const run = findDriftRun(drifts);
  if (run === null) return null;
  const began = moments[run.begin]!;
  const kinds = findingKinds.flatMap((kind): (readonly [FindingKind, TimelinePoint])[] => {
    const since = run.byKind.get(kind);
    return since === undefined ? [] : [[kind, pointOf(moments[since]!)]];
  });
  const lasting = moments.slice(run.begin);
  const versions = new Set(lasting.map(({ version }) => version).filter((one) => one?.content));
  return {
    ...pointOf(began),
    versions: versions.size,
    began: beganHere(request, run.begin, drifts) ? 'here' : 'earlier',
    lastedMs: Math.max(0, now.getTime() - began.standing.at),
    reviewedCommit: began.change?.commit ?? null,
    change: await changeAt(request, run.begin),
    ...(searched === undefined || searchReason(searched) === null
      ? {}
      : { search: { read: searched.read.size, of: moments.length } }),
    byKind: Object.fromEntries(kinds),
  };
}

/** Whether the moment before is known to have been in sync, or there was none. */
function beganHere(
  { histories, moments, searched }: OnsetRequest,
  begin: number,
  drifts: ReturnType<typeof driftsOf>,
): boolean {
  if (begin > 0 && drifts[begin - 1] !== null) return true;
  const before = moments[begin - 1];
  // A snapshot that was asked for and is not there any more tells nothing.
  if (searched !== undefined && (before?.version ?? null) !== null) return false;
  // Nothing stood at one of the sides before: told as the beginning only where that is known.
  if (before !== undefined && (before.version?.error ?? null) !== null) return false;
  return histories.allVersions && histories.allChanges;
}

/** The findings between what began the drift and what its side held before. */
async function changeAt(
  { moments, contents, redaction }: OnsetRequest,
  begin: number,
): Promise<Onset['change']> {
  const { side } = moments[begin]!.standing;
  const from = contentAt(moments[begin - 1], side);
  const to = contentAt(moments[begin], side);
  if (from === null || to === null) return null;
  try {
    const { found } = await contents.compare(from, to);
    return {
      counts: countFindings(found),
      findings: redactFindings(listedFindings(found), redaction),
    };
  } catch (thrown) {
    // One of the two cannot be read: that is in the timeline.
    if (faultClass(toKeydriftError(thrown)) === 'content') return null;
    throw thrown;
  }
}

function contentAt(moment: Moment | undefined, side: 'reviewed' | 'runtime'): Content | null {
  if (moment === undefined) return null;
  if (side === 'runtime') return moment.version?.content ?? null;
  const copy = moment.change?.copy ?? null;
  return copy === null ? null : reviewedContent(copy);
}
