import { Readable } from 'node:stream';
import type { ListObjectVersionsCommand } from '@aws-sdk/client-s3';

/** A key as a listing with `encoding-type=url` tells it; some servers ignore that. */
export function listedKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined || encoding !== 'url') return key ?? '';
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** What the entries of a page are, in the order of the answer. */
export type ListedKinds = readonly ('version' | 'marker')[];

/**
 * Sees the order in which the answer to a command names versions and delete markers: the SDK sorts
 * them into two lists. Call what is returned once the answer is there.
 */
export function watchOrder(command: ListObjectVersionsCommand): () => ListedKinds {
  let kinds: ListedKinds = [];
  command.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given);
      const { response } = result;
      const body: unknown =
        typeof response === 'object' && response !== null ? Reflect.get(response, 'body') : null;
      if (!(body instanceof Readable)) return result;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
      const whole = Buffer.concat(chunks);
      kinds = kindsIn(whole);
      Reflect.set(Object(response), 'body', new Uint8Array(whole));
      return result;
    },
    // Next to the connection: the SDK reads the body after this.
    { step: 'deserialize', priority: 'low', name: 'keydriftOrder' },
  );
  return () => kinds;
}

/** Text of keys cannot hold a `<`, so these are elements. */
function kindsIn(xml: Buffer): ListedKinds {
  return Array.from(xml.toString('latin1').matchAll(/<(Version|DeleteMarker)>/g), ([, name]) =>
    name === 'Version' ? 'version' : 'marker',
  );
}

/** The entries of a page in the order of the answer; where that was not seen, versions first. */
export function inOrder<Entry>(
  kinds: ListedKinds,
  versions: readonly Entry[],
  markers: readonly Entry[],
): readonly Entry[] {
  const count = kinds.filter((kind) => kind === 'version').length;
  if (count !== versions.length || kinds.length - count !== markers.length) {
    return [...versions, ...markers];
  }
  const rest = { version: versions.values(), marker: markers.values() };
  return kinds.flatMap((kind) => {
    const next = rest[kind].next();
    return next.done === true ? [] : [next.value];
  });
}
