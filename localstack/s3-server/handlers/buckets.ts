import { bucketOf, emptyResponse, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { s3Error } from '../errors.ts';
import { document, el } from '../xml.ts';
import { childText, parseXml } from '../xml-parse.ts';

/** ListBuckets. */
export function listBuckets({ store }: Context): S3Response {
  const buckets = store
    .list()
    .map((bucket) =>
      el(
        'Bucket',
        el('Name', bucket.name),
        el('CreationDate', bucket.created.toISOString()),
        el('BucketRegion', bucket.region),
      ),
    );
  return xmlResponse(document('ListAllMyBucketsResult', owner(), el('Buckets', buckets)));
}

/** CreateBucket, in the region of its LocationConstraint. */
export function createBucket({ head, body, store, now }: Context): S3Response {
  const name = head.bucket ?? '';
  const region =
    body.length === 0
      ? undefined
      : childText(parseXml(body, 'CreateBucketConfiguration'), 'LocationConstraint');
  const access = head.headers['x-amz-acl'] === 'public-read' ? 'public-read' : 'private';
  store.create(name, now(), region === undefined ? { access } : { access, region });
  return emptyResponse(200, { location: `/${name}` });
}

/** HeadBucket. */
export function headBucket(context: Context): S3Response {
  return emptyResponse(200, { 'x-amz-bucket-region': bucketOf(context).region });
}

/** DeleteBucket. */
export function deleteBucket(context: Context): S3Response {
  context.store.delete(bucketOf(context).name);
  return emptyResponse(204);
}

/** GetBucketLocation: us-east-1 is an empty element. */
export function getBucketLocation(context: Context): S3Response {
  const { region } = bucketOf(context);
  return xmlResponse(document('LocationConstraint', region === 'us-east-1' ? undefined : region));
}

/** GetBucketVersioning: a bucket that never had it says nothing. */
export function getBucketVersioning(context: Context): S3Response {
  const { versioning } = bucketOf(context);
  const status = versioning === 'never' ? undefined : el('Status', versioning);
  return xmlResponse(document('VersioningConfiguration', status));
}

/** PutBucketVersioning. */
export function putBucketVersioning(context: Context): S3Response {
  const status = childText(parseXml(context.body, 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw s3Error('MalformedXML');
  bucketOf(context).versioning = status;
  return emptyResponse(200);
}

/** The owner element of listings: a canonical user, which is not an account id. */
export function owner(name = 'Owner'): ReturnType<typeof el> {
  return el(name, el('ID', '0'.repeat(64)), el('DisplayName', 'keydrift'));
}
