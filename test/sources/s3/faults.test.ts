import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../localstack/s3-server/index.ts';
import { openS3Source } from '../../../src/sources/s3/index.ts';
import { expectSameBytes, failureOf, readAll } from '../port-suite.ts';
import { at, body, checksumHeaders, portOf, setStage } from './fixture.ts';

const stage = setStage();
const brief = { connectMs: 10_000, idleMs: 400 };
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
  { kind: 'short-body', bytes: half },
  { kind: 'short-body', bytes: 0 },
])('a body with %o', (fault) => {
  test('once: it is resumed, and all bytes are right', async () => {
    stage.put('broken.csv');
    const copy = await stage.open({ timeouts: brief, attempts: 5 }).pin(at('broken.csv'));
    strike(fault, 1);
    expectSameBytes(await readAll(copy), body);
    const [, second] = stage.server.requests.where({ method: 'GET' });
    if (fault.kind === 'truncate') expect(second?.headers['range']).toMatch(/^bytes=[1-9]\d*-/);
    expect(second?.headers['if-match']).toBeDefined();
  });

  test('always: it ends after as many bodies as there are attempts', async () => {
    stage.put('broken.csv');
    const copy = await stage.open({ timeouts: brief, attempts: 3 }).pin(at('broken.csv'));
    strike(fault);
    const { code } = await failureOf(readAll(copy));
    expect(code).toBe(fault.kind === 'stall' ? 'STORE_TIMEOUT' : 'STORE_INCOMPLETE_BODY');
    expect(stage.server.requests.where({ method: 'GET' })).toHaveLength(3);
  });
});

test('a resumed range is verified and complete', async () => {
  stage.put('ranged.csv');
  const copy = await stage.open().pin(at('ranged.csv'));
  strike({ kind: 'truncate', afterBytes: 5000 }, 1);
  const range = { start: 1000, end: 90_000 };
  expectSameBytes(await readAll(copy, range), body.subarray(range.start, range.end));
  const ranges = stage.server.requests.where({ method: 'GET' }).map((get) => get.headers['range']);
  expect(ranges).toEqual(['bytes=1000-89999', 'bytes=6000-89999']);
});

test('replaced while a body is resumed: COPY_CHANGED, never mixed', async () => {
  const place = { bucket: 'never-versioned', key: 'mixed.csv' };
  stage.server.putObject({ ...place, body });
  const copy = await stage.open().pin(at('mixed.csv', place));
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
    const copy = await stage.open().pin(at('flipped.csv'));
    strike({ kind: 'flip-byte' });
    const error = await failureOf(readAll(copy));
    expect(error.code).toBe('STORE_CHECKSUM_MISMATCH');
    expect(error.message).toContain(algorithm);
    expect(stage.seen()).toEqual(['HEAD 200', 'GET 200']);
  });

  test('also in the part that was resumed', async () => {
    stage.put('flipped.csv', body, headers);
    const copy = await stage.open().pin(at('flipped.csv'));
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
  const copy = await stage.open().pin(at('bare.csv'));
  expectSameBytes(await readAll(copy), body);
});

describe.each<[Fault, string]>([
  [{ kind: 'slow-down' }, 'STORE_FAILED'],
  [{ kind: 'internal-error' }, 'STORE_FAILED'],
  [{ kind: 'reset' }, 'STORE_UNREACHABLE'],
  [{ kind: 'lost-response' }, 'STORE_UNREACHABLE'],
  [{ kind: 'hang' }, 'STORE_TIMEOUT'],
])('before an answer, %o', (fault, code) => {
  test('is tried again', async () => {
    stage.put('retried.csv');
    const source = stage.open({ timeouts: brief, attempts: 4 });
    stage.server.faults.add({ on: { method: 'HEAD' }, fault, times: 1 });
    const copy = await source.pin(at('retried.csv'));
    strike(fault, 1);
    expectSameBytes(await readAll(copy), body);
  });

  test(`ends as ${code} after the attempts that the environment allows`, async () => {
    stage.put('retried.csv');
    const { faults, requests, endpoint, credentials } = stage.server;
    const environment = {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_MAX_ATTEMPTS: '2',
    };
    faults.add({ fault });
    const error = await failureOf(
      stage.open({ environment, timeouts: brief }).pin(at('retried.csv')),
    );
    expect(error.code).toBe(code);
    expect(requests.entries).toHaveLength(2);
    expect(error.message).toContain('2 attempts');
  });
});

test('latency is not silence: a slow store is waited for', async () => {
  stage.put('slow.csv');
  stage.server.faults.add({ fault: { kind: 'latency', ms: 30 } });
  expectSameBytes(await readAll(await stage.open().pin(at('slow.csv'))), body);
});

/** A server of few words: HEAD says what is there, GET answers as the test says. */
async function withServer(
  answer: (range: string | undefined) => {
    status: number;
    headers: Record<string, string>;
    body: string;
  },
  run: (endpoint: string) => Promise<void>,
): Promise<void> {
  const head = {
    etag: '"one"',
    'last-modified': 'Sun, 22 Nov 2026 10:00:00 GMT',
    'content-length': '10',
  };
  const server = createServer((request, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(200, head).end();
      return;
    }
    const { status, headers, body: content } = answer(request.headers.range);
    response.writeHead(status, { etag: '"one"', ...headers }).end(content);
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
    const copy = await source.pin(at('k', { access: { ...at('').access, endpoint } }));
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

  test('one that does not say the length, and sends too much or too little', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    const codes = { '0123456789!': 'COPY_CHANGED', '012345678': 'STORE_INCOMPLETE_BODY' };
    for (const [content, code] of Object.entries(codes)) {
      await withServer(
        (range) => ({ status: 200, headers: chunked, body: range === undefined ? content : '' }),
        async (endpoint) => {
          expect((await failureOf(readOnce(endpoint))).code).toBe(code);
        },
      );
    }
  });
});
