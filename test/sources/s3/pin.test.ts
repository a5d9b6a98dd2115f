import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { expectSameBytes, failureOf, readAll } from '../port-suite.ts';
import { at, body, bucket, checksumHeaders, setStage } from './fixture.ts';

const stage = setStage();
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

test('a pin is one HEAD, and says which version, ETag, time and length', async () => {
  const lastModified = new Date('2026-03-01T10:20:30.000Z');
  const written = stage.server.putObject({ bucket, key: 'pin.csv', body, lastModified });
  const copy = await stage.open().pin(at('pin.csv'), 'revision');
  expect(copy).toMatchObject({
    location: 's3://runtime/pin.csv',
    bytes: body.length,
    revision: {
      facts: {
        versionId: written.versionId,
        etag: md5(body),
        lastModified: '2026-03-01T10:20:30.000Z',
      },
    },
  });
  expect(stage.seen()).toEqual(['HEAD 200']);
});

test('what is read is pinned by the GET that reads it; what is read later, by what that said', async () => {
  const versionId = stage.put('one.csv', body, checksumHeaders('CRC64NVME'));
  const copy = await stage.open().pin(at('one.csv'));
  expect(copy).toMatchObject({
    bytes: body.length,
    revision: { facts: { versionId, etag: md5(body) } },
  });
  expectSameBytes(await readAll(copy), body);
  expect(stage.seen()).toEqual(['GET 200']);
  await readAll(copy, { start: 5, end: 9 });
  expect(stage.seen()).toEqual(['GET 200', 'GET 206']);
  const [, range] = stage.server.requests.entries;
  expect(range?.query['versionId']).toBe(versionId);
  expect(range?.headers['if-match']).toBe(`"${md5(body)}"`);
});

test('without a checksum of the whole object a HEAD says how long it is', async () => {
  stage.server.settings.defaultChecksum = 'none';
  try {
    stage.put('plain.csv', body);
    expectSameBytes(await readAll(await stage.open().pin(at('plain.csv'))), body);
    expect(stage.seen()).toEqual(['GET 200', 'HEAD 200']);
  } finally {
    stage.server.settings.defaultChecksum = 'CRC64NVME';
  }
});

test('of an object that is not there the one GET brings the words of the store', async () => {
  const absent = await failureOf(stage.open().pin(at('absent.csv')));
  expect(absent.code).toBe('STORE_NO_SUCH_KEY');
  expect(stage.seen()).toEqual(['GET 404']);
});

test('a bucket that was never versioned has no version id', async () => {
  stage.server.putObject({ bucket: 'never-versioned', key: 'a.csv', body: 'a\n1\n' });
  const copy = await stage.open().pin(at('a.csv', { bucket: 'never-versioned' }), 'revision');
  expect(copy.revision.facts).toMatchObject({ versionId: null });
  expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
  const [, get] = stage.server.requests.entries;
  expect(get?.query).not.toHaveProperty('versionId');
  expect(get?.headers['if-match']).toBe(`"${md5(Buffer.from('a\n1\n'))}"`);
});

test('a null version is pinned by its id, and by the ETag that may change under it', async () => {
  stage.server.createBucket('suspended', { versioning: 'Suspended' });
  const place = { bucket: 'suspended', key: 'a.csv' };
  stage.server.putObject({ ...place, body: 'a\n1\n' });
  const copy = await stage.open().pin(at('a.csv', { bucket: 'suspended' }), 'revision');
  expect(copy.revision.facts).toMatchObject({ versionId: 'null' });
  stage.server.putObject({ ...place, body: 'a\n2\n' });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
});

test('a location may name an older version, and its text says so', async () => {
  const first = stage.put('history.csv', 'a\n1\n');
  stage.put('history.csv', 'a\n2\n');
  const copy = await stage.open().pin(at('history.csv', { versionId: first }), 'revision');
  expect(copy.location).toBe(`s3://runtime/history.csv?versionId=${first}`);
  expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
});

test('the expected owner goes with every request', async () => {
  stage.put('owned.csv');
  const access = { ...at('').access, expectedOwner: '111122223333' };
  const copy = await stage.open().pin(at('owned.csv', { access }), 'revision');
  await readAll(copy);
  for (const { headers } of stage.server.requests.entries) {
    expect(headers['x-amz-expected-bucket-owner']).toBe('111122223333');
  }
  const other = at('owned.csv', { access: { ...access, expectedOwner: '999999999999' } });
  const error = await failureOf(stage.open().pin(other, 'revision'));
  expect(error.code).toBe('STORE_ACCESS_DENIED');
  expect(error.hint).toContain('999999999999');
});

test('a store that refuses to tell checksums is asked without', async () => {
  stage.put('shy.csv');
  const refusal = { kind: 'error', status: 501, code: 'NotImplemented' } as const;
  stage.server.faults.add({ on: { method: 'HEAD' }, fault: refusal, times: 1 });
  const copy = await stage.open().pin(at('shy.csv'), 'revision');
  expect(stage.seen()).toEqual(['HEAD 501', 'HEAD 200']);
  expectSameBytes(await readAll(copy), body);
});

test('keys of any characters', async () => {
  const source = stage.open();
  for (const key of ['a b+c%20d.csv', 'ünï/ç?x=1&y#z.csv', "o'k//double/./dot.csv"]) {
    stage.put(key, key);
    expect(await readAll(await source.pin(at(key), 'revision'))).toEqual(Buffer.from(key));
  }
});
