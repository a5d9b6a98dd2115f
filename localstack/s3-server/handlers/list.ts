import type { Bucket, ObjectVersion, Version } from '../bucket.ts';
import { bucketOf, numberParameter, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { s3Error } from '../errors.ts';
import { allVersions, collectPage, isUpTo, sortedKeys, urlEncodeKey } from '../listing.ts';
import type { Page } from '../listing.ts';
import { document, el } from '../xml.ts';
import type { XmlContent, XmlElement } from '../xml.ts';
import { owner } from './buckets.ts';

interface ListingRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encode: (key: string) => string;
  readonly encodingType: string | undefined;
}

function listingRequest(context: Context): ListingRequest {
  const { query } = context.head;
  const encodingType = query['encoding-type'];
  if (encodingType !== undefined && encodingType !== 'url') throw s3Error('InvalidArgument');
  return {
    prefix: query['prefix'] ?? '',
    delimiter: query['delimiter'] ?? '',
    maxKeys: Math.min(1000, numberParameter(context, 'max-keys', { least: 0, fallback: 1000 })),
    encode: encodingType === 'url' ? urlEncodeKey : (key) => key,
    encodingType,
  };
}

/** ListObjectsV2. */
export function listObjectsV2(context: Context): S3Response {
  const { query } = context.head;
  const bucket = bucketOf(context);
  const request = listingRequest(context);
  const token = query['continuation-token'];
  const after = token === undefined ? (query['start-after'] ?? '') : openToken(token);
  const page = objectPage(bucket, request, after);
  const withOwner = query['fetch-owner'] === 'true' ? owner() : undefined;
  return xmlResponse(
    document(
      'ListBucketResult',
      commonElements(bucket, request, page),
      el('KeyCount', page.entries.length + page.prefixes.length),
      token === undefined ? undefined : el('ContinuationToken', token),
      page.next && el('NextContinuationToken', closeToken(page.next.key)),
      optional('StartAfter', query['start-after'], request),
      page.entries.map((entry) => objectElement('Contents', entry, request, withOwner)),
      prefixElements(page.prefixes, request),
    ),
  );
}

/** ListObjects, the first version. */
export function listObjects(context: Context): S3Response {
  const bucket = bucketOf(context);
  const request = listingRequest(context);
  const marker = context.head.query['marker'] ?? '';
  const page = objectPage(bucket, request, marker);
  return xmlResponse(
    document(
      'ListBucketResult',
      commonElements(bucket, request, page),
      el('Marker', request.encode(marker)),
      page.next && el('NextMarker', request.encode(page.next.key)),
      page.entries.map((entry) => objectElement('Contents', entry, request, owner())),
      prefixElements(page.prefixes, request),
    ),
  );
}

/** ListObjectVersions: versions and markers interleaved as they stand. */
export function listObjectVersions(context: Context): S3Response {
  const { query } = context.head;
  const bucket = bucketOf(context);
  const request = listingRequest(context);
  const keyMarker = query['key-marker'] ?? '';
  const versionIdMarker = query['version-id-marker'];
  const isBefore = versionMarker(bucket, keyMarker, versionIdMarker);
  const page = collectPage(allVersions(bucket), { ...request, after: keyMarker }, isBefore);
  return xmlResponse(
    document(
      'ListVersionsResult',
      commonElements(bucket, request, page),
      el('KeyMarker', request.encode(keyMarker)),
      el('VersionIdMarker', versionIdMarker),
      page.next && el('NextKeyMarker', request.encode(page.next.key)),
      page.next?.entry && el('NextVersionIdMarker', page.next.entry.versionId),
      page.entries.map((entry) => versionElement(bucket, entry, request)),
      prefixElements(page.prefixes, request),
    ),
  );
}

function objectPage(bucket: Bucket, request: ListingRequest, after: string): Page<ObjectVersion> {
  const objects = sortedKeys(bucket).flatMap((key) => bucket.current(key) ?? []);
  return collectPage(objects, { ...request, after }, (entry) => isUpTo(entry.key, after));
}

/** Which versions the two markers have passed: everything up to that version of that key. */
function versionMarker(
  bucket: Bucket,
  keyMarker: string,
  versionIdMarker: string | undefined,
): (version: Version) => boolean {
  if (versionIdMarker === undefined || versionIdMarker === '') {
    return (version) => isUpTo(version.key, keyMarker);
  }
  const history = bucket.history(keyMarker);
  const position = history.findIndex((version) => version.versionId === versionIdMarker);
  if (keyMarker === '' || position === -1) {
    throw s3Error('InvalidArgument', {
      message:
        keyMarker === ''
          ? 'A version-id marker cannot be specified without a key marker.'
          : 'Invalid version id specified',
      details: { ArgumentName: 'version-id-marker', ArgumentValue: versionIdMarker },
    });
  }
  const passed = new Set(history.slice(0, position + 1));
  return (version) =>
    version.key === keyMarker ? passed.has(version) : isUpTo(version.key, keyMarker);
}

function commonElements(
  bucket: Bucket,
  request: ListingRequest,
  page: Page<unknown>,
): readonly XmlContent[] {
  return [
    el('Name', bucket.name),
    el('Prefix', request.encode(request.prefix)),
    request.delimiter === '' ? undefined : el('Delimiter', request.encode(request.delimiter)),
    el('MaxKeys', request.maxKeys),
    request.encodingType === undefined ? undefined : el('EncodingType', request.encodingType),
    el('IsTruncated', page.next !== undefined),
  ];
}

function optional(name: string, key: string | undefined, request: ListingRequest): XmlContent {
  return key === undefined ? undefined : el(name, request.encode(key));
}

function prefixElements(prefixes: readonly string[], request: ListingRequest): XmlElement[] {
  return prefixes.map((prefix) => el('CommonPrefixes', el('Prefix', request.encode(prefix))));
}

function versionElement(bucket: Bucket, version: Version, request: ListingRequest): XmlElement {
  const place = [
    el('VersionId', version.versionId),
    el('IsLatest', bucket.find(version.key) === version),
    owner(),
  ];
  if (version.kind === 'object') return objectElement('Version', version, request, place);
  const key = el('Key', request.encode(version.key));
  const time = el('LastModified', version.lastModified.toISOString());
  return el('DeleteMarker', key, time, place);
}

function objectElement(
  name: string,
  version: ObjectVersion,
  request: ListingRequest,
  more: XmlContent,
): XmlElement {
  return el(
    name,
    el('Key', request.encode(version.key)),
    el('LastModified', version.lastModified.toISOString()),
    el('ETag', `"${version.etag}"`),
    version.checksum && el('ChecksumAlgorithm', version.checksum.algorithm),
    version.checksum && el('ChecksumType', version.checksum.type),
    el('Size', version.body.length),
    el('StorageClass', version.storageClass),
    more,
  );
}

/** Opaque to the client, as S3's is. */
function closeToken(key: string): string {
  return Buffer.from(`1${key}`).toString('base64');
}

function openToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (!text.startsWith('1')) {
    throw s3Error('InvalidArgument', { message: 'The continuation token provided is incorrect' });
  }
  return text.slice(1);
}
