import { createHash, randomBytes } from 'node:crypto';
import type { Part, Upload } from '../bucket.ts';
import { algorithmNamed, lazyChecksum } from '../checksums.ts';
import type { Checksum } from '../checksums.ts';
import { bucketOf, emptyResponse, keyOf, numberParameter, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { draftFrom } from '../drafts.ts';
import { s3Error } from '../errors.ts';
import { checksumHeaders, encryptionHeaders } from '../object-headers.ts';
import { document, el } from '../xml.ts';
import { owner } from './buckets.ts';
import { permitWrite } from './write.ts';

/** CreateMultipartUpload: the headers describe the object that is to come. */
export function createMultipartUpload(context: Context): S3Response {
  const { head, settings, now } = context;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const draft = draftFrom(head.headers, Buffer.alloc(0), undefined, settings);
  permitWrite(context, draft);
  const checksum = uploadChecksum(head.headers);
  const id = randomBytes(48).toString('base64url');
  bucket.uploads.set(id, { id, key, initiated: now(), draft, checksum, parts: new Map() });
  return xmlResponse(
    document(
      'InitiateMultipartUploadResult',
      el('Bucket', bucket.name),
      el('Key', key),
      el('UploadId', id),
    ),
    {
      ...encryptionHeaders(draft),
      ...(checksum === undefined
        ? {}
        : {
            'x-amz-checksum-algorithm': checksum.algorithm,
            'x-amz-checksum-type': checksum.type,
          }),
    },
  );
}

/** CRC64NVME is only ever of the whole object, SHA only ever of the parts. */
function uploadChecksum(headers: Context['head']['headers']): Upload['checksum'] {
  const name = headers['x-amz-checksum-algorithm'];
  if (name === undefined) return undefined;
  const algorithm = algorithmNamed(name);
  const natural = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = headers['x-amz-checksum-type'] ?? natural;
  const possible =
    type === natural ||
    (type === 'FULL_OBJECT' && (algorithm === 'CRC32' || algorithm === 'CRC32C'));
  if ((type !== 'FULL_OBJECT' && type !== 'COMPOSITE') || !possible) {
    throw s3Error('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    });
  }
  return { algorithm, type };
}

/** UploadPart. */
export function uploadPart(context: Context): S3Response {
  const { head, body } = context;
  const upload = bucketOf(context).upload(head.query['uploadId'] ?? '', keyOf(context));
  const number = numberParameter(context, 'partNumber', { least: 1, fallback: 0 });
  if (number < 1 || number > 10_000) {
    throw s3Error('InvalidArgument', {
      message: 'Part number must be an integer between 1 and 10000, inclusive',
    });
  }
  const checksum = context.checksum ?? ownChecksum(upload, body);
  if (checksum?.algorithm !== upload.checksum?.algorithm) {
    throw checksumMismatch(upload.checksum?.algorithm, checksum?.algorithm);
  }
  const part: Part = {
    number,
    body,
    etag: createHash('md5').update(body).digest('hex'),
    lastModified: context.now(),
    checksum,
  };
  upload.parts.set(number, part);
  const { 'x-amz-checksum-type': _, ...headers } = checksumHeaders(part.checksum);
  return emptyResponse(200, {
    etag: `"${part.etag}"`,
    ...encryptionHeaders(upload.draft),
    ...headers,
  });
}

/** For the whole object's checksum the parts need none from the writer; a composite one is of theirs. */
function ownChecksum({ checksum }: Upload, body: Buffer): Checksum | undefined {
  return checksum?.type === 'FULL_OBJECT' ? lazyChecksum(checksum.algorithm, body) : undefined;
}

function checksumMismatch(expected: string | undefined, actual: string | undefined): Error {
  const [wanted, found] = [expected, actual].map((name) => name?.toLowerCase() ?? 'null');
  return s3Error('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${wanted}, actual checksum Type: ${found}`,
  });
}

/** AbortMultipartUpload. */
export function abortMultipartUpload(context: Context): S3Response {
  const bucket = bucketOf(context);
  const upload = bucket.upload(context.head.query['uploadId'] ?? '', keyOf(context));
  bucket.uploads.delete(upload.id);
  return emptyResponse(204);
}

/** ListParts. */
export function listParts(context: Context): S3Response {
  const bucket = bucketOf(context);
  const upload = bucket.upload(context.head.query['uploadId'] ?? '', keyOf(context));
  const marker = numberParameter(context, 'part-number-marker', { least: 0, fallback: 0 });
  const max = Math.min(1000, numberParameter(context, 'max-parts', { least: 0, fallback: 1000 }));
  const rest = [...upload.parts.values()]
    .filter((part) => part.number > marker)
    .toSorted((a, b) => a.number - b.number);
  const page = rest.slice(0, max);
  return xmlResponse(
    document(
      'ListPartsResult',
      el('Bucket', bucket.name),
      el('Key', upload.key),
      el('UploadId', upload.id),
      el('PartNumberMarker', marker),
      el('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      el('MaxParts', max),
      el('IsTruncated', rest.length > page.length),
      owner('Initiator'),
      owner(),
      el('StorageClass', upload.draft.storageClass),
      upload.checksum && el('ChecksumAlgorithm', upload.checksum.algorithm),
      upload.checksum && el('ChecksumType', upload.checksum.type),
      page.map((part) => partElement(part)),
    ),
  );
}

function partElement(part: Part): ReturnType<typeof el> {
  return el(
    'Part',
    el('PartNumber', part.number),
    el('LastModified', part.lastModified.toISOString()),
    el('ETag', `"${part.etag}"`),
    el('Size', part.body.length),
    part.checksum && el(`Checksum${part.checksum.algorithm}`, part.checksum.value),
  );
}

/** ListMultipartUploads; all at once, for there are never many here. */
export function listMultipartUploads(context: Context): S3Response {
  const bucket = bucketOf(context);
  const uploads = [...bucket.uploads.values()].map((upload) =>
    el(
      'Upload',
      el('Key', upload.key),
      el('UploadId', upload.id),
      owner('Initiator'),
      owner(),
      el('StorageClass', upload.draft.storageClass),
      el('Initiated', upload.initiated.toISOString()),
    ),
  );
  return xmlResponse(
    document(
      'ListMultipartUploadsResult',
      el('Bucket', bucket.name),
      el('IsTruncated', false),
      uploads,
    ),
  );
}
