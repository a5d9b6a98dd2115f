import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../localstack/s3-server/index.ts';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { transportLimits } from '../../../src/sources/s3/transport.ts';
import { expectSameBytes, failureOf, readAll } from '../port-suite.ts';
import {
  at,
  body,
  checksumHeaders,
  environmentOf,
  portOf,
  setStage,
  startStage,
  type Stage,
} from './fixture.ts';

const stage = setStage();
const brief = { ...transportLimits, answerMs: 3000, body: { bytes: 1024, ms: 400 } };
const half = body.length >> 1;

function strike(fault: Fault, times?: number): void {
  stage.server.faults.add({
    on: { method: 'GET' },
    fault,
    ...(times === undefined ? {} : { times }),
  });
}

describe.each<Fault>([
  { kind: 'reset-body', afterBytes: half },
  { kind: 'truncate', afterBytes: half },
  { kind: 'stall', afterBytes: half },
  { kind: 'reset-body', afterBytes: 0 },
])('a body with %o', (fault) => {
  test('once: it is resumed, and all bytes are right', async () => {
    stage.put('broken.csv');
    const copy = await stage.open({ limits: brief, attempts: 5 }).pin(at('broken.csv'), 'revision');
    strike(fault, 1);
    expectSameBytes(await readAll(copy), body);
    const [, second] = stage.server.requests.where({ method: 'GET' });
    if (fault.kind === 'truncate') expect(second?.headers['range']).toMatch(/^bytes=[1-9]\d*-/);
    expect(second?.headers['if-match']).toBeDefined();
  });

  test('always: it ends after as many bodies as there are attempts', async () => {
    stage.put('broken.csv');
    const copy = await stage.open({ limits: brief, attempts: 3 }).pin(at('broken.csv'), 'revision');
    strike(fault);
    const { code } = await failureOf(readAll(copy));
    expect(code).toBe(fault.kind === 'stall' ? 'STORE_TIMEOUT' : 'STORE_INCOMPLETE_BODY');
    // A second silence is the last one: an end comes within a minute.
    const bodies = fault.kind === 'stall' ? 2 : 3;
    expect(stage.server.requests.where({ method: 'GET' })).toHaveLength(bodies);
  });
});

describe('a body that is shorter than it was pinned, and says so', () => {
  test.each([half, 0])('of %i bytes: another copy than the pinned one', async (bytes) => {
    stage.put('short.csv');
    const copy = await stage.open().pin(at('short.csv'), 'revision');
    strike({ kind: 'short-body', bytes });
    expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  });

  test('pinned by that very GET: a HEAD knows its length, with a checksum and without', async () => {
    stage.put('short.csv');
    strike({ kind: 'short-body', bytes: half });
    const read = async (): Promise<string> =>
      (await failureOf(readAll(await stage.open().pin(at('short.csv'))))).code;
    expect(await read()).toBe('COPY_CHANGED');
    stage.server.faults.add({ fault: { kind: 'no-checksum' } });
    expect(await read()).toBe('COPY_CHANGED');
  });
});

test('a resumed range is verified and complete', async () => {
  stage.put('ranged.csv');
  const copy = await stage.open().pin(at('ranged.csv'), 'revision');
  strike({ kind: 'truncate', afterBytes: 5000 }, 1);
  const range = { start: 1000, end: 90_000 };
  expectSameBytes(await readAll(copy, range), body.subarray(range.start, range.end));
  const ranges = stage.server.requests.where({ method: 'GET' }).map((get) => get.headers['range']);
  expect(ranges).toEqual(['bytes=1000-89999', 'bytes=6000-89999']);
});

test('replaced while a body is resumed: COPY_CHANGED, never mixed', async () => {
  const place = { bucket: 'never-versioned', key: 'mixed.csv' };
  stage.server.putObject({ ...place, body });
  const copy = await stage.open().pin(at('mixed.csv', place), 'revision');
  strike({ kind: 'truncate', afterBytes: half }, 1);
  const replace = (): unknown =>
    stage.server.putObject({ ...place, body: Buffer.alloc(half, 'x') });
  stage.server.faults.add({
    on: { method: 'GET' },
    fault: { kind: 'before', run: replace },
    after: 1,
    times: 1,
  });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
});

const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512'] as const;

describe.each(algorithms)('%s', (algorithm) => {
  const headers = checksumHeaders(algorithm);

  test('a flipped byte is found', async () => {
    stage.put('flipped.csv', body, headers);
    const copy = await stage.open().pin(at('flipped.csv'), 'revision');
    strike({ kind: 'flip-byte' });
    const error = await failureOf(readAll(copy));
    expect(error.code).toBe('STORE_CHECKSUM_MISMATCH');
    expect(error.message).toContain(algorithm);
    expect(stage.seen()).toEqual(['HEAD 200', 'GET 200']);
  });

  test('also in the part that was resumed', async () => {
    stage.put('flipped.csv', body, headers);
    const copy = await stage.open().pin(at('flipped.csv'), 'revision');
    strike({ kind: 'truncate', afterBytes: half }, 1);
    stage.server.faults.add({
      on: { method: 'GET' },
      fault: { kind: 'flip-byte' },
      after: 1,
    });
    expect((await failureOf(readAll(copy))).code).toBe('STORE_CHECKSUM_MISMATCH');
  });
});

test('a store that tells no checksum is read by length alone', async () => {
  stage.put('bare.csv');
  stage.server.faults.add({ fault: { kind: 'no-checksum' } });
  const copy = await stage.open().pin(at('bare.csv'), 'revision');
  expectSameBytes(await readAll(copy), body);
});

/** What is read where a fault strikes once before each answer. */
async function readAfterOne(fault: Fault, on: Stage): Promise<Buffer> {
  on.put('retried.csv');
  const source = on.open({ limits: brief, attempts: 4 });
  on.server.faults.add({ on: { method: 'HEAD' }, fault, times: 1 });
  const copy = await source.pin(at('retried.csv'), 'revision');
  on.server.faults.add({ on: { method: 'GET' }, fault, times: 1 });
  return readAll(copy);
}

/** How it ends where a fault always strikes. */
async function endOf(fault: Fault, on: Stage): Promise<unknown> {
  const { server } = on;
  on.put('retried.csv');
  const environment = { ...environmentOf(server), AWS_MAX_ATTEMPTS: '2' };
  server.faults.add({ fault });
  const { code, message } = await failureOf(
    on.open({ environment, limits: brief }).pin(at('retried.csv'), 'revision'),
  );
  return { code, message, attempts: server.requests.entries.length };
}

/** After the attempts that the environment allows. */
const endAs = (code: string): unknown => ({
  code,
  message: expect.stringMatching(/2 attempts|within/) as unknown,
  attempts: 2,
});

describe.each<[Fault, string]>([
  [{ kind: 'slow-down' }, 'STORE_FAILED'],
  [{ kind: 'internal-error' }, 'STORE_FAILED'],
  [{ kind: 'reset' }, 'STORE_UNREACHABLE'],
  [{ kind: 'lost-response' }, 'STORE_UNREACHABLE'],
])('before an answer, %o', (fault, code) => {
  test('is tried again', async () => {
    expect(body.equals(await readAfterOne(fault, stage))).toBe(true);
  });

  test(`ends as ${code} after the attempts that the environment allows`, async () => {
    expect(await endOf(fault, stage)).toEqual(endAs(code));
  });
});

test('before an answer, silence is tried again, and ends as STORE_TIMEOUT', async () => {
  const silence = { kind: 'hang' } as const;
  const other = await startStage();
  // Nearly all of it is waiting.
  const [read, end] = await Promise.all([readAfterOne(silence, stage), endOf(silence, other)]);
  await other.close();
  expect(body.equals(read)).toBe(true);
  expect(end).toEqual(endAs('STORE_TIMEOUT'));
});

test('latency is not silence: a slow store is waited for', async () => {
  stage.put('slow.csv');
  stage.server.faults.add({ fault: { kind: 'latency', ms: 30 } });
  expectSameBytes(await readAll(await stage.open().pin(at('slow.csv'), 'revision')), body);
});

/** A server of few words: HEAD says what is there, GET answers as the test says. */
async function withServer(
  answer: (range: string | undefined) => {
    status: number;
    headers: Record<string, string>;
    body: string;
  },
  run: (endpoint: string) => Promise<void>,
  answerHead = (): { status: number; headers: Record<string, string> } => ({ status: 200, headers: {} }), // prettier-ignore
): Promise<void> {
  const modified = { 'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT' };
  const head = { etag: '"one"', ...modified, 'content-length': '10' };
  const server = createServer((request, response) => {
    if (request.method === 'HEAD') {
      const { status, headers } = answerHead();
      response.writeHead(status, { ...head, ...headers }).end();
      return;
    }
    const { status, headers, body: content } = answer(request.headers.range);
    const length =
      headers['transfer-encoding'] === undefined ? { 'content-length': content.length } : {};
    response.writeHead(status, { etag: '"one"', ...modified, ...length, ...headers }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${portOf(server)}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function readOnce(endpoint: string, range?: { start: number; end: number }): Promise<string> {
  const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const source = openS3Source({ environment });
  try {
    const copy = await source.pin(at('k', { access: { ...at('').access, endpoint } }), 'revision');
    return (await readAll(copy, range)).toString();
  } finally {
    await source.close();
  }
}

describe('servers that are less than S3', () => {
  test('one that ignores ranges: the bytes asked for, out of the whole', async () => {
    await withServer(
      () => ({ status: 200, headers: {}, body: '0123456789' }),
      async (endpoint) => {
        expect(await readOnce(endpoint, { start: 3, end: 6 })).toBe('345');
      },
    );
  });

  test('one that ignores If-Match: the ETag of the answer is compared', async () => {
    await withServer(
      () => ({ status: 200, headers: { etag: '"two"' }, body: '0123456789' }),
      async (endpoint) => {
        expect((await failureOf(readOnce(endpoint))).code).toBe('COPY_CHANGED');
      },
    );
  });

  test('one that answers another range, or one of another size', async () => {
    for (const range of ['bytes 2-5/10', 'bytes 3-5/11', 'nonsense']) {
      await withServer(
        () => ({ status: 206, headers: { 'content-range': range }, body: '345' }),
        async (endpoint) => {
          const error = await failureOf(readOnce(endpoint, { start: 3, end: 6 }));
          expect(error.code).toBe('COPY_CHANGED');
        },
      );
    }
  });

  test('one that does not say the length is none of S3, whatever it sends', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    for (const content of ['0123456789!', '0123456789', '012345678']) {
      await withServer(
        () => ({ status: 200, headers: chunked, body: content }),
        async (endpoint) => {
          expect((await failureOf(readOnce(endpoint))).code).toBe('STORE_FOREIGN_ANSWER');
        },
      );
    }
  });

  test('one whose ETag, time or page is none of S3', async () => {
    for (const headers of [
      { etag: '""' },
      { etag: 'W/""' },
      { 'last-modified': 'yesterday' },
      { 'last-modified': '' },
      { 'content-type': 'application/xhtml+xml; charset=utf-8' },
    ]) {
      const lie = { status: 200, headers: headers as Record<string, string> };
      const answer = () => ({ ...lie, body: '0123456789' });
      await withServer(
        answer,
        async (endpoint) => {
          const { code } = await failureOf(readOnce(endpoint));
          expect({ headers, code }).toEqual({ headers, code: 'STORE_FOREIGN_ANSWER' });
        },
        () => lie,
      );
    }
  });

  test('one that answers another version than was asked for, or a part of the object', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
    const lies = [
      { status: 200, headers: { 'x-amz-version-id': 'v2' } },
      { status: 206, headers: { 'content-range': 'bytes 0-9/11' } },
      { status: 206, headers: {} },
    ];
    for (const lie of lies) {
      let isTrue = true;
      const head = () => (isTrue ? { status: 200, headers: { 'x-amz-version-id': 'v1' } } : lie);
      const answer = () => ({ ...head(), body: '0123456789' });
      const ask = async (endpoint: string): Promise<void> => {
        const source = openS3Source({ environment });
        const access = { ...at('').access, endpoint };
        const place = (key: string) => at(key, { versionId: 'v1', access });
        // The SDK asks for the first object, and for what it has to encode; keydrift itself for others.
        expect((await readAll(await source.pin(place('first')))).toString()).toBe('0123456789');
        isTrue = false;
        for (const key of ['sdk+s', 'own']) {
          for (const pinned of ['bytes', 'revision'] as const) {
            const { code } = await failureOf(source.pin(place(key), pinned));
            expect({ lie, key, pinned, code }).toMatchObject({ code: 'STORE_FOREIGN_ANSWER' });
          }
        }
        await source.close();
      };
      await withServer(answer, ask, head);
    }
  });
});
