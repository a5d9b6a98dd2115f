import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { PinnedCopy } from '../../../src/model/index.ts';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { failureOf, readAll } from '../port-suite.ts';
import { at, plainAccess, portOf } from './fixture.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const length = 1_000_000;
const head = { etag: '"one"', 'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT' };

/** A copy of a million bytes whose GET is answered by the test, and left open. */
async function copyFrom(
  answer: (response: ServerResponse) => void,
): Promise<{ copy: PinnedCopy; ended: Promise<unknown> }> {
  const closed = new EventEmitter();
  const ended = once(closed, 'close');
  const server = createServer((request, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(200, { ...head, 'content-length': length }).end();
      return;
    }
    response.once('close', () => closed.emit('close'));
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const source = openS3Source({ environment, attempts: 1 });
  undo.push(() => source.close());
  const access = { ...plainAccess, endpoint: `http://127.0.0.1:${portOf(server)}` };
  return { copy: await source.pin(at('k', { access }), 'revision'), ended };
}

test('an abandoned iterator ends its connection', async () => {
  const { copy, ended } = await copyFrom((response) => {
    response.writeHead(200, { ...head, 'content-length': length }).write('some');
  });
  for await (const chunk of copy.open()) {
    expect(Buffer.from(chunk).toString()).toBe('some');
    break;
  }
  await ended;
});

test('so does a body of a length that was not pinned', async () => {
  const { copy, ended } = await copyFrom((response) => {
    response.writeHead(200, { ...head, 'content-length': length - 1 }).write('some');
  });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  await ended;
});

test('so does another object’s body', async () => {
  const { copy, ended } = await copyFrom((response) => {
    response.writeHead(200, { ...head, etag: '"two"', 'content-length': length }).write('some');
  });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  await ended;
});

test('so does the rest of an object whose server ignores ranges', async () => {
  const { copy, ended } = await copyFrom((response) => {
    response.writeHead(200, { ...head, 'content-length': length }).write('0123456789');
  });
  expect((await readAll(copy, { start: 2, end: 5 })).toString()).toBe('234');
  await ended;
});
