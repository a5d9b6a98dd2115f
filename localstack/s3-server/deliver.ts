import type { ServerResponse } from 'node:http';
import type { S3Response } from './context.ts';
import type { ResponseFault } from './fault-kinds.ts';

type ConnectionFault = Extract<
  ResponseFault,
  { kind: 'lost-response' | 'stall' | 'reset-body' | 'truncate' }
>;

/** Sends an answer, spoilt as the faults say. Resolves when the exchange is over. */
export async function deliver(
  outgoing: ServerResponse,
  response: S3Response,
  faults: readonly ResponseFault[],
): Promise<void> {
  const { headers, body } = faults.reduce(spoil, response);
  const fault = faults.find(isConnectionFault);
  if (fault?.kind === 'lost-response') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const bodiless = response.status === 204 || response.status === 304;
  const length = bodiless ? {} : { 'content-length': String(body.length) };
  outgoing.writeHead(response.status, { ...headers, ...length });
  if (fault === undefined) {
    await new Promise<void>((resolve) => {
      outgoing.once('close', resolve);
      outgoing.end(body);
    });
    return;
  }
  await breakOff(
    outgoing,
    body.subarray(0, Math.min(fault.afterBytes, body.length - 1)),
    fault.kind,
  );
}

/** Answers the header of an error to HEAD: there is no body, and no length of one. */
export function deliverHeadOnly(outgoing: ServerResponse, response: S3Response): void {
  outgoing.writeHead(response.status, response.headers);
  outgoing.end();
}

function isConnectionFault(fault: ResponseFault): fault is ConnectionFault {
  return (
    fault.kind === 'lost-response' ||
    fault.kind === 'stall' ||
    fault.kind === 'reset-body' ||
    fault.kind === 'truncate'
  );
}

function spoil(response: S3Response, fault: ResponseFault): S3Response {
  switch (fault.kind) {
    case 'no-checksum': {
      const kept = Object.entries(response.headers).filter(
        ([name]) => !name.startsWith('x-amz-checksum-'),
      );
      return { ...response, headers: Object.fromEntries(kept) };
    }
    case 'short-body':
      return { ...response, body: response.body.subarray(0, fault.bytes) };
    case 'flip-byte': {
      const body = Buffer.from(response.body);
      const at = fault.at ?? Math.floor(body.length / 2);
      body[at] = (body[at] ?? 0) ^ 1;
      return { ...response, body };
    }
    case 'lost-response':
    case 'stall':
    case 'reset-body':
    case 'truncate':
      break;
  }
  return response;
}

/** Sends the head and a first piece of the body, and then goes no further. */
async function breakOff(
  outgoing: ServerResponse,
  piece: Buffer,
  kind: 'stall' | 'reset-body' | 'truncate',
): Promise<void> {
  const { socket } = outgoing;
  const closed = new Promise<void>((resolve) => {
    outgoing.once('close', resolve);
  });
  outgoing.flushHeaders();
  if (piece.length > 0) outgoing.write(piece);
  if (kind !== 'stall') {
    // An empty write calls back when everything before it has been handed to the kernel.
    socket?.write('', () => {
      if (kind === 'truncate') socket.end();
      else socket.resetAndDestroy();
    });
  }
  await closed;
}
