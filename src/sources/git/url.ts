import { KeydriftError, sha256Hex } from '../../model/index.ts';

const schemes: ReadonlySet<string> = new Set(['https', 'ssh', 'git', 'file']);
const scpLike = /^[^\s/\\:@]+@[^\s/\\:@]+:/;
const helper = /^[\w+.-]+::/;

/** Whether a `GitLocation.repository` is a URL and not a directory. */
export function isUrl(repository: string): boolean {
  return repository.includes('://') || scpLike.test(repository) || helper.test(repository);
}

/**
 * A URL that git may fetch from: https, ssh (also `user@host:path`), git or file.
 * Throws `LOCATION_INVALID`: a transport helper such as `ext::` runs programs.
 */
export function checkUrl(url: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(url)?.[1];
  const known = scheme === undefined ? scpLike.test(url) : schemes.has(scheme);
  // oxlint-disable-next-line no-control-regex -- they are what must not reach git
  const clean = !url.startsWith('-') && !/[\u0000-\u0020\u007f]/.test(url);
  if (known && clean && !helper.test(url)) return;
  throw new KeydriftError(
    'LOCATION_INVALID',
    `${shownUrl(url)} is no repository URL that keydrift fetches from`,
    { hint: 'Use https://, ssh://, git:// or file://, or user@host:path.' },
  );
}

/** The URL as people may see it: without user, password, query and fragment; ssh keeps its user. */
export function shownUrl(url: string): string {
  return withoutCredentials(url).replace(/^([a-z+]+:\/\/[^?#]*)[?#].*$/s, '$1');
}

/** A text in which URLs have lost their credentials. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\b(ssh:\/\/[^\s/@:]+)(?::[^\s/@]*)?@/g, '$1@')
    .replaceAll(/\b((?!ssh:)[a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1');
}

/** Folder name of a URL's cache. Credentials, which change from job to job, are no part of it. */
export function cacheNameOf(url: string): string {
  return sha256Hex(withoutCredentials(url));
}
