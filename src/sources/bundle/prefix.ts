import { createHash } from 'node:crypto';
import {
  KeydriftError,
  type BundlePlace,
  type PinnedCopy,
  type S3Location,
} from '../../model/index.ts';
import { fileName, manifestName } from './manifest.ts';
import { placeText } from './place.ts';
import type { BundleContent, BundleStore } from './store.ts';

/** What a prefix is written with; the store ends none of it. */
export interface PrefixAccess {
  pin(location: S3Location): Promise<PinnedCopy>;
  putContent(
    content: BundleContent & {
      readonly location: S3Location;
      readonly headers: ReadonlyMap<string, string>;
    },
    when: 'absent' | 'always',
  ): Promise<'written' | 'exists'>;
}

/**
 * A bundle under a prefix in S3. A content is written once (`If-None-Match`), the manifest last,
 * and each is read back, pinned. Nothing is ever removed: a reader of an older manifest finds all
 * of its files, and the writer needs no permission for it.
 */
export function openPrefixStore(
  place: BundlePlace & { readonly kind: 's3' },
  access: PrefixAccess,
): BundleStore {
  const at = (name: string): S3Location => {
    const { bucket, prefix } = place;
    return { kind: 's3', bucket, key: prefix + name, versionId: null, access: place.access };
  };
  const holds = async (location: S3Location, sha256: string): Promise<boolean> =>
    hashOf(await access.pin(location)).then((found) => found === sha256);
  return {
    async put(content) {
      const location = at(fileName(content.sha256));
      const put = { ...content, location, headers: new Map([['content-type', 'text/csv']]) };
      const outcome = await access.putContent(put, 'absent');
      if (await holds(location, content.sha256)) return;
      // Whatever stands there has no right to that name.
      if (outcome === 'exists') await access.putContent(put, 'always');
      if (outcome === 'exists' && (await holds(location, content.sha256))) return;
      throw notRead(place, fileName(content.sha256));
    },
    async commit(manifest) {
      const location = at(manifestName);
      const sha256 = createHash('sha256').update(manifest).digest('hex');
      const headers = new Map([['content-type', 'application/json']]);
      const open = async function* (): AsyncIterable<Uint8Array> {
        yield manifest;
      };
      const put = { location, headers, bytes: manifest.length, sha256, open };
      await access.putContent(put, 'always');
      if (!(await holds(location, sha256))) throw notRead(place, manifestName);
    },
    close: () => Promise.resolve(),
  };
}

async function hashOf(copy: PinnedCopy): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  return hash.digest('hex');
}

function notRead(place: BundlePlace, name: string): KeydriftError {
  return new KeydriftError(
    'STORE_FAILED',
    `${placeText(place)}/${name} was written, but other bytes were read back`,
    { hint: 'Somebody else writes there, or something in between changes it. Run it again.' },
  );
}
