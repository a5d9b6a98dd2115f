import type { S3Failure } from './failure.ts';
import type { Fault } from './fault.ts';
import { endpointText, locationText, type S3Place } from './place.ts';

/** Answers to a signature or to keys, by S3's code: what is wrong with them, and what to do. */
const refusals: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ExpiredToken: ['the session has expired', 'Sign in again, or renew AWS_SESSION_TOKEN.'],
  TokenRefreshRequired: ['the session has expired', 'Sign in again, or renew AWS_SESSION_TOKEN.'],
  InvalidToken: [
    'the session token is not valid',
    'Sign in again; a stale AWS_SESSION_TOKEN beside new keys does this.',
  ],
  InvalidAccessKeyId: [
    'the access key is unknown there',
    'Check AWS_ACCESS_KEY_ID and the profile: keys of one endpoint mean nothing to another.',
  ],
  SignatureDoesNotMatch: [
    'the signature does not match',
    'Check AWS_SECRET_ACCESS_KEY (cut off? quoted?), and that no proxy changes the request.',
  ],
  RequestTimeTooSkewed: [
    'the clock of this machine is wrong',
    'Set the clock (chronyc makestep): signatures hold for 15 minutes.',
  ],
  RequestExpired: [
    'the clock of this machine is wrong',
    'Set the clock (chronyc makestep): signatures hold for 15 minutes.',
  ],
};

/** Credentials that are there, and that S3 does not take. */
export function refusedCredentials({ status, code }: S3Failure, place: S3Place): Fault | null {
  const refusal = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (refusal === undefined) return null;
  const [what, hint] = refusal;
  return {
    code: 'STORE_FAILED',
    message: `${endpointText(place.target)} refuses the credentials for ${locationText(place.location)}: ${what} (HTTP ${status} ${code}).`,
    hint,
  };
}
