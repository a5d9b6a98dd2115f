import {
  KeydriftError,
  sha256Of,
  toKeydriftError,
  type PinnedCopy,
  type PublishedCopy,
  type PutAnswer,
  type Verdict,
  type Warning,
  type WrittenRevision,
} from '../../model/index.ts';
import { inTime } from '../../judge/time.ts';
import { reportError, toldWarnings } from '../../judge/artifact-report.ts';
import { scanReviewed } from '../../judge/copies.ts';
import { reviewedRequest } from '../../judge/request.ts';
import { claims, compareObject } from './plan/object.ts';
import type { PreparedCopy, PublishTools, PublishWork } from './plan/plan.ts';

/** What came of a write. */
type Applied = Pick<PublishedCopy, 'outcome' | 'wrote' | 'written' | 'now' | 'error' | 'warnings'>;

/** How far a write had come when it failed: nothing was sent, it was, or the store answered that it is done. */
type Phase = 'before' | 'sent' | 'answered';

/** When a publication is to end: what is in flight then is still waited for. */
export interface Ending {
  readonly stop: AbortSignal;
  /** How long a write in flight is waited for and read back then, in milliseconds. */
  readonly graceMs: number;
}

/** In order; after a failure somebody must look before more is changed, and after the end nothing is. */
export async function applyAll(
  prepared: readonly PreparedCopy[],
  tools: PublishTools,
  ending: Ending,
): Promise<readonly PublishedCopy[]> {
  const published: PublishedCopy[] = [];
  for (const copy of prepared) {
    const isEnded = ending.stop.aborted || published.some(({ outcome }) => outcome === 'failed');
    published.push(
      copy.work === null || isEnded
        ? withheld(copy, 'not-attempted')
        : await applyCopy(copy, copy.work, tools, ending),
    );
  }
  return published;
}

/** A copy that is not written: there is nothing to do, it is refused, or `otherwise`. */
export function withheld(
  { planned }: PreparedCopy,
  otherwise: 'declined' | 'not-attempted',
): PublishedCopy {
  const outcomes = {
    none: 'up-to-date',
    refuse: 'refused',
    unknown: 'failed',
    create: otherwise,
    replace: otherwise,
  } as const;
  const outcome = outcomes[planned.action];
  return { ...planned, outcome, wrote: 'no', written: null, now: null };
}

/** What is not written though it should be stays drift; what failed is no verdict. */
export function outcomeVerdict({ outcome }: PublishedCopy): Verdict {
  switch (outcome) {
    case 'published':
    case 'up-to-date':
      return 'in-sync';
    case 'refused':
    case 'declined':
    case 'not-attempted':
      return 'drifted';
    case 'failed':
      return 'indeterminate';
  }
}

/** Writes one planned copy and reads it back. It never throws. */
async function applyCopy(
  prepared: PreparedCopy,
  work: PublishWork,
  tools: PublishTools,
  { stop, graceMs }: Ending,
): Promise<PublishedCopy> {
  const warnings: Warning[] = [...prepared.planned.warnings];
  const late = startAfter(stop, graceMs);
  try {
    const ending = { stop, late: late.signal };
    const applied = await writeAndVerify(prepared, work, tools, warnings, ending);
    const told = toldWarnings(prepared.chosen.artifact, warnings);
    return { ...prepared.planned, ...applied, warnings: told };
  } finally {
    late.clear();
  }
}

/** A signal that is aborted so long after another one. */
function startAfter(stop: AbortSignal, ms: number): { signal: AbortSignal; clear: () => void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    const message = `the store did not answer within ${ms / 1000} s after the end was asked for`;
    const hint = { text: 'Whether it was written is not known. Look', command: 'keydrift audit' };
    timer = setTimeout(() => late.abort(new KeydriftError('TIMEOUT', message, { hint })), ms);
  };
  if (stop.aborted) start();
  else stop.addEventListener('abort', start, { once: true });
  return {
    signal: late.signal,
    clear() {
      stop.removeEventListener('abort', start);
      clearTimeout(timer);
    },
  };
}

async function writeAndVerify(
  prepared: PreparedCopy,
  work: PublishWork,
  tools: PublishTools,
  warnings: Warning[],
  { stop, late }: { readonly stop: AbortSignal; readonly late: AbortSignal },
): Promise<Omit<Applied, 'warnings'>> {
  let phase: Phase = 'before';
  try {
    await inTime(() => prepare(prepared, work, warnings), late);
    if (stop.aborted) return notBegun;
    phase = 'sent';
    const answer = await work.writer.put({
      location: work.location,
      write: work.write,
      bytes: work.source.bytes,
      sha256: work.source.sha256,
      open: () => work.copy.open(),
      signal: late,
    });
    phase = 'answered';
    const written = await inTime(() => verify(work, answer, tools, warnings), late);
    return { outcome: 'published', wrote: 'yes', written, now: null, error: null };
  } catch (thrown) {
    if (stop.aborted && phase === 'before') return notBegun;
    const error = toKeydriftError(late.aborted ? late.reason : thrown);
    return failed(prepared, work, tools, { error, phase }, warnings);
  }
}

const notBegun = {
  outcome: 'not-attempted',
  wrote: 'no',
  written: null,
  now: null,
  error: null,
} as const;

/** Before the first byte: the store honours conditions, or nobody wrote since the plan. */
async function prepare(
  { planned }: PreparedCopy,
  { location, write, writer }: PublishWork,
  warnings: Warning[],
): Promise<void> {
  if (write.condition !== null) {
    const leftOver = await writer.requireConditions(location, write);
    if (leftOver !== null) warnings.push(probeLeft(leftOver));
    return;
  }
  const object = await writer.look(location, 'optional');
  const { runtime } = planned;
  const isSame = object?.etag === runtime?.etag && object?.versionId === runtime?.versionId;
  if (isSame) return;
  throw new KeydriftError(
    'WRITTEN_MEANWHILE',
    `${planned.target.location} was written by somebody else since the plan; nothing was overwritten`,
    { hint: 'Look at what is there now, and publish again if it is still wanted.' },
  );
}

function probeLeft(location: string): Warning {
  const message = `the scratch object ${location}, with which conditional writes were tried, could not be removed: that needs s3:DeleteObject`;
  return { code: 'PROBE_LEFT', message, side: 'runtime', line: null };
}

/**
 * Reads back what was written, pinned. Throws `NOT_VERIFIED` where other bytes come, or where it
 * was replaced at once and no version of it stayed.
 */
async function verify(
  { location, source }: PublishWork,
  answer: PutAnswer,
  { sources }: PublishTools,
  warnings: Warning[],
): Promise<WrittenRevision> {
  const scheme = sources.scheme(location);
  const where = scheme.textOf(location);
  let copy = await sources.pin(location);
  if (!isAnswer(copy, answer)) {
    if (answer.versionId === null || answer.versionId === 'null') {
      throw new KeydriftError(
        'NOT_VERIFIED',
        `${where} was written, and replaced by somebody else before it could be read back`,
        { hint: { text: 'Look at what is there now', command: 'keydrift audit' } },
      );
    }
    const message = `it was replaced right after it was written; version ${answer.versionId} was verified`;
    warnings.push({ code: 'REPLACED_SINCE', message, side: 'runtime', line: null });
    await copy.release?.();
    copy = await sources.pin(scheme.version?.at(location, answer.versionId) ?? location);
  }
  const sha256 = await sha256Of(copy);
  const { versionId = null, etag, lastModified } = copy.revision.facts;
  if (sha256 === source.sha256 && etag !== undefined && lastModified !== undefined) {
    if (copy.claim?.commit !== source.commit) warnings.push(claimLost());
    return { versionId, etag, lastModified, sha256 };
  }
  throw new KeydriftError(
    'NOT_VERIFIED',
    `${where} does not hold what was written: its bytes have sha256 ${sha256}, not ${source.sha256}`,
    {
      hint: 'Something between here and the store changes what is written. Do not run jobs on it.',
    },
  );
}

function claimLost(): Warning {
  const message = 'the store did not keep the metadata that name the commit';
  return { code: 'CLAIM_LOST', message, side: 'runtime', line: null };
}

function isAnswer({ revision }: PinnedCopy, { versionId, etag }: PutAnswer): boolean {
  if (revision.facts.etag !== etag) return false;
  return versionId === null || revision.facts.versionId === versionId;
}

/**
 * What a failed write left: the object as it is now. Where an answer was lost on the way, the
 * write itself may be what is found.
 */
async function failed(
  prepared: PreparedCopy,
  work: PublishWork,
  tools: PublishTools,
  { error, phase }: { readonly error: KeydriftError; readonly phase: Phase },
  warnings: Warning[],
): Promise<Omit<Applied, 'warnings'>> {
  const wrote = ({ before: 'no', sent: 'unknown', answered: 'yes' } as const)[phase];
  const failure = {
    outcome: 'failed',
    wrote,
    written: null,
    now: null,
    error: reportError(error),
  } as const;
  const isDenied = error.code === 'STORE_ACCESS_DENIED';
  if (isDenied || error.code === 'CONDITIONS_NOT_HONOURED') {
    const isKept = phase === 'sent' && (await isAsPlanned(prepared, work));
    if (phase === 'before' || isKept) return { ...failure, wrote: 'no' };
  }
  const now = await lookAgain(prepared, work, tools).catch(() => null);
  if (now === null) return failure;
  if (error.code !== 'NOT_VERIFIED' && claims(now, work.write.claim)) {
    const message =
      'it was found written, with these bytes and this claim: the answer to the write was lost, or somebody published the same';
    warnings.push({ code: 'FOUND_WRITTEN', message, side: 'runtime', line: null });
    const { versionId, etag, lastModified, sha256 } = now;
    return {
      outcome: 'published',
      wrote,
      written: { versionId, etag, lastModified, sha256 },
      now: null,
      error: null,
    };
  }
  const { runtime } = prepared.planned;
  const isUntouched = now.etag === runtime?.etag && now.versionId === runtime.versionId;
  if (error.code !== 'WRITTEN_MEANWHILE') return { ...failure, now };
  if (!isUntouched) return { ...failure, wrote: 'no', now };
  const refused = new KeydriftError(
    'CONDITIONS_NOT_HONOURED',
    `${prepared.planned.target.location} is as it was planned, and still the store says that its ETag is another one`,
    {
      cause: error,
      hint: 'Another writer may be at work: try again. If it stays, the store does not know If-Match by this ETag.',
    },
  );
  return { ...failure, wrote: 'no', error: reportError(refused), now };
}

/** Whether the object is, for certain, what the plan saw. */
async function isAsPlanned(
  { planned: { runtime } }: PreparedCopy,
  { location, writer }: PublishWork,
): Promise<boolean> {
  const object = await writer.look(location, 'optional').catch(() => 'unread' as const);
  if (object === 'unread') return false;
  return object?.etag === runtime?.etag && object?.versionId === runtime?.versionId;
}

async function lookAgain(
  { chosen }: PreparedCopy,
  { location, copy, writer }: PublishWork,
  { sources }: PublishTools,
): Promise<PublishedCopy['now']> {
  const state = await writer.look(location, 'optional');
  if (state === null) return null;
  const reviewed = await scanReviewed(copy, reviewedRequest(chosen.artifact));
  const compared = await compareObject(chosen, location, reviewed, state, sources);
  return { ...compared.object, state: compared.state };
}
