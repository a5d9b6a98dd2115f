import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { bucket, codeOf, signedFetch, test } from './support.ts';

const name = { Bucket: bucket, Key: 'config/a.csv' };
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('an object', () => {
  test('keeps its bytes, headers and metadata', async ({ s3, server }) => {
    const described = {
      ContentType: 'text/csv; charset=utf-8',
      CacheControl: 'no-store',
      ContentEncoding: 'gzip',
      ContentDisposition: 'attachment; filename="a.csv"',
      ContentLanguage: 'en',
      Metadata: { 'git-commit': 'abc123', note: 'a, b & <c>' },
    };
    const Body = Buffer.from([0, 255, 13, 10, 1]);
    const put = await s3.send(
      new PutObjectCommand({
        ...name,
        ...described,
        Body,
        Expires: new Date('2030-01-01T00:00:00Z'),
        ACL: 'bucket-owner-full-control',
      }),
    );
    expect(put.ETag).toBe(`"${createHash('md5').update(Body).digest('hex')}"`);
    const head = await s3.send(new HeadObjectCommand(name));
    expect(head).toMatchObject({
      ...described,
      ContentLength: 5,
      AcceptRanges: 'bytes',
      ETag: put.ETag,
    });
    expect(head.ExpiresString).toBe('Tue, 01 Jan 2030 00:00:00 GMT');
    expect(head.StorageClass).toBeUndefined();
    const got = await s3.send(new GetObjectCommand(name));
    expect(got).toMatchObject(described);
    expect(await got.Body?.transformToByteArray()).toEqual(new Uint8Array(Body));
    expect(server.requests.where({ method: 'HEAD' })).toMatchObject([
      { operation: 'HeadObject', status: 200 },
    ]);
  });

  test('that is large is announced first (Expect: 100-continue)', async ({ s3, server }) => {
    const Body = Buffer.alloc(3_000_000, 'key,value\n');
    await s3.send(new PutObjectCommand({ ...name, Body }));
    expect(server.requests.entries[0]?.headers['expect']).toBe('100-continue');
    const got = await s3.send(new GetObjectCommand(name));
    expect(Body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  test('without a description', async ({ s3 }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: '' }));
    const got = await s3.send(new GetObjectCommand(name));
    expect(got).toMatchObject({
      ContentLength: 0,
      ContentType: 'application/octet-stream',
      Metadata: {},
    });
    expect(await got.Body?.transformToString()).toBe('');
  });

  test('a reader may choose headers of the answer', async ({ s3, server }) => {
    server.putObject({ bucket, key: name.Key, body: 'x' });
    expect((await s3.send(new GetObjectCommand(name))).ContentType).toBe('binary/octet-stream');
    const got = await s3.send(new GetObjectCommand({ ...name, ResponseContentType: 'text/plain' }));
    expect(got.ContentType).toBe('text/plain');
    await expect(
      s3.send(new GetObjectCommand({ ...name, ResponseContentType: 'a\r\nb' })),
    ).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('missing', async ({ s3, server }) => {
    await expect(s3.send(new GetObjectCommand(name))).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      Key: name.Key,
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3.send(new HeadObjectCommand(name))).rejects.toMatchObject({ name: 'NotFound' });
    expect(server.requests.entries.map((entry) => entry.errorCode)).toEqual([
      'NoSuchKey',
      'NoSuchKey',
    ]);
  });

  test('encryption is told, and under KMS the ETag is no MD5', async ({ s3, server }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: 'x' }));
    const plain = await s3.send(new HeadObjectCommand(name));
    expect(plain).toMatchObject({ ServerSideEncryption: 'AES256', ETag: `"${md5('x')}"` });
    const key = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/team' } as const;
    const put = await s3.send(new PutObjectCommand({ ...name, ...key, Body: 'x' }));
    expect(put).toMatchObject(key);
    expect(put.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(put.ETag).not.toBe(plain.ETag);
    expect(await s3.send(new HeadObjectCommand(name))).toMatchObject({ ...key, ETag: put.ETag });

    server.faults.add({ on: { action: 'kms:Decrypt' }, fault: { kind: 'access-denied' } });
    await expect(s3.send(new GetObjectCommand(name))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await s3.send(new HeadObjectCommand(name));
    await expect(
      s3.send(new HeadObjectCommand({ ...name, ChecksumMode: 'ENABLED' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    const headers = { 'x-amz-server-side-encryption': 'rot13' };
    const unknown = await signedFetch(server, 'PUT', `/${bucket}/k`, { headers, body: 'x' });
    expect(await codeOf(unknown)).toBe('400 InvalidEncryptionAlgorithmError');
  });

  test.for(['GLACIER', 'DEEP_ARCHIVE'] as const)(
    'in %s has a HEAD and no GET',
    async (StorageClass, { s3 }) => {
      await s3.send(new PutObjectCommand({ ...name, Body: 'x', StorageClass }));
      expect(await s3.send(new HeadObjectCommand(name))).toMatchObject({
        StorageClass,
        ContentLength: 1,
      });
      await expect(s3.send(new GetObjectCommand(name))).rejects.toMatchObject({
        name: 'InvalidObjectState',
        StorageClass,
        $metadata: { httpStatusCode: 403 },
      });
    },
  );

  test('in a storage class that is read at once', async ({ s3, server }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: 'x', StorageClass: 'GLACIER_IR' }));
    expect((await s3.send(new GetObjectCommand(name))).StorageClass).toBe('GLACIER_IR');
    const headers = { 'x-amz-storage-class': 'NONE' };
    const unknown = await signedFetch(server, 'PUT', `/${bucket}/k`, { headers, body: 'x' });
    expect(await codeOf(unknown)).toBe('400 InvalidStorageClass');
  });

  test('tags', async ({ s3 }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: 'x', Tagging: 'team=data%20ops&b=2' }));
    expect((await s3.send(new GetObjectCommand(name))).TagCount).toBe(2);
    const tags = async (): Promise<unknown> =>
      (await s3.send(new GetObjectTaggingCommand(name))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'team', Value: 'data ops' },
      { Key: 'b', Value: '2' },
    ]);
    const TagSet = [{ Key: '<&>"\'', Value: 'é' }];
    await s3.send(new PutObjectTaggingCommand({ ...name, Tagging: { TagSet } }));
    expect(await tags()).toEqual(TagSet);
    await s3.send(new DeleteObjectTaggingCommand(name));
    expect(await tags()).toEqual([]);
    expect((await s3.send(new HeadObjectCommand(name))).TagCount).toBeUndefined();
    const many = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await expect(
      s3.send(new PutObjectTaggingCommand({ ...name, Tagging: { TagSet: many } })),
    ).rejects.toMatchObject({ name: 'InvalidTag' });
  });

  test('a copy takes the description along unless told otherwise', async ({ s3 }) => {
    await s3.send(
      new PutObjectCommand({
        ...name,
        Body: 'x',
        Metadata: { a: '1' },
        Tagging: 't=1',
        ContentType: 'text/csv',
      }),
    );
    const copy = { Bucket: bucket, Key: 'copy.csv', CopySource: `${bucket}/${name.Key}` };
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand(copy));
    expect(CopyObjectResult?.ETag).toBe(`"${md5('x')}"`);
    const target = { Bucket: bucket, Key: 'copy.csv' };
    expect(await s3.send(new HeadObjectCommand(target))).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'text/csv',
      TagCount: 1,
    });
    await s3.send(
      new CopyObjectCommand({ ...copy, MetadataDirective: 'REPLACE', Metadata: { b: '2' } }),
    );
    expect((await s3.send(new HeadObjectCommand(target))).Metadata).toEqual({ b: '2' });
    await expect(
      s3.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"other"' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('its attributes', async ({ s3 }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: 'x', ChecksumAlgorithm: 'SHA256' }));
    const attributes = await s3.send(
      new GetObjectAttributesCommand({
        ...name,
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass', 'ObjectParts'],
      }),
    );
    expect(attributes).toMatchObject({
      ETag: md5('x'),
      ObjectSize: 1,
      StorageClass: 'STANDARD',
      Checksum: {
        ChecksumSHA256: createHash('sha256').update('x').digest('base64'),
        ChecksumType: 'FULL_OBJECT',
      },
    });
    expect(attributes.ObjectParts).toBeUndefined();
  });
});

describe('a range', () => {
  const read = { bucket, key: name.Key, body: '0123456789' };

  test.for([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ] as const)('%s', async ([Range, expected, ContentRange], { s3, server }) => {
    server.putObject(read);
    const got = await s3.send(new GetObjectCommand({ ...name, Range }));
    expect(got).toMatchObject({
      ContentRange,
      ContentLength: expected.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await got.Body?.transformToString()).toBe(expected);
    expect((await s3.send(new HeadObjectCommand({ ...name, Range }))).ContentLength).toBe(
      expected.length,
    );
  });

  test.for(['bytes=10-', 'bytes=10-12', 'bytes=-0'])(
    '%s is unsatisfiable',
    async (Range, { s3, server }) => {
      server.putObject(read);
      await expect(s3.send(new GetObjectCommand({ ...name, Range }))).rejects.toMatchObject({
        name: 'InvalidRange',
        ActualObjectSize: '10',
        $metadata: { httpStatusCode: 416 },
      });
    },
  );

  test.for(['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-'])(
    '%s is ignored',
    async (Range, { s3, server }) => {
      server.putObject(read);
      const got = await s3.send(new GetObjectCommand({ ...name, Range }));
      expect(got).toMatchObject({ ContentLength: 10, $metadata: { httpStatusCode: 200 } });
    },
  );
});
