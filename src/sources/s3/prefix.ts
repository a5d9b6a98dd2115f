import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import {
  KeydriftError,
  mostListed,
  type ListedFile,
  type PrefixSize,
  type S3Location,
} from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { listingError } from './errors.ts';
import { listedKey } from './listed.ts';
import { objectInput } from './pin.ts';
import { locationText } from './place.ts';

/** How much lies under a prefix, which stands where a location has its key. */
export async function sizeOfPrefix(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<PrefixSize> {
  let [objects, bytes] = [0, 0];
  for await (const { Contents = [] } of pagesUnder(connection, location, mostCounted, signal)) {
    objects += Contents.length;
    for (const { Size = 0 } of Contents) bytes += Size;
  }
  return { objects, bytes };
}

/** The objects under a prefix by their names behind it, in code-unit order. Throws `TOO_LARGE`. */
export async function listPrefix(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<readonly ListedFile<S3Location>[]> {
  const found = new Map<string, ListedFile<S3Location>>();
  for await (const page of pagesUnder(connection, location, mostListed, signal)) {
    for (const { Key, Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      const key = listedKey(Key, page.EncodingType);
      // A server that lists what was not asked for says nothing of this folder.
      if (!key.startsWith(location.key)) continue;
      const name = key.slice(location.key.length);
      const content = JSON.stringify([ETag, Size, LastModified?.toISOString() ?? null]);
      found.set(name, { name, location: { ...location, key }, bytes: Size, content });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** More than these are not counted: ten thousand requests, or a listing without end. */
const mostCounted = 10_000_000;

function tooMany(location: S3Location, most: number): KeydriftError {
  return new KeydriftError(
    'TOO_LARGE',
    `more than ${most} objects lie under ${locationText(location)}`,
    { hint: 'Name a longer prefix.' },
  );
}

/** Pages without an object, one after the other: S3 gives some where much was deleted. */
const mostEmpty = 100;

/** The pages of a listing, of so many objects at most. Throws where it does not go on. */
async function* pagesUnder(
  { sdk, client, target }: S3Connection,
  location: S3Location,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  const { Bucket, Key: Prefix, ExpectedBucketOwner } = objectInput(location, null);
  const input = {
    Bucket,
    Prefix,
    // A key may hold what XML cannot.
    EncodingType: 'url',
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
  } as const;
  let token: string | undefined;
  const seen = new Set<string>();
  let empty = 0;
  let told = 0;
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
    // What a server lists that was not asked for counts as well.
    told += page.Contents?.length ?? 0;
    if (told > most) throw tooMany(location, most);
    yield page;
    const last = page.Contents?.at(-1)?.Key;
    token = page.IsTruncated === true ? (page.NextContinuationToken ?? '') : undefined;
    const marks = [`token ${token}`, ...(last === undefined ? [] : [`key ${last}`])];
    empty = last === undefined ? empty + 1 : 0;
    // A listing that does not move would never end, whichever of the two comes again.
    const isStill = empty > mostEmpty || (token !== undefined && isRepeated(seen, marks));
    if (token === '' || (token !== undefined && isStill)) {
      throw standsStill(location);
    }
  } while (token !== undefined);
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
