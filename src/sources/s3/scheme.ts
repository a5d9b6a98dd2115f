import { posix } from 'node:path';
import { shellQuote, type S3Access, type S3Location, type Scheme } from '../../model/index.ts';
import { parseS3, splitS3 } from './location.ts';
import { locationText } from './place.ts';
import type { TransportLimits } from './transport.ts';

/** S3 takes no more in one PUT. */
const largestPut = 5 * 1024 ** 3;

/** Objects in S3, and in what speaks like it. The SDK is loaded when the first of them is pinned. */
export const s3: Scheme<S3Location> = s3Within();

/** The same with other limits than its own. */
export function s3Within(limits?: TransportLimits): Scheme<S3Location> {
  return {
    written: {
      prefix: 's3://',
      form: 's3://BUCKET/KEY',
      parse: (text, { access, fault }) => parseS3(text, access, fault),
    },
    textOf: locationText,
    nameOf: ({ key }) => posix.basename(key),
    folder(text, { access, fault }) {
      const [bucket, prefix] = splitS3(text, fault);
      return { root: at(bucket, '', access), prefix };
    },
    around: ({ bucket, key, access }) => ({
      root: at(bucket, '', access),
      prefix: key.slice(0, key.lastIndexOf('/') + 1),
    }),
    asFolder: ({ bucket, key, access, versionId }) =>
      versionId === null
        ? { root: at(bucket, '', access), prefix: `${key.replace(/\/$/, '')}/` }
        : null,
    within: ({ root: { bucket, access }, prefix }, name) => at(bucket, prefix + name, access),
    version: {
      of: ({ versionId }) => versionId,
      at: (location, versionId) => ({ ...location, versionId }),
    },
    ownerOf: ({ access }) => access.expectedOwner,
    mostBytes: largestPut,
    isRemote: () => true,
    restoring: copyOfVersion,
    async open(context) {
      const { openS3Store } = await import('./store.ts');
      return openS3Store(context, limits);
    },
  };
}

/**
 * The AWS CLI's own words: a copy of a version onto its key is the newest one. The source's key stands as
 * it is, since the CLI encodes it; the version, which it does not, is encoded.
 */
function copyOfVersion({ bucket, key, access }: S3Location, versionId: string): string {
  const source = `${bucket}/${key}?versionId=${encodeURIComponent(versionId)}`;
  const way = [
    ['--endpoint-url', access.endpoint],
    ['--region', access.region],
    ['--profile', access.profile],
  ] as const;
  const words = [
    'aws',
    's3api',
    'copy-object',
    '--bucket',
    bucket,
    '--key',
    key,
    '--copy-source',
    source,
    ...way.flatMap(([flag, value]) => (value === null ? [] : [flag, value])),
  ];
  return words.map(shellQuote).join(' ');
}

function at(bucket: string, key: string, access: S3Access): S3Location {
  return { kind: 's3', bucket, key, versionId: null, access };
}
