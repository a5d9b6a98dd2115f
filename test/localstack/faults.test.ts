import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import type { Fault, S3Server } from '../../localstack/s3-server/index.ts';
import { bucket, failureOf, streamOf, test } from './support.ts';
import type { Failure } from './support.ts';

const key = 'a.csv';
const name = { Bucket: bucket, Key: key };
const body = 'key,value\n'.repeat(1000);
const get = new GetObjectCommand(name);

function setUp(
  server: S3Server,
  fault: Fault,
  times?: number,
): ReturnType<S3Server['faults']['add']> {
  server.putObject({ bucket, key, body });
  return server.faults.add({ on: { method: 'GET', key }, fault, ...(times && { times }) });
}

async function text(s3: S3Client, command = get): Promise<string | undefined> {
  return (await s3.send(command)).Body?.transformToString();
}

describe('an error instead of an answer', () => {
  test('is retried, and each attempt is seen', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'error', status: 503, code: 'Busy' }, 2);
    expect(await text(s3)).toBe(body);
    expect(fault.hits).toBe(2);
    expect(server.requests.entries.map(({ status, faults }) => [status, faults])).toEqual([
      [503, ['error']],
      [503, ['error']],
      [200, []],
    ]);
    const attempts = server.requests.entries.map(({ headers }) => headers['amz-sdk-request']);
    expect(attempts).toEqual(['attempt=1; max=3', 'attempt=2; max=3', 'attempt=3; max=3']);
  });

  test('what it looks like', async ({ makeClient, server }) => {
    const s3 = makeClient({ maxAttempts: 1 });
    const failure = async (fault: Fault): Promise<Failure> => {
      const { remove } = setUp(server, fault);
      const error = await failureOf(s3.send(get));
      remove();
      return error;
    };
    expect(await failure({ kind: 'slow-down', retryAfter: 7 })).toMatchObject({
      name: 'SlowDown',
      headers: { 'retry-after': '7' },
    });
    expect(await failure({ kind: 'internal-error' })).toMatchObject({ name: 'InternalError' });
    expect(await failure({ kind: 'access-denied' })).toMatchObject({
      name: 'AccessDenied',
      status: 403,
    });
    expect(await failure({ kind: 'redirect', region: 'eu-west-1' })).toMatchObject({
      name: 'PermanentRedirect',
      status: 301,
      headers: { 'x-amz-bucket-region': 'eu-west-1' },
    });
    const other: Fault = {
      kind: 'error',
      status: 507,
      code: 'Full',
      message: 'No <room>',
      headers: { a: 'b' },
    };
    expect(await failure(other)).toMatchObject({
      name: 'Full',
      message: 'No <room>',
      status: 507,
      headers: { a: 'b' },
    });
  });

  test('500 is given up after three attempts', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'internal-error' });
    await expect(s3.send(get)).rejects.toMatchObject({ name: 'InternalError' });
    expect(fault.hits).toBe(3);
  });

  test('without ListBucket a missing key is 403', async ({ s3, server }) => {
    setUp(server, { kind: 'latency', ms: 0 });
    const denied = { on: { action: 's3:ListBucket' }, fault: { kind: 'access-denied' } } as const;
    const { remove } = server.faults.add(denied);
    const missing = { ...name, Key: 'missing' };
    await expect(s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(s3.send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(s3.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    expect(await text(s3)).toBe(body);
    remove();
    await expect(s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  test('a version needs a permission of its own', async ({ s3, server }) => {
    const { versionId } = server.putObject({ bucket, key, body });
    const pinned = new GetObjectCommand({ ...name, VersionId: versionId });
    server.faults.add({ on: { action: 's3:GetObjectVersion' }, fault: { kind: 'access-denied' } });
    await expect(s3.send(pinned)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await text(s3)).toBe(body);
    expect(server.requests.entries.map((entry) => entry.faults)).toEqual([['access-denied'], []]);
  });
});

describe('a broken connection', () => {
  test('a reset before the answer is retried', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'reset' }, 1);
    expect(await text(s3)).toBe(body);
    expect(fault.hits).toBe(1);
    expect(server.requests.entries.map(({ status }) => status)).toEqual([undefined, 200]);
  });

  test('a lost answer: the write was done, and its retry finds itself', async ({ s3, server }) => {
    server.faults.add({ on: { method: 'PUT' }, fault: { kind: 'lost-response' }, times: 1 });
    await expect(
      s3.send(new PutObjectCommand({ ...name, Body: 'x', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { attempts: 2 } });
    expect(await text(s3)).toBe('x');
  });

  test('a reset in the body is not retried', async ({ s3, server }) => {
    setUp(server, { kind: 'reset-body', afterBytes: 100 });
    const { Body, ContentLength } = await s3.send(get);
    expect(ContentLength).toBe(body.length);
    await expect(Body?.transformToString()).rejects.toThrow('aborted');
    expect(server.requests.entries).toHaveLength(1);
  });

  test('a truncated body is one too', async ({ s3, server }) => {
    setUp(server, { kind: 'truncate', afterBytes: 100 });
    const got = await s3.send(get);
    let length = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of streamOf(got)) length += Buffer.from(piece).length;
    };
    await expect(reading()).rejects.toThrow('aborted');
    expect(length).toBe(100);
  });

  test('resumes by a range after all', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'truncate', afterBytes: 100 }, 1);
    const { Body, ETag } = await s3.send(get);
    await expect(Body?.transformToString()).rejects.toThrow();
    const rest = new GetObjectCommand({ ...name, Range: 'bytes=100-', IfMatch: ETag });
    expect(await text(s3, rest)).toBe(body.slice(100));
    expect(fault.hits).toBe(1);
  });

  test('a stalled body hangs until the client goes', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'stall', afterBytes: 100 });
    const stream = streamOf(await s3.send(get));
    let length = 0;
    await new Promise<void>((resolve) => {
      stream.on('data', (piece: Buffer) => {
        length += piece.length;
        if (length >= 100) resolve();
      });
    });
    await fault.struck;
    stream.once('error', () => {}).destroy();
    expect(length).toBe(100);
  });

  test('of a short body all but one byte at most', async ({ s3, server }) => {
    setUp(server, { kind: 'truncate', afterBytes: 1_000_000 });
    const { Body } = await s3.send(get);
    await expect(Body?.transformToString()).rejects.toThrow('aborted');
  });

  test('no answer at all', async ({ makeClient, server }) => {
    const fault = setUp(server, { kind: 'hang' });
    const abort = new AbortController();
    const pending = makeClient().send(get, { abortSignal: abort.signal });
    await fault.struck;
    abort.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests.entries[0]?.status).toBeUndefined();
  });

  test('an answer that cannot be sent', async ({ makeClient, server }) => {
    setUp(server, { kind: 'error', status: 500, code: 'Odd', headers: { a: 'b\nc' } }, 1);
    const s3 = makeClient({ maxAttempts: 1 });
    await expect(s3.send(get)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await text(s3)).toBe(body);
  });

  test('latency', async ({ s3, server }) => {
    const fault = setUp(server, { kind: 'latency', ms: 5 });
    expect(await text(s3)).toBe(body);
    expect(fault.hits).toBe(1);
  });
});

describe('wrong bytes', () => {
  test('one flipped byte: the SDK finds it by a full-object checksum', async ({
    s3,
    server,
    makeClient,
  }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: body }));
    server.faults.add({ on: { method: 'GET' }, fault: { kind: 'flip-byte', at: 3 } });
    await expect(text(s3)).rejects.toThrow(/Checksum mismatch/);
    const blind = makeClient({ responseChecksumValidation: 'WHEN_REQUIRED' });
    const wrong = (await text(blind)) ?? '';
    expect(wrong).toHaveLength(body.length);
    expect(wrong).toBe(body.replace(',', '-'));
    // Not in a range, and not where the answer carries no checksum.
    expect(await text(s3, new GetObjectCommand({ ...name, Range: 'bytes=0-9' }))).toBe(
      'key-value\n',
    );
    server.faults.add({ on: { method: 'GET' }, fault: { kind: 'no-checksum' } });
    expect(await text(s3)).toBe(wrong);
  });

  test('a short body whose Content-Length agrees', async ({ server, makeClient, s3 }) => {
    setUp(server, { kind: 'short-body', bytes: 100 });
    const blind = makeClient({ responseChecksumValidation: 'WHEN_REQUIRED' });
    const got = await blind.send(get);
    expect(got.ContentLength).toBe(100);
    expect(await got.Body?.transformToString()).toBe(body.slice(0, 100));
    expect((await s3.send(new HeadObjectCommand(name))).ContentLength).toBe(body.length);
    await expect(text(s3)).rejects.toThrow(/Checksum mismatch/);
  });

  test('a listing can be broken as well, a HEAD or an error cannot', async ({
    makeClient,
    server,
  }) => {
    const s3 = makeClient({ maxAttempts: 1 });
    const fault = server.faults.add({ fault: { kind: 'truncate', afterBytes: 10 } });
    await expect(s3.send(get)).rejects.toMatchObject({ name: 'NoSuchKey' });
    server.putObject({ bucket, key, body });
    await s3.send(new HeadObjectCommand(name));
    await s3.send(new PutObjectCommand({ ...name, Body: body }));
    expect(fault.hits).toBe(0);
    await expect(s3.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toThrow();
    expect(fault.hits).toBe(1);
  });
});

describe('a race', () => {
  test('replaced between HEAD and GET: 412 by If-Match, the old bytes by VersionId', async ({
    s3,
    server,
  }) => {
    server.putObject({ bucket, key, body: 'before' });
    const replace = (): Promise<unknown> =>
      s3.send(new PutObjectCommand({ ...name, Body: 'after' }));
    const { ETag, VersionId } = await s3.send(new HeadObjectCommand(name));
    const hook = server.faults.beforeGet(replace, { key });
    await expect(s3.send(new GetObjectCommand({ ...name, IfMatch: ETag }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    expect(await text(s3)).toBe('after');
    expect(await text(s3, new GetObjectCommand({ ...name, VersionId, IfMatch: ETag }))).toBe(
      'before',
    );
    expect(hook.hits).toBe(1);
  });

  test('as often as asked', async ({ s3, server }) => {
    let count = 0;
    const run = (): unknown => server.putObject({ bucket, key, body: `${(count += 1)}` });
    server.faults.add({ on: { operation: 'GetObject' }, fault: { kind: 'before', run } });
    expect(await text(s3)).toBe('1');
    expect(await text(s3)).toBe('2');
  });

  test('a hook that fails is seen', async ({ makeClient, server }) => {
    server.faults.beforeGet(() => server.putObject({ bucket: 'nowhere', key, body }));
    await expect(makeClient({ maxAttempts: 1 }).send(get)).rejects.toMatchObject({
      name: 'InternalError',
    });
    expect(server.requests.entries[0]?.failure).toMatchObject({
      cause: { code: 'NoSuchBucket' },
    });
  });
});

describe('when a fault strikes', () => {
  test('by method, operation, bucket and key', async ({ s3, server }) => {
    server.createBucket('other');
    for (const place of [bucket, 'other']) server.putObject({ bucket: place, key, body });
    const fault: Fault = { kind: 'access-denied' };
    const strikes = async (on: object): Promise<number> => {
      const handle = server.faults.add({ on, fault });
      for (const Bucket of [bucket, 'other']) {
        await s3.send(new GetObjectCommand({ Bucket, Key: key })).catch(() => {});
        await s3.send(new HeadObjectCommand({ Bucket, Key: key })).catch(() => {});
      }
      handle.remove();
      return handle.hits;
    };
    expect(await strikes({})).toBe(4);
    expect(await strikes({ method: 'HEAD' })).toBe(2);
    expect(await strikes({ operation: 'GetObject', bucket: 'other' })).toBe(1);
    expect(await strikes({ key: /\.csv$/ })).toBe(4);
    expect(await strikes({ key: 'b.csv' })).toBe(0);
    expect(await strikes({ key: /\.json$/ })).toBe(0);
    expect(await strikes({ operation: 'ListObjectsV2' })).toBe(0);
  });

  test('`after` so many, `times` at most, until it is removed', async ({ s3, server }) => {
    server.putObject({ bucket, key, body });
    const fault = server.faults.add({ fault: { kind: 'access-denied' }, after: 1, times: 2 });
    const outcomes: boolean[] = [];
    for (let count = 0; count < 4; count += 1) {
      outcomes.push(
        await s3.send(get).then(
          () => true,
          () => false,
        ),
      );
    }
    expect(outcomes).toEqual([true, false, false, true]);
    expect(fault.hits).toBe(2);
    server.faults.add({ fault: { kind: 'access-denied' } });
    server.faults.clear();
    expect(await text(s3)).toBe(body);
  });
});

describe('the log', () => {
  test('has every request, and tells when one arrives', async ({ s3, server }) => {
    const arrival = server.requests.waitFor({ key, operation: 'PutObject' });
    const answer = server.requests.waitFor({ status: 404 });
    await s3.send(new PutObjectCommand({ ...name, Body: 'x', Metadata: { a: 'b' } }));
    await s3.send(new GetObjectCommand({ ...name, Key: 'missing' })).catch(() => {});
    expect(await arrival).toMatchObject({
      method: 'PUT',
      operation: 'PutObject',
      bucket,
      key,
      query: { 'x-id': 'PutObject' },
      headers: { 'x-amz-meta-a': 'b', 'content-length': '1' },
      status: 200,
      errorCode: undefined,
    });
    expect((await arrival).headers).not.toHaveProperty('authorization');
    expect(await answer).toMatchObject({ key: 'missing', errorCode: 'NoSuchKey' });
    expect(await server.requests.waitFor({ key: 'missing' })).toBe(await answer);
    server.requests.clear();
    expect(server.requests.entries).toEqual([]);
  });
});

test('close() ends stalled, silent and idle connections', async ({ makeClient, server }) => {
  const stalled = setUp(server, { kind: 'stall', afterBytes: 10 });
  const silent = server.faults.add({ on: { key: 'silent' }, fault: { kind: 'hang' } });
  const slow = server.faults.add({
    on: { key: 'slow' },
    fault: { kind: 'latency', ms: 3_600_000 },
  });
  const s3 = makeClient({ maxAttempts: 1 });
  const { Body } = await s3.send(get);
  const lost = [
    Body?.transformToString(),
    s3.send(new GetObjectCommand({ ...name, Key: 'silent' })),
    s3.send(new GetObjectCommand({ ...name, Key: 'slow' })),
  ].map((promise) => expect(promise).rejects.toThrow());
  await s3.send(new HeadObjectCommand(name));
  const idle = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
  const ended = new Promise((resolve) => {
    idle.once('close', resolve);
  });
  await Promise.all([stalled.struck, silent.struck, slow.struck]);
  await server.close();
  await Promise.all(lost);
  await ended;
});
