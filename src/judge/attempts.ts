import { faultClass, KeydriftError, toKeydriftError } from '../model/index.ts';
import { reportError, type Judgement } from './artifact-report.ts';

/** How often a copy that changes while it is read is read again from the start (SPEC §6). */
const mostAttempts = 4;

/** Judges again when a copy changed meanwhile; whatever else is thrown is told. */
export async function withAttempts(judgeOnce: () => Promise<Judgement>): Promise<Judgement> {
  try {
    return await untilStill(judgeOnce);
  } catch (thrown) {
    return failedJudgement(toKeydriftError(thrown));
  }
}

/** Reads again from the start when a copy changed meanwhile, a bounded number of times. */
export async function untilStill<T>(readOnce: () => Promise<T>): Promise<T> {
  let last: KeydriftError | null = null;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    try {
      return await readOnce();
    } catch (thrown) {
      const error = toKeydriftError(thrown);
      if (error.code !== 'COPY_CHANGED') throw error;
      last = error;
    }
  }
  throw new KeydriftError(
    'COPY_KEEPS_CHANGING',
    `${last?.message.replace(/\.$/, '') ?? 'a copy changed while it was read'}; it did so ${mostAttempts} times in a row`,
    {
      cause: last,
      place: last?.place ?? {},
      hint: 'Something writes it right now. Try again when that has ended.',
    },
  );
}

/** What an error says of a copy: content is a fact, everything else is no verdict (SPEC §2). */
export function failedJudgement(error: KeydriftError): Judgement {
  return faultClass(error) === 'content'
    ? { verdict: 'drifted', state: 'unreadable', error: reportError(error) }
    : { verdict: 'indeterminate', state: 'indeterminate', error: reportError(error) };
}
