import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { bucket, test } from './support.ts';

describe('buckets', () => {
  test('are created, listed and deleted', async ({ s3 }) => {
    await s3.send(new CreateBucketCommand({ Bucket: 'a-new-one' }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['a-new-one', bucket]);
    expect(Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
    await s3.send(new DeleteBucketCommand({ Bucket: 'a-new-one' }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'a-new-one' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('have a region', async ({ makeClient, s3, server }) => {
    const europe = makeClient({ region: 'eu-central-1' });
    await europe.send(
      new CreateBucketCommand({
        Bucket: 'in-europe',
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      }),
    );
    const head = await europe.send(new HeadBucketCommand({ Bucket: 'in-europe' }));
    expect(head.BucketRegion).toBe('eu-central-1');
    // Asked from anywhere, and us-east-1 has no name.
    const where = async (Bucket: string): Promise<string | undefined> =>
      (await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint;
    expect(await where('in-europe')).toBe('eu-central-1');
    expect(await where(bucket)).toBeUndefined();
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'in-europe' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    expect(server.requests.entries.at(-1)?.errorCode).toBe('AuthorizationHeaderMalformed');
  });

  test('errors', async ({ s3, server }) => {
    server.createBucket('theirs', { ownerId: '111122223333' });
    server.putObject({ bucket, key: 'k', body: 'x' });
    const attempts = [
      [new CreateBucketCommand({ Bucket: bucket }), 'BucketAlreadyOwnedByYou'],
      [new CreateBucketCommand({ Bucket: 'theirs' }), 'BucketAlreadyExists'],
      [new CreateBucketCommand({ Bucket: 'UPPER_CASE' }), 'InvalidBucketName'],
      [new DeleteBucketCommand({ Bucket: bucket }), 'BucketNotEmpty'],
      [new DeleteBucketCommand({ Bucket: 'nowhere' }), 'NoSuchBucket'],
    ] as const;
    for (const [command, code] of attempts) {
      const outcome = command instanceof CreateBucketCommand ? s3.send(command) : s3.send(command);
      await expect(outcome).rejects.toMatchObject({ name: code });
    }
    const policy = new GetBucketPolicyCommand({ Bucket: bucket });
    await expect(s3.send(policy)).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  test('versioning is off, then enabled, then suspended', async ({ s3, server }) => {
    server.createBucket('plain');
    const status = async (): Promise<string | undefined> =>
      (await s3.send(new GetBucketVersioningCommand({ Bucket: 'plain' }))).Status;
    expect(await status()).toBeUndefined();
    for (const Status of ['Enabled', 'Suspended'] as const) {
      await s3.send(
        new PutBucketVersioningCommand({ Bucket: 'plain', VersioningConfiguration: { Status } }),
      );
      expect(await status()).toBe(Status);
    }
  });
});
