import type { Bucket, ObjectVersion, Version } from './bucket.ts';
import { checksumHeader } from './checksums.ts';
import type { Checksum } from './checksums.ts';

/** Header names and values of an answer. */
export type ResponseHeaders = Record<string, string>;

/** x-amz-version-id, which a bucket that never had versioning does not send. */
export function versionHeader(bucket: Bucket, version: Version): ResponseHeaders {
  return bucket.versioning === 'never' ? {} : { 'x-amz-version-id': version.versionId };
}

/** The headers by which an answer says that it met a delete marker. */
export function markerHeaders(version: Version): ResponseHeaders {
  return { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
}

/** The checksum and its type. */
export function checksumHeaders(checksum: Checksum | undefined): ResponseHeaders {
  if (checksum === undefined) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': checksum.type,
  };
}

/** x-amz-server-side-encryption and the key's id. */
export function encryptionHeaders({
  encryption,
}: Pick<ObjectVersion, 'encryption'>): ResponseHeaders {
  const headers: ResponseHeaders = { 'x-amz-server-side-encryption': encryption.algorithm };
  if (encryption.kmsKeyId !== undefined) {
    headers['x-amz-server-side-encryption-aws-kms-key-id'] = encryption.kmsKeyId;
  }
  return headers;
}

/** What a write answers with. */
export function writtenHeaders(bucket: Bucket, version: ObjectVersion): ResponseHeaders {
  return { ...versionHeader(bucket, version), ...encryptionHeaders(version) };
}

/** What identifies a version; the whole header of a 304. */
export function identityHeaders(bucket: Bucket, version: ObjectVersion): ResponseHeaders {
  return {
    etag: `"${version.etag}"`,
    'last-modified': version.lastModified.toUTCString(),
    ...versionHeader(bucket, version),
  };
}

/** Everything GET and HEAD say of an object besides its checksum and the range. */
export function objectHeaders(bucket: Bucket, version: ObjectVersion): ResponseHeaders {
  const headers: ResponseHeaders = {
    'accept-ranges': 'bytes',
    ...version.contentHeaders,
    ...identityHeaders(bucket, version),
    ...encryptionHeaders(version),
  };
  for (const [name, value] of Object.entries(version.metadata)) {
    headers[`x-amz-meta-${name}`] = value;
  }
  if (version.tags.size > 0) headers['x-amz-tagging-count'] = String(version.tags.size);
  if (version.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = version.storageClass;
  return headers;
}
