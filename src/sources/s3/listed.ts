import type { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { memberOf, type ObjectVersion } from '../../model/index.ts';

/** A key as a listing with `encoding-type=url` tells it; some servers ignore that. */
export function listedKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined || encoding !== 'url') return key ?? '';
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** What the entries of a page are, in the order of the answer. */
export type ListedKinds = readonly ('version' | 'marker')[];

/**
 * Sees the order in which the answer to a command names versions and delete markers: the SDK sorts
 * them into two lists. Call what is returned once the answer is there.
 */
export function watchOrder(command: ListObjectVersionsCommand): () => ListedKinds {
  let kinds: ListedKinds = [];
  command.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given);
      const { response } = result;
      const body = memberOf(response, 'body');
      // The transport read it whole.
      if (body instanceof Uint8Array) kinds = kindsIn(Buffer.from(body));
      return result;
    },
    // Next to the connection: the SDK reads the body after this.
    { step: 'deserialize', priority: 'low', name: 'keydriftOrder' },
  );
  return () => kinds;
}

/** Text of keys cannot hold a `<`, so these are elements. */
function kindsIn(xml: Buffer): ListedKinds {
  return Array.from(xml.toString('latin1').matchAll(/<(Version|DeleteMarker)>/g), ([, name]) =>
    name === 'Version' ? 'version' : 'marker',
  );
}

/** The entries of a page in the order of the answer; where that was not seen, versions first. */
export function inOrder<Entry>(
  kinds: ListedKinds,
  versions: readonly Entry[],
  markers: readonly Entry[],
): readonly Entry[] {
  const count = kinds.filter((kind) => kind === 'version').length;
  if (count !== versions.length || kinds.length - count !== markers.length) {
    return [...versions, ...markers];
  }
  const rest = { version: versions.values(), marker: markers.values() };
  return kinds.flatMap((kind) => {
    const next = rest[kind].next();
    return next.done === true ? [] : [next.value];
  });
}
/** A version or a delete marker of a listing. */
export interface ListedVersion extends Omit<ObjectVersion, 'location'> {
  /** Whether the store says that it is what stands there now. */
  readonly latest: boolean;
}

/**
 * Versions and delete markers of one key, each the newest first, as one list.
 *
 * Times have whole seconds, and the SDK gives two lists, so what happened within a second cannot be
 * told from them. The order in which the store's answer names both does tell, and is taken
 * (`told`), where it has one: some stores name all versions before all markers, which shows where
 * neighbours of both sorts contradict their times, or where what is current does not come first.
 * Then the times decide; within a second a version counts as newer than a marker (who replaces by
 * deleting and writing leaves that), but what is current is the newest of all.
 */
export function interleave(told: readonly ListedVersion[]): readonly ListedVersion[] {
  return isInOrder(told) ? told : byTime(told);
}

/**
 * A listing as it has to be: each version once, the newest first. What was wrong is told, and mended
 * by the times where what is current stands behind others of its sort.
 */
export function soundListing(
  told: readonly ListedVersion[],
  tell: (fault: string) => void,
): readonly ListedVersion[] {
  const seen = new Set<string>();
  const each = told.filter(({ versionId, deleted }) => {
    const id = `${versionId ?? ''} ${deleted}`;
    if (!seen.has(id)) return seen.add(id);
    tell('the store lists a version more than once');
    return false;
  });
  const once = withOneLatest(each, tell);
  // Times alone do not tell: an object of a multipart upload bears the time of its beginning.
  const misplaced = [true, false].some(
    (deleted) =>
      once.filter((one) => one.deleted === deleted).findIndex(({ latest }) => latest) > 0,
  );
  if (!misplaced) return once;
  tell('the store does not list the newest version first: their times decide');
  const rank = ({ latest }: ListedVersion): number => (latest ? 0 : 1);
  return once.toSorted(
    (a, b) => rank(a) - rank(b) || Date.parse(b.lastModified) - Date.parse(a.lastModified),
  );
}

/** Where several are said to be current, what a listing says of it is not known. */
function withOneLatest(
  listed: readonly ListedVersion[],
  tell: (fault: string) => void,
): readonly ListedVersion[] {
  if (listed.filter(({ latest }) => latest).length < 2) return listed;
  tell('the store says of several versions that they are the current one');
  return listed.map((one) => ({ ...one, latest: false }));
}

function isInOrder(told: readonly ListedVersion[]): boolean {
  return told.every(({ deleted, latest, lastModified }, at) => {
    const newer = told[at - 1];
    if (newer === undefined) return true;
    return !latest && (newer.deleted === deleted || newer.lastModified >= lastModified);
  });
}

/** A merge of both lists: each keeps its own order, whatever its times say. */
function byTime(told: readonly ListedVersion[]): readonly ListedVersion[] {
  const versions = told.filter(({ deleted }) => !deleted);
  const markers = told.filter(({ deleted }) => deleted);
  const merged: ListedVersion[] = [];
  for (;;) {
    const [version] = versions;
    const [marker] = markers;
    if (version === undefined || marker === undefined) return [...merged, ...versions, ...markers];
    const isMarker =
      marker.latest || (!version.latest && marker.lastModified > version.lastModified);
    merged.push(isMarker ? marker : version);
    (isMarker ? markers : versions).shift();
  }
}
