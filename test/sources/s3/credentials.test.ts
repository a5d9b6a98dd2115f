import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askProcess } from '../../../src/sources/s3/credential-process.ts';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { dividedLimits, transportLimits } from '../../../src/sources/s3/transport.ts';
import { certificate } from '../../faults/certificate.ts';
import { failureOf } from '../port-suite.ts';
import { at, plainAccess, portOf } from './fixture.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-credentials-'));
});
afterAll(() => rm(directory, { recursive: true }));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const shortly = 300;
const printed = (keys: object): string => `printf '%s' '${JSON.stringify(keys)}'`;

describe('credential_process', () => {
  test('what it prints are the keys', async () => {
    const keys = { Version: 1, AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't' };
    expect(await askProcess(printed(keys), 20_000)).toEqual({
      accessKeyId: 'a',
      secretAccessKey: 's',
      sessionToken: 't',
    });
  });

  test.each([
    ['it hangs', 'sleep 600'],
    ['what it started holds its output', 'sleep 600 & wait'],
    ['it prints for ever', 'yes'],
  ])('%s: it is ended, and named', async (_name, command) => {
    const error: unknown = await askProcess(command, shortly).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/credential_process (?:gave nothing within|printed too much)/);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'echo hello'],
    ['no keys', printed({ Version: 1, AccessKeyId: 'a' })],
    ['other keys', printed({ accessKeyId: 'a', secretAccessKey: 's' })],
    ['a number', 'echo 1'],
    ['null', 'echo null'],
  ])('%s is no credentials, and what was printed is not told', async (_name, command) => {
    const secret = `${command === '' ? 'true' : command}; printf '%s' hush >&2`;
    const error: unknown = await askProcess(secret, 20_000).catch((thrown: unknown) => thrown);
    expect(String(error)).toBe(
      'CredentialsProviderError: credential_process printed no keys (Version 1)',
    );
  });

  test('an exit code is told', async () => {
    const error: unknown = await askProcess('exit 7', 20_000).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('ended with exit code 7');
  });
});

/** What pinning an object fails with. What answers has the real limits, however busy the machine is. */
async function pinned(
  environment: Readonly<Record<string, string>>,
  endpoint: string,
  limits = transportLimits,
) {
  const before = new Map(Object.keys(environment).map((name) => [name, process.env[name]]));
  // The SDK's own chain reads the process's variables.
  Object.assign(process.env, environment);
  undo.push(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    return Promise.resolve();
  });
  const source = openS3Source({ environment, attempts: 1, limits });
  undo.push(() => source.close());
  return failureOf(source.pin(at('k', { access: { ...plainAccess, endpoint } }), 'revision'));
}

describe('credentials of a container', () => {
  test('a server that never answers ends in time, and is named', async () => {
    const sockets = new Set<Socket>();
    const server = createServer(() => undefined).on('connection', (one: Socket) =>
      sockets.add(one),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(
      () =>
        new Promise((closed) => {
          server.close(closed);
          for (const socket of sockets) socket.destroy();
        }),
    );
    const error = await pinned(
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${portOf(server)}/keys`,
        AWS_REGION: 'us-east-1',
        AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none'),
        AWS_CONFIG_FILE: join(directory, 'none'),
      },
      'http://127.0.0.1:1',
      dividedLimits(200),
    );
    expect(error.code).toBe('STORE_TIMEOUT');
    expect(error.message).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  });
});

describe('certificate authorities', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'us-east-1' };
  let endpoint = '';
  const asked: string[] = [];
  beforeAll(async () => {
    const server = createTlsServer(
      { key: certificate.key, cert: certificate.cert },
      (request, response) => {
        asked.push(String(request.method));
        response.writeHead(403, { 'content-type': 'application/xml' }).end();
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `https://127.0.0.1:${portOf(server)}`;
    return () =>
      new Promise<void>((closed) => {
        server.close(() => closed()).closeAllConnections();
      });
  });

  test('an unknown one is no verdict, and AWS_CA_BUNDLE is what to set', async () => {
    const error = await pinned(keys, endpoint);
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(error.hint).toContain('AWS_CA_BUNDLE');
    expect(asked).toEqual([]);
  });

  test('what AWS_CA_BUNDLE names is trusted', async () => {
    const bundle = join(directory, 'ca.pem');
    await writeFile(bundle, certificate.cert);
    const error = await pinned({ ...keys, AWS_CA_BUNDLE: bundle }, endpoint);
    expect([error.code, asked[0]]).toEqual(['STORE_ACCESS_DENIED', 'HEAD']);
  });

  test('one that is not there is said', async () => {
    const error = await pinned({ ...keys, AWS_CA_BUNDLE: join(directory, 'gone.pem') }, endpoint);
    expect(error.code).toBe('LOCATION_INVALID');
    expect(error.message).toContain('gone.pem');
  });
});
