import { setTimeout } from 'node:timers/promises';
import { KeydriftError, toKeydriftError } from '../../model/index.ts';
import { isDown } from './errors.ts';

/** What all that talk to one endpoint know of it. */
export interface Endpoint {
  /**
   * Does a thing of a location. After two locations found that the endpoint cannot be reached (nothing
   * listens, no such host, no TLS), the others wait until one of them tried again, `probeMs` after the
   * last time; a failure of that is everybody's for as long. `signal` ends the waiting.
   */
  reach<T>(location: string, signal: AbortSignal, doIt: () => Promise<T>): Promise<T>;
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
  async function attempt<T>(location: string, doIt: () => Promise<T>, probed: boolean): Promise<T> {
    try {
      const done = await doIt();
      failed.clear();
      return done;
    } catch (thrown) {
      const error = toKeydriftError(thrown);
      if (isDown(error)) {
        failed.add(location);
        last = { at: Date.now(), error, probed };
      } else failed.clear();
      throw error;
    }
  }
  return {
    async reach(location, signal, doIt) {
      for (;;) {
        if (failed.size < enough || last === null) return attempt(location, doIt, false);
        const left = last.at + probeMs - Date.now();
        if (probe !== null) await probe;
        else if (last.probed && left > 0) throw spared(last.error, location);
        else {
          const probing = setTimeout(Math.max(0, left), undefined, { signal }).then(() =>
            attempt(location, doIt, true),
          );
          probe = probing.catch(() => undefined).finally(() => (probe = null));
          return probing;
        }
      }
    },
  };
}

/** What a probe found is said of those that it spared; its own message names the endpoint and why. */
function spared({ code, message, cause, place }: KeydriftError, location: string): KeydriftError {
  return new KeydriftError(code, `${location} was not asked for: ${message}`, { cause, place });
}
