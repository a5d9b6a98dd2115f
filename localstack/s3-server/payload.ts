import { sha256Hex } from './canonical.ts';
import { chainVerifier, decodeChunked, unsignedChain } from './chunked.ts';
import type { ChunkedBody } from './chunked.ts';
import { s3Error } from './errors.ts';
import type { HeaderMap, RequestHead } from './request.ts';
import type { Identity } from './signature.ts';

/** Takes the body out of its transfer form, verified as x-amz-content-sha256 asks. */
export function openPayload(head: RequestHead, identity: Identity, raw: Buffer): ChunkedBody {
  const kind = head.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  switch (kind) {
    case 'UNSIGNED-PAYLOAD':
      return { body: raw, trailers: {} };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return checked(head.headers, decodeChunked(raw, unsignedChain, 'with-trailers'));
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return checked(head.headers, decodeChunked(raw, signedChain(identity), 'no-trailers'));
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return checked(head.headers, decodeChunked(raw, signedChain(identity), 'with-trailers'));
    default:
      return literal(kind, raw);
  }
}

function literal(expected: string, raw: Buffer): ChunkedBody {
  if (expected.startsWith('STREAMING-')) throw s3Error('NotImplemented');
  if (!/^[0-9a-f]{64}$/i.test(expected)) {
    throw s3Error('InvalidArgument', {
      message:
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    });
  }
  const computed = sha256Hex(raw);
  if (computed !== expected.toLowerCase()) {
    throw s3Error('XAmzContentSHA256Mismatch', {
      details: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: computed },
    });
  }
  return { body: raw, trailers: {} };
}

function signedChain(identity: Identity): ReturnType<typeof chainVerifier> {
  if (identity.kind === 'anonymous') throw s3Error('AccessDenied');
  return chainVerifier(identity);
}

/** The announced length and the announced trailers must have arrived. */
function checked(headers: HeaderMap, chunked: ChunkedBody): ChunkedBody {
  const announced = headers['x-amz-decoded-content-length'];
  if (announced === undefined) throw s3Error('MissingContentLength');
  if (Number(announced) !== chunked.body.length) throw s3Error('IncompleteBody');
  const names = (headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const arrived = Object.keys(chunked.trailers);
  if (names.toSorted().join() !== arrived.toSorted().join()) {
    throw s3Error('MalformedTrailerError');
  }
  return chunked;
}
