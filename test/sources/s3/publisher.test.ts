import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectWrite } from '../../../src/model/index.ts';
import { openS3Publisher, type S3Publisher } from '../../../src/sources/s3/index.ts';
import { at, setStage } from './fixture.ts';

const stage = setStage();
let cacheDirectory: string;
const opened: S3Publisher[] = [];

beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'keydrift-test-'));
});
afterAll(async () => {
  await Promise.all(opened.map((publisher) => publisher.close()));
  await rm(cacheDirectory, { recursive: true, force: true });
});

function open(): S3Publisher {
  const { endpoint, credentials } = stage.server;
  const publisher = openS3Publisher({
    cacheDirectory,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
    },
  });
  opened.push(publisher);
  return publisher;
}

const write: ObjectWrite = {
  condition: { ifNoneMatch: '*' },
  contentType: 'text/csv',
  cacheControl: null,
  contentDisposition: null,
  contentEncoding: null,
  contentLanguage: null,
  expires: null,
  websiteRedirect: null,
  storageClass: null,
  sse: null,
  kmsKeyId: null,
  bucketKey: null,
  acl: null,
  tags: [],
  claim: { commit: 'a', path: 'b', blob: 'c', sha256: 'd', digest: 'e', contract: 'f' },
};

test('a body that is too large to hold is streamed, in one PUT', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'id,mode\n');
  const count = 65;
  const hash = createHash('sha256');
  for (let part = 0; part < count; part += 1) hash.update(chunk);
  const request = {
    location: at('large.csv'),
    write,
    bytes: chunk.length * count,
    sha256: hash.digest('hex'),
    async *open() {
      for (let part = 0; part < count; part += 1) yield chunk;
    },
  };
  const publisher = open();
  const answer = await publisher.put(request);
  expect(stage.server.requests.where({ key: 'large.csv' }).map(({ method }) => method)).toEqual([
    'PUT',
  ]);
  const object = await publisher.look(request.location, 'needed');
  expect(object).toMatchObject({ ...answer, bytes: request.bytes });
  await expect(publisher.put(request)).rejects.toMatchObject({ code: 'WRITTEN_MEANWHILE' });
});

test('bytes that are not the announced ones are refused by the store', async () => {
  const request = {
    location: at('other.csv'),
    write,
    bytes: 3,
    sha256: 'f'.repeat(64),
    async *open() {
      yield Buffer.from('abc');
    },
  };
  await expect(open().put(request)).rejects.toMatchObject({ code: 'S3_FAILED' });
  expect(await open().look(request.location, 'needed')).toBeNull();
});

function probes(): number {
  const { entries } = stage.server.requests;
  return entries.filter(({ key }) => key?.startsWith('probed.csv.') === true).length;
}

test('an endpoint is probed again after a week', async () => {
  const location = at('probed.csv');
  const publisher = open();
  await publisher.requireConditions(location, write);
  expect(probes()).toBe(4);
  await open().requireConditions(location, write);
  expect(probes()).toBe(4);
  const [file = ''] = await readdir(join(cacheDirectory, 's3'));
  const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  await utimes(join(cacheDirectory, 's3', file), old, old);
  await publisher.requireConditions(location, write);
  expect(probes()).toBe(8);
});

test('a key that has no room for a suffix is probed beside itself', async () => {
  await rm(join(cacheDirectory, 's3'), { recursive: true });
  const key = `folder/${'k'.repeat(1010)}`;
  await open().requireConditions(at(key), write);
  const keys = stage.server.requests.entries.map((entry) => entry.key ?? '');
  expect(keys.every((one) => one.startsWith('folder/.keydrift-probe-'))).toBe(true);
});
