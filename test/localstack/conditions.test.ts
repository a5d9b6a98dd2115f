import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { GetObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { bucket, failureOf, test } from './support.ts';

const name = { Bucket: bucket, Key: 'a.csv' };
const time = new Date('2024-05-05T05:05:05Z');
const earlier = new Date('2024-05-05T05:05:04Z');

describe('a conditional read', () => {
  const etag = '9dd4e461268c8034f5c8564e155c67a6'; // the MD5 of "x"
  const cases: [string, Partial<GetObjectCommandInput>, number][] = [
    ['If-Match', { IfMatch: `"${etag}"` }, 200],
    ['If-Match without quotes', { IfMatch: etag }, 200],
    ['If-Match of another', { IfMatch: '"other"' }, 412],
    ['If-Match of several', { IfMatch: `"other", "${etag}"` }, 200],
    ['If-None-Match', { IfNoneMatch: `"${etag}"` }, 304],
    ['If-None-Match *', { IfNoneMatch: '*' }, 304],
    ['If-None-Match of another', { IfNoneMatch: '"other"' }, 200],
    ['If-Modified-Since the same second', { IfModifiedSince: time }, 304],
    ['If-Modified-Since earlier', { IfModifiedSince: earlier }, 200],
    ['If-Unmodified-Since the same second', { IfUnmodifiedSince: time }, 200],
    ['If-Unmodified-Since earlier', { IfUnmodifiedSince: earlier }, 412],
    ['a matching If-Match outweighs', { IfMatch: etag, IfUnmodifiedSince: earlier }, 200],
    ['a failing If-None-Match outweighs', { IfNoneMatch: '"other"', IfModifiedSince: time }, 200],
  ];

  test.for(cases)('%s: %s', async ([, condition, status], { s3, server }) => {
    server.putObject({ bucket, key: name.Key, body: 'x', lastModified: time });
    const input = { ...name, ...condition };
    const outcomes = [
      await s3.send(new GetObjectCommand(input)).catch((error: unknown) => error),
      await s3.send(new HeadObjectCommand(input)).catch((error: unknown) => error),
    ];
    const expected = { $metadata: { httpStatusCode: status } };
    expect(outcomes).toMatchObject([expected, expected]);
    expect(server.requests.entries.map((entry) => entry.status)).toEqual([status, status]);
  });

  test('a 304 names the copy that is still good, and 412 the condition', async ({ s3, server }) => {
    server.putObject({ bucket, key: name.Key, body: 'x', lastModified: time });
    const unchanged = await failureOf(
      s3.send(new GetObjectCommand({ ...name, IfNoneMatch: etag })),
    );
    expect(unchanged.headers).toMatchObject({
      etag: `"${etag}"`,
      'last-modified': time.toUTCString(),
    });
    await expect(s3.send(new GetObjectCommand({ ...name, IfMatch: 'x' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-Match',
    });
    await expect(
      s3.send(new GetObjectCommand({ ...name, Key: 'other', IfMatch: 'x' })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

function put(condition: Partial<PutObjectCommandInput>, Body = 'new'): PutObjectCommand {
  return new PutObjectCommand({ ...name, Body, ...condition });
}

describe('a conditional write', () => {
  test('If-None-Match: * creates and never replaces', async ({ s3 }) => {
    await s3.send(put({ IfNoneMatch: '*' }));
    await expect(s3.send(put({ IfNoneMatch: '*' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    // A delete marker counts as nothing there.
    await s3.send(new DeleteObjectCommand(name));
    await s3.send(put({ IfNoneMatch: '*' }));
    await expect(s3.send(put({ IfNoneMatch: '"etag"' }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });

  test('If-Match replaces what was read', async ({ s3 }) => {
    await expect(s3.send(put({ IfMatch: '"any"' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
    const { ETag } = await s3.send(put({}, 'one'));
    await s3.send(put({ IfMatch: ETag }, 'two'));
    await expect(s3.send(put({ IfMatch: ETag }, 'three'))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    const got = await s3.send(new GetObjectCommand(name));
    expect(await got.Body?.transformToString()).toBe('two');
    await expect(
      s3.send(new DeleteObjectCommand({ ...name, IfMatch: ETag })),
    ).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  test('If-Match needs s3:GetObject too', async ({ s3, server }) => {
    const { ETag } = await s3.send(put({}));
    server.faults.add({ on: { action: 's3:GetObject' }, fault: { kind: 'access-denied' } });
    await expect(s3.send(put({ IfMatch: ETag }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await s3.send(put({}));
  });

  test('of many at once exactly one wins', async ({ s3, server }) => {
    const race = async (condition: Partial<PutObjectCommandInput>): Promise<unknown[]> => {
      const attempts = Array.from({ length: 20 }, (_, index) =>
        // The same bytes again would have the same ETag, and let a second writer pass.
        s3.send(put(condition, `${Object.keys(condition).join()} ${index}`.padEnd(50_000))).then(
          () => 'won',
          (error: Error) => error.name,
        ),
      );
      return (await Promise.all(attempts)).toSorted();
    };
    const outcome = [...Array.from({ length: 19 }, () => 'PreconditionFailed'), 'won'];
    expect(await race({ IfNoneMatch: '*' })).toEqual(outcome);
    const { ETag } = await s3.send(new HeadObjectCommand(name));
    expect(await race({ IfMatch: ETag })).toEqual(outcome);
    expect(server.requests.where({ method: 'PUT', status: 200 })).toHaveLength(2);
  });

  test('409 in a race, which the SDK does not retry', async ({ s3, server }) => {
    const conflict = server.faults.add({ fault: { kind: 'conflict' } });
    await s3.send(put({}));
    await expect(s3.send(put({ IfMatch: '"x"' }))).rejects.toMatchObject({
      name: 'ConditionalRequestConflict',
      $metadata: { httpStatusCode: 409, attempts: 1 },
    });
    expect(conflict.hits).toBe(1);
  });

  test('on a server that ignores it, and on one that has none', async ({ s3, server }) => {
    await s3.send(put({}));
    server.settings.conditionalWrites = 'ignored';
    await s3.send(put({ IfNoneMatch: '*' }));
    await s3.send(put({ IfMatch: '"other"' }));
    server.settings.conditionalWrites = 'not-implemented';
    for (const condition of [{ IfNoneMatch: '*' }, { IfMatch: '"other"' }]) {
      await expect(s3.send(put(condition))).rejects.toMatchObject({
        name: 'NotImplemented',
        $metadata: { httpStatusCode: 501 },
      });
    }
    await s3.send(put({}));
  });
});
