import {
  KeydriftError,
  sha256Hex,
  sha256Of,
  type BundlePlace,
  type KnownBytes,
  type Stores,
} from '../../model/index.ts';
import { fileName, manifestName } from './manifest.ts';
import { locationIn, pinIn, type BundleStore } from './place.ts';

/**
 * A bundle under a prefix of a store. A content is written once (`If-None-Match`), the manifest last,
 * and each is read back, pinned. Nothing is ever removed: a reader of an older manifest finds all
 * of its files, and the writer needs no permission for it.
 */
export function openPrefixStore(place: BundlePlace, stores: Stores): BundleStore {
  const holds = async (name: string, sha256: string): Promise<boolean> =>
    sha256Of(await pinIn(place, name, stores)).then((found) => found === sha256);
  const write = async (
    name: string,
    content: KnownBytes & { readonly contentType: string },
    when: 'absent' | 'always',
  ): Promise<'written' | 'exists'> => {
    const location = locationIn(place, name, stores);
    const outcome = await (await stores.of(location)).putContent?.(location, content, when);
    if (outcome !== undefined) return outcome;
    throw new KeydriftError('NOT_SUPPORTED', `nothing can be written to ${place.shown}`);
  };
  return {
    notes: [],
    async put(content) {
      const name = fileName(content.sha256);
      const put = { ...content, contentType: 'text/csv' };
      const outcome = await write(name, put, 'absent');
      if (await holds(name, content.sha256)) return;
      // Whatever stands there has no right to that name.
      if (outcome === 'exists') await write(name, put, 'always');
      if (outcome === 'exists' && (await holds(name, content.sha256))) return;
      throw notRead(place, name);
    },
    async commit(manifest) {
      const sha256 = sha256Hex(manifest);
      const open = async function* (): AsyncIterable<Uint8Array> {
        yield manifest;
      };
      const contentType = 'application/json';
      await write(manifestName, { bytes: manifest.length, sha256, open, contentType }, 'always');
      if (!(await holds(manifestName, sha256))) throw notRead(place, manifestName);
    },
    close: () => Promise.resolve(),
  };
}

function notRead({ shown }: BundlePlace, name: string): KeydriftError {
  return new KeydriftError(
    'STORE_FAILED',
    `${shown}/${name} was written, but other bytes were read back`,
    { hint: 'Somebody else writes there, or something in between changes it. Run it again.' },
  );
}
