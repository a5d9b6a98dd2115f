import { KeydriftError, type Environment } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { awsCommand, locationText, type S3Place } from './place.ts';

/** A request that changes something, for the error that its denial is. */
export interface WriteAttempt {
  readonly connection: S3Connection;
  readonly place: S3Place;
  readonly environment: Environment;
  /** `Writing`, `Removing`. */
  readonly doing: string;
  /** Every permission that it needs. */
  readonly needs: readonly string[];
}

/** Anything thrown by a request that changes something; a denial names who asked for what. */
export async function classifyWrite(
  thrown: unknown,
  attempt: WriteAttempt,
): Promise<KeydriftError> {
  if (thrown instanceof KeydriftError) return thrown;
  const failure = readFailure(thrown);
  const error = classify(thrown, attempt.place);
  if (error.code !== 'STORE_ACCESS_DENIED') return error;
  const { place, doing, needs } = attempt;
  const said = /^unknown(?:error)?$/i.test(failure.message) ? '' : `: ${failure.message}`;
  const code = failure.code === 'Unknown' ? '' : ` ${failure.code}`;
  const caller = await callerOf(failure.message, attempt);
  const owner = place.location.access.expectedOwner;
  return new KeydriftError(
    'STORE_ACCESS_DENIED',
    `${doing} ${locationText(place.location)} is denied to ${caller} (HTTP ${failure.status ?? 403}${code}${said.replace(/\.$/, '')}).`,
    {
      cause: failure.cause,
      hint: {
        text: [
          `It needs ${list(needs)}.`,
          ...(owner === null
            ? []
            : [`S3 also answers so when the bucket is not owned by ${owner}.`]),
          'Who asked',
        ].join(' '),
        command: awsCommand({ ...place.target, endpoint: null }, ['sts', 'get-caller-identity']),
      },
    },
  );
}

/**
 * Who asked, as far as it is known without another request: what S3 itself says, the role of a
 * web identity, or the two ends of the access key with account and profile.
 */
async function callerOf(message: string, attempt: WriteAttempt): Promise<string> {
  const { connection, place, environment } = attempt;
  const { target } = place;
  if (target.signing === 'anonymous') return 'an anonymous caller';
  const named = /\bUser: (arn:\S+)/.exec(message)?.[1];
  if (named !== undefined) return named;
  const profile = target.profile === null ? '' : ` of the profile ${target.profile}`;
  const credentials = await connection.client.config.credentials().catch(() => null);
  if (credentials === null) return `the caller${profile}`;
  const role = environment['AWS_ROLE_ARN'] ?? '';
  const isRole = role !== '' && (environment['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? '') !== '';
  const { accessKeyId, accountId } = credentials;
  const account = accountId === undefined ? '' : ` of account ${accountId}`;
  const assumed = isRole && (environment['AWS_ACCESS_KEY_ID'] ?? '') === '' ? `${role}, ` : '';
  return `${assumed}access key ${shortKey(accessKeyId)}${account}${profile}`;
}

/** Enough to find the key in a list of keys. */
function shortKey(accessKeyId: string): string {
  return accessKeyId.length <= 8
    ? accessKeyId
    : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
