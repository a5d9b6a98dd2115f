import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { KeydriftError, type PrefixSize, type S3Location } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { listingError } from './errors.ts';
import { objectInput } from './pin.ts';
import { locationText } from './place.ts';

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
  const seen = new Set<string>();
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
    const last = page.Contents?.at(-1)?.Key;
    token = page.IsTruncated === true ? (page.NextContinuationToken ?? '') : undefined;
    const marks = [`token ${token}`, ...(last === undefined ? [] : [`key ${last}`])];
    // A listing that does not move would never end, whichever of the two comes again.
    if (token === '' || (token !== undefined && isRepeated(seen, marks))) {
      throw standsStill(location);
    }
  } while (token !== undefined);
  return { objects, bytes };
}

function isRepeated(seen: Set<string>, marks: readonly string[]): boolean {
  const repeated = marks.some((mark) => seen.has(mark));
  for (const mark of marks) seen.add(mark);
  return repeated;
}

function standsStill(location: S3Location): KeydriftError {
  return new KeydriftError(
    'STORE_FAILED',
    `The store lists more objects for ${locationText(location)}, but does not go on: it repeats itself.`,
    {
      hint: 'What lies there cannot be counted; another prefix may avoid the page that is broken.',
    },
  );
}
