import { KeydriftError, type S3Location } from '../../model/index.ts';
import type { S3Target } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { endpointText, locationText } from './place.ts';

/** A listing that failed: of what, and which permission it needs. */
export interface FailedListing {
  readonly location: S3Location;
  readonly target: S3Target;
  readonly lists: 'versions' | 'objects';
}

const permissions = { versions: 's3:ListBucketVersions', objects: 's3:ListBucket' } as const;

/** Anything thrown by a listing, as the error that people see. */
export function listingError(
  thrown: unknown,
  { location, target, lists }: FailedListing,
): KeydriftError {
  const { status, code, cause } = readFailure(thrown);
  if (status === 501 || status === 405) {
    return new KeydriftError(
      'STORE_FAILED',
      `${endpointText(target)} does not list ${lists}, as asked for ${locationText(location)} (HTTP ${status} ${code}).`,
      { cause, hint: `It needs a store with the operation behind ${permissions[lists]}.` },
    );
  }
  const needs = `${permissions[lists]} on the bucket ${location.bucket} itself (not on its objects)`;
  return classify(thrown, { location, target, versionId: null, needs });
}
