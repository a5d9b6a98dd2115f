import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { PrefixSize, S3Location } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { objectInput } from './head.ts';
import { listingError } from './listing-error.ts';

/** What lies under a prefix, which stands where a location has its key. */
export async function sizeOfPrefix(
  { sdk, client, target }: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<PrefixSize> {
  const { Bucket, Key: Prefix, ExpectedBucketOwner } = objectInput(location, null);
  const input = {
    Bucket,
    Prefix,
    // A key may hold what XML cannot.
    EncodingType: 'url',
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  } as const;
  let objects = 0;
  let bytes = 0;
  let token: string | undefined;
  do {
    const command = new sdk.ListObjectsV2Command({
      ...input,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    const page: ListObjectsV2CommandOutput = await client
      .send(command, { abortSignal: signal })
      .catch((error: unknown) => {
        throw listingError(error, { location, target, lists: 'objects' });
      });
    for (const { Size } of page.Contents ?? []) {
      objects += 1;
      bytes += Size ?? 0;
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return { objects, bytes };
}
