import {
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { chunk, presign, sign } from './signer.ts';
import { bucket, codeOf, test } from './support.ts';

const name = { Bucket: bucket, Key: 'a.csv' };

function urlOf(server: S3Server, path = `/${bucket}/a.csv`): URL {
  return new URL(path, server.endpoint);
}

describe('a signed request', () => {
  test('is refused with a wrong secret, a wrong key id, a wrong clock', async ({
    makeClient,
    server,
  }) => {
    const { accessKeyId, secretAccessKey } = server.credentials;
    const attempt = (client: ReturnType<typeof makeClient>): Promise<unknown> =>
      client.send(new ListBucketsCommand({})).catch((error: unknown) => error);
    const wrongSecret = { accessKeyId, secretAccessKey: 'other' };
    expect(await attempt(makeClient({ credentials: wrongSecret }))).toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    const wrongId = { accessKeyId: 'other', secretAccessKey };
    expect(await attempt(makeClient({ credentials: wrongId }))).toMatchObject({
      name: 'InvalidAccessKeyId',
    });
    const late = makeClient({ systemClockOffset: 16 * 60 * 1000, maxAttempts: 1 });
    expect(await attempt(late)).toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  test('the SDK corrects its clock by the Date of the refusal', async ({ makeClient }) => {
    const late = makeClient({ systemClockOffset: 16 * 60 * 1000 });
    const list = new ListBucketsCommand({});
    await expect(late.send(list)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    await late.send(list);
  });

  test('own credentials', async ({ makeClient }) => {
    const { startS3Server } = await import('../../localstack/s3-server/index.ts');
    const credentials = { accessKeyId: 'AKIA/with/slashes', secretAccessKey: 's3cret' };
    const own = await startS3Server({ credentials });
    const client = makeClient({ endpoint: own.endpoint, credentials });
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    await own.close();
    expect(Buckets).toEqual([]);
  });

  test('for another region: AuthorizationHeaderMalformed, or a redirect', async ({
    server,
    s3,
    makeClient,
  }) => {
    server.createBucket('in-europe', { region: 'eu-west-1' });
    server.putObject({ bucket: 'in-europe', key: 'k', body: 'x' });
    const get = new GetObjectCommand({ Bucket: 'in-europe', Key: 'k' });
    await expect(s3.send(get)).rejects.toMatchObject({
      name: 'AuthorizationHeaderMalformed',
      Region: 'eu-west-1',
      $metadata: { httpStatusCode: 400 },
    });
    await makeClient({ region: 'eu-west-1' }).send(get);

    server.settings.wrongRegion = 'redirect';
    await expect(s3.send(get)).rejects.toMatchObject({
      name: 'PermanentRedirect',
      $metadata: { httpStatusCode: 301 },
    });
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'in-europe' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 301 },
    });
    const following = makeClient({ followRegionRedirects: true });
    const answer = await following.send(get);
    expect(await answer.Body?.transformToString()).toBe('x');
  });

  test('with a body other than the one hashed', async ({ server }) => {
    const url = urlOf(server);
    const { headers } = sign({ method: 'PUT', url, body: 'one', credentials: server.credentials });
    const answer = await fetch(url, { method: 'PUT', headers, body: 'two' });
    expect(await codeOf(answer)).toBe('400 XAmzContentSHA256Mismatch');
  });

  test('with a header that was not signed, a changed path or query', async ({ server }) => {
    const url = urlOf(server);
    const { headers } = sign({ method: 'PUT', url, body: 'one', credentials: server.credentials });
    const put = async (target: URL, more: Record<string, string> = {}): Promise<string> =>
      codeOf(await fetch(target, { method: 'PUT', headers: { ...headers, ...more }, body: 'one' }));
    expect(await put(url, { 'x-amz-meta-a': 'b' })).toBe('403 AccessDenied');
    expect(await put(urlOf(server, `/${bucket}/b.csv`))).toBe('403 SignatureDoesNotMatch');
    expect(await put(urlOf(server, `/${bucket}/a.csv?x=1`))).toBe('403 SignatureDoesNotMatch');
    expect(await put(url)).toBe('200');
  });

  test('in another scheme', async ({ server }) => {
    const refused = async (headers: Record<string, string>): Promise<string> =>
      codeOf(await fetch(urlOf(server), { headers }));
    expect(await refused({ authorization: 'AWS test:c2lnbmF0dXJl' })).toBe('400 InvalidRequest');
    expect(await refused({ authorization: 'AWS4-HMAC-SHA256 nonsense' })).toBe(
      '400 InvalidRequest',
    );
    const hash = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await refused({ authorization: 'AWS4-HMAC-SHA256 nonsense', ...hash })).toBe(
      '400 AuthorizationHeaderMalformed',
    );
  });

  test('any key survives the way there and back', async ({ s3, server }) => {
    const key = " a/b//../c+d%20&=?#é😀!'()*~;:@,$.csv";
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(server.requests.where({ key })).toHaveLength(2);
  });
});

describe('a body signed in chunks', () => {
  const chunks = [Buffer.alloc(8192, 'a'), Buffer.alloc(8192, 'b'), Buffer.from('rest')];
  const length = String(8192 * 2 + 4);
  const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  const streaming = {
    'content-encoding': 'gzip,aws-chunked',
    'x-amz-decoded-content-length': length,
  };

  test('is verified and taken out of its chunks', async ({ server, s3 }) => {
    const url = urlOf(server);
    const { credentials } = server;
    const signed = sign({ method: 'PUT', url, headers: streaming, payloadHash, credentials });
    const body = chunk(chunks, { signed });
    const put = async (sent: Buffer): Promise<string> =>
      codeOf(
        await fetch(url, { method: 'PUT', headers: signed.headers, body: new Uint8Array(sent) }),
      );
    const forged = Buffer.from(body);
    forged[body.indexOf('bbb')] = 'c'.charCodeAt(0);
    expect(await put(forged)).toBe('403 SignatureDoesNotMatch');
    expect(await put(body.subarray(0, -40))).toBe('400 IncompleteBody');
    expect(await put(body)).toBe('200');
    const got = await s3.send(new GetObjectCommand(name));
    expect(got.ContentEncoding).toBe('gzip');
    expect(await got.Body?.transformToString()).toBe(Buffer.concat(chunks).toString());
  });

  test('trailers are signed too, and must be announced', async ({ server }) => {
    const url = urlOf(server);
    const headers = { ...streaming, 'x-amz-trailer': 'x-amz-checksum-sha256' };
    const hash = `${payloadHash}-TRAILER`;
    const { credentials } = server;
    const signed = sign({ method: 'PUT', url, headers, payloadHash: hash, credentials });
    const put = async (
      trailers: readonly string[],
      spoil = (text: string) => text,
    ): Promise<string> => {
      const body = spoil(chunk(chunks, { signed, trailers }).toString('latin1'));
      return codeOf(await fetch(url, { method: 'PUT', headers: signed.headers, body }));
    };
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha256').update(Buffer.concat(chunks)).digest('base64');
    const line = `x-amz-checksum-sha256:${digest}`;
    expect(await put([line])).toBe('200');
    expect(await put([line], (text) => text.replace('sha256:', 'sha256:A'))).toBe(
      '403 SignatureDoesNotMatch',
    );
    expect(await put([])).toBe('400 MalformedTrailerError');
    expect(await put([`x-amz-checksum-sha256:${digest.replace(/^./, 'A')}`])).toBe('400 BadDigest');
  });

  test('unsigned, with the wrong length, or with small chunks', async ({ server }) => {
    const url = urlOf(server);
    const hash = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
    const put = async (body: Buffer, announced: string | undefined): Promise<string> => {
      const headers = announced === undefined ? {} : { 'x-amz-decoded-content-length': announced };
      const signed = sign({
        method: 'PUT',
        url,
        headers,
        payloadHash: hash,
        credentials: server.credentials,
      });
      return codeOf(
        await fetch(url, { method: 'PUT', headers: signed.headers, body: new Uint8Array(body) }),
      );
    };
    expect(await put(chunk(chunks, { trailers: [] }), length)).toBe('200');
    expect(await put(chunk(chunks, { trailers: [] }), '5')).toBe('400 IncompleteBody');
    expect(await put(chunk(chunks, { trailers: [] }), undefined)).toBe('411 MissingContentLength');
    expect(await put(Buffer.from('no chunks'), '9')).toBe('400 IncompleteBody');
    const small = [Buffer.from('ab'), Buffer.from('cd')];
    expect(await put(chunk(small, { trailers: [] }), '4')).toBe('403 InvalidChunkSizeError');
  });
});

describe('a presigned URL', () => {
  test('needs no headers, and expires', async ({ server }) => {
    server.putObject({ bucket, key: 'a.csv', body: 'x' });
    const url = urlOf(server);
    const { credentials } = server;
    const at = async (age: number, expires = 60): Promise<string> => {
      const date = new Date(Date.now() - age * 1000);
      return codeOf(await fetch(presign({ method: 'GET', url, credentials, date, expires })));
    };
    expect(await at(0)).toBe('200');
    expect(await at(120)).toBe('403 AccessDenied');
    expect(await at(-3600)).toBe('403 AccessDenied');
    expect(await at(0, 604_801)).toBe('400 AuthorizationQueryParametersError');
    const good = presign({ method: 'GET', url, credentials, expires: 60 });
    expect(await codeOf(await fetch(good.replace('a.csv', 'b.csv')))).toBe(
      '403 SignatureDoesNotMatch',
    );
    expect(await codeOf(await fetch(good, { method: 'DELETE' }))).toBe('403 SignatureDoesNotMatch');
    const both = await fetch(good, { headers: { authorization: 'AWS4-HMAC-SHA256 x' } });
    expect(await codeOf(both)).toBe('400 InvalidArgument');
  });
});

describe('an anonymous request', () => {
  test('is refused', async ({ server }) => {
    expect(await codeOf(await fetch(urlOf(server)))).toBe('403 AccessDenied');
    expect(await codeOf(await fetch(urlOf(server, '/')))).toBe('403 AccessDenied');
    expect(await codeOf(await fetch(urlOf(server, '/nowhere/k')))).toBe('404 NoSuchBucket');
  });

  test('may read a public bucket, and no more', async ({ server, makeClient }) => {
    server.putObject({ bucket, key: 'a.csv', body: 'x' });
    server.setPublic(bucket);
    const anonymous = makeClient({
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: (request) => Promise.resolve(request) },
    });
    const got = await anonymous.send(new GetObjectCommand(name));
    expect(await got.Body?.transformToString()).toBe('x');
    await expect(
      anonymous.send(new PutObjectCommand({ ...name, Body: 'y' })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    expect(await codeOf(await fetch(urlOf(server, `/${bucket}`)))).toBe('200');
  });
});

test('x-amz-expected-bucket-owner', async ({ server, s3 }) => {
  server.createBucket('theirs', { ownerId: '111122223333' });
  server.putObject({ bucket: 'theirs', key: 'k', body: 'x' });
  const get = (owner: string): Promise<unknown> =>
    s3.send(new GetObjectCommand({ Bucket: 'theirs', Key: 'k', ExpectedBucketOwner: owner }));
  await get('111122223333');
  await expect(get('000000000000')).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
  });
});

test('virtual-host style below localhost', async ({ server }) => {
  server.putObject({ bucket, key: 'a/b.csv', body: 'x' });
  server.setPublic(bucket);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const headers = { host: `${bucket}.localhost:4566` };
    request(new URL('/a/b.csv', server.endpoint), { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once('error', reject)
      .end();
  });
  expect(status).toBe(200);
  expect(server.requests.entries[0]).toMatchObject({ bucket, key: 'a/b.csv' });
});
