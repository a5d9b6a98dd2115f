import { createHash } from 'node:crypto';
import type { ObjectDraft, Part, Upload } from '../bucket.ts';
import { checksumHeader, checksumOf, claimedChecksum, compositeChecksum } from '../checksums.ts';
import type { Checksum } from '../checksums.ts';
import { checkWriteConditions } from '../conditions.ts';
import { bucketOf, keyOf, xmlResponse } from '../context.ts';
import type { Context, S3Response } from '../context.ts';
import { defaultChecksum, etagOf } from '../drafts.ts';
import { s3Error } from '../errors.ts';
import { writtenHeaders } from '../object-headers.ts';
import type { Settings } from '../settings.ts';
import { document, el } from '../xml.ts';
import { childText, childrenOf, parseXml } from '../xml-parse.ts';
import type { ParsedElement } from '../xml-parse.ts';

/** CompleteMultipartUpload: puts the listed parts together. */
export function completeMultipartUpload(context: Context): S3Response {
  const { head, settings } = context;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const upload = bucket.upload(head.query['uploadId'] ?? '', key);
  const listed = childrenOf(parseXml(context.body, 'CompleteMultipartUpload'), 'Part');
  const parts = chooseParts(upload, listed, settings.minPartSize);
  const draft = assemble(upload, parts, settings);
  const claim = claimedChecksum(head.headers);
  if (claim !== undefined && draft.checksum !== undefined && claim.value !== draft.checksum.value) {
    throw s3Error('BadDigest', {
      message: `The ${claim.algorithm} you specified did not match the calculated checksum.`,
    });
  }
  if (head.headers['if-match'] !== undefined) context.permit('s3:GetObject');
  checkWriteConditions(head.headers, bucket.current(key), key, settings);
  bucket.uploads.delete(upload.id);
  const version = bucket.put(key, draft, context.now());
  return xmlResponse(
    document(
      'CompleteMultipartUploadResult',
      el('Location', `http://${head.headers['host'] ?? ''}/${bucket.name}/${key}`),
      el('Bucket', bucket.name),
      el('Key', key),
      el('ETag', `"${version.etag}"`),
      version.checksum && el(`Checksum${version.checksum.algorithm}`, version.checksum.value),
      version.checksum && el('ChecksumType', version.checksum.type),
    ),
    writtenHeaders(bucket, version),
  );
}

function chooseParts(
  upload: Upload,
  listed: readonly ParsedElement[],
  minPartSize: number,
): readonly Part[] {
  if (listed.length === 0) throw s3Error('MalformedXML');
  let before = 0;
  return listed.map((element, index) => {
    const number = Number(childText(element, 'PartNumber'));
    if (!Number.isInteger(number)) throw s3Error('MalformedXML');
    if (number <= before) throw s3Error('InvalidPartOrder', { details: { UploadId: upload.id } });
    before = number;
    const part = upload.parts.get(number);
    const etag = childText(element, 'ETag')?.replaceAll('"', '');
    if (part === undefined || part.etag !== etag) {
      throw s3Error('InvalidPart', { details: { PartNumber: String(number) } });
    }
    verifyPartChecksum(upload, part, element);
    if (index < listed.length - 1 && part.body.length < minPartSize) {
      throw s3Error('EntityTooSmall', {
        details: {
          ProposedSize: String(part.body.length),
          MinSizeAllowed: String(minPartSize),
          PartNumber: String(number),
        },
      });
    }
    return part;
  });
}

/** A composite checksum is only as good as the parts' checksums the writer repeats here. */
function verifyPartChecksum(upload: Upload, part: Part, element: ParsedElement): void {
  if (upload.checksum === undefined) return;
  const { algorithm, type } = upload.checksum;
  const listed = childText(element, `Checksum${algorithm}`);
  if (listed === undefined) {
    if (type === 'FULL_OBJECT') return;
    throw s3Error('InvalidRequest', {
      message: `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    });
  }
  if (listed !== part.checksum?.value) {
    throw s3Error('InvalidPart', {
      details: { PartNumber: String(part.number), Header: checksumHeader(algorithm) },
    });
  }
}

function assemble(upload: Upload, parts: readonly Part[], settings: Settings): ObjectDraft {
  const body = Buffer.concat(parts.map((part) => part.body));
  return {
    ...upload.draft,
    body,
    etag: multipartEtag(upload, parts),
    checksum: uploadedChecksum(upload, parts, body) ?? defaultChecksum(body, settings),
    parts,
  };
}

/** The MD5 of the parts' MD5s and their number, unless KMS makes it meaningless. */
function multipartEtag({ draft }: Upload, parts: readonly Part[]): string {
  if (draft.encryption.kmsKeyId !== undefined) {
    return `${etagOf(Buffer.alloc(0), draft.encryption)}-${parts.length}`;
  }
  const digests = parts.map((part) => Buffer.from(part.etag, 'hex'));
  const digest = createHash('md5').update(Buffer.concat(digests)).digest('hex');
  return `${digest}-${parts.length}`;
}

function uploadedChecksum(
  upload: Upload,
  parts: readonly Part[],
  body: Buffer,
): Checksum | undefined {
  if (upload.checksum === undefined) return undefined;
  const { algorithm, type } = upload.checksum;
  if (type === 'FULL_OBJECT') return { algorithm, type, value: checksumOf(algorithm, body) };
  return compositeChecksum(
    algorithm,
    parts.map((part) => part.checksum?.value ?? ''),
  );
}
