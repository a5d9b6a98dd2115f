// A second, independent Signature V4: for requests that the SDK cannot express. It shares no code
// with the server; signature.test.ts holds both against the examples AWS publishes.
import { createHash, createHmac } from 'node:crypto';

/** A request to sign. */
export interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Instead of the body's hash: UNSIGNED-PAYLOAD or a STREAMING one. */
  readonly payloadHash?: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  readonly region?: string;
  readonly date?: Date;
}

/** What further signatures build on. */
export interface Signed {
  readonly headers: Record<string, string>;
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
  readonly key: Buffer;
}

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** The headers of a request, with its Authorization. */
export function sign(
  request: Omit<Unsigned, 'url'> & { readonly url: Pick<URL, 'host' | 'pathname' | 'search'> },
): Signed {
  const { method, url, credentials, date = new Date() } = request;
  const payloadHash = request.payloadHash ?? sha256(request.body ?? '');
  const timestamp = date.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const given: Record<string, string> = {
    ...request.headers,
    host: url.host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': timestamp,
  };
  const names = Object.keys(given).toSorted();
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    ...names.map((name) => `${name}:${given[name]}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
  const { key, scope } = signingKey(request, timestamp);
  const signature = hmac(
    key,
    ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n'),
  ).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { headers: { ...given, authorization }, signature, timestamp, scope, key };
}

/** A presigned URL. */
export function presign(request: Unsigned & { readonly expires: number }): string {
  const { method, url, credentials, date = new Date() } = request;
  const timestamp = date.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const { key, scope } = signingKey(request, timestamp);
  const query = [
    ...[...url.searchParams].map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${credentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${timestamp}`,
    `X-Amz-Expires=${request.expires}`,
    'X-Amz-SignedHeaders=host',
  ]
    .toSorted()
    .join('&');
  const canonical = [
    method,
    url.pathname,
    query,
    `host:${url.host}`,
    '',
    'host',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const signature = hmac(
    key,
    ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n'),
  ).toString('hex');
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${signature}`;
}

function signingKey(
  request: Pick<Unsigned, 'credentials' | 'region'>,
  timestamp: string,
): { key: Buffer; scope: string } {
  const date = timestamp.slice(0, 8);
  const region = request.region ?? 'us-east-1';
  const first = hmac(`AWS4${request.credentials.secretAccessKey}`, date);
  const key = hmac(hmac(hmac(first, region), 's3'), 'aws4_request');
  return { key, scope: `${date}/${region}/s3/aws4_request` };
}

/** An aws-chunked body; signed when `signed` is given, with the trailers as `name:value`. */
export function chunk(
  chunks: readonly Buffer[],
  options: { readonly signed?: Signed; readonly trailers?: readonly string[] } = {},
): Buffer {
  const { signed, trailers } = options;
  let previous = signed?.signature ?? '';
  const link = (label: string, ...hashes: string[]): string => {
    if (signed === undefined) return '';
    const lines = [label, signed.timestamp, signed.scope, previous, ...hashes];
    previous = hmac(signed.key, lines.join('\n')).toString('hex');
    return previous;
  };
  const pieces: (Buffer | string)[] = [];
  for (const data of [...chunks, Buffer.alloc(0)]) {
    const signature = link('AWS4-HMAC-SHA256-PAYLOAD', sha256(''), sha256(data));
    const extension = signed === undefined ? '' : `;chunk-signature=${signature}`;
    pieces.push(`${data.length.toString(16)}${extension}\r\n`);
    if (data.length > 0) pieces.push(data, '\r\n');
  }
  if (trailers !== undefined) {
    pieces.push(...trailers.map((line) => `${line}\r\n`));
    const canonical = trailers.map((line) => `${line}\n`).join('');
    const signature = link('AWS4-HMAC-SHA256-TRAILER', sha256(canonical));
    if (signed !== undefined) pieces.push(`x-amz-trailer-signature:${signature}\r\n`);
  }
  pieces.push('\r\n');
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}
