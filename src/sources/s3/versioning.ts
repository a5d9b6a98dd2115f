import type { S3Location } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { objectInput } from './head.ts';

/** What a bucket says of its versioning; undefined: it never was versioned, or does not tell. */
export async function bucketVersioning(
  { sdk, client }: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<'Enabled' | 'Suspended' | undefined> {
  const { Bucket, ExpectedBucketOwner } = objectInput(location, null);
  const command = new sdk.GetBucketVersioningCommand({
    Bucket,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  });
  const told = await client.send(command, { abortSignal: signal }).catch(() => null);
  return told?.Status;
}
