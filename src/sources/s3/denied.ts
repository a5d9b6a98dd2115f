import type { S3Failure } from './failure.ts';
import type { Fault } from './fault.ts';
import { awsCommand, locationText, type S3Place } from './place.ts';

const denials: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'AccessDeniedException',
]);

/** A request that was understood and refused. A HEAD's 403 names no reason at all. */
export function accessDenied(failure: S3Failure, place: S3Place): Fault | null {
  if (failure.status !== 403 && !denials.has(failure.code)) return null;
  const permission = missingPermission(failure.message, place);
  const who = place.target.signing === 'anonymous' ? ' to an anonymous reader' : '';
  return {
    code: 'STORE_ACCESS_DENIED',
    message: `Access to ${locationText(place.location)} is denied${who} (HTTP ${failure.status ?? 403}${reason(failure)}).`,
    hint: [permission, ...furtherReadings(failure, place), identityCommand(place)].join(' '),
  };
}

function reason({ code, message }: S3Failure): string {
  const isBare = message === '' || /^unknown(?:error)?$/i.test(message);
  return `${code === 'Unknown' ? '' : ` ${code}`}${isBare ? '' : `: ${message.replace(/\.$/, '')}`}`;
}

/** AWS often names the action itself; otherwise it is the one that such a request needs. */
function missingPermission(message: string, place: S3Place): string {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
  if (named?.startsWith('kms:') === true || /\bkms\b/i.test(message)) {
    return `The object is encrypted with KMS: the reader needs ${named ?? 'kms:Decrypt'} on its key.`;
  }
  if (named !== undefined) return `The reader needs ${named}.`;
  if (place.needs !== undefined) return `The reader needs ${place.needs}.`;
  if (place.suspect === 'kms:Decrypt') {
    return 'The object is encrypted with KMS, and its metadata came: the reader lacks kms:Decrypt on its key.';
  }
  if (place.versionId === null)
    return 'The reader needs s3:GetObject (and kms:Decrypt where KMS encrypts).';
  return (
    'A read by version needs s3:GetObjectVersion, which s3:GetObject does not include ' +
    '(and kms:Decrypt where KMS encrypts).'
  );
}

function furtherReadings({ message }: S3Failure, place: S3Place): string[] {
  const { location, versionId, needs } = place;
  const readings: string[] = [];
  const isNamed = /not authorized to perform: (?!s3:ListBucket)/.test(message);
  if (versionId === null && needs === undefined && !isNamed) {
    readings.push('Without s3:ListBucket, S3 answers so for an object that is not there, too.');
  }
  if (location.access.expectedOwner !== null) {
    readings.push(
      `It also answers so when the bucket is not owned by ${location.access.expectedOwner}.`,
    );
  }
  return readings;
}

function identityCommand({ target }: S3Place): string {
  if (target.signing === 'anonymous') return 'Sign in where the object is not public.';
  return `Who asked: ${awsCommand({ ...target, endpoint: null }, ['sts', 'get-caller-identity'])}`;
}
