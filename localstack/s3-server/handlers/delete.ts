import type { Bucket } from '../bucket.ts';
import { checkWriteConditions } from '../conditions.ts';
import { bucketOf, emptyResponse, keyOf, versionIdOf, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { s3Error } from '../errors.ts';
import { document, el } from '../xml.ts';
import type { XmlElement } from '../xml.ts';
import { childText, childrenOf, parseXml } from '../xml-parse.ts';

interface Deletion {
  /** The version that was removed or the marker that was made. */
  readonly versionId: string | undefined;
  readonly marker: boolean;
}

function deleteOne(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  now: Date,
): Deletion {
  if (versionId === undefined) {
    const marker = bucket.hide(key, now);
    return { versionId: marker?.versionId, marker: marker !== undefined };
  }
  const removed = bucket.remove(key, versionId);
  return { versionId, marker: removed?.kind === 'marker' };
}

/** DeleteObject: 204 whether or not there was anything. */
export function deleteObject(context: Context): S3Response {
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const versionId = versionIdOf(context);
  checkWriteConditions(context.head.headers, bucket.current(key), key, context.settings);
  const deletion = deleteOne(bucket, key, versionId, context.now());
  return emptyResponse(204, {
    ...(deletion.versionId === undefined ? {} : { 'x-amz-version-id': deletion.versionId }),
    ...(deletion.marker ? { 'x-amz-delete-marker': 'true' } : {}),
  });
}

/** DeleteObjects, up to a thousand at once. */
export function deleteObjects(context: Context): S3Response {
  const { head, body, checksum } = context;
  if (checksum === undefined && head.headers['content-md5'] === undefined) {
    throw s3Error('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5',
    });
  }
  const bucket = bucketOf(context);
  const request = parseXml(body, 'Delete');
  const objects = childrenOf(request, 'Object');
  if (objects.length === 0 || objects.length > 1000) throw s3Error('MalformedXML');
  const quiet = childText(request, 'Quiet') === 'true';
  const results = objects.map((object) => {
    const key = childText(object, 'Key');
    if (key === undefined || key === '') throw s3Error('MalformedXML');
    const versionId = childText(object, 'VersionId');
    return deletedElement(key, versionId, deleteOne(bucket, key, versionId, context.now()));
  });
  return xmlResponse(document('DeleteResult', quiet ? undefined : results));
}

function deletedElement(key: string, asked: string | undefined, deletion: Deletion): XmlElement {
  return el(
    'Deleted',
    el('Key', key),
    asked === undefined ? undefined : el('VersionId', asked),
    deletion.marker ? el('DeleteMarker', true) : undefined,
    deletion.marker && deletion.versionId !== undefined
      ? el('DeleteMarkerVersionId', deletion.versionId)
      : undefined,
  );
}
