import type { CredentialScope } from './canonical.ts';
import { s3Error } from './errors.ts';
import type { RequestHead } from './request.ts';

/** What a request says of its own signature. */
export interface Claim {
  readonly via: 'header' | 'query';
  readonly scope: CredentialScope;
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
}

/** The one algorithm the server verifies. */
export const algorithm = 'AWS4-HMAC-SHA256';
const greatestSkewMs = 15 * 60 * 1000;

/** The claim of an Authorization header. */
export function headerClaim(head: RequestHead, authorization: string, now: Date): Claim {
  if (!authorization.startsWith(`${algorithm} `)) {
    throw s3Error('InvalidRequest', {
      message: `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    });
  }
  const fields = new Map(
    authorization
      .slice(algorithm.length)
      .split(',')
      .map((field) => {
        const [name = '', ...value] = field.trim().split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const payloadHash = head.headers['x-amz-content-sha256'];
  if (payloadHash === undefined) {
    throw s3Error('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    });
  }
  const scope = parseScope(fields.get('Credential'), 'AuthorizationHeaderMalformed');
  const timestamp = head.headers['x-amz-date'] ?? basicDate(head.headers['date']);
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  const signature = fields.get('Signature') ?? '';
  verifySkew(timestamp, scope, now);
  verifyHeadersSigned(head, signedHeaders);
  return { via: 'header', scope, timestamp, signedHeaders, signature, payloadHash };
}

/** The claim of a presigned URL. */
export function queryClaim(head: RequestHead, now: Date): Claim {
  const { query } = head;
  if (query['X-Amz-Algorithm'] !== algorithm) {
    throw malformed(`X-Amz-Algorithm only supports "${algorithm}"`);
  }
  const scope = parseScope(query['X-Amz-Credential'], 'AuthorizationQueryParametersError');
  const timestamp = query['X-Amz-Date'] ?? '';
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined || !timestamp.startsWith(scope.date)) {
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const expires = Number(query['X-Amz-Expires'] ?? 'none');
  if (!Number.isInteger(expires) || expires < 1 || expires > 604_800) {
    throw malformed('X-Amz-Expires must be a number between 1 and 604800 seconds');
  }
  if (signedAt.getTime() - now.getTime() > greatestSkewMs) {
    throw s3Error('AccessDenied', { message: 'Request is not yet valid' });
  }
  const end = new Date(signedAt.getTime() + expires * 1000);
  if (now > end) {
    throw s3Error('AccessDenied', {
      message: 'Request has expired',
      details: { Expires: end.toISOString(), ServerTime: now.toISOString() },
    });
  }
  const signedHeaders = (query['X-Amz-SignedHeaders'] ?? '').split(';');
  verifyHeadersSigned(head, signedHeaders);
  const signature = query['X-Amz-Signature'] ?? '';
  const payloadHash =
    head.headers['x-amz-content-sha256'] ?? query['X-Amz-Content-Sha256'] ?? 'UNSIGNED-PAYLOAD';
  return { via: 'query', scope, timestamp, signedHeaders, signature, payloadHash };
}

function malformed(message: string): Error {
  return s3Error('AuthorizationQueryParametersError', { message });
}

function parseScope(
  credential: string | undefined,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
): CredentialScope {
  // An access key id may itself hold slashes: count from the end.
  const parts = (credential ?? '').split('/');
  const [date = '', region = '', service = '', terminal = ''] = parts.splice(-4);
  const accessKeyId = parts.join('/');
  if (
    accessKeyId === '' ||
    !/^\d{8}$/.test(date) ||
    service !== 's3' ||
    terminal !== 'aws4_request'
  ) {
    throw s3Error(code, {
      message:
        'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request".',
    });
  }
  return { accessKeyId, date, region, service };
}

function parseTimestamp(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The Date header in the form of x-amz-date. */
function basicDate(header: string | undefined): string {
  const date = new Date(header ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function verifySkew(timestamp: string, scope: CredentialScope, now: Date): void {
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined) {
    throw s3Error('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    });
  }
  if (!timestamp.startsWith(scope.date)) {
    throw s3Error('AuthorizationHeaderMalformed', {
      message: `The authorization header is malformed; Invalid credential date "${scope.date}".`,
    });
  }
  if (Math.abs(now.getTime() - signedAt.getTime()) > greatestSkewMs) {
    throw s3Error('RequestTimeTooSkewed', {
      details: {
        RequestTime: timestamp,
        ServerTime: now.toISOString(),
        MaxAllowedSkewMilliseconds: String(greatestSkewMs),
      },
    });
  }
}

/** Host and every x-amz-* header must be covered, else an intermediary could change them. */
function verifyHeadersSigned(head: RequestHead, signedHeaders: readonly string[]): void {
  const unsigned = Object.keys(head.headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw s3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      details: { HeadersNotSigned: unsigned.join(', ') },
    });
  }
}
