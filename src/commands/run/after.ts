import {
  faultClass,
  revisionWord,
  sha256Of,
  toKeydriftError,
  type GateEvent,
  type Location,
  type PinnedCopy,
} from '../../model/index.ts';
import { inTime, startClock } from '../../judge/time.ts';
import type { Sources } from '../../judge/context.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { Staged } from './stage.ts';

/** How long the look at a copy may take after the command (SPEC §4). */
const mostSeconds = 60;

/**
 * Looks once at each runtime copy after the command: a job that ignores what it was handed may
 * have read what stands there now. It never throws, and never decides anything.
 */
export async function lookAgain(
  judged: readonly JudgedCopy[],
  staged: readonly Staged[],
  sources: Sources,
): Promise<GateEvent[]> {
  const looks = await Promise.all([
    ...judged.map((one) => lookAtOne(one, sources)),
    ...staged.map((one) => lookAtStaged(one, sources)),
  ]);
  return looks.filter((warning) => warning !== null);
}

async function lookAtOne(
  { chosen, runtime, report }: JudgedCopy,
  sources: Sources,
): Promise<GateEvent | null> {
  if (runtime === null) return null;
  const sha256 = report.runtime?.sha256 ?? '';
  const before = revisionWord(runtime.revision, sha256);
  const warn = (code: string, what: string): GateEvent => ({
    kind: 'warning',
    code,
    message: `${chosen.artifact.name}: ${what}`,
  });
  const ignored = 'a job that does not read the file it was handed may have read it';
  try {
    const now = await pinInTime(sources, chosen.copy.location);
    if (now.revision.content === runtime.revision.content) return null;
    // Of what only its bytes name, another time says nothing yet.
    const isNamed = now.revision.word !== null || now.bytes !== runtime.bytes;
    if (!isNamed && (await hashInTime(now)) === sha256) return null;
    const after = now.revision.word ?? 'other bytes';
    const what = `${runtime.location} was replaced since it was checked (${before} then, ${after} now)`;
    return warn('COPY_REPLACED', `${what}; ${ignored}`);
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'absent') {
      return warn(
        'COPY_REPLACED',
        `${runtime.location} was removed since it was checked (${before})`,
      );
    }
    return warn(
      'COPY_NOT_LOOKED_AT',
      `${runtime.location} could not be looked at again: ${error.message}`,
    );
  }
}

/** Jobs that run elsewhere read the staged object, by its URL. */
async function lookAtStaged(staged: Staged, sources: Sources): Promise<GateEvent | null> {
  const warn = (code: string, what: string): GateEvent => ({
    kind: 'warning',
    code,
    message: `${staged.url} ${what}`,
  });
  try {
    const { revision } = await pinInTime(sources, staged.location);
    return revision.content === staged.revision.content
      ? null
      : warn('STAGED_REPLACED', 'was replaced since it was staged');
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    return faultClass(error) === 'absent'
      ? warn('STAGED_REPLACED', 'was removed since it was staged')
      : warn('STAGED_NOT_LOOKED_AT', `could not be looked at again: ${error.message}`);
  }
}

/** SHA-256 of a copy's bytes, hex. */
async function hashInTime(copy: PinnedCopy): Promise<string> {
  const clock = startClock(mostSeconds, undefined, 'the look afterwards');
  try {
    return await inTime(() => sha256Of(copy), clock.signal);
  } finally {
    clock.clear();
  }
}

/** A store that does not answer holds up nobody's job. */
async function pinInTime(sources: Sources, location: Location): Promise<PinnedCopy> {
  const clock = startClock(mostSeconds, undefined, 'the look afterwards');
  try {
    return await inTime(() => sources.pin(location, 'revision'), clock.signal);
  } finally {
    clock.clear();
  }
}
