import { describe, expect, test } from 'vitest';
import { transportLimits } from '../../../src/sources/s3/transport.ts';
import { expectSameBytes, failureOf, readAll } from '../port-suite.ts';
import {
  at,
  body,
  bucket,
  checksumHeaders,
  environmentOf,
  plainAccess,
  setStage,
} from './fixture.ts';

const stage = setStage();

/** Reads one object, so that the next request of this source is its own. */
async function openSecond(
  options: Parameters<typeof stage.open>[0] = {},
): Promise<ReturnType<typeof stage.open>> {
  stage.put('first.csv');
  const source = stage.open(options);
  await readAll(await source.pin(at('first.csv')));
  stage.server.requests.clear();
  return source;
}

/** Header names without what the SDK says of its attempts, and a checksum of no body. */
const namesOf = (headers: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(headers)
    .filter((name) => !name.startsWith('amz-sdk-') && name !== 'x-amz-checksum-crc32')
    .sort();

test('the first request is the SDK’s, the next one is like it, and signed', async () => {
  stage.put('a.csv', body, checksumHeaders('CRC64NVME'));
  stage.put('b/c=1/d.csv', body, checksumHeaders('SHA256'));
  const source = stage.open({ userAgent: 'keydrift/0.0.1' });
  const copies = [await source.pin(at('a.csv')), await source.pin(at('b/c=1/d.csv'))];
  for (const copy of copies) expectSameBytes(await readAll(copy), body);
  const [first, second] = stage.server.requests.entries;
  expect(stage.seen()).toEqual(['GET 200', 'GET 200']);
  expect(first?.headers).toHaveProperty('amz-sdk-request');
  expect(second?.headers).not.toHaveProperty('amz-sdk-request');
  expect(namesOf(second!.headers)).toEqual(namesOf(first!.headers));
  expect(second?.headers['user-agent']).toBe(first?.headers['user-agent']);
  expect(second?.headers['user-agent']).toContain('keydrift/0.0.1');
});

test('version, owner, range and ETag go with it', async () => {
  const source = await openSecond();
  const versionId = stage.put('second.csv');
  stage.put('second.csv', 'a newer one');
  const access = { ...plainAccess, expectedOwner: '111122223333' };
  // Who expects an owner reaches the store by a way of its own, which has a first request too.
  const copy = await source.pin(at('second.csv', { versionId, access }));
  expectSameBytes(await readAll(copy), body);
  expectSameBytes(await readAll(copy, { start: 3, end: 8 }), body.subarray(3, 8));
  const [whole, range] = stage.server.requests.entries;
  for (const { query, headers } of [whole!, range!]) {
    expect(query['versionId']).toBe(versionId);
    expect(headers['x-amz-expected-bucket-owner']).toBe('111122223333');
    expect(headers).not.toHaveProperty('amz-sdk-request');
  }
  expect(range?.headers['range']).toBe('bytes=3-7');
  expect(range?.headers['if-match']).toMatch(/^"[0-9a-f]{32}"$/);
});

test('a session token goes with it, and nothing is signed for an anonymous reader', async () => {
  stage.put('a.csv');
  const token = stage.open({
    environment: { ...environmentOf(stage.server), AWS_SESSION_TOKEN: 'a-token' },
  });
  for (let round = 0; round < 2; round += 1) await token.pin(at('a.csv')).catch(() => null);
  expect(
    stage.server.requests.entries.map(({ headers }) => headers['x-amz-security-token']),
  ).toEqual(['a-token', 'a-token']);
  stage.server.requests.clear();
  const anonymous = at('a.csv', { access: { ...plainAccess, anonymous: true } });
  const source = stage.open();
  for (let round = 0; round < 2; round += 1) await source.pin(anonymous).catch(() => null);
  expect(stage.seen()).toEqual(['GET 403', 'GET 403']);
  for (const { headers } of stage.server.requests.entries) {
    expect(headers).not.toHaveProperty('x-amz-security-token');
  }
});

test('an error is told by the SDK, and nothing is asked again for it', async () => {
  const source = await openSecond();
  expect((await failureOf(source.pin(at('absent.csv')))).code).toBe('STORE_NO_SUCH_KEY');
  expect(stage.seen()).toEqual(['GET 404']);
  expect(stage.server.requests.entries[0]?.headers).not.toHaveProperty('amz-sdk-request');
});

test('what may be tried again is, and the first try counts', async () => {
  const source = await openSecond();
  const fault = { kind: 'error', status: 503, code: 'SlowDown' } as const;
  stage.put('second.csv');
  stage.server.faults.add({ on: { key: 'second.csv' }, fault, times: 1 });
  expectSameBytes(await readAll(await source.pin(at('second.csv'))), body);
  expect(stage.seen()).toEqual(['GET 503', 'GET 200']);
  stage.server.requests.clear();
  stage.server.faults.add({ on: { key: 'second.csv' }, fault });
  const failure = await failureOf(source.pin(at('second.csv')));
  expect(failure).toMatchObject({ code: 'STORE_FAILED' });
  expect(failure.message).toContain('3 attempts');
  expect(stage.seen()).toEqual(['GET 503', 'GET 503', 'GET 503']);
});

test('a store that does not answer ends by the limit of all attempts', async () => {
  const limits = { ...transportLimits, answerMs: 400 };
  const source = await openSecond({ limits });
  stage.server.faults.add({ on: { method: 'GET' }, fault: { kind: 'hang' } });
  stage.put('second.csv');
  expect((await failureOf(source.pin(at('second.csv')))).code).toBe('STORE_TIMEOUT');
});

test('keys that need an encoding are left to the SDK', async () => {
  const source = await openSecond();
  const keys = ['a b+c%20d.csv', 'ünï/ç?x=1&y#z.csv', "o'k//double/./dot.csv", '../up.csv', '.x'];
  for (const key of keys) {
    stage.server.putObject({ bucket, key, body: key });
    expect(await readAll(await source.pin(at(key)))).toEqual(Buffer.from(key));
  }
  for (const { headers } of stage.server.requests.entries) {
    expect(headers).toHaveProperty('amz-sdk-request');
  }
});

test('each bucket has a first request of its own', async () => {
  const source = await openSecond();
  stage.server.putObject({ bucket: 'never-versioned', key: 'x.csv', body: 'x' });
  for (let round = 0; round < 2; round += 1) {
    await readAll(await source.pin(at('x.csv', { bucket: 'never-versioned' })));
  }
  const own = stage.server.requests.entries.map(({ headers }) => 'amz-sdk-request' in headers);
  expect(own).toEqual([true, false]);
});

describe('a HEAD', () => {
  test('is like the SDK’s, pins as the SDK’s does, and its connection serves the next', async () => {
    const versionId = stage.put('a.csv', body, checksumHeaders('SHA256'));
    const first = await stage.open().pin(at('a.csv'), 'revision');
    stage.server.requests.clear();
    const source = await openSecond();
    const second = await source.pin(at('a.csv'), 'revision');
    await source.pin(at('a.csv', { versionId }), 'revision');
    const { bytes, claim, location, revision, storedSha256 } = first;
    expect(second).toMatchObject({ bytes, claim, location, revision, storedSha256 });
    expect(storedSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(stage.seen()).toEqual(['HEAD 200', 'HEAD 200']);
    const bySdk = stage.open();
    await bySdk.pin(at('a.csv'), 'revision');
    const [own, ofVersion, sdks] = stage.server.requests.entries;
    for (const { headers } of [own!, ofVersion!]) {
      expect(headers).not.toHaveProperty('amz-sdk-request');
      expect(namesOf(headers)).toEqual(namesOf(sdks!.headers));
    }
    expect([own?.query, ofVersion?.query]).toEqual([sdks?.query, { ...sdks?.query, versionId }]);
  });

  test('of an object that is not there costs the HEAD and the question why', async () => {
    const source = await openSecond();
    const failure = await failureOf(source.pin(at('absent.csv'), 'revision'));
    expect(failure.code).toBe('STORE_NO_SUCH_KEY');
    expect(stage.seen()).toEqual(['HEAD 404', 'GET 404']);
  });

  test('is tried again, and ends by the limit of all attempts', async () => {
    const source = await openSecond({ limits: { ...transportLimits, answerMs: 400 } });
    stage.put('second.csv');
    const busy = { kind: 'error', status: 503, code: 'SlowDown' } as const;
    stage.server.faults.add({ on: { method: 'HEAD' }, fault: busy, times: 1 });
    await source.pin(at('second.csv'), 'revision');
    expect(stage.seen()).toEqual(['HEAD 503', 'HEAD 200']);
    stage.server.faults.add({ on: { method: 'HEAD' }, fault: { kind: 'hang' } });
    const failure = await failureOf(source.pin(at('second.csv'), 'revision'));
    expect(failure.code).toBe('STORE_TIMEOUT');
  });

  test('whose checksums may not be told is asked without them', async () => {
    const source = await openSecond();
    stage.put('second.csv', body, checksumHeaders('SHA256'));
    const fault = { kind: 'error', status: 501, code: 'NotImplemented' } as const;
    stage.server.faults.add({ on: { method: 'HEAD', key: 'second.csv' }, fault, times: 1 });
    const copy = await source.pin(at('second.csv'), 'revision');
    expect(copy.bytes).toBe(body.length);
    expect(stage.seen()).toEqual(['HEAD 501', 'HEAD 200']);
    const [, again] = stage.server.requests.entries;
    expect(again?.headers).not.toHaveProperty('x-amz-checksum-mode');
  });
});
