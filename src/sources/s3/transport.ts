import { IncomingMessage, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { beginEvent, whenAborted, type Environment } from '../../model/index.ts';
import { proxyFor } from './access.ts';

/** How long a store may take, in milliseconds: handed in, and never read from variables. */
export interface TransportLimits {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** All attempts at one request: until the headers of its answer, or the whole of a short answer. */
  readonly answerMs: number;
  /** Until there are credentials. */
  readonly credentialsMs: number;
  /** A body gives that many bytes, or what is left of it, in that much waiting. */
  readonly body: { readonly bytes: number; readonly ms: number };
  /** From one probe of an endpoint that cannot be reached to the next. */
  readonly probeMs: number;
}

/** With what comes around it, each of them ends within a minute. */
export const transportLimits: TransportLimits = {
  connectMs: 5_000,
  answerMs: 55_000,
  credentialsMs: 55_000,
  body: { bytes: 30 * 1024, ms: 30_000 },
  probeMs: 10_000,
};

/** The same limits, that many times as short; a connection needs a moment all the same. */
export function dividedLimits(by: number): TransportLimits {
  const { connectMs, answerMs, credentialsMs, body, probeMs } = transportLimits;
  return {
    connectMs: Math.max(2000, connectMs / by),
    answerMs: answerMs / by,
    credentialsMs: credentialsMs / by,
    body: { bytes: Math.ceil(body.bytes / by), ms: body.ms / by },
    probeMs: probeMs / by,
  };
}

/** What a fault of the transport calls itself, where neither S3 nor Node has a name for it. */
export const ownFaults = {
  /** A limit of `TransportLimits` was reached. */
  limit: 'LimitReached',
  /** An answer that is none of S3's. */
  foreign: 'ForeignAnswer',
} as const;

/** An error of the transport's own, as the SDK's are read. */
export function ownFault(
  code: (typeof ownFaults)[keyof typeof ownFaults],
  message: string,
  status: number | null = null,
): Error {
  const $metadata = status === null ? {} : { httpStatusCode: status };
  return Object.assign(new Error(message), { name: code, code, $metadata });
}

/** A short answer is read whole; S3's largest are listings of 1,000 keys. */
const mostCollected = 32 * 1024 * 1024;

/** A body is sent at this rate at least, on top of what an answer may take. */
const sentPerMs = 256;

type Handler = Pick<S3Client['config']['requestHandler'], 'handle'>;
export type Sent = Parameters<Handler['handle']>[0];
export type Answer = Awaited<ReturnType<Handler['handle']>>['response'];

/** What came of a request that somebody else sent. */
export type Outcome = ({ readonly response: Answer } | { readonly error: unknown }) & {
  /** How long that took: it counts for the limit of all attempts. */
  readonly spentMs: number;
};

/** A client whose requests have limits. */
export interface WatchedClient {
  readonly client: S3Client;
  /** The outcome of the first attempt at a command with this input: it is not sent. */
  replay(input: object, outcome: Outcome): void;
}

/**
 * Puts limits on all that a client sends, and looks at what comes before the SDK does: all attempts
 * at one request share `answerMs`, each of them has half of it, and an answer that is not S3's is
 * the fault `ForeignAnswer`.
 */
export function watchClient(client: S3Client, limits: TransportLimits): WatchedClient {
  const started = new WeakMap<object, Limit>();
  const outcomes = new WeakMap<object, Outcome>();
  /** Takes it from one thing that stands for a command to the next. */
  const hand = (from: object, to: object): Outcome | undefined => {
    const outcome = outcomes.get(from);
    outcomes.delete(from);
    if (outcome !== undefined) outcomes.set(to, outcome);
    return outcome;
  };
  client.middlewareStack.add(
    (next, context) => async (given) => {
      const spentMs = hand(given.input, context)?.spentMs ?? 0;
      const limit = startLimit(Math.max(0, limits.answerMs - spentMs) + sendingMs(given.input));
      started.set(context, limit);
      try {
        return await Promise.race([next(given), limit.reached]);
      } finally {
        limit.stop();
      }
    },
    { step: 'initialize', priority: 'high', name: 'keydriftLimit' },
  );
  client.middlewareStack.add(
    (next, context) => (given) => {
      const request: object = Object(given.request);
      const limit = started.get(context);
      if (limit !== undefined) started.set(request, limit);
      hand(context, request);
      return next(given);
    },
    { step: 'deserialize', priority: 'low', name: 'keydriftSignal' },
  );
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = async (request, options) => {
    const outcome = outcomes.get(request);
    outcomes.delete(request);
    if (outcome !== undefined) {
      if ('error' in outcome) throw outcome.error;
      return { response: outcome.response };
    }
    const given = options && 'abortSignal' in options ? options.abortSignal : undefined;
    const limit = started.get(request);
    if (given instanceof AbortSignal) limit?.follow(given);
    const end = beginEvent('request', requestText(request), attemptOf(request));
    try {
      const requestTimeout = request.method === 'PUT' ? 0 : limits.answerMs / 2;
      const abortSignal = limit?.ending ?? given;
      const answered = await handle(
        request,
        abortSignal === undefined ? { requestTimeout } : { requestTimeout, abortSignal },
      );
      const { statusCode: status, headers } = answered.response;
      await checkAnswer(request, answered.response);
      limit?.leaveWith(answered.response);
      end({ status, bytes: Number(headers['content-length'] ?? 0) });
      return answered;
    } catch (error) {
      limit?.leave();
      end({ error: error instanceof Error ? error.name : String(error) });
      throw error;
    }
  };
  return { client, replay: (input, outcome) => void outcomes.set(input, outcome) };
}

/** Where a request goes, for a log: nothing of its signature. */
function requestText({ method, hostname, port, path, query, headers }: Sent): string {
  const version = query?.['versionId'];
  const { range } = headers;
  const at = `${method} ${hostname}${port === undefined ? '' : `:${port}`}${path}`;
  const asked = typeof version === 'string' ? `?versionId=${version}` : '';
  return at + asked + (range === undefined ? '' : ` (${range})`);
}

/** Which attempt at a request it is: the SDK counts them. */
function attemptOf({ headers }: Sent): { readonly attempt: number; readonly attempts: number } {
  const [, attempt = '1', attempts = '1'] =
    /attempt=(\d+)(?:; max=(\d+))?/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  return { attempt: Number(attempt), attempts: Number(attempts) };
}

/** What a body that is sent may take. */
function sendingMs(input: object): number {
  const length: unknown = Reflect.get(input, 'ContentLength');
  return typeof length === 'number' ? length / sentPerMs : 0;
}

/** What ends a request, as its handler looks at it: to make an AbortSignal takes a tenth of a request. */
interface Ending {
  aborted: boolean;
  reason: unknown;
  onabort: (() => void) | null;
}

/** A limit that was started; `reached` rejects. */
export interface Limit {
  readonly ending: Ending;
  readonly reached: Promise<never>;
  stop(): void;
  /** Ends with a signal, too, until it leaves it. */
  follow(signal: AbortSignal): void;
  leave(): void;
  /** Leaves it when the body of an answer is over: what ends all requests ends a body that comes. */
  leaveWith(answer: Answer): void;
}

/** Starts a limit. */
export function startLimit(ms: number): Limit {
  const ending: Ending = { aborted: false, reason: undefined, onabort: null };
  const end = (reason: unknown): void => {
    if (ending.aborted) return;
    ending.aborted = true;
    ending.reason = reason;
    ending.onabort?.();
  };
  let unfollow: (() => void) | null = null;
  const leave = (): void => {
    unfollow?.();
    unfollow = null;
  };
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const fault = ownFault(ownFaults.limit, `no answer within ${durationText(ms)}`);
      reject(fault);
      end(fault);
    }, ms);
  });
  reached.catch(() => undefined);
  return {
    ending,
    reached,
    stop: () => clearTimeout(timer),
    follow(signal) {
      leave();
      unfollow = whenAborted(signal, () => end(signal.reason));
    },
    leave,
    leaveWith({ body }) {
      if (body instanceof IncomingMessage) body.once('close', leave);
      else leave();
    },
  };
}

/** Waits no longer than that: whatever goes on behind it is left alone. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // Once for each chunk of a body: nothing here needs a signal.
  const reached = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(ownFault(ownFaults.limit, `${what} within ${durationText(ms)}`)),
      ms,
    );
  });
  try {
    return await Promise.race([work, reached]);
  } finally {
    work.catch(() => undefined);
    clearTimeout(timer);
  }
}

/** `55 s`, `275 ms`. */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** Reads an answer whole, unless it is an object's bytes, and throws where it is none of S3's. */
async function checkAnswer({ method, query }: Sent, answer: Answer): Promise<void> {
  const isObject = answer.statusCode < 300 && query?.['x-id'] === 'GetObject';
  if (isObject || method === 'HEAD') return;
  const body = await collect(answer);
  answer.body = body;
  const { statusCode: status } = answer;
  if (method !== 'GET' && status < 300) return;
  const text = body.toString('latin1', 0, 64 * 1024);
  if (status >= 300 ? isErrorOfS3(answer, text) : listing.test(text)) return;
  // A gateway's 502 to 504 is tried again like S3's own, which needs no words.
  if (status >= 500 || status === 429) answer.body = new Uint8Array();
  else throw ownFault(ownFaults.foreign, foreignText(answer, text), status);
}

/** Roots of the short answers that are asked for; moto has its own name for one. */
const listing =
  /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:ListVersionsResult|ListBucketResult|VersioningConfiguration|GetBucketVersioningResponse|Tagging)\b/;

/** Statuses that say enough without a body, where there is none. */
const bare: ReadonlySet<number> = new Set([304, 401, 403, 405, 412, 416, 501]);

/** Other services of AWS, which tell of credentials, have forms of their own. */
function isErrorOfS3({ statusCode, headers }: Answer, text: string): boolean {
  if (headers['x-amzn-requestid'] !== undefined) return true;
  if (text.trim() === '') return bare.has(statusCode);
  return /^\s*(?:<\?xml[^>]*\?>\s*)?<Error(?:Response)?[\s>]/.test(text) && text.includes('<Code>');
}

function foreignText({ statusCode, headers }: Answer, text: string): string {
  const type = headers['content-type'] ?? '';
  const start = text.trim().slice(0, 60);
  const what = start === '' ? 'nothing in it' : `"${start}${text.length > 60 ? '…' : ''}"`;
  return `HTTP ${statusCode}${type === '' ? '' : `, ${type.slice(0, 60)}`}, ${what}`;
}

async function collect(answer: Answer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: unknown = answer.body;
  if (!(body instanceof Readable)) return Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > mostCollected) {
      body.destroy();
      throw ownFault(ownFaults.foreign, 'an answer without end', answer.statusCode);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What connections are made by. */
export interface Network {
  /** URL of the proxy; null: straight. */
  readonly proxy: string | null;
  /** The certificate authorities that are trusted instead of Node's; null: those. */
  readonly caBundle: Buffer | null;
}

/** How an endpoint is reached by what the variables say, as in any tool of AWS's. */
export function networkOf(
  endpoint: string,
  environment: Environment,
  caBundle: Buffer | null,
): Network {
  return { proxy: proxyFor(new URL(endpoint), environment), caBundle };
}

/** Agents as the network asks for. */
export async function openAgents({ proxy, caBundle }: Network): Promise<{
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}> {
  // A paused reader keeps its socket: with a bound, fifty of them would stop the next for ever.
  const kept = { keepAlive: true, maxSockets: Infinity };
  const trusted = caBundle === null ? {} : { ca: caBundle };
  if (proxy === null) {
    return { httpAgent: new HttpAgent(kept), httpsAgent: new HttpsAgent({ ...kept, ...trusted }) };
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import('./proxy-agents.ts');
  const throughTls = new HttpsProxyAgent(proxy, { ...kept, ...trusted });
  // The tunnel's own options end at the proxy: what is spoken through it has its own.
  Object.assign(throughTls.options, trusted);
  return {
    httpAgent: new HttpProxyAgent(proxy, { ...kept, ...trusted }),
    httpsAgent: throughTls,
  };
}
