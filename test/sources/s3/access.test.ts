import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { S3Access } from '../../../src/model/index.ts';
import { maxAttempts, resolveAccess } from '../../../src/sources/s3/access.ts';
import { failureOf, readAll } from '../port-suite.ts';
import { at, plainAccess, portOf, setStage } from './fixture.ts';

const stage = setStage();
let directory: string;

// What the SDK looks up by itself it looks up in the process: no shared files, no metadata service.
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-s3-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => rm(directory, { recursive: true }));

function withAccess(more: Partial<S3Access>): ReturnType<typeof at> {
  return at('a.csv', { access: { ...plainAccess, ...more } });
}

async function useSharedFiles(config: string, credentials: string = ''): Promise<void> {
  // A folder of its own each time: the SDK keeps what it has read of a path.
  const folder = await mkdtemp(join(directory, 'aws-'));
  const paths = { config: join(folder, 'config'), credentials: join(folder, 'credentials') };
  await writeFile(paths.config, config);
  await writeFile(paths.credentials, credentials);
  vi.stubEnv('AWS_CONFIG_FILE', paths.config);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', paths.credentials);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const set = Object.keys(process.env).filter(
    (name) =>
      name.startsWith('AWS_') && !/CONFIG_FILE|CREDENTIALS_FILE|METADATA_DISABLED/.test(name),
  );
  for (const name of set) vi.stubEnv(name, undefined);
}

test('location over environment, the service’s variables over the common ones', () => {
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-2',
    AWS_PROFILE: 'prod',
    AWS_ENDPOINT_URL: 'http://all',
    AWS_ENDPOINT_URL_S3: 'http://s3',
  };
  const said = withAccess({ endpoint: 'http://own', region: 'us-west-1', profile: 'own' });
  expect(resolveAccess(said, environment)).toMatchObject({
    endpoint: 'http://own',
    region: 'us-west-1',
    profile: 'own',
  });
  expect(resolveAccess(at('a'), environment)).toMatchObject({
    endpoint: 'http://s3',
    region: 'eu-west-1',
    profile: 'prod',
  });
  const { AWS_ENDPOINT_URL, AWS_DEFAULT_REGION } = environment;
  const fewer = { AWS_ENDPOINT_URL, AWS_DEFAULT_REGION, AWS_REGION: '' };
  expect(resolveAccess(at('a'), fewer)).toMatchObject({
    endpoint: 'http://all',
    region: 'eu-west-2',
    profile: null,
  });
  const ignoring = { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  expect(resolveAccess(at('a'), ignoring).endpoint).toBeNull();
});

test('a profile outranks keys of the environment', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
  expect(resolveAccess(at('a'), keys).keys).toEqual({
    accessKeyId: 'k',
    secretAccessKey: 's',
    sessionToken: 't',
  });
  expect(resolveAccess(withAccess({ profile: 'p' }), keys).keys).toBeNull();
  expect(resolveAccess(at('a'), { AWS_ACCESS_KEY_ID: 'k' }).keys).toBeNull();
});

test('attempts: the caller’s, the environment’s where it is a number, else the SDK’s', () => {
  expect(maxAttempts(2, { AWS_MAX_ATTEMPTS: '7' })).toBe(2);
  expect(maxAttempts(undefined, { AWS_MAX_ATTEMPTS: '7' })).toBe(7);
  expect(maxAttempts(undefined, { AWS_MAX_ATTEMPTS: '' })).toBeNull();
  for (const written of ['0', 'many', '-1']) {
    expect(maxAttempts(undefined, { AWS_MAX_ATTEMPTS: written })).toBe(3);
  }
});

test.each(['localhost:4566', 'ftp://host', 'http://', 'u:secret@host'])(
  'the endpoint %s is no URL',
  async (endpoint) => {
    const error = await failureOf(stage.open().pin(withAccess({ endpoint })));
    expect(error.code).toBe('LOCATION_INVALID');
    expect(error.message).not.toContain('secret');
  },
);

test('path style at an endpoint of one’s own, also at localhost', async () => {
  stage.put('a.csv', 'a\n1\n');
  const endpoint = stage.server.endpoint.replace('127.0.0.1', 'localhost');
  const copy = await stage.open().pin(withAccess({ endpoint }));
  expect(await readAll(copy)).toEqual(Buffer.from('a\n1\n'));
  for (const { headers } of stage.server.requests.entries) {
    expect(headers['host']).toMatch(/^localhost:\d+$/);
  }
});

test('one client for each way to S3: locations that share it share its connections', async () => {
  let connections = 0;
  const agents: unknown[] = [];
  const server = createHttpServer((request, response) => {
    agents.push(request.headers['user-agent']);
    const head = { etag: '"one"', 'last-modified': new Date(0).toUTCString(), 'content-length': 1 };
    response.writeHead(200, head).end();
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${portOf(server)}`;
  const source = stage.open({ userAgent: 'keydrift/1.2.3' });
  for (let turn = 0; turn < 5; turn++) {
    await source.pin(withAccess({ endpoint }), 'revision');
  }
  expect(connections).toBe(1);
  await source.pin(withAccess({ endpoint, region: 'eu-west-1' }), 'revision');
  expect(connections).toBe(2);
  for (const agent of agents) expect(agent).toContain('keydrift/1.2.3');
  await source.close();
  await new Promise((resolve) => server.close(resolve));
});

test('keys, region and endpoint of a profile', async () => {
  stage.put('a.csv', 'a\n1\n');
  const { endpoint, credentials } = stage.server;
  await useSharedFiles(
    '[profile audit]\nregion = us-east-1\n',
    `[audit]\naws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = ${credentials.secretAccessKey}\n`,
  );
  const source = stage.open({ environment: { AWS_ENDPOINT_URL_S3: endpoint } });
  expect((await source.pin(withAccess({ profile: 'audit' }))).bytes).toBe(4);
  // With keys in the environment besides, the SDK would warn on the console.
  const warned = vi.spyOn(console, 'warn');
  const environment = {
    AWS_PROFILE: 'audit',
    AWS_ACCESS_KEY_ID: 'other',
    AWS_SECRET_ACCESS_KEY: 'other',
    AWS_ENDPOINT_URL_S3: endpoint,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  expect((await stage.open({ environment }).pin(at('a.csv'))).bytes).toBe(4);
  expect(warned).not.toHaveBeenCalled();
});

test('no credentials: said before any request', async () => {
  await useSharedFiles('');
  const environment = { AWS_ENDPOINT_URL_S3: stage.server.endpoint };
  const error = await failureOf(stage.open({ environment }).pin(at('a.csv')));
  expect(error.code).toBe('STORE_NO_CREDENTIALS');
  expect(error.message).toMatch(/^No AWS credentials to read s3:\/\/\S+\/a\.csv: Could not load/);
  expect(error.hint).not.toContain('AWS_ENDPOINT_URL');
  // Whoever said no endpoint may have forgotten it, too.
  const aws = await failureOf(stage.open({ environment: { AWS_REGION: 'us-east-1' } }).pin(at('a.csv'))); // prettier-ignore
  expect(aws.hint).toMatch(/^Sign in, or export AWS_PROFILE, .*, AWS_ENDPOINT_URL as well\./);
  const profile = await failureOf(
    stage.open({ environment }).pin(withAccess({ profile: 'nobody' })),
  );
  expect(profile.code).toBe('STORE_NO_CREDENTIALS');
  expect(profile.message).toContain('nobody');
  expect(stage.seen()).toEqual([]);
});

test('the endpoint of a profile, with path style and the usual region', async () => {
  stage.put('a.csv', 'a\n1\n');
  const { endpoint, credentials } = stage.server;
  await useSharedFiles(`[default]\nendpoint_url = ${endpoint}\n`);
  const environment = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  expect((await stage.open({ environment }).pin(at('a.csv'))).bytes).toBe(4);
});

test('no region: said before any request', async () => {
  await useSharedFiles('');
  const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const error = await failureOf(stage.open({ environment }).pin(at('a.csv')));
  expect(error.code).toBe('STORE_NO_REGION');
});

test('nothing listens, no TLS: unreachable, by name', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const port = portOf(silent);
  await new Promise((resolve) => silent.close(resolve));
  const source = stage.open({ attempts: 1 });
  const refused = await failureOf(source.pin(withAccess({ endpoint: `http://127.0.0.1:${port}` })));
  expect(refused.code).toBe('STORE_UNREACHABLE');
  expect(refused.message).toContain(`http://127.0.0.1:${port}`);
  const noTls = stage.server.endpoint.replace('http:', 'https:');
  expect((await failureOf(source.pin(withAccess({ endpoint: noTls })))).code).toBe(
    'STORE_UNREACHABLE',
  );
});
