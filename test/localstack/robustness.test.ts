import { GetBucketVersioningCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { startS3Server } from '../../localstack/s3-server/index.ts';
import { sign } from './signer.ts';
import { bucket, codeOf, signedFetch, test } from './support.ts';

/** Sends bytes as they are; resolves with everything that came back when the server closed. */
function raw(server: S3Server, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1', () =>
      socket.end(bytes),
    );
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('error', reject).once('close', () => resolve(answer));
  });
}

async function signed(
  server: S3Server,
  method: string,
  path: string,
  body?: string,
): Promise<string> {
  return codeOf(await signedFetch(server, method, path, body === undefined ? {} : { body }));
}

describe('a bad request', () => {
  test('that is no HTTP', async ({ server }) => {
    expect(await raw(server, 'nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [^]*<Code>InvalidRequest</,
    );
    expect(await raw(server, 'GET / HTTP/1.1\r\nbad header\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await signed(server, 'GET', '/')).toBe('200');
  });

  test('whose address cannot be read', async ({ server }) => {
    const head = 'Host: x\r\nConnection: close\r\n\r\n';
    expect(await raw(server, `GET /%zz HTTP/1.1\r\n${head}`)).toMatch(/ 400 [^]*<Code>InvalidURI</);
    expect(await raw(server, `GET /b/%ff HTTP/1.1\r\n${head}`)).toMatch(
      / 400 [^]*<Code>InvalidURI</,
    );
    expect(await raw(server, `GET /?a=%e0%a4 HTTP/1.1\r\n${head}`)).toMatch(
      / 400 [^]*<Code>InvalidURI</,
    );
    expect(await raw(server, `OPTIONS * HTTP/1.1\r\n${head}`)).toMatch(
      / 400 [^]*<Code>InvalidURI</,
    );
    expect(server.requests.entries).toHaveLength(4);
  });

  test('with an absolute address is fine', async ({ server }) => {
    const line = `GET ${server.endpoint}/${bucket}/k HTTP/1.1`;
    const answer = await raw(server, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('<Code>AccessDenied</Code>');
    expect(server.requests.entries[0]).toMatchObject({ bucket, key: 'k' });
  });

  test('whose client goes away in the body', async ({ server }) => {
    const head = `PUT /${bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n`;
    const port = Number(new URL(server.endpoint).port);
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}abc`));
    await server.requests.waitFor({ key: 'k' });
    socket.destroy();
    expect(await signed(server, 'GET', `/${bucket}/k`)).toBe('404 NoSuchKey');
  });

  test('without a length', async ({ server }) => {
    const url = new URL(`/${bucket}/k`, server.endpoint);
    const payloadHash = 'UNSIGNED-PAYLOAD';
    const { headers } = sign({ method: 'PUT', url, payloadHash, credentials: server.credentials });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await raw(
      server,
      `PUT ${url.pathname} HTTP/1.1\r\n${lines.join('')}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/ 411 [^]*<Code>MissingContentLength</);
  });

  test('for what there is not', async ({ server }) => {
    const path = `/${bucket}/k`;
    expect(await signed(server, 'PATCH', path)).toBe('405 MethodNotAllowed');
    expect(await signed(server, 'POST', '/')).toBe('405 MethodNotAllowed');
    expect(await signed(server, 'GET', `${path}?acl=`)).toBe('501 NotImplemented');
    expect(await signed(server, 'PUT', `/${bucket}?website=`)).toBe('501 NotImplemented');
    expect(await signed(server, 'PUT', `/${bucket}/${'k'.repeat(1025)}`, 'x')).toBe(
      '400 KeyTooLongError',
    );
    expect(await signed(server, 'GET', `/${bucket}/constructor?__proto__=1`)).toBe('404 NoSuchKey');
  });

  test.for([
    'no XML',
    '<Tagging>',
    '<Tagging></Other>',
    '<Other/>',
    '<Tagging/>',
    '<Tagging><TagSet/></Tagging><Tagging/></x>',
    '<Tagging><TagSet><Tag><Key>&bogus;</Key></Tag></TagSet></Tagging>',
    '<!DOCTYPE a [<!ENTITY b "c">]><Tagging><TagSet/></Tagging>',
  ])('with bad XML: %s', async (body, { server }) => {
    server.putObject({ bucket, key: 'k', body: 'x' });
    expect(await signed(server, 'PUT', `/${bucket}/k?tagging=`, body)).toBe('400 MalformedXML');
  });

  test('XML as other clients write it', async ({ server }) => {
    server.putObject({ bucket, key: 'k', body: 'x' });
    const body = `\uFEFF<?xml version="1.0"?>\n<!-- c --><a:Tagging xmlns:a='http://s3.amazonaws.com/doc/2006-03-01/'>
      <a:TagSet><a:Tag><a:Key><![CDATA[<k>]]></a:Key><a:Value>&#x41;&#66;&amp;</a:Value></a:Tag></a:TagSet></a:Tagging>\n`;
    expect(await signed(server, 'PUT', `/${bucket}/k?tagging=`, body)).toBe('200');
    const url = new URL(`/${bucket}/k?tagging=`, server.endpoint);
    const { headers } = sign({ method: 'GET', url, credentials: server.credentials });
    const answer = await (await fetch(url, { headers })).text();
    expect(answer).toContain('<Tag><Key>&lt;k&gt;</Key><Value>AB&amp;</Value></Tag>');
  });
});

test('an error has the shape of S3, and HEAD no body', async ({ server }) => {
  const url = new URL(`/${bucket}/a%26b`, server.endpoint);
  const ask = (method: string): Promise<Response> =>
    fetch(url, { method, headers: sign({ method, url, credentials: server.credentials }).headers });
  const answer = await ask('GET');
  expect(answer.headers.get('content-type')).toBe('application/xml');
  const id = answer.headers.get('x-amz-request-id') ?? '';
  expect(id).toMatch(/^[0-9A-F]{16}$/);
  expect(await answer.text()).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key><Resource>/${bucket}/a%26b</Resource><RequestId>${id}</RequestId><HostId>${answer.headers.get('x-amz-id-2')}</HostId></Error>`,
  );
  const head = await ask('HEAD');
  expect([head.status, await head.text()]).toEqual([404, '']);
});

test('it listens on loopback only', async ({ server }) => {
  const others = Object.values(networkInterfaces())
    .flat()
    .flatMap((address) =>
      address?.family === 'IPv4' && !address.internal ? [address.address] : [],
    );
  const port = Number(new URL(server.endpoint).port);
  const outcomes = others.map(
    (host) =>
      new Promise((resolve) => {
        const socket = connect(port, host, () => resolve('open')).once('error', () =>
          resolve('refused'),
        );
        socket.once('close', () => {});
      }),
  );
  expect(await Promise.all(outcomes)).toEqual(others.map(() => 'refused'));
  expect(new URL(server.endpoint).hostname).toBe('127.0.0.1');
});

test('a port that is taken is an error, and closing twice is none', async ({ server }) => {
  const port = Number(new URL(server.endpoint).port);
  await expect(startS3Server({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await server.close();
  await server.close();
});

describe('the program', () => {
  let folder = '';
  let program = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keydrift-s3-server-'));
    program = join(folder, 's3-server.mjs');
    const entry = new URL('../../localstack/s3-server/main.ts', import.meta.url).pathname;
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.for(['SIGINT', 'SIGTERM'] as const)('serves until %s', async (signal, { makeClient }) => {
    const buckets = ['--bucket', 'kept', '--bucket', 'plain:unversioned'];
    const child = spawn(process.execPath, [program, '--port', '0', ...buckets], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = new Promise((resolve) => {
      child.once('exit', (code, killed) => resolve([code, killed]));
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout }))
      if (lines.push(line) === 4) break;
    const endpoint = /(http:\S+)$/.exec(lines[0] ?? '')?.[1] ?? '';
    expect(lines.slice(1, 3)).toEqual([
      `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1`,
      'export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
    ]);
    expect(lines[3]).toBe(`s3put() { node '${program}' put "$@"; }`);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = makeClient({ endpoint, credentials });
    const listed = await client.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toEqual(['kept', 'plain']);
    const versioningOf = async (Bucket: string): Promise<string | undefined> =>
      (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await versioningOf('kept')).toBe('Enabled');
    expect(await versioningOf('plain')).toBeUndefined();
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
  });

  test('tells its options', async () => {
    const told = promisify(execFile)(process.execPath, [program, '--help']);
    const { stdout } = await told;
    for (const word of ['--port NUMBER', '--bucket NAME', 'put FILE s3://BUCKET/KEY']) {
      expect(stdout).toContain(word);
    }
  });

  test.for([
    [['--port', 'http'], '--port: expected a port number, found "http"\n'],
    [
      ['--bucket', 'Lookups'],
      '--bucket: expected NAME or NAME:unversioned, found "Lookups"; a name has 3 to 63 characters, small letters, digits, hyphens and dots, the first and last a letter or a digit\n',
    ],
  ] as const)('refuses %j', async ([args, expected]) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const message = new Promise((resolve) => {
      child.stderr.once('data', (data: Buffer) => resolve(data.toString()));
    });
    expect(await message).toBe(expected);
  });
});
