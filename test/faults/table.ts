import type { Act, Forwarded, Struck } from './front.ts';
import { send } from './front.ts';

/**
 * One fault of the transport. `code`: what an audit of an object that it strikes is told, where no
 * attempt can overcome it; null: it is overcome, or may be.
 */
export interface TransportFault {
  readonly name: string;
  readonly code: string | null;
  readonly act: Act;
}

/** Faults of an endpoint rather than of an answer: each has a server, or none, of its own. */
export const endpointFaults = {
  refused: 'STORE_UNREACHABLE',
  'no-such-host': 'STORE_UNREACHABLE',
  'self-signed': 'STORE_UNREACHABLE',
  'plain-where-tls': 'STORE_UNREACHABLE',
  'silent-handshake': 'STORE_TIMEOUT',
  'silent-connection': 'STORE_TIMEOUT',
  'ssh-banner': 'STORE_UNREACHABLE',
  garbage: 'STORE_UNREACHABLE',
  'half-status-line': 'STORE_TIMEOUT',
  'endless-headers': 'STORE_UNREACHABLE',
  'dripping-headers': 'STORE_TIMEOUT',
  'continue-for-ever': 'STORE_TIMEOUT',
  'early-hints-for-ever': 'STORE_TIMEOUT',
  'closed-at-once': 'STORE_UNREACHABLE',
} as const;

/** What the limits are divided by: 1 for the real ones. */
export const divisor: number = Number(process.env['KEYDRIFT_TEST_LIMITS_DIVIDED_BY'] ?? 200);
/** The same where a fault is to be known by its name: a busy machine needs a moment for each. */
export const namesDivisor: number = Math.min(divisor, 20);

const foreign = 'STORE_FOREIGN_ANSWER';
const page = '<!DOCTYPE html><html><body>id,mode\nP-9,full</body></html>';

/** An answer that no store gives, to whatever is asked. */
function foreignAnswer(
  status: number,
  type: string,
  body: string,
  code: string | null = foreign,
  headers: Readonly<Record<string, string>> = {},
): TransportFault {
  const length = String(Buffer.byteLength(body));
  return {
    name: `${status}-${type.replaceAll(/\W+/g, '-')}${Object.keys(headers)
      .map((name) => `-${name}`)
      .join('')}`,
    code,
    act: ({ request, response }) => {
      const named = type === 'nothing' ? {} : { 'content-type': type };
      response.writeHead(status, { ...named, 'content-length': length, ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

/** An error in S3's own words. */
function storeError(
  status: number,
  word: string,
  code: string | null,
  headers: Readonly<Record<string, string>> = {},
): TransportFault {
  return {
    name: `s3-${status}-${word}${Object.keys(headers)
      .map((name) => `-${name}`)
      .join('')}`,
    code,
    act: ({ request, response }) => {
      response.writeHead(status, { 'content-type': 'application/xml', ...headers });
      const text = `<?xml version="1.0"?>\n<Error><Code>${word}</Code><Message>${word}</Message></Error>`;
      response.end(request.method === 'HEAD' ? undefined : text);
    },
  };
}

/** A captive portal: for any object a page, under a head as of any file and nothing of S3's. */
function portal(name: string, text: string): TransportFault {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(Buffer.byteLength(text)),
    'last-modified': new Date(0).toUTCString(),
    etag: '"5f3759df"',
  };
  return {
    name,
    code: foreign,
    act: ({ asks, request, response }) => {
      if (asks !== 'get' && asks !== 'head') return 'through';
      response.writeHead(200, headers);
      response.end(request.method === 'HEAD' ? undefined : text);
      return undefined;
    },
  };
}

/** An object's own answer, spoilt. */
function spoilt(
  name: string,
  code: string | null,
  spoil: (answer: Forwarded, struck: Struck) => Forwarded | null | Promise<Forwarded | null>,
): TransportFault {
  return {
    name,
    code,
    act: (struck) => {
      if (struck.asks !== 'get') return 'through';
      return (async () => {
        const answer = await struck.forward();
        const left = answer.status < 300 ? await spoil(answer, struck) : answer;
        if (left !== null) send(struck.response, left);
      })();
    },
  };
}

/** Without some headers. */
function without({ headers, ...rest }: Forwarded, ...names: readonly string[]): Forwarded {
  const kept = Object.entries(headers).filter(
    ([name]) => !names.some((one) => name.startsWith(one)),
  );
  return { ...rest, headers: Object.fromEntries(kept) };
}

/** The head of an answer and a piece of its body; the rest is the caller's. */
function begin({ response }: Struck, { status, headers, body }: Forwarded, bytes: number): void {
  response.writeHead(status, headers);
  response.write(body.subarray(0, bytes));
}

const etag = 'etag';
const checksums = 'x-amz-checksum';

/** Every fault that strikes an answer. */
export const faults: readonly TransportFault[] = [
  // Answers of something else.
  foreignAnswer(404, 'nothing', ''),
  foreignAnswer(404, 'text/html', page),
  foreignAnswer(404, 'application/json', '{"error":"not found"}'),
  foreignAnswer(404, 'text/plain', 'default backend - 404'),
  foreignAnswer(404, 'application/xml', '<?xml version="1.0"?><status>404</status>'),
  foreignAnswer(400, 'text/html', page),
  foreignAnswer(401, 'text/html', page),
  foreignAnswer(403, 'text/html', page),
  foreignAnswer(407, 'text/html', page),
  foreignAnswer(410, 'text/html', page),
  foreignAnswer(418, 'text/html', page),
  foreignAnswer(451, 'text/html', page),
  foreignAnswer(301, 'text/html', page),
  foreignAnswer(301, 'nothing', '', foreign, { location: 'http://127.0.0.1:1/elsewhere' }),
  foreignAnswer(302, 'text/html', page, foreign, { location: 'http://127.0.0.1:1/sign-in' }),
  foreignAnswer(303, 'text/html', page, foreign, { location: 'http://127.0.0.1:1/sign-in' }),
  foreignAnswer(307, 'text/html', page, foreign, { location: 'http://127.0.0.1:1/sign-in' }),
  foreignAnswer(308, 'text/html', page, foreign, { location: 'http://127.0.0.1:1/sign-in' }),
  foreignAnswer(200, 'text/html', page),
  foreignAnswer(200, 'text/html', page, foreign, {
    etag: '"page"',
    'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT',
  }),
  foreignAnswer(200, 'application/json', '{"up":true}'),
  foreignAnswer(200, 'nothing', ''),
  foreignAnswer(204, 'nothing', ''),
  foreignAnswer(500, 'text/html', page, 'STORE_FAILED'),
  foreignAnswer(502, 'text/html', page, 'STORE_FAILED'),
  foreignAnswer(503, 'text/html', page, 'STORE_FAILED'),
  foreignAnswer(504, 'text/html', page, 'STORE_FAILED'),
  foreignAnswer(503, 'text/html', page, null, { 'retry-after': '86400' }),
  // S3's own.
  // The SDK waits longer before it asks a throttled store again: with short limits that is all.
  storeError(503, 'SlowDown', null),
  storeError(500, 'InternalError', 'STORE_FAILED'),
  storeError(429, 'TooManyRequests', 'STORE_FAILED'),
  storeError(507, 'InsufficientCapacity', 'STORE_FAILED'),
  storeError(405, 'MethodNotAllowed', 'STORE_FAILED'),
  storeError(501, 'NotImplemented', 'STORE_FAILED'),
  storeError(411, 'MissingContentLength', 'STORE_FAILED'),
  storeError(416, 'InvalidRange', 'STORE_FAILED'),
  storeError(409, 'OperationAborted', 'STORE_FAILED'),
  storeError(403, 'AccessDenied', 'STORE_ACCESS_DENIED'),
  storeError(403, 'SignatureDoesNotMatch', 'STORE_CREDENTIALS_REFUSED'),
  storeError(403, 'InvalidAccessKeyId', 'STORE_CREDENTIALS_REFUSED'),
  storeError(403, 'RequestTimeTooSkewed', null),
  storeError(400, 'ExpiredToken', 'STORE_CREDENTIALS_REFUSED'),
  storeError(403, 'InvalidObjectState', 'STORE_ARCHIVED'),
  storeError(404, 'NoSuchBucket', 'STORE_NO_SUCH_BUCKET'),
  storeError(301, 'PermanentRedirect', 'STORE_WRONG_REGION'),
  storeError(301, 'PermanentRedirect', 'STORE_WRONG_REGION', {
    'x-amz-bucket-region': 'eu-west-1',
  }),
  storeError(400, 'AuthorizationHeaderMalformed', null, { 'x-amz-bucket-region': 'eu-west-1' }),
  // Connections.
  {
    name: 'reset-before',
    code: 'STORE_UNREACHABLE',
    act: ({ socket }) => void socket.resetAndDestroy(),
  },
  { name: 'closed-before', code: 'STORE_UNREACHABLE', act: ({ socket }) => void socket.end() },
  { name: 'silent', code: 'STORE_TIMEOUT', act: () => undefined },
  {
    name: 'reset-once',
    code: null,
    act: ({ socket, before }) => (before > 0 ? 'through' : void socket.resetAndDestroy()),
  },
  // Heads.
  spoilt('no-etag', foreign, (answer) => without(answer, etag)),
  spoilt('no-length', foreign, (answer) => ({
    ...without(answer, 'content-length'),
    headers: { ...without(answer, 'content-length').headers, 'transfer-encoding': 'chunked' },
  })),
  spoilt('no-time', foreign, (answer) => without(answer, 'last-modified')),
  portal('portal-page', '<!doctype html>\n<title>Sign in</title>\n'),
  portal('portal-words', 'Please sign in to go on.\n'),
  spoilt('no-checksum', null, (answer) => without(answer, checksums)),
  // Bodies.
  spoilt('reset-body', 'STORE_INCOMPLETE_BODY', (answer, struck) => {
    begin(struck, answer, 9);
    setImmediate(() => struck.socket.resetAndDestroy());
    return null;
  }),
  spoilt('closed-body', 'STORE_INCOMPLETE_BODY', (answer, struck) => {
    begin(struck, answer, 9);
    struck.socket.end();
    return null;
  }),
  spoilt('closed-body-once', null, (answer, struck) => {
    if (struck.before > 0) return answer;
    begin(struck, answer, 9);
    struck.socket.end();
    return null;
  }),
  spoilt('stalled-body', 'STORE_TIMEOUT', (answer, struck) => {
    begin(struck, answer, 9);
    return null;
  }),
  spoilt('no-body-at-all', 'STORE_TIMEOUT', ({ status, headers }, { response }) => {
    response.writeHead(status, headers).flushHeaders();
    return null;
  }),
  spoilt('dripping-body', 'STORE_TIMEOUT', ({ status, headers, body }, { response }) => {
    response.writeHead(status, headers);
    let at = 0;
    const timer = setInterval(
      () => response.write(body.subarray(at, (at += 1))),
      4000 / namesDivisor,
    );
    response.once('close', () => clearInterval(timer));
    return null;
  }),
  spoilt('short-body', 'COPY_KEEPS_CHANGING', (answer) => cut(answer)),
  spoilt('short-body-no-checksum', 'COPY_KEEPS_CHANGING', (answer) =>
    cut(without(answer, checksums)),
  ),
  spoilt('wrong-byte', 'STORE_CHECKSUM_MISMATCH', ({ status, headers, body }) => {
    const wrong = Buffer.from(body);
    wrong[body.length >> 1] = (wrong[body.length >> 1] ?? 0) ^ 1;
    return { status, headers, body: wrong };
  }),
  spoilt('tail-of-another', 'COPY_KEEPS_CHANGING', (answer, struck) => {
    if (struck.request.headers.range === undefined) {
      begin(struck, answer, 9);
      struck.socket.end();
      return null;
    }
    return { ...answer, headers: { ...answer.headers, etag: '"another"' } };
  }),
  spoilt('tail-without-etag', foreign, (answer, struck) => {
    if (struck.request.headers.range === undefined) {
      begin(struck, answer, 9);
      struck.socket.end();
      return null;
    }
    return without(answer, etag);
  }),
  spoilt('tail-of-another-range', 'COPY_KEEPS_CHANGING', (answer, struck) => {
    if (struck.request.headers.range === undefined) {
      begin(struck, answer, 9);
      struck.socket.end();
      return null;
    }
    return { ...answer, headers: { ...answer.headers, 'content-range': 'bytes 0-8/99' } };
  }),
  spoilt('tail-is-a-page', foreign, (answer, struck) => {
    if (struck.request.headers.range === undefined) {
      begin(struck, answer, 9);
      struck.socket.end();
      return null;
    }
    const headers = { 'content-type': 'text/html', 'content-length': String(page.length) };
    return { status: 200, headers, body: Buffer.from(page) };
  }),
  spoilt('endless-length', null, (answer, struck) => {
    const headers = { ...answer.headers, 'content-length': String(10 * 1024 ** 4) };
    struck.response.writeHead(answer.status, headers).flushHeaders();
    return null;
  }),
  spoilt('nonsense-length', null, ({ body }, { socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: -1\r\n\r\n${body.toString()}`);
    return null;
  }),
  spoilt('body-beyond-its-length', null, (answer, { socket }) => {
    const lines = Object.entries(answer.headers).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    socket.end(
      `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n${answer.body.toString()}P-9,full\n`,
    );
    return null;
  }),
];

function cut({ status, headers, body }: Forwarded): Forwarded {
  const half = body.subarray(0, body.length >> 1);
  return { status, headers: { ...headers, 'content-length': String(half.length) }, body: half };
}
