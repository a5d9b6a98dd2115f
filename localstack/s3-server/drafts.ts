import { createHash, randomBytes } from 'node:crypto';
import type { ObjectDraft } from './bucket.ts';
import { lazyChecksum } from './checksums.ts';
import type { Checksum } from './checksums.ts';
import { s3Error } from './errors.ts';
import type { HeaderMap } from './request.ts';
import type { Settings } from './settings.ts';

const contentHeaderNames = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
] as const;

const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

const greatestMetadata = 2048;

/** What the headers of a write say of the object, with its bytes. */
export function draftFrom(
  headers: HeaderMap,
  body: Buffer,
  checksum: Checksum | undefined,
  settings: Settings,
): ObjectDraft {
  const encryption = encryptionFrom(headers);
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (!storageClasses.has(storageClass)) throw s3Error('InvalidStorageClass');
  return {
    body,
    etag: etagOf(body, encryption),
    contentHeaders: contentHeadersFrom(headers),
    metadata: metadataFrom(headers),
    tags: parseTagHeader(headers['x-amz-tagging'] ?? ''),
    storageClass,
    encryption,
    checksum: checksum ?? defaultChecksum(body, settings),
  };
}

/** What S3 does when the writer sent no checksum: it computes CRC64NVME itself. */
export function defaultChecksum(body: Buffer, settings: Settings): Checksum | undefined {
  return settings.defaultChecksum === 'none' ? undefined : lazyChecksum('CRC64NVME', body);
}

/** The MD5, except under KMS, where an ETag is 32 hex digits that say nothing of the bytes. */
export function etagOf(body: Buffer, encryption: ObjectDraft['encryption']): string {
  if (encryption.algorithm.startsWith('aws:kms')) return randomBytes(16).toString('hex');
  return createHash('md5').update(body).digest('hex');
}

function contentHeadersFrom(headers: HeaderMap): Record<string, string> {
  const stored: Record<string, string> = {
    'content-type': headers['content-type'] ?? 'binary/octet-stream',
  };
  for (const name of contentHeaderNames) {
    const value = headers[name];
    if (value !== undefined) stored[name] = value;
  }
  // aws-chunked is how the bytes travelled, not what they are.
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  if (encodings.length > 0) stored['content-encoding'] = encodings.join(',');
  return stored;
}

function metadataFrom(headers: HeaderMap): Record<string, string> {
  const prefix = 'x-amz-meta-';
  const entries = Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value] as const);
  const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > greatestMetadata) throw s3Error('MetadataTooLarge');
  return Object.fromEntries(entries);
}

function encryptionFrom(headers: HeaderMap): ObjectDraft['encryption'] {
  if (headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined) {
    throw s3Error('NotImplemented', { message: 'SSE-C is not implemented.' });
  }
  const algorithm = headers['x-amz-server-side-encryption'] ?? 'AES256';
  if (algorithm === 'AES256') return { algorithm };
  if (algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') {
    throw s3Error('InvalidEncryptionAlgorithmError');
  }
  const kmsKeyId =
    headers['x-amz-server-side-encryption-aws-kms-key-id'] ??
    'arn:aws:kms:us-east-1:000000000000:alias/aws/s3';
  return { algorithm, kmsKeyId };
}

function parseTagHeader(header: string): Map<string, string> {
  const params = new URLSearchParams(header);
  return tagsFrom([...params]);
}

/** Tags within S3's limits: ten, no key twice. */
export function tagsFrom(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const tags = new Map(pairs);
  const fits = pairs.every(
    ([name, value]) => name.length > 0 && name.length <= 128 && value.length <= 256,
  );
  if (!fits || tags.size !== pairs.length || tags.size > 10) throw s3Error('InvalidTag');
  return tags;
}
