import {
  countFindings,
  listedFindings,
  noFindings,
  truncatedFindings,
} from '../../compare/index.ts';
import { findDriftRun, type DriftRun } from '../../history/index.ts';
import {
  faultClass,
  findingKinds,
  toKeydriftError,
  type Finding,
  type FindingKind,
  type LaterOnset,
  type Onset,
  type PointChange,
  type Policy,
  type TimelinePoint,
  type Redaction,
} from '../../model/index.ts';
import type { Contents } from '../../judge/explain/contents.ts';
import { filledDrifts, searchReason, type SearchedMoments } from './bisect.ts';
import type { ComparedRows } from '../../judge/compare-scanned.ts';
import { redactFindings } from '../../judge/redact.ts';
import { findingId } from '../../judge/transitions.ts';
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
  /** What is listed of now, as it is told. */
  readonly findings: readonly Finding[];
  readonly now: Date;
  /** Left out: every moment was compared. */
  readonly searched?: SearchedMoments;
}

/** Where the present unbroken drift began, and with what each finding of now. */
export interface FoundOnset {
  /** Null: nothing drifts now. */
  readonly onset: Onset | null;
  /** With which change it began; undefined: it is not known. */
  readonly beganWith: (finding: Finding) => TimelinePoint | undefined;
  /** Why the begin of some findings is not known; null: it was looked for. */
  readonly reason: string | null;
}

/** Where the present unbroken drift began, and the findings that stand now. */
export async function findOnset(request: OnsetRequest): Promise<FoundOnset> {
  const { moments, policy, now, findings } = request;
  const { searched } = request;
  const told = driftsOf(moments, policy);
  const drifts = searched === undefined ? told : filledDrifts(told, searched);
  const run = findDriftRun(drifts);
  if (run === null) return { onset: null, beganWith: () => undefined, reason: null };
  const began = moments[run.begin]!;
  const kinds = findingKinds.flatMap((kind): (readonly [FindingKind, TimelinePoint])[] => {
    const since = run.byKind.get(kind);
    return since === undefined ? [] : [[kind, pointOf(moments[since]!)]];
  });
  const lasting = moments.slice(run.begin);
  const versions = new Set(lasting.map(({ version }) => version).filter((one) => one?.content));
  const { beginOf, reason } = await findBegins(request, run);
  const onset = {
    ...pointOf(began),
    versions: versions.size,
    began: beganHere(request, run.begin, drifts) ? ('here' as const) : ('earlier' as const),
    lastedMs: Math.max(0, now.getTime() - began.standing.at),
    reviewedCommit: began.change?.commit ?? null,
    change: await changeAt(request, run.begin),
    ...(searched === undefined || searchReason(searched) === null
      ? {}
      : { search: { read: searched.read.size, of: moments.length } }),
    byKind: Object.fromEntries(kinds),
    later: await laterOnsets(request, findings, run.begin, beginOf),
  };
  const beganWith = (finding: Finding): TimelinePoint | undefined => {
    const at = beginOf(finding);
    return at === undefined ? undefined : pointOf(moments[at]!);
  };
  return { onset, beganWith, reason };
}

/** At which moment a finding began; undefined: it is not known. */
type BeginOf = (finding: Finding) => number | undefined;

/** Pairs of copies that are compared once more, by their units, the newest. */
const mostCompared = 50;

/**
 * At which moment each listed finding of now began to stand without a break: the moments of the drift
 * are compared backwards, until none is left that stood before. What is of no unit began with its kind.
 * Tables are not asked: each comparison is a pass over one.
 */
async function findBegins(
  request: OnsetRequest,
  { begin, byKind }: DriftRun,
): Promise<{ readonly beginOf: BeginOf; readonly reason: string | null }> {
  const { moments, findings, searched } = request;
  const keyed = findings.filter(({ key, severity }) => key !== null && severity !== 'ignore');
  const open = new Map(
    searched === undefined ? keyed.map((one) => [findingId(one), one.kind]) : [],
  );
  const began = new Map<string, number>();
  let at = moments.length - 2;
  let pair = await pairOf(moments.at(-1)!, request);
  for (let compared = 0; at >= begin && open.size > 0; at -= 1) {
    const moment = moments[at]!;
    const later = pair;
    pair = await pairOf(moment, request);
    if (pair === later) continue;
    const mayStand = moment.relation !== 'other-columns' && holdsAny(moment, open.values());
    if (mayStand && compared === mostCompared) break;
    if (mayStand) compared += 1;
    const stood = mayStand ? await standing(moment, request) : nothingStood;
    for (const [id, kind] of open) {
      const is = stood(id, kind);
      if (is === true) continue;
      if (is === false) began.set(id, at + 1);
      open.delete(id);
    }
  }
  const isOver = at < begin;
  if (isOver) for (const id of open.keys()) began.set(id, begin);
  const beginOf = (finding: Finding): number | undefined =>
    finding.key === null ? byKind.get(finding.kind) : began.get(findingId(finding));
  if (isOver || open.size === 0) return { beginOf, reason: null };
  const reason = `with which change ${open.size} of the findings began is not told: they stand longer than the ${mostCompared} newest states that were compared for it`;
  return { beginOf, reason };
}

const nothingStood = (): boolean => false;

/** Names what stood on both sides at a moment: equal bytes alike. */
async function pairOf(moment: Moment, { contents }: OnsetRequest): Promise<string> {
  const names = (['reviewed', 'runtime'] as const).map(async (side) => {
    const content = contentAt(moment, side);
    if (content === null) return null;
    return (await contents.known(content))?.facts?.sha256 ?? content.name;
  });
  return JSON.stringify(await Promise.all(names));
}

/** Whether findings of some kinds stood at a moment. */
function holdsAny({ counts }: Moment, kinds: Iterable<FindingKind>): boolean {
  return counts !== null && [...new Set(kinds)].some((kind) => counts[kind] > 0);
}

/** Which findings stood at a moment, by their ids; undefined: it is beyond what is listed of its kind. */
async function standing(
  moment: Moment,
  { contents, redaction }: OnsetRequest,
): Promise<(id: string, kind: FindingKind) => boolean | undefined> {
  const [reviewed, runtime] = [contentAt(moment, 'reviewed'), contentAt(moment, 'runtime')];
  if (reviewed === null || runtime === null) return nothingStood;
  const found = await compareReadable(contents, reviewed, runtime);
  if (found === null) return nothingStood;
  const ids = new Set(redactFindings(listedFindings(found), redaction).map(findingId));
  const truncated = truncatedFindings(found);
  return (id, kind) => ids.has(id) || ((truncated?.[kind] ?? 0) > 0 ? undefined : false);
}

/** Changes that are told of the newest points with which findings began. */
const mostChanges = 5;

/** The points after the onset with which findings began that stand now, the newest first. */
async function laterOnsets(
  request: OnsetRequest,
  findings: readonly Finding[],
  begin: number,
  beginOf: BeginOf,
): Promise<readonly LaterOnset[]> {
  const counts = new Map<number, ReturnType<typeof noFindings>>();
  for (const finding of findings) {
    const at = finding.severity === 'ignore' ? undefined : beginOf(finding);
    if (at === undefined || at === begin) continue;
    const own = counts.get(at) ?? noFindings();
    own[finding.kind] += 1;
    counts.set(at, own);
  }
  const later: LaterOnset[] = [];
  for (const at of [...counts.keys()].toSorted((one, other) => other - one)) {
    const change = later.length < mostChanges ? await changeAt(request, at) : null;
    later.push({ ...pointOf(request.moments[at]!), counts: counts.get(at)!, change });
  }
  return later;
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

/** The findings between what came at a moment and what its side held before. */
async function changeAt(
  { moments, contents, redaction }: OnsetRequest,
  begin: number,
): Promise<PointChange | null> {
  const { side } = moments[begin]!.standing;
  const from = contentAt(moments[begin - 1], side);
  const to = contentAt(moments[begin], side);
  if (from === null || to === null) return null;
  const found = await compareReadable(contents, from, to);
  if (found === null) return null;
  const listed = listedFindings(found);
  const same = standingOnBoth(listed);
  const counts = countFindings(found);
  for (const { kind } of same) counts[kind] -= 1;
  const changed = listed.filter((one) => !same.has(one));
  return { counts, findings: redactFindings(changed, redaction) };
}

/** Of findings between two versions those that each has by itself, and that the other has as well: no change. */
function standingOnBoth(findings: readonly Finding[]): ReadonlySet<Finding> {
  const sides = new Map<string, Record<'reviewed' | 'runtime', Finding[]>>();
  for (const finding of findings) {
    const { kind, side, key, reason, rows } = finding;
    if (side === 'across' || kind === 'added' || kind === 'removed') continue;
    const own = rows.filter((row) => row.side === side).map(({ values }) => JSON.stringify(values));
    const id = JSON.stringify([kind, key, reason, finding.rowCount[side], own.toSorted()]);
    const both = sides.get(id) ?? { reviewed: [], runtime: [] };
    both[side].push(finding);
    sides.set(id, both);
  }
  return new Set(
    [...sides.values()].flatMap(({ reviewed, runtime }) => {
      const number = Math.min(reviewed.length, runtime.length);
      return [...reviewed.slice(0, number), ...runtime.slice(0, number)];
    }),
  );
}

/** The findings between two contents; null: one of the two cannot be read, which the timeline tells. */
async function compareReadable(
  contents: Contents,
  from: Content,
  to: Content,
): Promise<ComparedRows['found'] | null> {
  try {
    return (await contents.compare(from, to)).found;
  } catch (thrown) {
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
