import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { bucket, codeOf, signedFetch, test } from './support.ts';

const name = { Bucket: bucket, Key: 'a.csv' };
const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
const body = 'key,value\n'.repeat(20_000);

describe('a checksum', () => {
  test.for(algorithms)('%s in a header', async (ChecksumAlgorithm, { s3, server }) => {
    const done = await s3.send(new PutObjectCommand({ ...name, Body: body, ChecksumAlgorithm }));
    const header = `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`;
    const [request] = server.requests.entries;
    const value = request?.headers[header];
    expect(value).toEqual(expect.any(String));
    expect(done).toMatchObject({
      [`Checksum${ChecksumAlgorithm}`]: value,
      ChecksumType: 'FULL_OBJECT',
    });
    // The SDK checks it again with its own implementation.
    const got = await s3.send(new GetObjectCommand({ ...name, ChecksumMode: 'ENABLED' }));
    expect(got).toMatchObject({
      [`Checksum${ChecksumAlgorithm}`]: value,
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await got.Body?.transformToString()).toBe(body);
  });

  test.for(algorithms)('%s in a trailer', async (ChecksumAlgorithm, { s3, server }) => {
    const stream = new PutObjectCommand({
      ...name,
      Body: Readable.from([Buffer.from(body)]),
      ContentLength: body.length,
      ChecksumAlgorithm,
    });
    await s3.send(stream);
    const [request] = server.requests.entries;
    expect(request?.headers).toMatchObject({
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`,
      'content-encoding': 'aws-chunked',
    });
    const got = await s3.send(new GetObjectCommand(name));
    expect(got.ContentEncoding).toBeUndefined();
    expect(await got.Body?.transformToString()).toBe(body);
    expect(got[`Checksum${ChecksumAlgorithm}`]).toEqual(expect.any(String));
  });

  test('is CRC32 by the SDK, CRC64NVME by the server, or none', async ({ makeClient, server }) => {
    const client = makeClient({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    const stored = async (): Promise<unknown> => {
      const head = await client.send(new HeadObjectCommand({ ...name, ChecksumMode: 'ENABLED' }));
      return [head.ChecksumCRC32, head.ChecksumCRC64NVME];
    };
    await makeClient().send(new PutObjectCommand({ ...name, Body: '123456789' }));
    expect(await stored()).toEqual(['y/Q5Jg==', undefined]);
    await client.send(new PutObjectCommand({ ...name, Body: '123456789' }));
    expect(await stored()).toEqual([undefined, 'rosUhgp5mIg=']);
    server.settings.defaultChecksum = 'none';
    await client.send(new PutObjectCommand({ ...name, Body: '123456789' }));
    expect(await stored()).toEqual([undefined, undefined]);
  });

  test('is shown only to those who ask, and not with a range', async ({ makeClient, s3 }) => {
    await s3.send(new PutObjectCommand({ ...name, Body: body }));
    const plain = makeClient({ responseChecksumValidation: 'WHEN_REQUIRED' });
    expect((await plain.send(new HeadObjectCommand(name))).ChecksumCRC32).toBeUndefined();
    const asked = { ...name, ChecksumMode: 'ENABLED' } as const;
    expect((await plain.send(new HeadObjectCommand(asked))).ChecksumCRC32).toEqual(
      expect.any(String),
    );
    const range = await plain.send(new GetObjectCommand({ ...asked, Range: 'bytes=0-4' }));
    expect(range.ChecksumCRC32).toBeUndefined();
  });

  test('that the SDK does not know stops its GET, but not a GET that asks for none', async ({
    makeClient,
    s3,
    server,
  }) => {
    const sha512 = createHash('sha512').update('x').digest('base64');
    server.putObject({
      bucket,
      key: name.Key,
      body: 'x',
      headers: { 'x-amz-checksum-sha512': sha512 },
    });
    await expect(s3.send(new GetObjectCommand(name))).rejects.toThrow(
      /not supported by the client/,
    );
    const plain = makeClient({ responseChecksumValidation: 'WHEN_REQUIRED' });
    const got = await plain.send(new GetObjectCommand(name));
    expect(await got.Body?.transformToString()).toBe('x');
  });
});

async function put(server: S3Server, headers: Record<string, string>): Promise<string> {
  return codeOf(await signedFetch(server, 'PUT', `/${bucket}/a.csv`, { headers, body: 'x' }));
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('base64');
}

describe('a wrong claim', () => {
  test('is refused', async ({ server }) => {
    expect(await put(server, { 'x-amz-checksum-sha256': digest('sha256', 'x') })).toBe('200');
    expect(await put(server, { 'x-amz-checksum-sha256': digest('sha256', 'y') })).toBe(
      '400 BadDigest',
    );
    expect(await put(server, { 'x-amz-checksum-crc32': 'AAAAAA==' })).toBe('400 BadDigest');
    expect(await put(server, { 'x-amz-checksum-crc32': 'short' })).toBe('400 InvalidRequest');
    expect(await put(server, { 'x-amz-checksum-rot13': 'AAAAAA==' })).toBe('400 InvalidRequest');
    expect(
      await put(server, {
        'x-amz-checksum-sha256': digest('sha256', 'x'),
        'x-amz-checksum-sha1': digest('sha1', 'x'),
      }),
    ).toBe('400 InvalidRequest');
    expect(await put(server, { 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toBe(
      '400 InvalidRequest',
    );
    expect(await put(server, { 'content-md5': digest('md5', 'x') })).toBe('200');
    expect(await put(server, { 'content-md5': digest('md5', 'y') })).toBe('400 BadDigest');
    expect(await put(server, { 'content-md5': 'nonsense' })).toBe('400 InvalidDigest');
  });

  test('in a trailer too', async ({ makeClient, server }) => {
    const client = makeClient();
    const stream = new PutObjectCommand({
      ...name,
      Body: Readable.from([Buffer.from(body)]),
      ContentLength: body.length,
      ChecksumSHA256: createHash('sha256').update('other').digest('base64'),
    });
    await expect(client.send(stream)).rejects.toMatchObject({ name: 'BadDigest' });
    expect(server.requests.where({ status: 200 })).toHaveLength(0);
  });
});
