import type { IncomingMessage } from 'node:http';
import { s3Error } from './errors.ts';

/** Headers by lower-case name; a repeated header's values are joined with a comma. */
export type HeaderMap = Readonly<Record<string, string>>;

/** What the request line and the headers say, before the body is read. */
export interface RequestHead {
  readonly method: string;
  /** The path as it was sent: the signature covers its encoding. */
  readonly rawPath: string;
  /** Decoded query parameters in the order sent. */
  readonly queryPairs: readonly (readonly [name: string, value: string])[];
  /** The first value of each query parameter. */
  readonly query: HeaderMap;
  readonly headers: HeaderMap;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

/** Reads a request's head; InvalidURI when it cannot be decoded. */
export function readHead(
  incoming: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>,
): RequestHead {
  const { rawPath, rawQuery } = splitTarget(incoming.url ?? '');
  const queryPairs = parseQuery(rawQuery);
  const headers = joinHeaders(incoming.rawHeaders);
  return {
    method: incoming.method ?? '',
    rawPath,
    queryPairs,
    // The first of a repeated parameter counts, hence the reversal.
    query: nullPrototype([...queryPairs].reverse()),
    headers,
    ...addressOf(rawPath, headers['host'] ?? ''),
  };
}

function splitTarget(target: string): { rawPath: string; rawQuery: string } {
  const origin = /^https?:\/\/[^/?]*/i.exec(target)?.[0] ?? '';
  const [path = '', ...query] = target.slice(origin.length).split('?');
  if (!path.startsWith('/')) throw s3Error('InvalidURI');
  return { rawPath: path, rawQuery: query.join('?') };
}

function parseQuery(rawQuery: string): [string, string][] {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeParameter(name), decodeParameter(value.join('='))];
    });
}

function decodeParameter(part: string): string {
  return decode(part.replaceAll('+', ' '));
}

function joinHeaders(rawHeaders: readonly string[]): HeaderMap {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return nullPrototype(headers);
}

/** An object with no inherited members, so that a parameter named `constructor` is just absent. */
function nullPrototype(entries: Iterable<readonly [string, string]>): HeaderMap {
  const bare: Record<string, string> = Object.setPrototypeOf({}, null);
  return Object.assign(bare, Object.fromEntries(entries));
}

/** Path style, or virtual-host style below `localhost`. */
function addressOf(
  rawPath: string,
  host: string,
): { bucket: string | undefined; key: string | undefined } {
  const virtual = /^(.+)\.localhost(?::\d+)?$/i.exec(host)?.[1];
  const path = rawPath.slice(1);
  if (virtual !== undefined)
    return { bucket: virtual, key: path === '' ? undefined : decode(path) };
  const slash = path.indexOf('/');
  const bucket = decode(slash === -1 ? path : path.slice(0, slash));
  const key = slash === -1 ? '' : decode(path.slice(slash + 1));
  return { bucket: bucket === '' ? undefined : bucket, key: key === '' ? undefined : key };
}

/** Undoes percent-encoding; bytes that are no UTF-8 are InvalidURI. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw s3Error('InvalidURI');
  }
}

/** S3's greatest single upload; a body is held in memory. */
const greatestBody = 5 * 1024 ** 3;

/** Reads the whole body as it was sent; rejects when the client goes away. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > greatestBody) throw s3Error('EntityTooLarge');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
