import { createHash, createHmac } from 'node:crypto';
import { decode } from './request.ts';
import type { RequestHead } from './request.ts';

/** The lower-case hex SHA-256. */
export function sha256Hex(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** HMAC-SHA256. */
export function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** What a credential says: whose key, for which day, region and service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** `date/region/service/aws4_request`. */
export function scopeText(scope: CredentialScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

/** The key that signs within a scope. */
export function signingKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const steps = [scope.date, scope.region, scope.service, 'aws4_request'];
  let key: Buffer | string = `AWS4${secretAccessKey}`;
  for (const step of steps) key = hmac(key, step);
  return Buffer.from(key);
}

/** Signature V4's canonical form of a request (S3 flavour: the path is encoded once). */
export function canonicalRequest(
  head: RequestHead,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const headers = signedHeaders.map(
    (name) => `${name}:${(head.headers[name] ?? '').trim().replaceAll(/\s+/g, ' ')}\n`,
  );
  const path = head.rawPath.split('/').map((segment) => uriEncode(decode(segment)));
  return [
    head.method,
    path.join('/'),
    canonicalQuery(head),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function canonicalQuery(head: RequestHead): string {
  return head.queryPairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** RFC 3986: encodeURIComponent leaves five characters that S3 encodes. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
