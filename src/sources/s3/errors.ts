import {
  KeydriftError,
  type ErrorCode,
  type HintText,
  type S3Location,
} from '../../model/index.ts';
import { readFailure, type S3Failure } from './failure.ts';
import {
  awsCommand,
  endpointText,
  listVersionsCommand,
  locationText,
  type S3Place,
  type S3Target,
} from './place.ts';
import { ownFaults } from './transport.ts';

/**
 * One fault of a store: how it is known, and what is said of it. Its class, and whether a retry may
 * help, go with the code (`errorCodes`).
 */
interface Fault {
  /** Codes of S3's, the SDK's or Node's, whatever the status. */
  readonly codes?: readonly string[] | RegExp;
  /** Statuses, whatever the code; with `codes` too, either is enough. */
  readonly statuses?: readonly number[];
  /** What else must hold. */
  readonly when?: (failure: S3Failure, place: S3Place) => boolean;
  readonly code: ErrorCode;
  readonly says: (failure: S3Failure, place: S3Place) => string;
  readonly hint: HintText | ((failure: S3Failure, place: S3Place) => HintText);
}

const tryAgain = 'Try again; if it stays, see whether another tool can read the object.';
const tlsHint =
  'Where a company signs its own certificates, point AWS_CA_BUNDLE (or NODE_EXTRA_CA_CERTS) at its CA file; where the endpoint has no TLS, write http://.';

/** Every fault, the first that fits: what S3 names by a code stands before what only a status tells. */
const faults: readonly Fault[] = [
  {
    codes: ['CredentialsProviderError', 'TokenProviderError'],
    code: 'STORE_NO_CREDENTIALS',
    says: ({ message }, { location, target }) => {
      const who = target.profile === null ? '' : ` for the profile ${target.profile}`;
      return `No AWS credentials${who} to read ${locationText(location)}: ${message}`;
    },
    hint: (_, { target }) => ({
      text: `Sign in, or export AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY${target.endpoint === null ? '; for a server that is not AWS, AWS_ENDPOINT_URL as well' : ''}. What any AWS tool would use`,
      command: identity(target),
    }),
  },
  {
    // An empty variable is a region that no host can have.
    when: ({ status, message }) =>
      status === null && /^Region (?:is missing|not accepted)/.test(message),
    code: 'STORE_NO_REGION',
    says: ({ message }, { location }) =>
      `No AWS region for ${locationText(location)}${message.startsWith('Region is missing') ? '.' : `: ${message}`}`,
    hint: 'Say it with --region, with region: in the contract, with AWS_REGION, or in the profile.',
  },
  // What got no answer.
  {
    codes: [ownFaults.limit],
    code: 'STORE_TIMEOUT',
    says: ({ message }, { location, target }) =>
      `${endpointText(target)} took too long over ${locationText(location)}: ${message}.`,
    hint: 'Try again; if it stays, see whether the network, a proxy or what gives the credentials is overloaded.',
  },
  unreachable(
    /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/,
    ({ message }) => `TLS: ${message}`,
    tlsHint,
  ),
  unreachable('EPROTO', 'it does not speak TLS as expected', tlsHint),
  unreachable('HPE_HEADER_OVERFLOW', 'its headers do not end'),
  unreachable(/^HPE_/, 'it does not speak HTTP'),
  unreachable('ECONNREFUSED', 'nothing listens there'),
  unreachable('ECONNRESET', 'the connection was reset'),
  unreachable('EPIPE', 'the connection was closed'),
  unreachable('ENOTFOUND', 'there is no host of that name'),
  unreachable('EAI_AGAIN', 'the name could not be looked up'),
  unreachable('EHOSTUNREACH', 'there is no route to the host'),
  unreachable('ENETUNREACH', 'there is no route to the network'),
  unreachable('EADDRNOTAVAIL', 'there is no such address'),
  {
    // The SDK's handler gives up on a connection that does not come about, and so does the kernel.
    ...unreachable(/^(?:TimeoutError|ETIMEDOUT)$/, 'no connection in time'),
    when: ({ code, message }) =>
      message.includes('did not establish a connection') ||
      (code === 'ETIMEDOUT' && !message.includes('requestTimeout')),
  },
  {
    codes: ['TimeoutError', 'ETIMEDOUT', 'RequestTimeout'],
    code: 'STORE_TIMEOUT',
    says: (failure, { location, target }) =>
      `${endpointText(target)} went silent over ${locationText(location)}${times(failure)}.`,
    hint: 'Try again; if it stays, see whether the network or a proxy in between is overloaded.',
  },
  // Who asks.
  refused(
    ['ExpiredToken', 'TokenRefreshRequired'],
    'the session has expired',
    'Sign in again, or renew AWS_SESSION_TOKEN.',
  ),
  refused(
    ['InvalidToken'],
    'the session token is not valid',
    'Sign in again; a stale AWS_SESSION_TOKEN beside new keys does this.',
  ),
  refused(
    ['InvalidAccessKeyId'],
    'the access key is unknown there',
    'Check AWS_ACCESS_KEY_ID and the profile: keys of one endpoint mean nothing to another.',
  ),
  refused(
    ['SignatureDoesNotMatch'],
    'the signature does not match',
    'Check AWS_SECRET_ACCESS_KEY (cut off? quoted?), and that no proxy changes the request.',
  ),
  refused(
    ['RequestTimeTooSkewed', 'RequestExpired'],
    'the clock of this machine is wrong',
    'Set the clock (chronyc makestep): signatures hold for 15 minutes.',
  ),
  // What is asked for.
  {
    statuses: [301, 307, 400],
    when: isElsewhere,
    code: 'STORE_WRONG_REGION',
    says: ({ region }, { location, target }) =>
      `The bucket ${location.bucket} of ${locationText(location)} is in ${region ?? 'another region'}${target.region === null ? '' : `, not in ${target.region}`}.`,
    hint: ({ region }, { location, target }) =>
      region === null
        ? {
            text: 'Ask for its region',
            command: awsCommand(target, ['s3api', 'head-bucket', '--bucket', location.bucket]),
          }
        : `Say --region ${region}, or region: ${region} at this copy in the contract.`,
  },
  {
    codes: ['NoSuchBucket'],
    code: 'STORE_NO_SUCH_BUCKET',
    says: (_, { location, target }) =>
      `There is no bucket ${location.bucket} at ${endpointText(target)}, where ${locationText(location)} should be.`,
    hint: (_, { target }) => ({
      text: 'Check the name, the account and the endpoint',
      command: awsCommand(target, ['s3', 'ls']),
    }),
  },
  {
    statuses: [404, 405],
    when: (failure, { versionId }) =>
      versionId !== null && (failure.status === 405 || failure.deleteMarker !== null),
    code: 'STORE_NO_SUCH_VERSION',
    says: (_, { versionId, location }) =>
      `The version ${versionId} of ${locationText(location)} is a delete marker: it has no bytes.`,
    hint: (_, place) => ({
      text: 'List the versions that there are',
      command: listVersionsCommand(place),
    }),
  },
  {
    // A version id that S3 cannot have given is no NoSuchVersion, but an InvalidArgument.
    codes: ['NoSuchVersion', 'NoSuchKey', 'InvalidArgument'],
    when: ({ code, message }, { versionId }) =>
      versionId !== null && (code !== 'InvalidArgument' || /version ?id/i.test(message)),
    code: 'STORE_NO_SUCH_VERSION',
    says: (_, { versionId, location }) =>
      `There is no version ${versionId} of ${locationText(location)}.`,
    hint: (_, place) => ({
      text: 'List the versions that there are',
      command: listVersionsCommand(place),
    }),
  },
  {
    statuses: [404],
    when: ({ deleteMarker }) => deleteMarker !== null,
    code: 'STORE_NO_SUCH_KEY',
    says: ({ deleteMarker }, { location }) => {
      const { versionId = null, at = null } = deleteMarker ?? {};
      const marker = versionId === null ? 'a delete marker' : `the delete marker ${versionId}`;
      return `The object ${locationText(location)} was deleted${at === null ? '' : ` at ${at}`}: its current version is ${marker}.`;
    },
    hint: (_, place) => ({ text: 'See what it was before', command: listVersionsCommand(place) }),
  },
  {
    codes: ['NoSuchKey'],
    when: ({ status }) => status === 404,
    code: 'STORE_NO_SUCH_KEY',
    says: (_, { location }) => `There is no object ${locationText(location)}.`,
    hint: (_, { location: { bucket, key }, target }) => {
      const parent = `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;
      return {
        text: 'Check the key, letter by letter',
        command: awsCommand(target, ['s3', 'ls', parent]),
      };
    },
  },
  {
    codes: ['InvalidObjectState'],
    code: 'STORE_ARCHIVED',
    says: (_, { location }) =>
      `The object ${locationText(location)} is archived: S3 gives its bytes only after a restore.`,
    hint: (_, { location: { bucket, key, versionId }, target }) => ({
      text: 'See its storage class, then restore it or copy it',
      command: awsCommand(target, [
        's3api',
        'head-object',
        '--bucket',
        bucket,
        '--key',
        key,
        ...(versionId === null ? [] : ['--version-id', versionId]),
      ]),
    }),
  },
  // An answer that is not S3's, whatever its status.
  {
    codes: [ownFaults.foreign],
    code: 'STORE_FOREIGN_ANSWER',
    says: ({ message }, place) => foreign(place, message),
    hint: foreignHint,
  },
  {
    codes: ['AccessDenied', 'AllAccessDisabled', 'AccessDeniedException'],
    statuses: [403],
    code: 'STORE_ACCESS_DENIED',
    says: (failure, { location, target }) => {
      const who = target.signing === 'anonymous' ? ' to an anonymous reader' : '';
      return `Access to ${locationText(location)} is denied${who} (HTTP ${failure.status ?? 403}${reason(failure)}).`;
    },
    hint: (failure, place) => {
      const what = [missingPermission(failure.message, place), ...furtherReadings(failure, place)];
      return place.target.signing === 'anonymous'
        ? [...what, 'Sign in where the object is not public.'].join(' ')
        : { text: [...what, 'Who asked'].join(' '), command: identity(place.target) };
    },
  },
  {
    statuses: [405, 501],
    when: (_, { lists }) => lists !== undefined,
    code: 'STORE_FAILED',
    says: ({ status, code }, { location, target, lists }) =>
      `${endpointText(target)} does not list ${lists}, as asked for ${locationText(location)} (HTTP ${status} ${code}).`,
    hint: (_, { lists = 'objects' }) =>
      `It needs a store with the operation behind ${listingPermissions[lists]}.`,
  },
  {
    statuses: [...range(300, 400), 404, 418],
    code: 'STORE_FOREIGN_ANSWER',
    says: ({ status, code }, place) =>
      foreign(place, `HTTP ${status}${code === 'Unknown' ? '' : ` ${code}`}`),
    hint: foreignHint,
  },
  {
    // What the SDK cannot read of a success is none of S3's; of an error that it was, it has a code.
    statuses: range(200, 300),
    when: ({ code }) => /^(?:Type|Syntax|Range)?Error$/.test(code),
    code: 'STORE_FOREIGN_ANSWER',
    says: ({ status, message }, place) =>
      foreign(place, `an answer that cannot be read (HTTP ${status}): ${message}`),
    hint: foreignHint,
  },
  {
    codes: ['SlowDown', 'Throttling', 'ThrottlingException'],
    statuses: [503, 429],
    code: 'STORE_FAILED',
    says: other,
    hint: 'S3 is overloaded or throttles this account. Try again later; AWS_MAX_ATTEMPTS=10 is more patient.',
  },
  { code: 'STORE_FAILED', says: other, hint: tryAgain },
];

/** Anything that was thrown on the way to or from S3, as the error that people see. */
export function classify(thrown: unknown, place: S3Place): KeydriftError {
  if (thrown instanceof KeydriftError) return thrown;
  const failure = readFailure(thrown);
  // The last one fits whatever there is.
  const fault = faults.find((one) => fits(one, failure, place))!;
  const { hint } = fault;
  return new KeydriftError(fault.code, fault.says(failure, place), {
    hint: typeof hint === 'function' ? hint(failure, place) : hint,
    cause: failure.cause,
    place: { store: storePlace(failure, place) },
  });
}

/** Anything thrown by a listing of versions or objects. */
export function listingError(
  thrown: unknown,
  place: { readonly location: S3Location; readonly target: S3Target } & Required<
    Pick<S3Place, 'lists'>
  >,
): KeydriftError {
  return classify(thrown, { ...place, versionId: null });
}

/** An answer that S3 would not give: no verdict, whatever it says. */
export function foreignAnswer(place: S3Place, what: string): KeydriftError {
  return new KeydriftError('STORE_FOREIGN_ANSWER', foreign(place, what), {
    hint: foreignHint(null, place),
    place: { store: { bucket: place.location.bucket } },
  });
}

/** Whether an endpoint cannot be reached at all: refused, without a name, or without TLS. */
export function isDown({ code, place }: KeydriftError): boolean {
  return code === 'STORE_UNREACHABLE' && !transient.has(place.store?.code ?? '');
}

/** Connections that came about, or might have in time. */
const transient: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'TimeoutError',
  'ETIMEDOUT',
]);

function fits({ codes, statuses, when }: Fault, failure: S3Failure, place: S3Place): boolean {
  const { code, status } = failure;
  const byCode = codes instanceof RegExp ? codes.test(code) : codes?.includes(code) === true;
  const byStatus = status !== null && statuses?.includes(status) === true;
  const isNamed = codes !== undefined || statuses !== undefined;
  return (byCode || byStatus || !isNamed) && (when === undefined || when(failure, place));
}

/** What S3 itself says of a fault, for machines. */
function storePlace({ status, code, requestId }: S3Failure, { location, target }: S3Place) {
  return {
    bucket: location.bucket,
    code,
    ...(status === null ? { endpoint: endpointText(target) } : { status }),
    ...(requestId === null ? {} : { requestId }),
  };
}

/** A connection that did not come about or broke, by Node's name of it. */
function unreachable(
  code: string | RegExp,
  why: string | ((failure: S3Failure) => string),
  hint?: string,
): Fault {
  return {
    codes: typeof code === 'string' ? [code] : code,
    when: ({ status }) => status === null,
    code: 'STORE_UNREACHABLE',
    says: (failure, { location, target }) =>
      `${endpointText(target)} cannot be reached for ${locationText(location)}: ${typeof why === 'string' ? why : why(failure)} (${failure.code}${times(failure)}).`,
    hint: (_, { target }) => hint ?? endpointHint(target),
  };
}

function endpointHint({ endpoint }: S3Target): string {
  return endpoint === null
    ? 'Check the region, the network and the proxy of this machine (HTTPS_PROXY, NO_PROXY). Where AWS itself is not meant, --endpoint-url or AWS_ENDPOINT_URL is missing.'
    : 'Check the endpoint (--endpoint-url, endpoint: in the contract, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) and that it runs; HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.';
}

/** Credentials that are there, and that S3 does not take. */
function refused(codes: readonly string[], what: string, hint: string): Fault {
  return {
    codes,
    code: 'STORE_CREDENTIALS_REFUSED',
    says: ({ status, code }, { location, target }) =>
      `${endpointText(target)} refuses the credentials for ${locationText(location)}: ${what} (HTTP ${status} ${code}).`,
    hint,
  };
}

/** A redirection is S3's where it names a region, or says so in an error of S3's. */
function isElsewhere({ status, region, code }: S3Failure, { target }: S3Place): boolean {
  if (status === 400) return region !== null && region !== target.region;
  return region !== null || redirects.has(code);
}

const redirects: ReadonlySet<string> = new Set(['PermanentRedirect', 'TemporaryRedirect']);

function foreign({ location, target }: S3Place, what: string): string {
  return `${endpointText(target)} does not answer as S3 does, as asked for ${locationText(location)}: ${what}.`;
}

function foreignHint(_: unknown, { target }: S3Place): string {
  return target.endpoint === null
    ? 'Something stands between here and S3: a proxy, or a portal that asks to sign in.'
    : 'Check that the endpoint is an S3 API (the port, the path, not a console or an ingress), and what proxy or portal stands in between.';
}

const listingPermissions = { versions: 's3:ListBucketVersions', objects: 's3:ListBucket' } as const;

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
  if (place.lists !== undefined) {
    return `The reader needs ${listingPermissions[place.lists]} on the bucket ${place.location.bucket} itself (not on its objects).`;
  }
  if (place.suspect === 'kms:Decrypt') {
    return 'The object is encrypted with KMS, and its metadata came: the reader lacks kms:Decrypt on its key.';
  }
  if (place.versionId === null) {
    return 'The reader needs s3:GetObject (and kms:Decrypt where KMS encrypts).';
  }
  return (
    'A read by version needs s3:GetObjectVersion, which s3:GetObject does not include ' +
    '(and kms:Decrypt where KMS encrypts).'
  );
}

function furtherReadings({ message }: S3Failure, place: S3Place): string[] {
  const { location, versionId, lists } = place;
  const { expectedOwner } = location.access;
  const isNamed = /not authorized to perform: (?!s3:ListBucket)/.test(message);
  return [
    ...(versionId === null && lists === undefined && !isNamed
      ? ['Without s3:ListBucket, S3 answers so for an object that is not there, too.']
      : []),
    ...(expectedOwner === null
      ? []
      : [`It also answers so when the bucket is not owned by ${expectedOwner}.`]),
  ];
}

function identity(target: S3Target): string {
  return awsCommand({ ...target, endpoint: null }, ['sts', 'get-caller-identity']);
}

/** What nothing else is: status and code as S3 gave them. */
function other(failure: S3Failure, { location, target }: S3Place): string {
  const { status, code, message } = failure;
  const name = locationText(location);
  if (status === null) {
    return `${name} could not be read from ${endpointText(target)} (${code}${times(failure)})${spoken(message)}`;
  }
  const what = `HTTP ${status}${code === 'Unknown' ? '' : ` ${code}`}`;
  return `${endpointText(target)} refused ${name} (${what}${times(failure)})${spoken(message)}`;
}

/** The SDK's own words for an answer without a body say nothing. */
function spoken(message: string): string {
  if (message === '' || message === 'UnknownError' || message === 'Unknown') return '.';
  return `: ${message.replace(/\s*Deserialization error:.*$/, ' (the answer is not XML as S3 writes it)')}`;
}

function times({ attempts }: S3Failure): string {
  return attempts > 1 ? `, ${attempts} attempts` : '';
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
