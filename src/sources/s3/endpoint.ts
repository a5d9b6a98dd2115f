import { KeydriftError, toKeydriftError } from '../../model/index.ts';
import { isDown } from './errors.ts';

/** What all that talk to one endpoint know of it. */
export interface Endpoint {
  /**
   * Does a thing of a location. After two locations found that the endpoint cannot be reached (nothing
   * listens, no such host, no TLS), the others wait until one of them tried again, `probeMs` after the
   * last time; a failure of that is everybody's for as long. `signal` ends the waiting.
   */
  reach<T>(this: void, location: string, signal: AbortSignal, doIt: () => Promise<T>): Promise<T>;
  /**
   * Notes that a body of a location stayed silent. What was silent once is not waited for again for
   * `probeMs`: a command that asks one object for several things waits for it once (SPEC §4).
   */
  noteSilence(this: void, location: string, error: KeydriftError): void;
  /** Throws what is known of a location that was silent less than `probeMs` ago. */
  spareSilent(this: void, location: string): void;
}

/** Locations that have to fail before the others are spared. */
const enough = 2;

/** An endpoint of which nothing is known yet. */
export function openEndpoint(probeMs: number): Endpoint {
  const failed = new Set<string>();
  let last: {
    readonly at: number;
    readonly error: KeydriftError;
    readonly probed: boolean;
  } | null = null;
  let probe: Promise<unknown> | null = null;
  const silent = new Map<string, { readonly at: number; readonly error: KeydriftError }>();
  const noteSilence = (location: string, error: KeydriftError): void => {
    silent.set(location, { at: Date.now(), error });
  };
  const spareSilent = (location: string): void => {
    const before = silent.get(location);
    if (before === undefined || Date.now() - before.at >= probeMs) return;
    throw spared(before.error, location);
  };
  async function attempt<T>(location: string, doIt: () => Promise<T>, probed: boolean): Promise<T> {
    try {
      const done = await doIt();
      // Even an empty set is made anew by that.
      if (failed.size > 0) failed.clear();
      return done;
    } catch (thrown) {
      const error = toKeydriftError(thrown);
      if (isDown(error)) {
        failed.add(location);
        last = { at: Date.now(), error, probed };
      } else if (failed.size > 0) failed.clear();
      if (error.code === 'STORE_TIMEOUT') noteSilence(location, error);
      throw error;
    }
  }
  return {
    noteSilence,
    spareSilent,
    async reach(location, signal, doIt) {
      spareSilent(location);
      for (;;) {
        if (failed.size < enough || last === null) return attempt(location, doIt, false);
        const left = last.at + probeMs - Date.now();
        if (probe !== null) await probe;
        else if (last.probed && left > 0) throw spared(last.error, location);
        else {
          const probing = wait(Math.max(0, left), signal).then(() => attempt(location, doIt, true));
          probe = probing.catch(() => undefined).finally(() => (probe = null));
          return probing;
        }
      }
    },
  };
}

/** Waits so long, or until the signal ends it. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** What a probe found is said of those that it spared; its own message names the endpoint and why. */
function spared({ code, message, cause, place }: KeydriftError, location: string): KeydriftError {
  return new KeydriftError(code, `${location} was not asked for: ${message}`, { cause, place });
}
