import type { LocationFault, S3Access, S3Location } from '../../model/index.ts';

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
