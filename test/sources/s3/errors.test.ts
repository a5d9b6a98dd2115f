import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { faultClass } from '../../../src/model/index.ts';
import { classify } from '../../../src/sources/s3/errors.ts';
import { readFailure } from '../../../src/sources/s3/failure.ts';
import type { Fault } from '../../../localstack/s3-server/index.ts';
import { failureOf, readAll } from '../port-suite.ts';
import { at, body, bucket, plainAccess, portOf, setStage } from './fixture.ts';

const stage = setStage();

function denied(action: string): void {
  stage.server.faults.add({ on: { action }, fault: { kind: 'access-denied' } });
}

function answered(status: number, code: string, message: string = code): void {
  stage.server.faults.add({ fault: { kind: 'error', status, code, message } });
}

describe('absent', () => {
  test('no key', async () => {
    const error = await failureOf(stage.open().pin(at('support/none.csv')));
    expect(error.code).toBe('STORE_NO_SUCH_KEY');
    expect(error.message).toContain('s3://runtime/support/none.csv');
    expect(error.hint).toContain(`--endpoint-url ${stage.server.endpoint}`);
    expect(stage.seen()).toEqual(['GET 404']);
    stage.server.requests.clear();
    const looked = await failureOf(stage.open().pin(at('support/none.csv'), 'revision'));
    expect(looked.code).toBe('STORE_NO_SUCH_KEY');
    expect(stage.seen()).toEqual(['HEAD 404', 'GET 404']);
  });

  test('a deleted key says so, and by which marker', async () => {
    stage.put('deleted.csv');
    const marker = await deleteObject('deleted.csv');
    stage.server.requests.clear();
    const error = await failureOf(stage.open().pin(at('deleted.csv')));
    expect(error.code).toBe('STORE_NO_SUCH_KEY');
    expect(error.message).toContain(marker);
    expect(stage.seen()).toEqual(['GET 404']);
  });

  test('no bucket', async () => {
    const error = await failureOf(stage.open().pin(at('a.csv', { bucket: 'nowhere' })));
    expect(error.code).toBe('STORE_NO_SUCH_BUCKET');
    expect(error.message).toContain('nowhere');
  });

  test('no such version, a delete marker’s, and one that cannot be', async () => {
    stage.put('versions.csv');
    const marker = await deleteObject('versions.csv');
    for (const versionId of ['L4kqtJlcpXroDTDmpUMLUo', marker]) {
      const error = await failureOf(stage.open().pin(at('versions.csv', { versionId })));
      expect(error.code).toBe('STORE_NO_SUCH_VERSION');
      expect(error.message).toContain(versionId);
      expect(error.message.includes('delete marker')).toBe(versionId === marker);
    }
    answered(400, 'InvalidArgument', 'Invalid version id specified');
    const error = await failureOf(stage.open().pin(at('versions.csv', { versionId: '!' })));
    expect(error.code).toBe('STORE_NO_SUCH_VERSION');
  });
});

describe('denied', () => {
  test('s3:GetObject, and a missing key that may not be known', async () => {
    stage.put('denied.csv');
    denied('s3:GetObject');
    const error = await failureOf(stage.open().pin(at('denied.csv')));
    expect(error.code).toBe('STORE_ACCESS_DENIED');
    expect(error.hint).toMatch(/s3:GetObject\b.*s3:ListBucket/s);
  });

  test('a missing key without s3:ListBucket', async () => {
    denied('s3:ListBucket');
    const error = await failureOf(stage.open().pin(at('never-there.csv')));
    expect(error.code).toBe('STORE_ACCESS_DENIED');
    expect(error.hint).toContain('not there');
  });

  test('s3:GetObjectVersion: HEAD works, the pinned GET does not', async () => {
    stage.put('denied.csv');
    denied('s3:GetObjectVersion');
    const copy = await stage.open().pin(at('denied.csv'), 'revision');
    const error = await failureOf(readAll(copy));
    expect(error.code).toBe('STORE_ACCESS_DENIED');
    expect(error.hint).toContain('s3:GetObjectVersion');
  });

  test('kms:Decrypt: the pin falls back to a HEAD without checksums, and the GET names it', async () => {
    const headers = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:eu-west-1:1:key/k',
    };
    stage.put('encrypted.csv', body, headers);
    denied('kms:Decrypt');
    const denied403 = await failureOf(stage.open().pin(at('encrypted.csv')));
    expect(denied403.hint).toContain('kms:Decrypt');
    stage.server.requests.clear();
    const copy = await stage.open().pin(at('encrypted.csv'), 'revision');
    expect(stage.seen()).toEqual(['HEAD 403', 'HEAD 200']);
    const error = await failureOf(readAll(copy));
    expect(error.code).toBe('STORE_ACCESS_DENIED');
    expect(error.hint).toContain('kms:Decrypt');
    expect(error.hint).not.toContain('s3:GetObjectVersion');
  });

  test('the action that AWS names itself', async () => {
    const message =
      'User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource: k';
    answered(403, 'AccessDenied', message);
    const error = await failureOf(stage.open().pin(at('named.csv')));
    expect(error.hint).toContain('kms:Decrypt');
    expect(error.message).toContain('arn:aws:iam::1:user/u');
  });

  test('anonymous, unless the bucket is public', async () => {
    const access = { ...plainAccess, anonymous: true };
    stage.put('public.csv', 'a\n1\n');
    const error = await failureOf(stage.open().pin(at('public.csv', { access })));
    expect(error.code).toBe('STORE_ACCESS_DENIED');
    stage.server.createBucket('open-data');
    stage.server.setPublic('open-data');
    stage.server.putObject({ bucket: 'open-data', key: 'public.csv', body: 'a\n1\n' });
    const copy = await stage.open().pin(at('public.csv', { bucket: 'open-data', access }));
    expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
  });
});

describe('elsewhere', () => {
  test.each(['malformed', 'redirect'] as const)(
    'a wrong region (%s) names the right one',
    async (way) => {
      stage.server.settings.wrongRegion = way;
      const place = { bucket: `sydney-${way}`, key: 'a.csv' };
      stage.server.createBucket(place.bucket, { region: 'ap-southeast-2' });
      stage.server.putObject({ ...place, body: 'a\n1\n' });
      const error = await failureOf(stage.open().pin(at('a.csv', place)));
      expect(error.code).toBe('STORE_WRONG_REGION');
      expect(error.hint).toContain('--region ap-southeast-2');
      const access = { ...plainAccess, region: 'ap-southeast-2' };
      const copy = await stage.open().pin(at('a.csv', { ...place, access }));
      expect(copy.bytes).toBe(4);
    },
  );

  test('a redirect that names no region', async () => {
    answered(301, 'PermanentRedirect');
    for (const purpose of ['bytes', 'revision'] as const) {
      const error = await failureOf(stage.open().pin(at('a.csv'), purpose));
      expect(error.code).toBe('STORE_WRONG_REGION');
      expect(error.hint).toContain('head-bucket');
    }
  });
});

test('an archived object has a HEAD and no bytes', async () => {
  const versionId = stage.put('cold.csv', body, { 'x-amz-storage-class': 'GLACIER' });
  const copy = await stage.open().pin(at('cold.csv'), 'revision');
  expect((await failureOf(readAll(copy))).code).toBe('STORE_ARCHIVED');
  expect((await failureOf(stage.open().pin(at('cold.csv')))).code).toBe('STORE_ARCHIVED');
  // Of a version it is that version that is to be looked at.
  const { command } = await failureOf(stage.open().pin(at('cold.csv', { versionId })));
  expect(command).toContain(`--version-id ${versionId}`);
});

describe.each([
  [400, 'ExpiredToken', /Sign in again/],
  [400, 'InvalidToken', /AWS_SESSION_TOKEN/],
  [403, 'InvalidAccessKeyId', /AWS_ACCESS_KEY_ID/],
  [403, 'SignatureDoesNotMatch', /AWS_SECRET_ACCESS_KEY/],
  [403, 'RequestTimeTooSkewed', /clock/],
  [507, 'InsufficientCapacity', /Try again/],
])('HTTP %i %s', (status, code, hint) => {
  test('says status, code and what to do', async () => {
    answered(status, code);
    const error = await failureOf(stage.open({ attempts: 1 }).pin(at('refused.csv')));
    expect(error.code).toBe(status < 500 ? 'STORE_CREDENTIALS_REFUSED' : 'STORE_FAILED');
    expect(faultClass(error)).toBe(status < 500 ? 'configuration' : 'access');
    expect(error.place.store).toMatchObject({ bucket, status, code });
    expect(error.message).toContain(String(status));
    expect(error.message).toContain(code);
    expect(error.hint).toMatch(hint);
  });
});

test('a wrong secret is found by the signature, and is not repeated by the error', async () => {
  const environment = {
    AWS_ACCESS_KEY_ID: stage.server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'wrong-secret',
    AWS_SESSION_TOKEN: 'session-token-of-mine',
    AWS_ENDPOINT_URL: stage.server.endpoint,
  };
  const error = await failureOf(stage.open({ environment }).pin(at('a.csv')));
  expect(error.code).toBe('STORE_CREDENTIALS_REFUSED');
  const { message, hint, cause } = error;
  const everything = JSON.stringify([
    message,
    hint,
    cause,
    Object.entries(cause ?? {}),
    cause instanceof Error ? cause.stack : null,
  ]);
  expect(everything).not.toMatch(/wrong-secret|session-token-of-mine/);
});

test('what a store says is one line without access keys, signatures and passwords', () => {
  const message =
    'key ASIAIOSFODNN7EXAMPLE\u001b[31m\nhttps://u:p@h/?X-Amz-Signature=abc123&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F1';
  const failure = readFailure(Object.assign(new Error(message), { StringToSign: 'secret' }));
  expect(failure.message).not.toMatch(/IOSFODNN7|abc123|u:p@|\p{Cc}/u);
  expect(Object.values(failure.cause)).not.toContain('secret');
  expect(readFailure(new Error('x'.repeat(10_000))).message.length).toBeLessThan(500);
});

test('an answer that is not S3’s', async () => {
  const html: Fault = { kind: 'error', status: 418, code: '<html>', message: 'teapot' };
  stage.server.faults.add({ fault: html });
  const error = await failureOf(stage.open().pin(at('a.csv')));
  expect(error.code).toBe('STORE_FOREIGN_ANSWER');
  expect(error.message).toContain('418');
});

test('an answer that is read whole is read no further than any of S3 goes', async () => {
  const sockets: Socket[] = [];
  const piece = Buffer.alloc(1 << 20, 'x');
  const server = createServer((_request, response) => {
    sockets.push(response.socket!);
    response.writeHead(500, { 'content-type': 'application/xml' });
    const endless = function* (): Generator<Buffer> {
      for (;;) yield piece;
    };
    Readable.from(endless()).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const access = { ...plainAccess, endpoint: `http://127.0.0.1:${portOf(server)}` };
  const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_MAX_ATTEMPTS: '1' };
  const source = openS3Source({ environment });
  const error = await failureOf(source.pin(at('a.csv', { access })));
  await source.close();
  expect([error.code, error.message.length < 1000]).toEqual(['STORE_FOREIGN_ANSWER', true]);
  const sent = sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  expect(sent).toBeLessThan(64 << 20);
});

test.each<unknown>([undefined, null, 'text', 7, {}, new AggregateError([new Error('inner')])])(
  'anything thrown is read: %o',
  (thrown) => {
    expect(readFailure(thrown)).toMatchObject({ status: null, attempts: 1, region: null });
  },
);

const place = {
  location: at('a.csv'),
  target: { endpoint: null, region: 'eu-west-1', profile: null, signing: 'signed' },
  versionId: null,
} as const;

test.each([
  ['ENOTFOUND', 'STORE_UNREACHABLE'],
  ['EAI_AGAIN', 'STORE_UNREACHABLE'],
  ['ETIMEDOUT', 'STORE_UNREACHABLE'],
  ['CERT_HAS_EXPIRED', 'STORE_UNREACHABLE'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'STORE_UNREACHABLE'],
  ['HPE_INVALID_CONSTANT', 'STORE_UNREACHABLE'],
  ['ERR_SOMETHING_ELSE', 'STORE_FAILED'],
])('%s is %s, and names the endpoint', (code, expected) => {
  const error = classify(Object.assign(new Error('x'), { code }), place);
  expect(error.code).toBe(expected);
  expect(error.message).toContain('AWS S3 in eu-west-1');
});

test('a connection that does not come about in time is no silence', () => {
  const words = 'the request socket did not establish a connection with the server within 5 ms';
  const error = classify(Object.assign(new Error(words), { name: 'TimeoutError' }), place);
  expect(error.code).toBe('STORE_UNREACHABLE');
});

/** Deletes by a request of one's own; the marker's version id. */
async function deleteObject(key: string): Promise<string> {
  const { DeleteObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { endpoint, credentials } = stage.server;
  const config = { endpoint, credentials, region: 'us-east-1', forcePathStyle: true };
  const client = new S3Client(config);
  const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  client.destroy();
  return VersionId ?? '';
}
