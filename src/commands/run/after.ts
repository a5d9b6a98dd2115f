import { faultClass, revisionWord, toKeydriftError, type GateEvent } from '../../model/index.ts';
import type { Sources } from '../../judge/context.ts';
import type { JudgedCopy } from './judge-run.ts';

/** How long the look at a runtime copy may take after the command, in milliseconds. */
const mostMs = 10_000;

/**
 * Looks once at each runtime copy after the command: a job that ignores what it was handed may
 * have read what stands there now. It never throws, and never decides anything.
 */
export async function lookAgain(
  judged: readonly JudgedCopy[],
  sources: Sources,
): Promise<GateEvent[]> {
  const looks = await Promise.all(judged.map((one) => lookAtOne(one, sources)));
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
    const now = await inTime(sources.pin(chosen.copy.location, 'revision'));
    if (now === 'late')
      return warn(
        'COPY_NOT_LOOKED_AT',
        `${runtime.location} was not looked at again: no answer in time`,
      );
    if (now.revision.content === runtime.revision.content) return null;
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

/** A store that does not answer holds up nobody's job. */
async function inTime<T>(promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), mostMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
