import { KeydriftError } from '../../model/index.ts';
import { accessDenied } from './denied.ts';
import { readFailure, type S3Failure } from './failure.ts';
import type { Fault, FaultReader } from './fault.ts';
import { networkFault } from './network.ts';
import {
  awsCommand,
  endpointText,
  listVersionsCommand,
  locationText,
  type S3Place,
} from './place.ts';
import { refusedCredentials } from './refused.ts';

/** In this order: what is named by a code of S3's before what only a status tells. */
const readers: readonly FaultReader[] = [
  noCredentials,
  noRegion,
  networkFault,
  refusedCredentials,
  wrongRegion,
  noSuchBucket,
  noSuchVersion,
  noSuchKey,
  archived,
  accessDenied,
];

/** Anything that was thrown on the way to or from S3, as the error that people see. */
export function classify(thrown: unknown, place: S3Place): KeydriftError {
  if (thrown instanceof KeydriftError) return thrown;
  const failure = readFailure(thrown);
  for (const read of readers) {
    const fault = read(failure, place);
    if (fault !== null) return faultError(fault, failure);
  }
  return faultError(otherFault(failure, place), failure);
}

function faultError({ code, message, hint }: Fault, { cause }: S3Failure): KeydriftError {
  return new KeydriftError(code, message, { hint, cause });
}

function noCredentials({ code, message }: S3Failure, { location, target }: S3Place): Fault | null {
  if (code !== 'CredentialsProviderError' && code !== 'TokenProviderError') return null;
  const who = target.profile === null ? '' : ` for the profile ${target.profile}`;
  return {
    code: 'STORE_NO_CREDENTIALS',
    message: `No AWS credentials${who} to read ${locationText(location)} with: ${message}`,
    hint:
      `Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. ` +
      `What any AWS tool would use: ${awsCommand({ ...target, endpoint: null }, ['sts', 'get-caller-identity'])}`,
  };
}

function noRegion({ status, message }: S3Failure, { location }: S3Place): Fault | null {
  if (status !== null || !message.startsWith('Region is missing')) return null;
  return {
    code: 'STORE_NO_REGION',
    message: `No AWS region for ${locationText(location)}.`,
    hint: 'Say it with --region, with region: in the contract, with AWS_REGION, or in the profile.',
  };
}

/** Statuses with which S3 sends a request elsewhere; a signature for another region is a 400. */
const elsewhere: ReadonlySet<number> = new Set([301, 307, 400]);

function wrongRegion(failure: S3Failure, { location, target }: S3Place): Fault | null {
  const { status, region } = failure;
  if (status === null || !elsewhere.has(status)) return null;
  if (status === 400 && (region === null || region === target.region)) return null;
  const asked = target.region === null ? '' : `, not in ${target.region}`;
  return {
    code: 'STORE_WRONG_REGION',
    message: `The bucket ${location.bucket} of ${locationText(location)} is in ${region ?? 'another region'}${asked}.`,
    hint:
      region === null
        ? `Ask for its region: ${awsCommand(target, ['s3api', 'head-bucket', '--bucket', location.bucket])}`
        : `Say --region ${region}, or region: ${region} at this copy in the contract.`,
  };
}

function noSuchBucket({ code }: S3Failure, { location, target }: S3Place): Fault | null {
  if (code !== 'NoSuchBucket') return null;
  return {
    code: 'STORE_NO_SUCH_BUCKET',
    message: `There is no bucket ${location.bucket} at ${endpointText(target)}, where ${locationText(location)} should be.`,
    hint: `Check the name, the account and the endpoint: ${awsCommand(target, ['s3', 'ls'])}`,
  };
}

function noSuchVersion(failure: S3Failure, place: S3Place): Fault | null {
  const { code, status, message } = failure;
  if (place.versionId === null) return null;
  const isMarker = status === 405 || failure.deleteMarker !== null;
  // A version id that S3 cannot have given is no NoSuchVersion, but an InvalidArgument.
  const isMalformed = code === 'InvalidArgument' && /version ?id/i.test(message);
  if (!isMarker && !isMalformed && status !== 404) return null;
  return {
    code: 'STORE_NO_SUCH_VERSION',
    message: isMarker
      ? `The version ${place.versionId} of ${locationText(place.location)} is a delete marker: it has no bytes.`
      : `There is no version ${place.versionId} of ${locationText(place.location)}.`,
    hint: `List the versions that there are: ${listVersionsCommand(place)}`,
  };
}

function noSuchKey({ status, deleteMarker }: S3Failure, place: S3Place): Fault | null {
  if (status !== 404) return null;
  const name = locationText(place.location);
  if (deleteMarker === null) {
    const { bucket, key } = place.location;
    const parent = `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;
    return {
      code: 'STORE_NO_SUCH_KEY',
      message: `There is no object ${name}.`,
      hint: `Check the key, letter by letter: ${awsCommand(place.target, ['s3', 'ls', parent])}`,
    };
  }
  const { versionId, at } = deleteMarker;
  const marker = versionId === null ? 'a delete marker' : `the delete marker ${versionId}`;
  return {
    code: 'STORE_NO_SUCH_KEY',
    message: `The object ${name} was deleted${at === null ? '' : ` at ${at}`}: its current version is ${marker}.`,
    hint: `See what it was before: ${listVersionsCommand(place)}`,
  };
}

function archived({ code }: S3Failure, { location, target }: S3Place): Fault | null {
  if (code !== 'InvalidObjectState') return null;
  const { bucket, key } = location;
  return {
    code: 'STORE_ARCHIVED',
    message: `The object ${locationText(location)} is archived: S3 gives its bytes only after a restore.`,
    hint: `See its storage class, then restore it or copy it: ${awsCommand(target, ['s3api', 'head-object', '--bucket', bucket, '--key', key])}`,
  };
}

const throttled: ReadonlySet<string> = new Set(['SlowDown', 'Throttling', 'ThrottlingException']);

/** What nothing else is: status and code as S3 gave them. */
function otherFault(failure: S3Failure, { location, target }: S3Place): Fault {
  const { status, code, attempts, message } = failure;
  const times = attempts > 1 ? `, ${attempts} attempts` : '';
  const name = locationText(location);
  const what = status === null ? code : `HTTP ${status}${code === 'Unknown' ? '' : ` ${code}`}`;
  return {
    code: 'STORE_FAILED',
    message:
      status === null
        ? `${name} could not be read from ${endpointText(target)} (${what}${times})${spoken(message)}`
        : `${endpointText(target)} refused ${name} (${what}${times})${spoken(message)}`,
    hint:
      throttled.has(code) || status === 503 || status === 429
        ? 'S3 is overloaded or throttles this account. Try again later; AWS_MAX_ATTEMPTS=10 is more patient.'
        : 'Try again; if it stays, see whether another tool can read the object.',
  };
}

/** The SDK's own words for an answer without a body say nothing. */
function spoken(message: string): string {
  if (message === '' || message === 'UnknownError' || message === 'Unknown') return '.';
  return `: ${message.replace(/\s*Deserialization error:.*$/, ' (the answer is not XML as S3 writes it)')}`;
}
