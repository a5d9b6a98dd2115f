import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { bucket, test } from './support.ts';

const name = { Bucket: bucket, Key: 'big.csv' };
const bodies = ['first part,', 'second part,', 'rest'];
const whole = bodies.join('');
const crc32 = { ChecksumAlgorithm: 'CRC32' } as const;
type Create = Partial<CreateMultipartUploadCommandInput>;

async function uploadParts(
  s3: S3Client,
  create: Create = crc32,
): Promise<{ UploadId: string; Parts: CompletedPart[] }> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ ...name, ...create }));
  const { ChecksumAlgorithm } = create;
  const Parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const place = { UploadId, PartNumber: index + 1 };
    const part = await s3.send(
      new UploadPartCommand({ ...name, ...place, Body, ChecksumAlgorithm }),
    );
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
      part;
    const checksums = {
      ChecksumCRC32,
      ChecksumCRC32C,
      ChecksumCRC64NVME,
      ChecksumSHA1,
      ChecksumSHA256,
    };
    Parts.push({ PartNumber: place.PartNumber, ETag, ...checksums });
  }
  return { UploadId, Parts };
}

async function complete(
  s3: S3Client,
  { UploadId, Parts }: { UploadId: string; Parts: CompletedPart[] },
  more: Partial<CompleteMultipartUploadCommandInput> = {},
): Promise<CompleteMultipartUploadCommandOutput> {
  const input = { ...name, UploadId, MultipartUpload: { Parts }, ...more };
  return s3.send(new CompleteMultipartUploadCommand(input));
}

describe('a multipart upload', () => {
  test('its ETag is of the parts, its description of the beginning', async ({ s3, server }) => {
    server.settings.minPartSize = 1;
    const upload = await uploadParts(s3, {
      ...crc32,
      ContentType: 'text/csv',
      Metadata: { a: '1' },
    });
    const done = await complete(s3, upload);
    const md5s = bodies.map((body) => createHash('md5').update(body).digest());
    const expected = createHash('md5').update(Buffer.concat(md5s)).digest('hex');
    expect(done.ETag).toBe(`"${expected}-3"`);
    const got = await s3.send(new GetObjectCommand(name));
    expect(got).toMatchObject({ ETag: done.ETag, ContentType: 'text/csv', Metadata: { a: '1' } });
    expect(got.VersionId).toBe(done.VersionId);
    expect(await got.Body?.transformToString()).toBe(whole);
  });

  test.for(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
    '%s is composite',
    async (ChecksumAlgorithm, { s3, server }) => {
      server.settings.minPartSize = 1;
      const upload = await uploadParts(s3, { ChecksumAlgorithm });
      const member = `Checksum${ChecksumAlgorithm}` as const;
      const done = await complete(s3, upload);
      expect(done).toMatchObject({
        ChecksumType: 'COMPOSITE',
        [member]: expect.stringMatching(/=-3$/),
      });
      const head = await s3.send(new HeadObjectCommand({ ...name, ChecksumMode: 'ENABLED' }));
      expect(head).toMatchObject({ ChecksumType: 'COMPOSITE', [member]: done[member] });

      // Each part has its own checksum, which the SDK does validate.
      const part = await s3.send(new GetObjectCommand({ ...name, PartNumber: 2 }));
      expect(part).toMatchObject({
        PartsCount: 3,
        ContentRange: 'bytes 11-22/27',
        [member]: upload.Parts[1]?.[member],
      });
      expect(await part.Body?.transformToString()).toBe(bodies[1]);
    },
  );

  test('SHA256 of SHA256s', async ({ s3, server }) => {
    server.settings.minPartSize = 1;
    const done = await complete(s3, await uploadParts(s3, { ChecksumAlgorithm: 'SHA256' }));
    const digests = bodies.map((body) => createHash('sha256').update(body).digest());
    const expected = createHash('sha256').update(Buffer.concat(digests)).digest('base64');
    expect(done.ChecksumSHA256).toBe(`${expected}-3`);
    const attributes = await s3.send(
      new GetObjectAttributesCommand({
        ...name,
        ObjectAttributes: ['Checksum', 'ObjectParts'],
        MaxParts: 2,
      }),
    );
    expect(attributes.Checksum).toMatchObject({
      ChecksumSHA256: expected,
      ChecksumType: 'COMPOSITE',
    });
    expect(attributes.ObjectParts).toMatchObject({
      TotalPartsCount: 3,
      IsTruncated: true,
      NextPartNumberMarker: '2',
      Parts: [
        { PartNumber: 1, Size: 11, ChecksumSHA256: digests[0]?.toString('base64') },
        { PartNumber: 2, Size: 12, ChecksumSHA256: digests[1]?.toString('base64') },
      ],
    });
  });

  test.for(['CRC64NVME', 'CRC32', 'CRC32C'] as const)(
    '%s of the whole object',
    async (ChecksumAlgorithm, { s3, server }) => {
      server.settings.minPartSize = 1;
      const member = `Checksum${ChecksumAlgorithm}` as const;
      const upload = await uploadParts(s3, { ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' });
      const wrong = { [member]: ChecksumAlgorithm === 'CRC64NVME' ? 'AAAAAAAAAAA=' : 'AAAAAA==' };
      await expect(complete(s3, upload, wrong)).rejects.toMatchObject({ name: 'BadDigest' });
      const done = await complete(s3, upload);
      expect(done.ChecksumType).toBe('FULL_OBJECT');
      // The SDK computes it over the whole body and would refuse another.
      const got = await s3.send(new GetObjectCommand(name));
      expect(got[member]).toBe(done[member]);
      expect(await got.Body?.transformToString()).toBe(whole);
    },
  );

  test('a type that an algorithm has not', async ({ s3 }) => {
    const create = (input: Create): Promise<unknown> =>
      s3.send(new CreateMultipartUploadCommand({ ...name, ...input }));
    const invalid = { name: 'InvalidRequest' };
    await expect(
      create({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }),
    ).rejects.toMatchObject(invalid);
    await expect(
      create({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }),
    ).rejects.toMatchObject(invalid);
  });

  test('without an algorithm the server has its own', async ({ makeClient, server }) => {
    const client = makeClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    server.settings.minPartSize = 1;
    expect(await complete(client, await uploadParts(client, {}))).toMatchObject({
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC64NVME: expect.any(String),
    });
    server.settings.defaultChecksum = 'none';
    const done = await complete(client, await uploadParts(client, {}));
    expect(done.ChecksumType).toBeUndefined();
  });

  test('the SDK sends a part its CRC32, which the upload must have been told of', async ({
    s3,
  }) => {
    await expect(uploadParts(s3, {})).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('expected checksum Type: null, actual checksum Type: crc32'),
    });
    const plain = { ...name, ChecksumAlgorithm: 'SHA256' } as const;
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(plain));
    await expect(
      s3.send(new UploadPartCommand({ ...name, UploadId, PartNumber: 1, Body: 'x' })),
    ).rejects.toMatchObject({ message: expect.stringContaining('actual checksum Type: crc32') });
  });

  test('under KMS the ETag is of nothing', async ({ s3, server }) => {
    const kms = { ...crc32, ServerSideEncryption: 'aws:kms' } as const;
    server.settings.minPartSize = 1;
    const first = await complete(s3, await uploadParts(s3, kms));
    const second = await complete(s3, await uploadParts(s3, kms));
    expect(first.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect(second.ETag).not.toBe(first.ETag);
  });

  test('conditions hold when it is completed', async ({ s3, server }) => {
    server.settings.minPartSize = 1;
    const [one, two] = [await uploadParts(s3), await uploadParts(s3)];
    await complete(s3, one, { IfNoneMatch: '*' });
    await expect(complete(s3, two, { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  test('what is wrong with the list of parts', async ({ s3, server }) => {
    const upload = await uploadParts(s3);
    const { UploadId } = upload;
    const attempt = (Parts: CompletedPart[], id = UploadId): Promise<unknown> =>
      complete(s3, { UploadId: id, Parts });
    const [first = {}, second = {}, third = {}] = upload.Parts;
    await expect(attempt(upload.Parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    server.settings.minPartSize = 1;
    await expect(attempt([second, first])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(attempt([{ ...first, ETag: '"x"' }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(attempt([{ ...first, PartNumber: 9 }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(attempt([])).rejects.toMatchObject({ name: 'MalformedXML' });
    await expect(attempt([first], 'unknown')).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const { ETag, PartNumber } = first;
    await expect(attempt([{ ETag, PartNumber }])).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('missing for part 1'),
    });
    await expect(attempt([{ ...first, ChecksumCRC32: 'AAAAAA==' }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    // A part may be left out.
    await attempt([first, third]);
    const part = { ...name, PartNumber: 3 };
    await expect(s3.send(new GetObjectCommand(part))).rejects.toMatchObject({
      name: 'InvalidPartNumber',
      $metadata: { httpStatusCode: 416 },
    });
  });

  test('is listed, and can be given up', async ({ s3 }) => {
    const { UploadId } = await uploadParts(s3);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads).toMatchObject([{ Key: name.Key, UploadId }]);
    const page = await s3.send(new ListPartsCommand({ ...name, UploadId, MaxParts: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    expect(page.Parts?.map(({ Size }) => Size)).toEqual([11, 12]);
    const rest = await s3.send(new ListPartsCommand({ ...name, UploadId, PartNumberMarker: '2' }));
    expect(rest.Parts).toMatchObject([{ PartNumber: 3, Size: 4 }]);
    const part = { ...name, UploadId, PartNumber: 10_001, Body: 'x' };
    await expect(s3.send(new UploadPartCommand(part))).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
    await s3.send(new AbortMultipartUploadCommand({ ...name, UploadId }));
    await expect(s3.send(new ListPartsCommand({ ...name, UploadId }))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  test('a single upload is its own first part', async ({ s3, server }) => {
    server.putObject({ bucket, key: name.Key, body: 'x' });
    const got = await s3.send(new GetObjectCommand({ ...name, PartNumber: 1 }));
    expect(got).toMatchObject({ ContentLength: 1, $metadata: { httpStatusCode: 206 } });
    expect(got.PartsCount).toBeUndefined();
    await expect(s3.send(new GetObjectCommand({ ...name, PartNumber: 2 }))).rejects.toMatchObject({
      name: 'InvalidPartNumber',
    });
  });
});
