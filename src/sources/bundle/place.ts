import {
  type KnownBytes,
  KeydriftError,
  type BundlePlace,
  type Location,
  type PinnedCopy,
  type Stores,
} from '../../model/index.ts';

/** Where a file of a bundle is, by its name from the bundle's root. */
export function locationIn({ folder, shown }: BundlePlace, name: string, stores: Stores): Location {
  const location = stores.scheme(folder.root).within?.(folder, name);
  if (location !== undefined) return location;
  throw new KeydriftError('INTERNAL', `${shown} is no place for files`);
}

/** Pins a file of a bundle. */
export function pinIn(place: BundlePlace, name: string, stores: Stores): Promise<PinnedCopy> {
  return stores.pin(locationIn(place, name, stores));
}

/**
 * Where a bundle is written: contents first, in any order, then the manifest. Until that, whoever
 * reads there finds the bundle that was there before, whole. What it throws names the place.
 */
export interface BundleStore {
  /** What a person should know of the place. */
  readonly notes: readonly string[];
  /** Puts a content in its place, and sees to it that it is the right one. */
  put(content: KnownBytes): Promise<void>;
  /** Puts the manifest in its place; `contents` are the hashes of all that it names. */
  commit(manifest: Uint8Array, contents: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}
