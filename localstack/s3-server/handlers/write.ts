import type { ObjectDraft, ObjectVersion } from '../bucket.ts';
import { lazyChecksum } from '../checksums.ts';
import { checkReadConditions, checkWriteConditions } from '../conditions.ts';
import { bucketOf, emptyResponse, keyOf, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { draftFrom, etagOf } from '../drafts.ts';
import { s3Error } from '../errors.ts';
import { checksumHeaders, writtenHeaders } from '../object-headers.ts';
import { decode } from '../request.ts';
import type { HeaderMap } from '../request.ts';
import { document, el } from '../xml.ts';

/** PutObject. */
export function putObject(context: Context): S3Response {
  const { head, body, checksum, settings } = context;
  const { headers } = head;
  if (
    headers['content-length'] === undefined &&
    headers['x-amz-decoded-content-length'] === undefined
  ) {
    throw s3Error('MissingContentLength');
  }
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const draft = draftFrom(headers, body, checksum, settings);
  permitWrite(context, draft);
  checkWriteConditions(headers, bucket.current(key), key, settings);
  const version = bucket.put(key, draft, context.now());
  return emptyResponse(200, {
    etag: `"${version.etag}"`,
    ...writtenHeaders(bucket, version),
    ...checksumHeaders(version.checksum),
  });
}

/** What a write needs beyond s3:PutObject. */
export function permitWrite(context: Context, draft: ObjectDraft): void {
  const { headers } = context.head;
  if (headers['if-match'] !== undefined) context.permit('s3:GetObject');
  if (draft.tags.size > 0) context.permit('s3:PutObjectTagging');
  if (draft.encryption.kmsKeyId !== undefined) context.permit('kms:GenerateDataKey');
}

/** CopyObject within the server; metadata and tags are copied unless a directive says REPLACE. */
export function copyObject(context: Context): S3Response {
  const { headers } = context.head;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const source = copySource(context);
  if (checkReadConditions(sourceConditions(headers), source) === 'not-modified') {
    throw s3Error('PreconditionFailed');
  }
  const draft = copyDraft(context, source);
  checkWriteConditions(headers, bucket.current(key), key, context.settings);
  const version = bucket.put(key, draft, context.now());
  return xmlResponse(
    document(
      'CopyObjectResult',
      el('ETag', `"${version.etag}"`),
      el('LastModified', version.lastModified.toISOString()),
    ),
    { ...writtenHeaders(bucket, version), 'x-amz-copy-source-version-id': source.versionId },
  );
}

function copySource(context: Context): ObjectVersion {
  const header = context.head.headers['x-amz-copy-source'] ?? '';
  const [path = '', query = ''] = header.split('?');
  const match = /^\/?([^/]+)\/([^]+)$/.exec(decode(path));
  if (match === null) throw s3Error('InvalidArgument');
  const [, bucketName = '', key = ''] = match;
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  context.permit(versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion');
  const version = context.store.get(bucketName).find(key, versionId);
  if (version?.kind === 'object') return version;
  throw s3Error(versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion', { details: { Key: key } });
}

function copyDraft({ head, settings }: Context, source: ObjectVersion): ObjectDraft {
  const { headers } = head;
  const asked = draftFrom(headers, source.body, source.checksum, settings);
  const described = headers['x-amz-metadata-directive'] === 'REPLACE' ? asked : source;
  const tagged = headers['x-amz-tagging-directive'] === 'REPLACE' ? asked : source;
  return {
    ...asked,
    contentHeaders: described.contentHeaders,
    metadata: described.metadata,
    tags: tagged.tags,
    etag: etagOf(source.body, asked.encryption),
    // A copy is written in one go: what was a checksum of parts becomes one of the whole.
    checksum:
      source.checksum === undefined
        ? asked.checksum
        : lazyChecksum(source.checksum.algorithm, source.body),
  };
}

/** x-amz-copy-source-if-match and its like, under the names of a read. */
function sourceConditions(headers: HeaderMap): HeaderMap {
  const prefix = 'x-amz-copy-source-';
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(`${prefix}if-`))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
