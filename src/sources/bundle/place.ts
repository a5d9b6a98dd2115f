import {
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
