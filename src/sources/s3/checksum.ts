import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { base64, crc32c, crc64Nvme, type RunningChecksum } from './crc.ts';

/** A checksum of the whole object that the store keeps, and that can be computed here. */
export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, as S3 writes it. */
  readonly value: string;
}

/** What is computed here, the fastest first. S3's XXHASH algorithms are not. */
export const checksumAlgorithms = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

const starters: Readonly<Record<ChecksumAlgorithm, () => RunningChecksum>> = {
  CRC32: crc32Stream,
  CRC32C: crc32c,
  CRC64NVME: crc64Nvme,
  SHA1: () => hashStream('sha1'),
  SHA256: () => hashStream('sha256'),
  SHA512: () => hashStream('sha512'),
  MD5: () => hashStream('md5'),
};

/** The answer to a HEAD, as far as it speaks of checksums. */
export type ChecksumFields = Pick<
  HeadObjectCommandOutput,
  `Checksum${ChecksumAlgorithm}` | 'ChecksumType'
>;

/**
 * The full-object checksum that a store's answer carries, or null. A composite one (of the parts'
 * checksums, `…-N`) says nothing about the bytes as a whole.
 */
export function storedChecksum(head: ChecksumFields): StoredChecksum | null {
  if (head.ChecksumType === 'COMPOSITE') return null;
  for (const algorithm of checksumAlgorithms) {
    const value = head[`Checksum${algorithm}`];
    if (value !== undefined && !value.includes('-')) return { algorithm, value };
  }
  return null;
}

/** The SHA-256 of the whole object that a store's answer carries, hex; null: it has none. */
export function storedSha256(head: ChecksumFields): string | null {
  const { ChecksumSHA256: value, ChecksumType: type } = head;
  if (value === undefined || type === 'COMPOSITE') return null;
  // Of parts it is `…-N`; what is no 32 bytes is none.
  return /^[A-Za-z0-9+/]{43}=$/.test(value) ? Buffer.from(value, 'base64').toString('hex') : null;
}

/** Starts to compute a checksum of an algorithm. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  return starters[algorithm]();
}

function crc32Stream(): RunningChecksum {
  let crc = 0;
  return {
    update(bytes) {
      crc = crc32(bytes, crc);
    },
    digest: () => base64(crc),
  };
}

function hashStream(name: string): RunningChecksum {
  const hash = createHash(name);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest('base64'),
  };
}
