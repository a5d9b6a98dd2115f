import type {
  DeleteMarkerEntry,
  ListObjectVersionsCommandInput,
  ObjectVersion as SdkVersion,
} from '@aws-sdk/client-s3';
import {
  KeydriftError,
  mostListed,
  type ObjectVersion,
  type ObjectVersions,
  type S3Location,
  type VersionWindow,
} from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { listingError } from './errors.ts';
import { bareEtag, headObject, objectInput } from './pin.ts';
import {
  inOrder,
  interleave,
  listedKey,
  soundListing,
  watchOrder,
  type ListedVersion,
} from './listed.ts';
import { locationText } from './place.ts';
import { bucketVersioning } from './versioning.ts';

/** S3 lists no more at once. */
const mostPerPage = 1000;

/** What a store lists of a key. */
export type Listed = Omit<ObjectVersions, 'versions'> & {
  readonly versions: readonly Omit<ObjectVersion, 'location'>[];
};

/** After which version of the key a page begins. */
interface PageStart {
  readonly versionId: string;
}

/**
 * The versions of a key, the newest first, as far back as the window goes: the one that was there
 * at its `since` is included. Throws what `classify` makes of a failure.
 */
export async function listVersions(
  connection: S3Connection,
  location: S3Location,
  window: VersionWindow,
  signal: AbortSignal,
): Promise<Listed> {
  const listed: ListedVersion[] = [];
  const size = window.max === null ? mostPerPage : Math.min(mostPerPage, window.max + 1);
  let start: PageStart | null = null;
  let all: readonly ListedVersion[] = [];
  const faults = new Set<string>();
  const seen = new Set<string>();
  let next = 0;
  let isEnough = false;
  do {
    const page: Page = await listPage(connection, location, start, size, signal);
    const known = seen.size;
    for (const version of page.versions) {
      listed.push(version);
      seen.add(`${version.deleted} ${version.versionId}`);
    }
    // A listing that tells nothing new would never end, however its marks move.
    if (page.next !== null && seen.size === known) throw unusable(location, goesNowhere);
    if (listed.length > mostListed) throw tooMany(location);
    start = page.next;
    // The whole is looked at as it doubles, or where a page says that it may be enough.
    if (start !== null && listed.length < next && !mayBeEnough(listed, page, window)) continue;
    next = 2 * listed.length;
    all = interleave(soundListing(listed, (fault) => faults.add(fault)));
    isEnough = wantedOf(all, window) < all.length;
  } while (start !== null && !isEnough);
  const versions = all.slice(0, wantedOf(all, window));
  const versioning = await versioningOf(connection, location, all, signal);
  return {
    versions: versions.map(({ versionId, lastModified, deleted, etag, bytes }) => ({
      versionId: versioning === 'unversioned' ? null : versionId,
      lastModified,
      deleted,
      etag,
      bytes,
    })),
    versioning,
    cutOff: versions.length < all.length,
    ...(faults.size === 0 ? {} : { faults: [...faults] }),
  };
}

function tooMany(location: S3Location): KeydriftError {
  return new KeydriftError(
    'TOO_LARGE',
    `${locationText(location)} has more than ${mostListed} versions`,
    {
      hint: 'Look at the newest ones: --max-versions 1000, or --since.',
    },
  );
}

/** Whether a listing may reach as far back as a window, by its number or by the times of its last page. */
function mayBeEnough(
  { length }: readonly ListedVersion[],
  { versions }: Page,
  { since, max }: VersionWindow,
): boolean {
  if (max !== null && length > max) return true;
  return since !== null && versions.some((one) => Date.parse(one.lastModified) <= since.getTime());
}

/** How many versions a window reaches back to; times have whole seconds. */
function wantedOf(all: readonly ListedVersion[], { since, max }: VersionWindow): number {
  const oldest =
    since === null ? -1 : all.findIndex((one) => Date.parse(one.lastModified) <= since.getTime());
  return Math.min(oldest < 0 ? all.length : oldest + 1, max ?? all.length);
}

interface Page {
  readonly versions: readonly ListedVersion[];
  /** Null: there are no more of this key. */
  readonly next: PageStart | null;
}

/** One page; the prefix lists the key's neighbours too, which come after it. */
async function listPage(
  { sdk, client, target }: S3Connection,
  location: S3Location,
  start: PageStart | null,
  size: number,
  signal: AbortSignal,
): Promise<Page> {
  const { key } = location;
  const { Bucket, ExpectedBucketOwner } = objectInput(location, null);
  const input: ListObjectVersionsCommandInput = {
    Bucket,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
    Prefix: key,
    EncodingType: 'url',
    MaxKeys: size,
    ...(start === null ? {} : { KeyMarker: key, VersionIdMarker: start.versionId }),
  };
  const command = new sdk.ListObjectVersionsCommand(input);
  const kinds = watchOrder(command);
  const output = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    throw listingError(error, { location, target, lists: 'versions' });
  });
  const read = (entry: Entry, deleted: boolean): ListedVersion | null => {
    const isOurs = entry.Key === key || listedKey(entry.Key, output.EncodingType) === key;
    return isOurs ? listedVersion(location, entry, deleted) : null;
  };
  const versions = output.Versions?.map((entry) => read(entry, false)) ?? [];
  const markers = output.DeleteMarkers?.map((entry) => read(entry, true)) ?? [];
  const last = listedKey(output.NextKeyMarker, output.EncodingType);
  const isLast = output.IsTruncated !== true || (last !== key && output.NextKeyMarker !== key);
  return {
    versions: inOrder(kinds(), versions, markers).filter((version) => version !== null),
    next: isLast ? null : nextPage(location, start, output.NextVersionIdMarker),
  };
}

/** Versions and delete markers have these in common. */
type Entry = DeleteMarkerEntry & Pick<SdkVersion, 'ETag' | 'Size'>;

function listedVersion(location: S3Location, entry: Entry, deleted: boolean): ListedVersion {
  const { VersionId: versionId, LastModified: at, IsLatest: latest, ETag: etag, Size } = entry;
  if (at === undefined || Number.isNaN(at.getTime())) {
    throw unusable(location, 'a version without a usable time');
  }
  return {
    versionId: versionId === undefined || versionId === '' ? 'null' : versionId,
    lastModified: at.toISOString(),
    deleted,
    etag: deleted || etag === undefined ? null : bareEtag(etag),
    bytes: deleted ? null : (Size ?? null),
    latest: latest === true,
  };
}

/** A store that does not say where its listing goes on would be asked for the same page for ever. */
function nextPage(
  location: S3Location,
  start: PageStart | null,
  versionId: string | undefined,
): PageStart {
  if (versionId !== undefined && versionId !== start?.versionId) return { versionId };
  throw unusable(location, goesNowhere);
}

const goesNowhere = 'more versions, but not where they go on';

function unusable(location: S3Location, what: string): KeydriftError {
  return new KeydriftError(
    'STORE_FAILED',
    `The store lists ${what} for ${locationText(location)}.`,
    {
      hint: 'Its history cannot be read; --max-versions may avoid the page that is broken.',
    },
  );
}

/**
 * A bucket that was never versioned lists its object as a `null` version, as one does that came
 * to be versioned after it was written: a HEAD tells them apart, as it does for a pin.
 */
async function versioningOf(
  connection: S3Connection,
  location: S3Location,
  listed: readonly ListedVersion[],
  signal: AbortSignal,
): Promise<ObjectVersions['versioning']> {
  if (listed.some(({ deleted, versionId }) => deleted || versionId !== 'null')) return 'versioned';
  if (listed.length > 0) {
    const head = await headObject(connection, location, signal, connection.head).catch(() => null);
    if (head !== null) return head.output.VersionId === undefined ? 'unversioned' : 'versioned';
  }
  const status = await bucketVersioning(connection, location, signal);
  return status === 'Enabled' || status === 'Suspended' ? 'versioned' : 'unversioned';
}
