import http from 'node:http';
import https from 'node:https';
import {
  identify,
  type Behind,
  type Credentials,
  type RequestHead,
  type S3Response,
} from '../../localstack/s3-server/index.ts';
import { sign as signAnew } from '../localstack/signer.ts';

/** A server that nobody here wrote, shared by all tests of a run. */
export interface Shared {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** The times that a test chose, by place: the server's own are those of the writing. */
export type ChosenTimes = Map<string, Date>;

/** Instead of a version's id, where a listing tells of none. */
export const current = '';

export function placeOf(bucket: string, key: string, versionId: string): string {
  return JSON.stringify([bucket, key, versionId]);
}

/**
 * Stands before a shared server for one stage of the tests: its buckets have a prefix there (whoever
 * shares a server chooses no names), what the stage's keys signed is signed by the server's, and what
 * a test says of an object's time is told instead of the time of its writing. All else, ids, order,
 * errors, conditions, checksums, bytes, is what the server answers.
 */
export function standBefore(
  shared: Shared,
  own: Credentials,
  prefix: string,
  { times, open }: { readonly times: ChosenTimes; readonly open: ReadonlySet<string> },
): Behind {
  return async (head, body) => {
    const { bucket, key, method } = head;
    const answer = await ask(shared, head, body, {
      prefix,
      signed: isSigned(head, own) ?? (bucket !== undefined && open.has(bucket) ? 'yes' : 'no'),
    });
    if (bucket === undefined) return answer;
    const versionId = answer.headers['x-amz-version-id'] ?? head.query['versionId'] ?? 'null';
    if (key !== undefined && answer.status < 300) {
      if (method === 'GET' || method === 'HEAD')
        return withTime(answer, times.get(placeOf(bucket, key, versionId)));
      for (const id of [versionId, current]) times.delete(placeOf(bucket, key, id));
      return answer;
    }
    // A listing, or an error.
    const text = answer.body.toString().replaceAll(prefix, '');
    return { ...answer, body: Buffer.from(retimed(text, bucket, times)) };
  };
}

/** Whether the stage's own keys signed; undefined: nobody did. */
function isSigned(head: RequestHead, own: Credentials): 'yes' | 'wrongly' | undefined {
  try {
    return identify(head, own, new Date()).kind === 'signed' ? 'yes' : undefined;
  } catch {
    return 'wrongly';
  }
}

const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent() };
/** Of the connection, or made anew; the rest is asked as it came. */
const ownHeaders =
  /^(?:host|connection|content-length|transfer-encoding|expect|authorization|x-amz-date|x-amz-security-token)$/;
/** What a signature covers: all that says something of the object. */
const covered = /^(?:x-amz-|content-type$|content-md5$|range$|if-)/;

async function ask(
  { endpoint, region, credentials }: Shared,
  head: RequestHead,
  body: Buffer,
  { prefix, signed }: { readonly prefix: string; readonly signed: 'yes' | 'wrongly' | 'no' },
): Promise<S3Response> {
  if (head.headers['x-amz-content-sha256']?.startsWith('STREAMING-AWS4') === true)
    throw new Error('chunks that are signed cannot be signed again');
  const to = new URL(endpoint);
  const pathname = head.bucket === undefined ? head.rawPath : `/${prefix}${head.rawPath.slice(1)}`;
  const search = canonical(head.queryPairs);
  const passed = Object.entries(head.headers).filter(([name]) => !ownHeaders.test(name));
  const headers: Record<string, string> = { ...Object.fromEntries(passed), host: to.host };
  const source = headers['x-amz-copy-source'];
  if (source !== undefined)
    headers['x-amz-copy-source'] = source.replace(/^\/?/, (slash) => `${slash}${prefix}`);
  if (head.method !== 'GET' || body.length > 0) headers['content-length'] = String(body.length);
  if (signed === 'yes') {
    const payloadHash = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
    const url = { host: to.host, pathname, search };
    const named = Object.entries(headers).filter(([name]) => covered.test(name));
    const { method } = head;
    const all = { method, url, headers: Object.fromEntries(named), payloadHash };
    Object.assign(headers, signAnew({ ...all, credentials, region }).headers);
  } else if (signed === 'wrongly') {
    // What the server says of a signature that does not hold.
    headers['authorization'] = head.headers['authorization'] ?? '';
    headers['x-amz-date'] = head.headers['x-amz-date'] ?? '';
  }
  const { request } = to.protocol === 'https:' ? https : http;
  const agent = to.protocol === 'https:' ? agents.https : agents.http;
  // As it came: some servers take a name without a value for another than one with an empty one.
  const path = `${pathname}${search.replaceAll(/=(?=&|$)/g, '')}`;
  return new Promise((resolve, reject) => {
    const sent = request(to, { method: head.method, path, headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const told = new Map<string, string>();
        for (const [name, value] of Object.entries(answer.headers)) {
          if (/^(?:connection|keep-alive|transfer-encoding|content-length)$/.test(name)) continue;
          told.set(name, String(value));
        }
        // A HEAD is answered with the length of a body.
        const length = head.method === 'HEAD' ? Number(answer.headers['content-length'] ?? 0) : 0;
        const whole = head.method === 'HEAD' ? Buffer.alloc(length) : Buffer.concat(chunks);
        resolve({
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(told),
          body: whole,
        });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A query as Signature V4 wants it: encoded strictly, in code-unit order. */
function canonical(pairs: RequestHead['queryPairs']): string {
  const strictly = (text: string): string =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const all = pairs.map(([name, value]) => `${strictly(name)}=${strictly(value)}`).toSorted();
  return all.length === 0 ? '' : `?${all.join('&')}`;
}

function withTime(answer: S3Response, time: Date | undefined): S3Response {
  if (time === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'last-modified': time.toUTCString() } };
}

const entries = /<(Contents|Version|DeleteMarker)>[^]*?<\/\1>/g;

/** A listing whose entries have the times that were chosen for them. */
function retimed(text: string, bucket: string, times: ChosenTimes): string {
  if (times.size === 0) return text;
  const isEncoded = text.includes('<EncodingType>url</EncodingType>');
  return text.replaceAll(entries, (entry) => {
    const of = (name: string): string | undefined =>
      new RegExp(`<${name}>([^<]*)</${name}>`).exec(entry)?.[1];
    const key = of('Key') ?? '';
    const plain = isEncoded ? decodeURIComponent(key.replaceAll('+', ' ')) : unescaped(key);
    const time = times.get(placeOf(bucket, plain, of('VersionId') ?? current));
    if (time === undefined) return entry;
    return entry.replace(
      /<LastModified>[^<]*</,
      `<LastModified>${time.toISOString().replace(/\.\d+Z/, '.000Z')}<`,
    );
  });
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = {
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    amp: '&',
  };
  return text.replaceAll(/&(?:(\w+)|#x([0-9a-f]+)|#(\d+));/gi, (_, name, hex, decimal) => {
    if (name !== undefined) return named[name] ?? '';
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
