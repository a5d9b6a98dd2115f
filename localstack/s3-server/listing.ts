import type { Bucket, Version } from './bucket.ts';

/** One thing a listing may show. `versionId` is left out where versions do not count. */
interface Listable {
  readonly key: string;
}

/** One page: entries and common prefixes, as far as `maxKeys` reached. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly prefixes: readonly string[];
  /** Where the next page goes on; undefined at the end. */
  readonly next: { readonly key: string; readonly entry: Entry | undefined } | undefined;
}

interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** The key or the common prefix after which the page begins. */
  readonly after: string;
}

/** A bucket's keys in the order of S3: by their UTF-8 bytes, which is not JavaScript's order. */
export function sortedKeys(bucket: Bucket): string[] {
  return [...bucket.keys()]
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
}

/** Every version and marker of a bucket: key ascending, newest first. */
export function allVersions(bucket: Bucket): Version[] {
  return sortedKeys(bucket).flatMap((key) => bucket.history(key));
}

/**
 * Collects a page out of sorted entries. Every entry, and every common prefix once, counts
 * against `maxKeys`. `isBefore` says which entries the marker has already passed.
 */
export function collectPage<Entry extends Listable>(
  sorted: readonly Entry[],
  request: PageRequest,
  isBefore: (entry: Entry) => boolean,
): Page<Entry> {
  const { prefix, delimiter, maxKeys, after } = request;
  const entries: Entry[] = [];
  const prefixes: string[] = [];
  let last: { key: string; entry: Entry | undefined } | undefined;
  if (maxKeys === 0) return { entries, prefixes, next: undefined };
  for (const entry of sorted) {
    const common = commonPrefix(entry.key, prefix, delimiter);
    const passed = common === undefined ? isBefore(entry) : common === after || isBefore(entry);
    const again = common !== undefined && common === prefixes.at(-1);
    if (!entry.key.startsWith(prefix) || passed || again) continue;
    if (entries.length + prefixes.length === maxKeys) return { entries, prefixes, next: last };
    if (common === undefined) entries.push(entry);
    else prefixes.push(common);
    last = { key: common ?? entry.key, entry: common === undefined ? entry : undefined };
  }
  return { entries, prefixes, next: undefined };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const index = key.indexOf(delimiter, prefix.length);
  return index === -1 ? undefined : key.slice(0, index + delimiter.length);
}

/** Whether `a` comes before `b`, or is it, in S3's order. */
export function isUpTo(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) <= 0;
}

/** What encoding-type=url does to keys: a form's encoding that leaves slashes alone. */
export function urlEncodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
