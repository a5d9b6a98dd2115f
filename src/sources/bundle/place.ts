import { join } from 'node:path';
import type { BundlePlace, FileLocation, S3Location } from '../../model/index.ts';

/** Where a file of a bundle is, by its name from the bundle's root. */
export function locationIn(place: BundlePlace, name: string): FileLocation | S3Location {
  if (place.kind === 'directory') return { kind: 'file', path: join(place.path, name) };
  const { bucket, prefix, access } = place;
  return { kind: 's3', bucket, key: `${prefix}${name}`, versionId: null, access };
}

/** A bundle as people write it after `bundle:`, without secrets: `build/bundle`, `s3://bucket/p`. */
export function placeText(place: BundlePlace): string {
  if (place.kind === 'directory') return place.shown;
  return `s3://${place.bucket}/${place.prefix}`.replace(/\/$/, '');
}

/** What tells one bundle, reached in one way, from all others. */
export function placeKey(place: BundlePlace): string {
  return place.kind === 'directory' ? JSON.stringify(place.path) : JSON.stringify(place);
}
