import { shellQuote } from '../../model/index.ts';
import type { S3Location } from '../../model/index.ts';

/** Where requests go and as whom: what error messages name. */
export interface S3Target {
  /** Null: AWS's own. */
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  readonly signing: 'signed' | 'anonymous';
}

/** A request's object and the way to it, for messages. */
export interface S3Place {
  readonly location: S3Location;
  readonly target: S3Target;
  /** Version that the request named, or null. */
  readonly versionId: string | null;
  /** A permission that the reader seems to lack, from what was answered before. */
  readonly suspect?: string | null;
  /** What the request lists, where it is no read of the object. */
  readonly lists?: 'versions' | 'objects';
}

/** `s3://bucket/key`, and the version where the location names one. */
export function locationText(location: S3Location): string {
  const url = `s3://${location.bucket}/${location.key}`;
  return location.versionId === null ? url : `${url}?versionId=${location.versionId}`;
}

/** Where requests went: the endpoint without its credentials, or AWS's in a region. */
export function endpointText(target: S3Target): string {
  if (target.endpoint !== null) {
    const { protocol, host } = new URL(target.endpoint);
    return `${protocol}//${host}`;
  }
  return target.region === null ? 'AWS S3' : `AWS S3 in ${target.region}`;
}

/** A command of the AWS CLI that goes the same way, to be typed next. */
export function awsCommand(target: S3Target, words: readonly string[]): string {
  return [
    'aws',
    ...words,
    ...option('--region', target.region),
    ...option('--profile', target.profile),
    ...option('--endpoint-url', target.endpoint === null ? null : endpointText(target)),
    ...(target.signing === 'anonymous' ? ['--no-sign-request'] : []),
  ]
    .map(shellQuote)
    .join(' ');
}

/** The command that lists a key's versions. */
export function listVersionsCommand({ location, target }: S3Place): string {
  const { bucket, key } = location;
  return awsCommand(target, ['s3api', 'list-object-versions', '--bucket', bucket, '--prefix', key]);
}

function option(name: string, value: string | null): string[] {
  return value === null ? [] : [name, value];
}
