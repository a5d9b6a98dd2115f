import { emptyResponse, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { tagsFrom } from '../drafts.ts';
import { s3Error } from '../errors.ts';
import { versionHeader } from '../object-headers.ts';
import { document, el } from '../xml.ts';
import { childText, childrenOf, parseXml } from '../xml-parse.ts';
import { locate } from './read.ts';

/** GetObjectTagging. */
export function getObjectTagging(context: Context): S3Response {
  const { bucket, version } = locate(context);
  const tags = [...version.tags].map(([key, value]) =>
    el('Tag', el('Key', key), el('Value', value)),
  );
  return xmlResponse(document('Tagging', el('TagSet', tags)), versionHeader(bucket, version));
}

/** PutObjectTagging: replaces the whole set; the version stays what it is. */
export function putObjectTagging(context: Context): S3Response {
  const { bucket, version } = locate(context);
  const [set] = childrenOf(parseXml(context.body, 'Tagging'), 'TagSet');
  if (set === undefined) throw s3Error('MalformedXML');
  version.tags = tagsFrom(
    childrenOf(set, 'Tag').map((tag) => [
      childText(tag, 'Key') ?? '',
      childText(tag, 'Value') ?? '',
    ]),
  );
  return emptyResponse(200, versionHeader(bucket, version));
}

/** DeleteObjectTagging. */
export function deleteObjectTagging(context: Context): S3Response {
  const { bucket, version } = locate(context);
  version.tags = new Map();
  return emptyResponse(204, versionHeader(bucket, version));
}
