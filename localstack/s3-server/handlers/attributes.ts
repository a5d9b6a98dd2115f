import type { ObjectVersion, Part } from '../bucket.ts';
import type { Checksum } from '../checksums.ts';
import { xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { s3Error } from '../errors.ts';
import { versionHeader } from '../object-headers.ts';
import { document, el } from '../xml.ts';
import type { XmlElement } from '../xml.ts';
import { locate } from './read.ts';

/** GetObjectAttributes: what x-amz-object-attributes asks for. */
export function getObjectAttributes(context: Context): S3Response {
  const { bucket, version } = locate(context);
  const asked = new Set(
    (context.head.headers['x-amz-object-attributes'] ?? '').split(',').map((name) => name.trim()),
  );
  if (asked.has('')) throw s3Error('InvalidArgument');
  const { checksum } = version;
  return xmlResponse(
    document(
      'GetObjectAttributesResponse',
      asked.has('ETag') ? el('ETag', version.etag) : undefined,
      asked.has('Checksum') && checksum !== undefined
        ? el('Checksum', checksumElement(checksum), el('ChecksumType', checksum.type))
        : undefined,
      asked.has('ObjectParts') ? partsElement(context, version) : undefined,
      asked.has('StorageClass') ? el('StorageClass', version.storageClass) : undefined,
      asked.has('ObjectSize') ? el('ObjectSize', version.body.length) : undefined,
    ),
    { 'last-modified': version.lastModified.toUTCString(), ...versionHeader(bucket, version) },
  );
}

/** Only parts that were uploaded with checksums are listed, as S3 does it. */
function partsElement(
  context: Context,
  { parts, checksum }: ObjectVersion,
): XmlElement | undefined {
  if (parts === undefined) return undefined;
  if (checksum?.type !== 'COMPOSITE') return el('ObjectParts', el('PartsCount', parts.length));
  const max = Number(context.head.headers['x-amz-max-parts'] ?? '1000');
  const marker = Number(context.head.headers['x-amz-part-number-marker'] ?? '0');
  const page = parts.slice(marker, marker + max);
  return el(
    'ObjectParts',
    el('PartsCount', parts.length),
    el('PartNumberMarker', marker),
    el('NextPartNumberMarker', marker + page.length),
    el('MaxParts', max),
    el('IsTruncated', marker + page.length < parts.length),
    page.map((part, index) => partElement(part, marker + index + 1)),
  );
}

function partElement(part: Part, ordinal: number): XmlElement {
  return el(
    'Part',
    el('PartNumber', ordinal),
    el('Size', part.body.length),
    part.checksum && checksumElement(part.checksum),
  );
}

function checksumElement(checksum: Checksum): XmlElement {
  // The type has an element of its own here: the value goes without the number of parts.
  return el(`Checksum${checksum.algorithm}`, checksum.value.replace(/-\d+$/, ''));
}
