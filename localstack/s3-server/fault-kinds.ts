import { S3Error, s3Error } from './errors.ts';

/** What goes wrong before a request is handled. */
export type ArrivalFault =
  /** 503 SlowDown, with Retry-After in seconds where given. */
  | { readonly kind: 'slow-down'; readonly retryAfter?: number }
  | { readonly kind: 'internal-error' }
  /** 403. With `on.action`, whatever needs that permission fails as it does without it. */
  | { readonly kind: 'access-denied' }
  /** 301 PermanentRedirect to the bucket's region. */
  | { readonly kind: 'redirect'; readonly region: string; readonly endpoint?: string }
  /** 409 ConditionalRequestConflict; strikes conditional writes only. */
  | { readonly kind: 'conflict' }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'latency'; readonly ms: number }
  /** Runs between the arrival of a request and its handling: the place of a race. */
  | { readonly kind: 'before'; readonly run: () => unknown }
  /** The connection is reset; the request is not carried out. */
  | { readonly kind: 'reset' }
  /** No answer, ever. */
  | { readonly kind: 'hang' };

/** What goes wrong with an answer. All but the first two strike 2xx answers with a body. */
export type ResponseFault =
  /** The request is carried out, and the connection is reset instead of an answer. */
  | { readonly kind: 'lost-response' }
  | { readonly kind: 'no-checksum' }
  /** Never ends: so many bytes are sent, at most all but one. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** A reset (RST) after so many bytes; the client may see fewer. */
  | { readonly kind: 'reset-body'; readonly afterBytes: number }
  /** The connection is closed (FIN) before Content-Length is reached. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** So many bytes and a Content-Length that agrees with them. */
  | { readonly kind: 'short-body'; readonly bytes: number }
  /** One byte is wrong: the one at that offset of the body sent, else the middle one. */
  | { readonly kind: 'flip-byte'; readonly at?: number };

/** A thing that goes wrong, as plain data. */
export type Fault = ArrivalFault | ResponseFault;

const responseKinds: Readonly<Record<ResponseFault['kind'], true>> = {
  'lost-response': true,
  'no-checksum': true,
  stall: true,
  'reset-body': true,
  truncate: true,
  'short-body': true,
  'flip-byte': true,
};

/** Whether a fault spoils the answer. */
export function isResponseFault(fault: Fault): fault is ResponseFault {
  return Object.hasOwn(responseKinds, fault.kind);
}

/** The error that a fault answers with; undefined when it does something else. */
export function errorOf(
  fault: ArrivalFault,
  on: { readonly bucket: string | undefined; readonly key: string | undefined },
): S3Error | undefined {
  switch (fault.kind) {
    case 'slow-down': {
      const { retryAfter } = fault;
      return s3Error('SlowDown', {
        headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
      });
    }
    case 'internal-error':
      return s3Error('InternalError');
    case 'access-denied':
      return s3Error('AccessDenied');
    case 'conflict':
      return s3Error('ConditionalRequestConflict', { details: { Key: on.key ?? '' } });
    case 'redirect':
      return redirectError(on.bucket ?? '', fault.region, fault.endpoint);
    case 'error':
      return new S3Error(fault.status, fault.code, fault.message ?? fault.code, {
        headers: fault.headers ?? {},
      });
    case 'latency':
    case 'before':
    case 'reset':
    case 'hang':
      break;
  }
  return undefined;
}

/** 301 PermanentRedirect. */
export function redirectError(bucket: string, region: string, endpoint?: string): S3Error {
  return s3Error('PermanentRedirect', {
    details: { Endpoint: endpoint ?? `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
    headers: { 'x-amz-bucket-region': region },
  });
}
