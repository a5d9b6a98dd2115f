import { posix } from 'node:path';
import {
  type LocationFault,
  type S3Access,
  type S3Location,
  shellQuote,
  type Scheme,
} from '../../model/index.ts';
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

/** `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/KEY`; also of outposts and object lambdas. */
const accessPoint =
  /^(arn:[^:/]+:s3[^:/]*:[^:/]*:[^:/]*:(?:outpost[/:][^/:]+[/:])?accesspoint[/:][^/:]+)(?:\/(.*))?$/s;

/** Loose on purpose: other servers than AWS know other bucket names. */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Version ids are opaque, but hold none of these; whatever else ends a key is the key's own. */
const version = /^(.*)\?versionId=([^?&/\s]*)$/s;

/**
 * `s3://BUCKET/KEY[?versionId=ID]`, the bucket a name or the ARN of an access point. Nothing is
 * decoded: a key is every character between the bucket and the version id.
 */
export function parseS3(text: string, access: S3Access, fault: LocationFault): S3Location {
  const [bucket, path] = splitS3(text, fault);
  const match = version.exec(path);
  const key = match?.[1] ?? path;
  const versionId = match?.[2] ?? null;
  if (key === '') throw fault('has no key', 'Write s3://BUCKET/KEY: one object, not a bucket.');
  if (versionId === '') throw fault('has an empty versionId', 'Remove ?versionId= for the latest.');
  return { kind: 's3', bucket, key, versionId, access };
}

/** `s3://BUCKET/REST`, the bucket a name or the ARN of an access point; the rest may be empty. */
export function splitS3(
  text: string,
  fault: LocationFault,
): readonly [bucket: string, rest: string] {
  const rest = text.slice('s3://'.length);
  return rest.startsWith('arn:') ? splitArn(rest, fault) : splitBucket(rest, fault);
}

function splitArn(rest: string, fault: LocationFault): readonly [bucket: string, path: string] {
  const match = accessPoint.exec(rest);
  if (match?.[1] !== undefined) return [match[1], match[2] ?? ''];
  const form = 's3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/KEY';
  throw fault('expected the ARN of an access point, and a key', `Write ${form}.`);
}

function splitBucket(rest: string, fault: LocationFault): readonly [bucket: string, path: string] {
  const slash = rest.indexOf('/');
  const bucket = slash === -1 ? rest : rest.slice(0, slash);
  if (!bucketName.test(bucket)) {
    throw fault('expected a bucket name after s3://', 'Write s3://BUCKET/KEY.');
  }
  return [bucket, slash === -1 ? '' : rest.slice(slash + 1)];
}
