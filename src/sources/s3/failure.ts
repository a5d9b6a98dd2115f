import { clipTo, memberOf } from '../../model/index.ts';

/** What the SDK threw, read once and narrowed. */
export interface S3Failure {
  /** HTTP status, or null where there was no answer. */
  readonly status: number | null;
  /** S3's error code; for what never reached S3, the SDK's or Node's name of it. */
  readonly code: string;
  /** One line, without secrets. */
  readonly message: string;
  /** How many times the SDK sent the request. */
  readonly attempts: number;
  /** S3's own id of the request, which its support asks for. */
  readonly requestId: string | null;
  /** Region in which the store says that the bucket is. */
  readonly region: string | null;
  /** The delete marker that the request met, as far as the answer tells of it. */
  readonly deleteMarker: DeleteMarker | null;
  /** The error itself, fit to be shown under debugging. */
  readonly cause: Error;
}

interface DeleteMarker {
  readonly versionId: string | null;
  /** ISO 8601. */
  readonly at: string | null;
}

/** Reads anything that the SDK, its HTTP handler or a body threw. */
export function readFailure(thrown: unknown): S3Failure {
  const metadata = memberOf(thrown, '$metadata');
  const response = memberOf(thrown, '$response');
  const headers = memberOf(response, 'headers');
  const status = memberOf(metadata, 'httpStatusCode') ?? memberOf(response, 'statusCode');
  const name = text(memberOf(thrown, 'name')) ?? 'Error';
  const code = status === undefined ? (text(memberOf(thrown, 'code')) ?? name) : name;
  const message = safeText(messageOf(thrown));
  const attempts = memberOf(metadata, 'attempts');
  return {
    status: typeof status === 'number' ? status : null,
    code: safeText(code),
    message,
    attempts: typeof attempts === 'number' ? attempts : 1,
    requestId: text(memberOf(metadata, 'requestId')) ?? null,
    region:
      text(memberOf(headers, 'x-amz-bucket-region')) ?? text(memberOf(thrown, 'Region')) ?? null,
    deleteMarker: deleteMarkerOf(headers),
    cause: safeCause(thrown, name, message),
  };
}

function deleteMarkerOf(headers: unknown): DeleteMarker | null {
  if (memberOf(headers, 'x-amz-delete-marker') !== 'true') return null;
  const at = Date.parse(text(memberOf(headers, 'last-modified')) ?? '');
  return {
    versionId: text(memberOf(headers, 'x-amz-version-id')) ?? null,
    at: Number.isNaN(at) ? null : new Date(at).toISOString(),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function messageOf(thrown: unknown): string {
  const message = text(memberOf(thrown, 'message'));
  if (message !== undefined) return message;
  // Node tries every address of a host, and throws an AggregateError without a message.
  const errors = memberOf(thrown, 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return text(memberOf(first, 'message')) ?? String(thrown);
}

/**
 * A store's own words on one line, without what may let somebody in: access keys, signatures,
 * tokens. At most 400 characters.
 */
function safeText(raw: string): string {
  const line = raw
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, '(access key)')
    .replaceAll(/(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"<]+/gi, '$1(hidden)')
    .replaceAll(/(:\/\/)[^/@\s]+@/g, '$1')
    .trim();
  return clipTo(line, 400);
}

/**
 * Name, message and stack only: S3's answer to a wrong signature repeats the request that was
 * signed, session token included, and the SDK makes all of it members of its error.
 */
function safeCause(thrown: unknown, name: string, message: string): Error {
  const cause = new Error(message);
  cause.name = name;
  const stack = text(memberOf(thrown, 'stack'));
  if (stack !== undefined) {
    const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
    cause.stack = [`${name}: ${message}`, ...frames].join('\n');
  }
  return cause;
}
