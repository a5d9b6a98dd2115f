import type { BundlePlace, Stores } from '../../model/index.ts';
import { openDirectoryStore } from './directory.ts';
import type { Owners } from './lock.ts';
import { locationIn, type BundleStore } from './place.ts';
import { openPrefixStore } from './prefix.ts';

/**
 * Opens a place for writing. A directory has more to lose than a prefix, and locks: see
 * `openDirectoryStore`. Throws `BUNDLE_LOCKED` and `OUTPUT_NOT_WRITABLE`.
 */
export function openBundleStore(
  place: BundlePlace,
  stores: Stores,
  owners: Owners,
): Promise<BundleStore> {
  const root = locationIn(place, '', stores);
  const directory = stores.scheme(root).pathOf?.(root);
  return directory === undefined
    ? Promise.resolve(openPrefixStore(place, stores))
    : openDirectoryStore(directory, place.shown, owners);
}
