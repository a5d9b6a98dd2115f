import { hmac, scopeText, sha256Hex } from './canonical.ts';
import { s3Error } from './errors.ts';
import type { HeaderMap } from './request.ts';
import type { Identity } from './signature.ts';

/** What an aws-chunked body held. */
export interface ChunkedBody {
  readonly body: Buffer;
  readonly trailers: HeaderMap;
}

/** Verifies one link of the chain of chunk signatures, or nothing for an unsigned body. */
interface ChainVerifier {
  chunk(data: Buffer, signature: string | undefined): void;
  trailer(canonical: string, signature: string | undefined): void;
}

const emptyHash = sha256Hex('');
const leastChunk = 8192;

/** The verifier of a body whose chunks are signed one upon the other. */
export function chainVerifier(identity: Identity & { kind: 'signed' }): ChainVerifier {
  let previous = identity.signature;
  const link = (label: string, hashes: readonly string[], signature: string | undefined): void => {
    const lines = [label, identity.timestamp, scopeText(identity.scope), previous, ...hashes];
    previous = hmac(identity.key, lines.join('\n')).toString('hex');
    if (previous !== signature) throw s3Error('SignatureDoesNotMatch');
  };
  return {
    chunk: (data, signature) =>
      link('AWS4-HMAC-SHA256-PAYLOAD', [emptyHash, sha256Hex(data)], signature),
    trailer: (canonical, signature) =>
      link('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(canonical)], signature),
  };
}

/** The verifier of STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
export const unsignedChain: ChainVerifier = { chunk: () => {}, trailer: () => {} };

/** Decodes an aws-chunked body. `trailers`: whether the payload's kind has a trailer part. */
export function decodeChunked(
  raw: Buffer,
  chain: ChainVerifier,
  trailers: 'with-trailers' | 'no-trailers',
): ChunkedBody {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const head = readChunkHead(raw, offset);
    const end = head.next + head.size;
    if (end > raw.length) throw s3Error('IncompleteBody');
    const data = raw.subarray(head.next, end);
    chain.chunk(data, head.signature);
    if (head.size === 0) {
      const rest = raw.subarray(head.next).toString('latin1');
      if (trailers === 'no-trailers') return { body: Buffer.concat(chunks), trailers: {} };
      return { body: Buffer.concat(chunks), trailers: readTrailers(rest, chain) };
    }
    const before = chunks.at(-1);
    if (before !== undefined && before.length < leastChunk) throw s3Error('InvalidChunkSizeError');
    if (raw.toString('latin1', end, end + 2) !== '\r\n') throw s3Error('IncompleteBody');
    chunks.push(data);
    offset = end + 2;
  }
}

function readChunkHead(
  raw: Buffer,
  offset: number,
): { size: number; signature: string | undefined; next: number } {
  const end = raw.indexOf('\r\n', offset, 'latin1');
  if (end === -1) throw s3Error('IncompleteBody');
  const line = raw.toString('latin1', offset, end);
  const match = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line);
  if (match === null) throw s3Error('IncompleteBody');
  return { size: Number.parseInt(match[1] ?? '', 16), signature: match[2], next: end + 2 };
}

function readTrailers(text: string, chain: ChainVerifier): HeaderMap {
  const trailers: Record<string, string> = {};
  let signature: string | undefined;
  let canonical = '';
  // Some clients end a trailer line with a bare LF, as the signature's canonical form does.
  for (const line of text.split(/\r?\n/).filter((part) => part !== '')) {
    const colon = line.indexOf(':');
    if (colon < 1) throw s3Error('MalformedTrailerError');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers[name] = value;
      canonical += `${name}:${value}\n`;
    }
  }
  chain.trailer(canonical, signature);
  return trailers;
}
