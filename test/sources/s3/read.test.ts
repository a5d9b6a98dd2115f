import { expect, test } from 'vitest';
import { transportLimits } from '../../../src/sources/s3/transport.ts';
import { expectSameBytes, failureOf, readAll } from '../port-suite.ts';
import { at, body, bucket, checksumHeaders, setStage } from './fixture.ts';

const stage = setStage();

test('every GET names the version and the ETag', async () => {
  const versionId = stage.put('pinned.csv');
  const copy = await stage.open().pin(at('pinned.csv'), 'revision');
  await readAll(copy);
  await readAll(copy, { start: 10, end: 20 });
  const gets = stage.server.requests.where({ method: 'GET' });
  expect(gets.map(({ headers }) => headers['range'])).toEqual([undefined, 'bytes=10-19']);
  for (const { query, headers } of gets) {
    expect(query['versionId']).toBe(versionId);
    expect(headers['if-match']).toMatch(/^"[0-9a-f]{32}"$/);
  }
});

test('an object replaced between HEAD and GET: the pinned bytes come, by version', async () => {
  stage.put('raced.csv', 'a\n1\n');
  stage.server.faults.beforeGet(() => stage.put('raced.csv', 'a\n2\n'));
  const copy = await stage.open().pin(at('raced.csv'), 'revision');
  expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
});

test('replaced where there are no versions: COPY_CHANGED, and no loop here', async () => {
  const place = { bucket: 'never-versioned', key: 'raced.csv' };
  stage.server.putObject({ ...place, body: 'a\n1\n' });
  stage.server.faults.beforeGet(() => stage.server.putObject({ ...place, body: 'a\n2\n' }));
  const copy = await stage.open().pin(at('raced.csv', place), 'revision');
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  // The second form of If-Match is for servers that compare it without quotes.
  expect(stage.seen()).toEqual(['HEAD 200', 'GET 412', 'GET 412']);
});

test('deleted where there are no versions: COPY_CHANGED', async () => {
  stage.put('gone.csv');
  const copy = await stage.open().pin(at('gone.csv'), 'revision');
  const fault = { kind: 'error', status: 404, code: 'NoSuchVersion' } as const;
  stage.server.faults.add({ on: { method: 'GET' }, fault });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  expect(stage.seen()).toEqual(['HEAD 200', 'GET 404']);
});

test('a server that compares If-Match without quotes is understood', async () => {
  stage.put('ceph.csv');
  const copy = await stage.open().pin(at('ceph.csv'), 'revision');
  const fault = { kind: 'error', status: 412, code: 'PreconditionFailed' } as const;
  stage.server.faults.add({ on: { method: 'GET' }, fault, times: 1 });
  expectSameBytes(await readAll(copy), body);
  const forms = stage.server.requests
    .where({ method: 'GET' })
    .map((get) => get.headers['if-match']);
  expect(forms).toEqual([expect.stringMatching(/^"\w+"$/), expect.stringMatching(/^\w+$/)]);
});

test('an object with only a checksum that the SDK cannot compute is read', async () => {
  stage.put('sha512.csv', body, checksumHeaders('SHA512'));
  expectSameBytes(await readAll(await stage.open().pin(at('sha512.csv'), 'revision')), body);
});

test('Content-Encoding is not undone', async () => {
  stage.put('zipped.csv', 'not really gzip', { 'content-encoding': 'gzip' });
  const copy = await stage.open().pin(at('zipped.csv'), 'revision');
  expect(await readAll(copy)).toEqual(Buffer.from('not really gzip'));
});

test('close ends a reader that waits', async () => {
  stage.put('waiting.csv');
  const source = stage.open();
  const copy = await source.pin(at('waiting.csv'), 'revision');
  stage.server.faults.add({ on: { method: 'GET' }, fault: { kind: 'stall', afterBytes: 10 } });
  const reading = (async (): Promise<void> => {
    for await (const _chunk of copy.open()) void source.close();
  })();
  expect((await failureOf(reading)).message).toContain('closed');
  expect((await failureOf(source.pin(at('waiting.csv'), 'revision'))).message).toContain('closed');
  expect(stage.server.requests.where({ method: 'GET' })).toHaveLength(1);
});

test('a reader that takes longer than the silence allowed does not lose its body', async () => {
  stage.put('large.csv', Buffer.alloc(16 << 20, 'x'));
  stage.put('stalled.csv');
  const source = stage.open({
    limits: { ...transportLimits, body: { bytes: 1024, ms: 300 } },
    attempts: 2,
  });
  const [large, stalled] = [
    await source.pin(at('large.csv'), 'revision'),
    await source.pin(at('stalled.csv'), 'revision'),
  ];
  const reader = large.open()[Symbol.asyncIterator]();
  let length = (await reader.next()).value?.length ?? 0;
  // Two silences of another body pass while this one waits for its reader.
  stage.server.faults.add({ on: { key: 'stalled.csv' }, fault: { kind: 'stall', afterBytes: 9 } });
  expect((await failureOf(readAll(stalled))).code).toBe('STORE_TIMEOUT');
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
    length += next.value.length;
  }
  expect(length).toBe(large.bytes);
  expect(stage.server.requests.where({ method: 'GET', key: 'large.csv' })).toHaveLength(1);
});

test('a silent body is waited for once, whatever is read of its object after that', async () => {
  const older = stage.put('silent.csv');
  stage.put('silent.csv');
  const limits = { ...transportLimits, body: { bytes: 1024, ms: 50 }, probeMs: 60_000 };
  const source = stage.open({ limits });
  const now = await source.pin(at('silent.csv'), 'revision');
  const before = await source.pin(at('silent.csv', { versionId: older }), 'revision');
  stage.server.faults.add({ on: { key: 'silent.csv' }, fault: { kind: 'stall', afterBytes: 9 } });
  expect((await failureOf(readAll(now))).code).toBe('STORE_TIMEOUT');
  const asked = stage.seen().length;
  for (const copy of [now, before]) {
    const { code, message } = await failureOf(readAll(copy));
    expect([code, message]).toEqual(['STORE_TIMEOUT', expect.stringContaining('not asked for')]);
  }
  const part = failureOf(readAll(now, { start: 5, end: 9 }));
  expect((await part).message).toContain('not asked for');
  expect(stage.seen()).toHaveLength(asked);
});

test('a multipart object: a composite checksum says nothing, the length does', async () => {
  const sdk = await import('@aws-sdk/client-s3');
  const { endpoint, credentials, settings } = stage.server;
  settings.minPartSize = 1;
  const config = { endpoint, credentials, region: 'us-east-1', forcePathStyle: true };
  const client = new sdk.S3Client(config);
  const place = { Bucket: bucket, Key: 'parts.csv' };
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'SHA256' }),
  );
  const upload = { ...place, UploadId };
  const Parts = [];
  for (const [index, Body] of ['a\n', '1\n'].entries()) {
    const part = { ...upload, PartNumber: index + 1, Body, ChecksumAlgorithm: 'SHA256' } as const;
    const { ETag, ChecksumSHA256 } = await client.send(new sdk.UploadPartCommand(part));
    Parts.push({ PartNumber: index + 1, ETag, ChecksumSHA256 });
  }
  await client.send(
    new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
  );
  client.destroy();
  const copy = await stage.open().pin(at('parts.csv'), 'revision');
  expect(copy.revision.facts).toMatchObject({ etag: expect.stringMatching(/^[0-9a-f]{32}-2$/) });
  expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
});
