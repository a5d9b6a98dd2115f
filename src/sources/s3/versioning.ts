import type { S3Location } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { readFailure } from './failure.ts';
import { objectInput } from './pin.ts';

/** What a bucket says of its versioning; `unknown`: it may not be asked. */
export type Versioning = 'Enabled' | 'Suspended' | 'never' | 'unknown';

/** Asks a bucket. A server that knows no versions has none. */
export async function bucketVersioning(
  { sdk, client }: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<Versioning> {
  const { Bucket, ExpectedBucketOwner } = objectInput(location, null);
  const command = new sdk.GetBucketVersioningCommand({
    Bucket,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  });
  try {
    const { Status } = await client.send(command, { abortSignal: signal });
    return Status ?? 'never';
  } catch (error) {
    const { status } = readFailure(error);
    return status === 501 || status === 405 ? 'never' : 'unknown';
  }
}
