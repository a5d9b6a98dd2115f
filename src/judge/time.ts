import { KeydriftError, retold, watchWork, whenAborted, type UnderWay } from '../model/index.ts';

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
  if (seconds === null && stop !== undefined) return { signal: stop, clear: () => undefined };
  const own = new AbortController();
  const timer =
    seconds === null
      ? undefined
      : setTimeout(() => own.abort(timeout(seconds, flag)), Math.min(seconds * 1000, longestMs));
  const leave = stop && whenAborted(stop, () => own.abort(stop.reason));
  return {
    signal: own.signal,
    clear() {
      clearTimeout(timer);
      leave?.();
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
  return inTimeLeft(work, { seconds: null, stop: signal }, '');
}

/** How long one of many may take: seconds or null, and until `stop` is aborted. */
export interface TimeLimit {
  readonly seconds: number | null;
  readonly stop: AbortSignal | undefined;
}

/** What a piece of work that is waited for is at, after `it was `. */
const doing: Readonly<Record<UnderWay['kind'], string>> = {
  request: 'waiting for',
  wait: 'waiting for',
  git: 'waiting for',
  pin: 'opening',
  read: 'reading',
  scan: 'reading',
  step: 'at:',
};

const waits = new WeakMap<object, string>();

/** What was under way when a time was over, or a run ended: `; it was waiting for GET …`, or nothing. */
export function waitOf(error: KeydriftError): string {
  return waits.get(error) ?? '';
}

/** Why a wait ended, with what was under way; what else is thrown stays as it is. */
function endedAt(reason: unknown, at: UnderWay | null): unknown {
  const isEnd =
    reason instanceof KeydriftError && (reason.code === 'TIMEOUT' || reason.code === 'INTERRUPTED');
  if (!isEnd || at === null) return reason;
  const wait = `; it was ${doing[at.kind]} ${at.subject}`;
  const told = retold(reason, { message: reason.message + wait });
  waits.set(told, wait);
  return told;
}

/**
 * As `work` ends, or rejects with `TIMEOUT`, or with the reason of `stop`, where that comes first: then the
 * message names what it was waiting for.
 */
export async function inTimeLeft<T>(
  work: () => Promise<T>,
  { seconds, stop }: TimeLimit,
  flag: string,
): Promise<T> {
  stop?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let leave: (() => void) | undefined;
  const watch = watchWork(work);
  const ended = new Promise<never>((_, reject) => {
    leave = stop && whenAborted(stop, () => reject(endedAt(stop.reason, watch.at())));
    if (seconds === null) return;
    const ms = Math.min(seconds * 1000, longestMs);
    timer = setTimeout(() => reject(endedAt(timeout(seconds, flag), watch.at())), ms);
  });
  const { working } = watch;
  // Nobody waits for it any more, once it was ended: what it still throws is told to nobody.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, ended]);
  } finally {
    clearTimeout(timer);
    leave?.();
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
