import { beginEvent, KeydriftError, needsFetch, type Scheme, type Source } from '../model/index.ts';
import type { AppContext, Sources } from './context.ts';
import { registriesOf } from './registries.ts';

export interface SourceOptions {
  /** The run's `--ref`. */
  readonly ref: string;
  readonly cacheDirectory: string;
  /** `never`: what the network would be asked for is `NEEDS_FETCH`; default: allowed. */
  readonly fetch?: 'allowed' | 'never';
}

/** The sources of a run; each is opened when the first of its locations is asked for. */
export function openSources(context: AppContext, options: SourceOptions): Sources {
  const { environment, workingDirectory, userId } = context;
  const user = userId === undefined ? {} : { userId };
  const { schemes } = registriesOf(context);
  const { ref, cacheDirectory, fetch = 'allowed' } = options;
  const opened = new Map<string, Promise<Source>>();
  const stores: Sources = {
    scheme: ({ kind }) => schemeOf(schemes[kind], kind),
    of(location) {
      const { kind } = location;
      const known = opened.get(kind);
      if (known !== undefined) return known;
      const source = stores
        .scheme(location)
        .open({ environment, workingDirectory, ...user, ref, cacheDirectory, fetch, stores });
      opened.set(kind, source);
      return source;
    },
    async pin(location, purpose) {
      const scheme = stores.scheme(location);
      if (fetch === 'never' && scheme.isRemote?.(location) === true) {
        throw needsFetch(scheme.textOf(location));
      }
      const end = beginEvent('pin', scheme.textOf(location));
      const copy = await (await stores.of(location)).pin(location, purpose);
      end({ location: copy.location, revision: copy.revision.text, bytes: copy.bytes });
      return copy;
    },
    async close() {
      const settled = await Promise.allSettled(opened.values());
      const sources = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.all(sources.map((source) => source.close()));
    },
  };
  return stores;
}

function schemeOf(scheme: Scheme | undefined, kind: string): Scheme {
  if (scheme !== undefined) return scheme;
  throw new KeydriftError('INTERNAL', `no store is known for ${JSON.stringify(kind)}`);
}
