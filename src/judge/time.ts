import { setMaxListeners } from 'node:events';
import { KeydriftError } from '../model/index.ts';

/** A stretch of time after which waiting ends. */
export interface Clock {
  /** Aborted with `TIMEOUT` when it is over, and with its own reason when `stop` is aborted. */
  readonly signal: AbortSignal;
  clear(): void;
}

/** Starts a clock; null: no limit. `flag` is what the message says to raise. */
export function startClock(
  seconds: number | null,
  stop: AbortSignal | undefined,
  flag: string,
): Clock {
  // Every copy under way listens; that is no leak, and Node would say so on stderr.
  if (stop !== undefined) setMaxListeners(0, stop);
  if (seconds === null && stop !== undefined) return { signal: stop, clear: () => undefined };
  const own = new AbortController();
  const end = (): void => own.abort(stop?.reason);
  const timer =
    seconds === null
      ? undefined
      : setTimeout(() => own.abort(timeout(seconds, flag)), Math.min(seconds * 1000, longestMs));
  // By hand: a signal keeps all that were made of it by `any`, and a fleet makes thousands.
  if (stop?.aborted === true) end();
  else stop?.addEventListener('abort', end, { once: true });
  return {
    signal: own.signal,
    clear() {
      clearTimeout(timer);
      stop?.removeEventListener('abort', end);
    },
  };
}

/** What a timer can hold. */
const longestMs = 2 ** 31 - 1;

function timeout(seconds: number, flag: string): KeydriftError {
  return new KeydriftError('TIMEOUT', `no verdict within ${seconds} s`, {
    hint: `It was ended there. To wait longer: ${flag} ${2 * seconds}s`,
  });
}

/** As `work` ends, or rejects with the signal's reason where that comes first. */
export async function inTime<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | null = null;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  const working = work();
  // Nobody waits for it any more: what it still throws is told to nobody.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, stopped]);
  } finally {
    if (stop !== null) signal.removeEventListener('abort', stop);
  }
}

/** Waits so many seconds, or until the signal is aborted. */
export function waitFor(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(seconds * 1000, longestMs));
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** How long the end of a store is waited for, in milliseconds. */
const closingMs = 2_000;

/** Closes; what has not ended by then (a fetch of a silent remote) ends with the process. */
export async function closeSoon({ close }: { close(this: void): Promise<unknown> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closingMs);
  });
  try {
    await Promise.race([close(), over]);
  } finally {
    clearTimeout(timer);
  }
}
