import { PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectWrite, PutAnswer } from '../../../src/model/index.ts';
import { openS3Writer, type S3Writer } from '../../../src/sources/s3/writer.ts';
import { at, setStage } from './fixture.ts';

const stage = setStage();
let cacheDirectory: string;
const opened: S3Writer[] = [];

beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'keydrift-test-'));
});
afterAll(async () => {
  await Promise.all(opened.map((publisher) => publisher.close()));
  await rm(cacheDirectory, { recursive: true, force: true });
});

function open(): S3Writer {
  const { endpoint, credentials } = stage.server;
  const publisher = openS3Writer({
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
  claim: {
    commit: 'a',
    committedAt: 'z',
    path: 'b',
    blob: 'c',
    sha256: 'd',
    digest: 'e',
    contract: 'f',
  },
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
  expect(object).toMatchObject({ ...revisionOf(answer), bytes: request.bytes });
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
  await expect(open().put(request)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(await open().look(request.location, 'needed')).toBeNull();
});

test('what a probe showed holds for one bucket in one state of its versioning', async () => {
  const { server } = stage;
  const location = at('probed.csv.', { bucket: 'conditions' });
  server.createBucket('conditions');
  const writer = open();
  await writer.requireConditions(location, write);
  await writer.requireConditions(location, write);
  expect(probes()).toBe(5);
  // As Ceph RGW does: conditions hold only where a bucket was never versioned.
  await setVersioning('conditions', 'Enabled');
  server.settings.conditionalWrites = 'ignored';
  try {
    await expect(writer.requireConditions(location, write)).rejects.toMatchObject({
      code: 'CONDITIONS_NOT_HONOURED',
    });
    server.createBucket('others');
    await expect(
      writer.requireConditions({ ...location, bucket: 'others' }, write),
    ).rejects.toMatchObject({ code: 'CONDITIONS_NOT_HONOURED' });
  } finally {
    server.settings.conditionalWrites = 'honoured';
  }
  await setVersioning('conditions', 'Suspended');
  server.requests.clear();
  await writer.requireConditions(location, write);
  expect(probes()).toBe(5);
});

test('a bucket that does not tell of its versioning is probed every time', async () => {
  stage.server.faults.add({
    on: { operation: 'GetBucketVersioning' },
    fault: { kind: 'access-denied' },
  });
  await open().requireConditions(at('probed.csv.'), write);
  await open().requireConditions(at('probed.csv.'), write);
  expect(probes()).toBe(10);
});

test('a content is written once, and a race of two writers is run again', async () => {
  const content = { bytes: 3, sha256: createHash('sha256').update('abc').digest('hex') };
  const put = {
    ...content,
    location: at('content/abc'),
    headers: new Map([['content-type', 'text/csv']]),
    async *open() {
      yield Buffer.from('abc');
    },
  };
  stage.server.faults.add({ on: { method: 'PUT' }, fault: { kind: 'conflict' }, times: 2 });
  const writer = open();
  expect(await writer.putContent(put, 'absent')).toBe('written');
  expect(await writer.putContent(put, 'absent')).toBe('exists');
  expect(await writer.putContent(put, 'always')).toBe('written');
  const seen = stage.server.requests.entries.map(({ status, headers }) => [
    status,
    headers['if-none-match'],
  ]);
  expect(seen).toEqual([
    [409, '*'],
    [409, '*'],
    [200, '*'],
    [412, '*'],
    [200, undefined],
  ]);
});

async function setVersioning(bucket: string, Status: 'Enabled' | 'Suspended'): Promise<void> {
  const { endpoint, credentials } = stage.server;
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  const input = { Bucket: bucket, VersioningConfiguration: { Status } };
  await client.send(new PutBucketVersioningCommand(input));
  client.destroy();
}

function revisionOf({ versionId, etag }: PutAnswer): PutAnswer {
  return { versionId, etag };
}

function probes(): number {
  const { entries } = stage.server.requests;
  return entries.filter(({ key }) => key?.startsWith('probed.csv.') === true).length;
}

test('a store is probed again after a week', async () => {
  const location = at('probed.csv');
  const publisher = open();
  await publisher.requireConditions(location, write);
  expect(probes()).toBe(5);
  await open().requireConditions(location, write);
  expect(probes()).toBe(5);
  const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  for (const file of await readdir(join(cacheDirectory, 's3'))) {
    await utimes(join(cacheDirectory, 's3', file), old, old);
  }
  await publisher.requireConditions(location, write);
  expect(probes()).toBe(10);
});

test('a key that has no room for a suffix is probed beside itself', async () => {
  await rm(join(cacheDirectory, 's3'), { recursive: true });
  const key = `folder/${'k'.repeat(1010)}`;
  await open().requireConditions(at(key), write);
  const keys = stage.server.requests.entries.flatMap((entry) => entry.key ?? []);
  expect(keys.every((one) => one.startsWith('folder/.keydrift-probe-'))).toBe(true);
});
