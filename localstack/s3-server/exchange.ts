import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyIntegrity } from './checksums.ts';
import { isConditional } from './conditions.ts';
import type { Context, S3Response } from './context.ts';
import { deliver, deliverHeadOnly } from './deliver.ts';
import { errorBody, S3Error, s3Error } from './errors.ts';
import { errorOf } from './fault-kinds.ts';
import type { ArrivalFault } from './fault-kinds.ts';
import type { Faults, FaultSubject } from './faults.ts';
import { grant } from './grant.ts';
import { handlers } from './handlers/index.ts';
import type { OpenEntry, RequestLog } from './log.ts';
import { openPayload } from './payload.ts';
import { readBody, readHead } from './request.ts';
import type { RequestHead } from './request.ts';
import { actionOf, operationOf } from './routes.ts';
import type { Operation } from './routes.ts';
import type { Settings } from './settings.ts';
import { identify } from './signature.ts';
import type { Credentials } from './signature.ts';
import type { Store } from './store.ts';

/** What all exchanges of a server share. */
export interface Service {
  readonly credentials: Credentials;
  readonly store: Store;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** The time of writes. Signatures are checked against the real time. */
  readonly now: () => Date;
  /** Answers instead of the store; undefined: the store does. */
  readonly behind: Behind | undefined;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

/** Another store behind this server, which then has only its log and its faults. */
export type Behind = (head: RequestHead, body: Buffer) => Promise<S3Response>;

/** A request whose head was understood. */
interface Call {
  readonly head: RequestHead;
  readonly operation: Operation;
  readonly subject: FaultSubject;
}

/** Takes one request from its head to the end of its answer. */
export async function exchange(
  service: Service,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { call, entry } = open(incoming);
  service.requests.begin(entry);
  const ids = {
    'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
    'x-amz-id-2': randomBytes(24).toString('base64'),
  };
  try {
    if ('problem' in call) throw call.problem;
    const response = await answer(service, call, entry, incoming);
    if (response === 'none') return;
    const shape = { status: response.status, length: response.body.length };
    const faults = service.faults.atResponse(call.subject, shape);
    entry.faults.push(...faults.map(({ kind }) => kind));
    const lost = faults.some(({ kind }) => kind === 'lost-response');
    if (!lost) service.requests.answered(entry, response.status);
    await deliver(outgoing, { ...response, headers: { ...ids, ...response.headers } }, faults);
  } catch (error) {
    // A client that went away, or a server that closes, needs no answer.
    if (incoming.socket.destroyed || outgoing.headersSent) return;
    const known = error instanceof S3Error ? error : s3Error('InternalError');
    if (known !== error) entry.failure = error;
    service.requests.answered(entry, known.status, known.code);
    await answerError(incoming, outgoing, known, ids);
  }
}

function open(incoming: IncomingMessage): {
  readonly call: Call | { readonly problem: unknown };
  readonly entry: OpenEntry;
} {
  let head: RequestHead | undefined;
  try {
    head = readHead(incoming);
    const operation = operationOf(head);
    const { method, bucket, key, headers, query } = head;
    const action = actionOf(operation, query['versionId']);
    const conditional = method !== 'GET' && method !== 'HEAD' && isConditional(headers);
    const versionId = query['versionId'];
    const subject = { method, operation, bucket, key, versionId, action, conditional };
    return { call: { head, operation, subject }, entry: entryOf(incoming, head, operation) };
  } catch (problem) {
    return { call: { problem }, entry: entryOf(incoming, head, undefined) };
  }
}

function entryOf(
  incoming: IncomingMessage,
  head: RequestHead | undefined,
  operation: Operation | undefined,
): OpenEntry {
  const { authorization: _, ...headers } = head?.headers ?? {};
  return {
    method: incoming.method ?? '',
    operation,
    bucket: head?.bucket,
    key: head?.key,
    query: { ...head?.query },
    headers,
    faults: [],
    status: undefined,
    errorCode: undefined,
    failure: undefined,
  };
}

async function answer(
  service: Service,
  { head, operation, subject }: Call,
  entry: OpenEntry,
  incoming: IncomingMessage,
): Promise<S3Response | 'none'> {
  const faults = service.faults.atArrival(subject);
  entry.faults.push(...faults.map(({ kind }) => kind));
  for (const fault of faults) {
    if ((await arrive(service, fault, incoming)) === 'no-answer') return 'none';
  }
  // The body is read even when the answer is an error: else the client may see a reset instead.
  const raw = await readBody(incoming);
  for (const fault of faults) {
    const error = errorOf(fault, subject);
    if (error !== undefined) throw error;
  }
  if (service.behind !== undefined) {
    const isDenied = (action: string | undefined): boolean =>
      service.faults.denies({ ...subject, action });
    if (isDenied(subject.action)) throw s3Error('AccessDenied');
    const told = await service.behind(head, raw);
    // Nor may somebody who cannot list know that there is no such key.
    if (told.status === 404 && isDenied('s3:ListBucket')) throw s3Error('AccessDenied');
    return told;
  }
  const identity = identify(head, service.credentials, new Date());
  const { body, trailers } = openPayload(head, identity, raw);
  const permit = (action: string): void => {
    if (!service.faults.denies({ ...subject, action })) return;
    entry.faults.push('access-denied');
    throw s3Error('AccessDenied');
  };
  grant({ ...service, head, operation, identity, action: subject.action ?? '', permit });
  // Completing an upload, a checksum header is the object's, not the request body's.
  const ofBody = operation !== 'CompleteMultipartUpload';
  const checksum = ofBody ? verifyIntegrity(head.headers, trailers, body) : undefined;
  const { store, settings, now } = service;
  const context: Context = { operation, head, body, checksum, store, settings, now, permit };
  return handlers[operation](context);
}

async function arrive(
  service: Service,
  fault: ArrivalFault,
  incoming: IncomingMessage,
): Promise<'goes-on' | 'no-answer'> {
  if (fault.kind === 'latency') await sleep(fault.ms, undefined, { signal: service.closing });
  if (fault.kind === 'before') {
    try {
      await fault.run();
    } catch (cause) {
      // Wrapped, lest an error of this server that the hook met look like the answer.
      throw new Error('the hook of a fault failed', { cause });
    }
  }
  if (fault.kind === 'reset') incoming.socket.resetAndDestroy();
  return fault.kind === 'reset' || fault.kind === 'hang' ? 'no-answer' : 'goes-on';
}

async function answerError(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: S3Error,
  ids: { readonly 'x-amz-request-id': string; readonly 'x-amz-id-2': string },
): Promise<void> {
  const body = errorBody(error, {
    resource: (incoming.url ?? '').split('?')[0] ?? '',
    requestId: ids['x-amz-request-id'],
    hostId: ids['x-amz-id-2'],
  });
  const headers = { ...ids, 'content-type': 'application/xml', ...error.headers };
  const response = { status: error.status, headers, body };
  if (incoming.method === 'HEAD') deliverHeadOnly(outgoing, response);
  else await deliver(outgoing, response, []);
}
