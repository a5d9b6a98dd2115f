import { createHash } from 'node:crypto';
import { crc32, crc32c, crc64nvme } from './crc.ts';
import { s3Error } from './errors.ts';
import type { HeaderMap } from './request.ts';

/** The checksum algorithms the server computes. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512';

const digests: Readonly<Record<ChecksumAlgorithm, (body: Buffer) => Buffer>> = {
  CRC32: crc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: (body) => createHash('sha1').update(body).digest(),
  SHA256: (body) => createHash('sha256').update(body).digest(),
  SHA512: (body) => createHash('sha512').update(body).digest(),
};

/** A stored checksum. `value` is base64; a COMPOSITE one ends in `-<number of parts>`. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  readonly value: string;
}

/** The base64 checksum of bytes. */
export function checksumOf(algorithm: ChecksumAlgorithm, body: Buffer): string {
  return digests[algorithm](body).toString('base64');
}

/** A full-object checksum that is computed when it is first read. */
export function lazyChecksum(algorithm: ChecksumAlgorithm, body: Buffer): Checksum {
  let value: string | undefined;
  return {
    algorithm,
    type: 'FULL_OBJECT',
    get value(): string {
      value ??= checksumOf(algorithm, body);
      return value;
    },
  };
}

/** The checksum over the parts' checksums. */
export function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  partChecksums: readonly string[],
): Checksum {
  const joined = Buffer.concat(partChecksums.map((value) => Buffer.from(value, 'base64')));
  const value = `${checksumOf(algorithm, joined)}-${partChecksums.length}`;
  return { algorithm, type: 'COMPOSITE', value };
}

/** The algorithm of that name in any case. */
export function algorithmNamed(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  if (isAlgorithm(upper)) return upper;
  throw s3Error('InvalidRequest', {
    message:
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types.',
  });
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(digests, name);
}

/** The header that carries a checksum of that algorithm. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

const notChecksums = new Set([
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
]);

/** The one checksum a request claims in its headers or trailers. */
export function claimedChecksum(
  headers: HeaderMap,
  trailers: HeaderMap = {},
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const claims = [...Object.entries(headers), ...Object.entries(trailers)].filter(
    ([name]) => name.startsWith('x-amz-checksum-') && !notChecksums.has(name),
  );
  if (claims.length > 1) {
    throw s3Error('InvalidRequest', {
      message:
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const [claim] = claims;
  if (claim === undefined) return undefined;
  return { algorithm: algorithmNamed(claim[0].slice('x-amz-checksum-'.length)), value: claim[1] };
}

/**
 * Verifies whatever the request says of its body: Content-MD5, x-amz-checksum-* as header or
 * trailer. Returns the verified checksum.
 */
export function verifyIntegrity(
  headers: HeaderMap,
  trailers: HeaderMap,
  body: Buffer,
): Checksum | undefined {
  verifyMd5(headers['content-md5'], body);
  const claim = claimedChecksum(headers, trailers);
  if (claim === undefined) {
    if (headers['x-amz-sdk-checksum-algorithm'] === undefined) return undefined;
    throw s3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    });
  }
  const value = checksumOf(claim.algorithm, body);
  if (
    Buffer.from(claim.value, 'base64').toString('base64') !== claim.value ||
    claim.value.length !== value.length
  ) {
    throw s3Error('InvalidRequest', {
      message: `Value for ${checksumHeader(claim.algorithm)} header is invalid.`,
    });
  }
  if (claim.value !== value) {
    throw s3Error('BadDigest', {
      message: `The ${claim.algorithm} you specified did not match the calculated checksum.`,
    });
  }
  return { algorithm: claim.algorithm, type: 'FULL_OBJECT', value };
}

function verifyMd5(claim: string | undefined, body: Buffer): void {
  if (claim === undefined) return;
  if (!/^[A-Za-z0-9+/]{22}==$/.test(claim)) throw s3Error('InvalidDigest');
  if (createHash('md5').update(body).digest('base64') !== claim) throw s3Error('BadDigest');
}
