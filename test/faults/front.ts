import { createServer, request as forwardRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** What a store behind answered. */
export interface Forwarded {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** One request that a fault may strike. */
export interface Struck {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** `GET`, `HEAD`, `PUT` of an object, or `list`. */
  readonly asks: 'get' | 'head' | 'put' | 'list' | 'other';
  /** How many requests of the same kind and fault came before. */
  readonly before: number;
  /** What the store behind says to it. */
  forward(): Promise<Forwarded>;
}

/** What goes wrong with the answers to a request; what it does not answer goes through. */
export type Act = (struck: Struck) => void | Promise<void> | 'through';

/** A proxy of faults: `s3://BUCKET/FAULT/…` is struck by the fault of that name. */
export interface Front {
  readonly endpoint: string;
  readonly close: () => Promise<void>;
}

/** Starts a front before a store. */
export async function startFront(
  behind: string,
  acts: Readonly<Record<string, Act | undefined>>,
): Promise<Front> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://front');
    const key = url.searchParams.get('prefix') ?? url.pathname.split('/').slice(2).join('/');
    const fault = key.split('/')[0] ?? '';
    const asks = asksOf(request, url);
    const count = `${fault} ${asks}`;
    const before = seen.get(count) ?? 0;
    seen.set(count, before + 1);
    const body = collect(request);
    const forward = async (): Promise<Forwarded> => forwardTo(behind, request, await body);
    const struck = { request, response, socket: request.socket, asks, before, forward };
    const through = async (): Promise<void> => send(response, await forward());
    const act = acts[fault];
    Promise.resolve(act === undefined ? 'through' : act(struck))
      .then((how) => (how === 'through' ? through() : undefined))
      .catch(() => request.socket.destroy());
  });
  server.keepAliveTimeout = 0;
  return listen(server);
}

function asksOf({ method }: IncomingMessage, url: URL): Struck['asks'] {
  if (url.searchParams.has('versions') || url.searchParams.has('list-type')) return 'list';
  if (url.pathname.split('/').slice(2).join('') === '') return 'other';
  if (method === 'GET') return 'get';
  if (method === 'HEAD') return 'head';
  return method === 'PUT' ? 'put' : 'other';
}

/** Answers as the store behind did, or otherwise. */
export function send(response: ServerResponse, { status, headers, body }: Forwarded): void {
  response.writeHead(status, headers);
  response.end(body);
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function forwardTo(behind: string, from: IncomingMessage, body: Buffer): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const options = { method: from.method ?? 'GET', headers: from.headers };
    const sent = forwardRequest(new URL(from.url ?? '/', behind), options, (answer) => {
      collect(answer).then(
        (bytes) =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }),
        reject,
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A server that speaks what it likes to whoever connects. */
export function startRaw(speak: (socket: Socket) => void): Promise<Front> {
  return listen(createTcpServer((socket) => speak(socket.on('error', () => undefined))));
}

/** A server of HTTP behind TLS that nobody trusts. */
export async function startTls(key: string, cert: string): Promise<Front> {
  const front = await listen(createTlsServer({ key, cert }, (socket) => socket.destroy()));
  return { ...front, endpoint: front.endpoint.replace('http:', 'https:') };
}

function listen(server: Server): Promise<Front> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      resolve({
        endpoint: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
