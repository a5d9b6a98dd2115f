import type { Bucket, ObjectVersion } from '../bucket.ts';
import type { Checksum } from '../checksums.ts';
import { checkReadConditions } from '../conditions.ts';
import { bucketOf, emptyResponse, keyOf, numberParameter, versionIdOf } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { s3Error } from '../errors.ts';
import {
  checksumHeaders,
  identityHeaders,
  markerHeaders,
  objectHeaders,
} from '../object-headers.ts';
import type { ResponseHeaders } from '../object-headers.ts';
import { selectRange } from '../ranges.ts';
import type { ByteRange } from '../ranges.ts';

/**
 * The version that the request names, or the current one. A missing key is NoSuchKey only to
 * those who may list; a marker is 404 as the current version and 405 by its own id.
 */
export function locate(context: Context): { bucket: Bucket; version: ObjectVersion } {
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const versionId = versionIdOf(context);
  const version = bucket.find(key, versionId);
  if (version?.kind === 'object') return { bucket, version };
  if (versionId !== undefined) {
    if (version === undefined) {
      throw s3Error('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
    }
    throw s3Error('MethodNotAllowed', {
      details: { Method: context.head.method, ResourceType: 'DeleteMarker' },
      headers: {
        ...markerHeaders(version),
        allow: 'DELETE',
        'last-modified': version.lastModified.toUTCString(),
      },
    });
  }
  context.permit('s3:ListBucket');
  const headers = version === undefined ? {} : markerHeaders(version);
  throw s3Error('NoSuchKey', { details: { Key: key }, headers });
}

/** GetObject. */
export function getObject(context: Context): S3Response {
  const { bucket, version } = locate(context);
  const answer = read(context, bucket, version);
  if (answer.status === 304) return answer;
  if (version.storageClass === 'GLACIER' || version.storageClass === 'DEEP_ARCHIVE') {
    throw s3Error('InvalidObjectState', { details: { StorageClass: version.storageClass } });
  }
  if (version.encryption.kmsKeyId !== undefined) context.permit('kms:Decrypt');
  return answer;
}

/** HeadObject: as GetObject, but it tells of an archived object too. */
export function headObject(context: Context): S3Response {
  const { bucket, version } = locate(context);
  const answer = read(context, bucket, version);
  const discloses = version.encryption.kmsKeyId !== undefined && wantsChecksum(context);
  if (discloses) context.permit('kms:Decrypt');
  return answer;
}

interface Selection {
  readonly range: ByteRange | undefined;
  readonly checksum: Checksum | undefined;
  readonly headers: ResponseHeaders;
}

function read(context: Context, bucket: Bucket, version: ObjectVersion): S3Response {
  if (checkReadConditions(context.head.headers, version) === 'not-modified') {
    return emptyResponse(304, identityHeaders(bucket, version));
  }
  const { range, checksum, headers } = select(context, version);
  const size = version.body.length;
  const all = {
    ...objectHeaders(bucket, version),
    ...(wantsChecksum(context) ? checksumHeaders(checksum) : {}),
    ...headers,
    ...overrides(context),
  };
  if (range === undefined) return { status: 200, headers: all, body: version.body };
  return {
    status: 206,
    headers: { ...all, 'content-range': `bytes ${range.start}-${range.end - 1}/${size}` },
    body: version.body.subarray(range.start, range.end),
  };
}

function wantsChecksum({ head }: Context): boolean {
  return head.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
}

function select(context: Context, version: ObjectVersion): Selection {
  const range = selectRange(context.head.headers['range'], version.body.length);
  if (context.head.query['partNumber'] === undefined) {
    return { range, checksum: range === undefined ? version.checksum : undefined, headers: {} };
  }
  if (context.head.headers['range'] !== undefined) {
    throw s3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    });
  }
  return selectPart(version, numberParameter(context, 'partNumber', { least: 1, fallback: 1 }));
}

/** The part of that ordinal. An object that was not uploaded in parts is its own first part. */
function selectPart(version: ObjectVersion, number: number): Selection {
  const { parts = [] } = version;
  const size = version.body.length;
  if (parts.length === 0 && number === 1) {
    const range = size === 0 ? undefined : { start: 0, end: size };
    return { range, checksum: version.checksum, headers: {} };
  }
  const part = parts[number - 1];
  if (part === undefined) throw s3Error('InvalidPartNumber');
  const start = parts.slice(0, number - 1).reduce((sum, { body }) => sum + body.length, 0);
  return {
    range: { start, end: start + part.body.length },
    checksum: version.checksum?.type === 'COMPOSITE' ? part.checksum : undefined,
    headers: { 'x-amz-mp-parts-count': String(parts.length) },
  };
}

/** response-content-type and its like: a reader may choose these headers of the answer. */
function overrides({ head }: Context): ResponseHeaders {
  const prefix = 'response-';
  return Object.fromEntries(
    Object.entries(head.query)
      .filter(([name]) => /^response-(?:content-|cache-control$|expires$)/.test(name))
      .map(([name, value]) => {
        // What a header cannot hold would fail only when the answer is sent.
        if (!/^[\t\x20-\x7e]*$/.test(value)) throw s3Error('InvalidArgument');
        return [name.slice(prefix.length), value];
      }),
  );
}
