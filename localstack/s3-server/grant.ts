import type { Bucket } from './bucket.ts';
import { s3Error } from './errors.ts';
import { redirectError } from './fault-kinds.ts';
import type { RequestHead } from './request.ts';
import { isPublicAction } from './routes.ts';
import type { Operation } from './routes.ts';
import type { Settings } from './settings.ts';
import type { Identity } from './signature.ts';
import type { Store } from './store.ts';

interface Asked {
  readonly store: Store;
  readonly settings: Settings;
  readonly head: RequestHead;
  readonly operation: Operation;
  readonly identity: Identity;
  readonly action: string;
  readonly permit: (action: string) => void;
}

/** Throws unless the caller may have the operation: bucket, region, owner, permission. */
export function grant(asked: Asked): void {
  const { head, identity, operation } = asked;
  const named = operation === 'ListBuckets' || operation === 'CreateBucket';
  const bucket = named ? undefined : asked.store.get(head.bucket ?? '');
  if (bucket !== undefined) {
    // Where a bucket is may be asked in any region.
    if (operation !== 'GetBucketLocation') checkRegion(bucket, identity, asked.settings);
    const owner = head.headers['x-amz-expected-bucket-owner'];
    if (owner !== undefined && owner !== bucket.ownerId) throw s3Error('AccessDenied');
  }
  const open = bucket?.access === 'public-read' && isPublicAction(asked.action);
  if (identity.kind === 'anonymous' && !open) throw s3Error('AccessDenied');
  asked.permit(asked.action);
}

function checkRegion(bucket: Bucket, identity: Identity, settings: Settings): void {
  if (identity.kind === 'anonymous' || identity.scope.region === bucket.region) return;
  if (settings.wrongRegion === 'redirect') throw redirectError(bucket.name, bucket.region);
  const code =
    identity.via === 'header'
      ? 'AuthorizationHeaderMalformed'
      : 'AuthorizationQueryParametersError';
  throw s3Error(code, {
    message: `The authorization header is malformed; the region '${identity.scope.region}' is wrong; expecting '${bucket.region}'`,
    details: { Region: bucket.region },
    headers: { 'x-amz-bucket-region': bucket.region },
  });
}
