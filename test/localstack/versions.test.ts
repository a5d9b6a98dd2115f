import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { startS3Server } from '../../localstack/s3-server/index.ts';
import { bucket, failureOf, test } from './support.ts';

const name = { Bucket: bucket, Key: 'a.csv' };

async function put(s3: S3Client, Body: string, Bucket = bucket): Promise<string | undefined> {
  return (await s3.send(new PutObjectCommand({ ...name, Bucket, Body }))).VersionId;
}

async function read(
  s3: S3Client,
  VersionId?: string,
  Bucket = bucket,
): Promise<string | undefined> {
  const got = await s3.send(new GetObjectCommand({ ...name, Bucket, VersionId }));
  return got.Body?.transformToString();
}

async function markerSeen(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const { name: code, status, headers } = await failureOf(promise);
  const marker = headers['x-amz-delete-marker'];
  return { code, status, marker, version: headers['x-amz-version-id'] };
}

describe('a versioned bucket', () => {
  test('keeps every version', async ({ s3 }) => {
    const first = await put(s3, 'one');
    const second = await put(s3, 'two');
    expect(first).toMatch(/^[\w.-]{32}$/);
    expect(second).not.toBe(first);
    expect(await read(s3)).toBe('two');
    expect(await read(s3, first)).toBe('one');
    expect((await s3.send(new HeadObjectCommand(name))).VersionId).toBe(second);
  });

  test('an unknown version, and what is no version id', async ({ s3 }) => {
    await put(s3, 'one');
    await expect(read(s3, 'x'.repeat(32))).rejects.toMatchObject({
      name: 'NoSuchVersion',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(read(s3, 'null')).rejects.toMatchObject({ name: 'NoSuchVersion' });
    await expect(read(s3, 'garbage')).rejects.toMatchObject({
      name: 'InvalidArgument',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a delete leaves a marker: 404 by the key, 405 by its id', async ({ s3 }) => {
    const version = await put(s3, 'one');
    const deleted = await s3.send(new DeleteObjectCommand(name));
    expect(deleted).toMatchObject({ DeleteMarker: true });
    const VersionId = deleted.VersionId;
    const gone = { status: 404, marker: 'true', version: VersionId };
    expect(await markerSeen(s3.send(new GetObjectCommand(name)))).toEqual({
      code: 'NoSuchKey',
      ...gone,
    });
    expect(await markerSeen(s3.send(new HeadObjectCommand(name)))).toEqual({
      code: 'NotFound',
      ...gone,
    });
    const marker = { status: 405, marker: 'true', version: VersionId };
    const pinned = { ...name, VersionId };
    expect(await markerSeen(s3.send(new GetObjectCommand(pinned)))).toEqual({
      code: 'MethodNotAllowed',
      ...marker,
    });
    expect(await markerSeen(s3.send(new HeadObjectCommand(pinned)))).toMatchObject(marker);
    expect(await read(s3, version)).toBe('one');

    // Removing the marker brings the object back.
    const removed = await s3.send(new DeleteObjectCommand(pinned));
    expect(removed).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await read(s3)).toBe('one');
    await s3.send(new DeleteObjectCommand({ ...name, VersionId: version }));
    await expect(read(s3)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('several are deleted at once', async ({ s3 }) => {
    const VersionId = await put(s3, 'one');
    const Objects = [{ Key: 'a.csv' }, { Key: 'a.csv', VersionId }, { Key: 'b & c' }];
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }),
    );
    expect(Deleted).toMatchObject([
      { Key: 'a.csv', DeleteMarker: true },
      { Key: 'a.csv', VersionId },
      { Key: 'b & c', DeleteMarker: true },
    ]);
    const quiet = { Objects: [{ Key: 'z' }], Quiet: true };
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: quiet }));
    expect(answer.Deleted).toBeUndefined();
  });
});

describe('the null version', () => {
  test('of a bucket that never had versioning', async ({ s3, server }) => {
    server.createBucket('plain');
    expect(await put(s3, 'one', 'plain')).toBeUndefined();
    expect(await put(s3, 'two', 'plain')).toBeUndefined();
    expect(await read(s3, undefined, 'plain')).toBe('two');
    expect(await read(s3, 'null', 'plain')).toBe('two');
    const deleted = await s3.send(new DeleteObjectCommand({ ...name, Bucket: 'plain' }));
    expect(deleted.DeleteMarker).toBeUndefined();
    const { Versions, DeleteMarkers } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: 'plain' }),
    );
    expect([Versions, DeleteMarkers]).toEqual([undefined, undefined]);
  });

  test('is kept when versioning begins, and replaced when it is suspended', async ({
    s3,
    server,
  }) => {
    server.createBucket('late');
    const configure = (Status: 'Enabled' | 'Suspended'): Promise<unknown> =>
      s3.send(
        new PutBucketVersioningCommand({ Bucket: 'late', VersioningConfiguration: { Status } }),
      );
    await put(s3, 'before', 'late');
    await configure('Enabled');
    const id = await put(s3, 'versioned', 'late');
    expect(await read(s3, 'null', 'late')).toBe('before');
    await configure('Suspended');
    expect(await put(s3, 'after', 'late')).toBe('null');
    expect(await read(s3, 'null', 'late')).toBe('after');
    expect(await read(s3, id, 'late')).toBe('versioned');
    const deleted = await s3.send(new DeleteObjectCommand({ ...name, Bucket: 'late' }));
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: 'late' }));
    expect(listed.Versions).toMatchObject([{ VersionId: id, IsLatest: false }]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
  });
});

describe('time', () => {
  test('is the real time in whole seconds', async ({ s3 }) => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    await put(s3, 'one');
    const time = (await s3.send(new HeadObjectCommand(name))).LastModified?.getTime() ?? 0;
    expect(time % 1000).toBe(0);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  test('of writes is placed by the clock; signatures are not touched by it', async ({
    s3,
    server,
  }) => {
    server.clock = () => new Date('2024-02-29T12:00:00.987Z');
    await put(s3, 'one');
    server.clock = () => new Date('2025-03-01T00:00:00Z');
    await s3.send(new DeleteObjectCommand(name));
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(listed.Versions?.[0]?.LastModified).toEqual(new Date('2024-02-29T12:00:00Z'));
    expect(listed.DeleteMarkers?.[0]?.LastModified).toEqual(new Date('2025-03-01T00:00:00Z'));
  });

  test('and ids may be chosen when the server is started', async ({ makeClient }) => {
    let count = 0;
    const server = await startS3Server({
      clock: () => new Date('2020-01-01T00:00:00Z'),
      newVersionId: () => `v${(count += 1)}`,
    });
    server.createBucket(bucket, { versioning: 'Enabled' });
    const seeded = server.putObject({
      bucket,
      key: name.Key,
      body: 'seeded',
      lastModified: new Date('2019-05-05T05:05:05Z'),
      headers: { 'Content-Type': 'text/csv', 'x-amz-meta-a': '1' },
    });
    const client = makeClient({ endpoint: server.endpoint });
    await put(client, 'two');
    const removal = { bucket, key: name.Key, lastModified: new Date('2021-01-01T00:00:00Z') };
    const marker = server.deleteObject(removal);
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const { Versions, DeleteMarkers } = listed;
    const old = await client.send(new HeadObjectCommand({ ...name, VersionId: 'v1' }));
    await server.close();
    expect([seeded.versionId, marker]).toEqual(['v1', 'v3']);
    expect(DeleteMarkers).toMatchObject([
      { VersionId: 'v3', IsLatest: true, LastModified: removal.lastModified },
    ]);
    expect(
      Versions?.map((version) => [version.VersionId, version.LastModified?.getUTCFullYear()]),
    ).toEqual([
      ['v2', 2020],
      ['v1', 2019],
    ]);
    expect(old).toMatchObject({ ContentType: 'text/csv', Metadata: { a: '1' } });
  });
});
