import type { ObjectVersion } from './bucket.ts';
import { s3Error } from './errors.ts';
import type { HeaderMap } from './request.ts';
import type { Settings } from './settings.ts';

/** Throws PreconditionFailed, or says that the reader's copy is still good (304). */
export function checkReadConditions(
  headers: HeaderMap,
  version: ObjectVersion,
): 'proceed' | 'not-modified' {
  const ifMatch = headers['if-match'];
  const ifUnmodifiedSince = parseDate(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    // A matching If-Match outweighs If-Unmodified-Since (RFC 9110 §13.2.2).
    if (!matches(ifMatch, version.etag)) throw failed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && version.lastModified > ifUnmodifiedSince) {
    throw failed('If-Unmodified-Since');
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    return matches(ifNoneMatch, version.etag) ? 'not-modified' : 'proceed';
  }
  const ifModifiedSince = parseDate(headers['if-modified-since']);
  const unmodified = ifModifiedSince !== undefined && version.lastModified <= ifModifiedSince;
  return unmodified ? 'not-modified' : 'proceed';
}

/** Whether the request makes its write depend on what is there. */
export function isConditional(headers: HeaderMap): boolean {
  return headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
}

/**
 * Throws unless the write may go on. Check and write must happen without a pause between, so
 * that of concurrent conditional writes exactly one wins.
 */
export function checkWriteConditions(
  headers: HeaderMap,
  current: ObjectVersion | undefined,
  key: string,
  settings: Settings,
): void {
  if (!isConditional(headers) || settings.conditionalWrites === 'ignored') return;
  if (settings.conditionalWrites === 'not-implemented') throw notImplemented(headers);
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (current === undefined) throw s3Error('NoSuchKey', { details: { Key: key } });
    if (!matches(ifMatch, current.etag)) throw failed('If-Match');
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw notImplemented(headers);
    if (current !== undefined) throw failed('If-None-Match');
  }
}

function notImplemented(headers: HeaderMap): Error {
  const header = headers['if-match'] === undefined ? 'If-None-Match' : 'If-Match';
  return s3Error('NotImplemented', { details: { Header: header } });
}

function failed(condition: string): Error {
  return s3Error('PreconditionFailed', { details: { Condition: condition } });
}

/** S3 takes ETags with and without quotes. */
function matches(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((item) => item.trim().replace(/^"(.*)"$/, '$1'))
    .some((item) => item === '*' || item === etag);
}

function parseDate(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
