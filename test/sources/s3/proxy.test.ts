import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { proxyFor } from '../../../src/sources/s3/access.ts';
import { dividedLimits, transportLimits } from '../../../src/sources/s3/transport.ts';
import { failureOf } from '../port-suite.ts';
import { at, plainAccess, portOf } from './fixture.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('which proxy', () => {
  const https = new URL('https://s3.eu-west-1.amazonaws.com');
  const http = new URL('http://10.1.2.3:9000');

  test.each([
    [https, {}, null],
    [https, { HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    [https, { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1' }, 'http://small:1'],
    [https, { https_proxy: '', HTTPS_PROXY: 'http://large:1' }, 'http://large:1'],
    [https, { HTTP_PROXY: 'http://proxy:3128' }, null],
    [http, { HTTP_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    [http, { HTTPS_PROXY: 'http://proxy:3128' }, null],
    [https, { HTTPS_PROXY: 'https://user:secret@proxy' }, 'https://user:secret@proxy'],
  ])('%s with %j: %s', (url, environment, expected) => {
    expect(proxyFor(url, environment)).toBe(expected);
  });

  test.each([
    ['https://s3.example.org', 'example.org', true],
    ['https://s3.example.org', '.example.org', true],
    ['https://s3.example.org', '*.example.org', true],
    ['https://s3.example.org', 'other.org, s3.example.org', true],
    ['https://s3.example.org', 'S3.EXAMPLE.ORG', true],
    ['https://s3.example.org', 's3.example.org:443', true],
    ['https://s3.example.org', 's3.example.org:8443', false],
    ['https://s3.example.org:8443', 's3.example.org:8443', true],
    ['https://s3.example.org', 'ample.org', false],
    ['https://s3.example.org', '*', true],
    ['https://s3.example.org', '', false],
    ['http://10.1.2.3:9000', '10.0.0.0/8', true],
    ['http://10.1.2.3:9000', '10.1.2.3', true],
    ['http://10.1.2.3:9000', '10.1.2.3:9000', true],
    ['http://10.1.2.3:9000', '10.1.2.3:80', false],
    ['http://10.1.2.3:9000', '192.168.0.0/16 10.1.0.0/16', true],
    ['http://10.1.2.3:9000', '11.0.0.0/8', false],
    ['http://10.1.2.3:9000', '10.0.0.0/99', false],
    ['http://[fd00::1]:9000', 'fd00::/8', true],
    ['http://[fd00::1]:9000', 'fd00::1', true],
    ['http://[fd00::1]:9000', 'fe80::/10', false],
    ['https://s3.example.org', '10.0.0.0/8', false],
  ])('%s, NO_PROXY=%s: %s', (url, list, exempt) => {
    const proxies = { HTTPS_PROXY: 'http://proxy:1', HTTP_PROXY: 'http://proxy:1' };
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const proxy = proxyFor(new URL(url), { ...proxies, [name]: list });
      expect([name, proxy === null]).toEqual([name, exempt]);
    }
  });

  test.each(['socks5://proxy:1080', 'http://', 'ftp://proxy'])(
    '%s is none, and is said',
    (named) => {
      expect(() => proxyFor(https, { HTTPS_PROXY: named })).toThrow(
        expect.objectContaining({ code: 'LOCATION_INVALID' }),
      );
    },
  );
});

/** A proxy that does what a test says, and the requests that it saw. */
async function startProxy(
  asked: (request: IncomingMessage, response: ServerResponse) => void,
  tunnel: (request: IncomingMessage, socket: Socket) => void = (_, socket) => socket.end(),
): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    asked(request, response);
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on('error', () => undefined);
    tunnel(request, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(
    () =>
      new Promise((closed) => {
        server.close(closed);
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { url: `http://127.0.0.1:${portOf(server)}`, seen };
}

/** What answers has the real limits: short ones are a busy machine's to break. */
async function pinThrough(
  endpoint: string,
  environment: Readonly<Record<string, string>>,
  limits = transportLimits,
) {
  const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'us-east-1' };
  const source = openS3Source({
    environment: { ...keys, ...environment },
    attempts: 1,
    limits,
  });
  undo.push(() => source.close());
  return failureOf(source.pin(at('k', { access: { ...plainAccess, endpoint } }), 'revision'));
}

describe('a faulty proxy is no verdict, and names itself', () => {
  test('HTML from a plain proxy is a foreign answer', async () => {
    const { url, seen } = await startProxy((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>');
    });
    const error = await pinThrough('http://s3.keydrift.invalid', { HTTP_PROXY: url });
    expect(seen).toEqual([expect.stringMatching(/^HEAD http:\/\/s3\.keydrift\.invalid/)]);
    expect(error.code).toBe('STORE_FOREIGN_ANSWER');
  });

  test('a proxy that wants a password: 407', async () => {
    const { url, seen } = await startProxy(
      (_, response) => {
        response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      },
      (_, socket) => {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      },
    );
    const plain = await pinThrough('http://s3.keydrift.invalid', { HTTP_PROXY: url });
    const tunnelled = await pinThrough('https://s3.keydrift.invalid', { HTTPS_PROXY: url });
    expect(seen[0]).toBe('HEAD http://s3.keydrift.invalid/runtime/k');
    expect(seen.at(-1)).toBe('CONNECT s3.keydrift.invalid:443');
    for (const { code, message } of [plain, tunnelled]) {
      expect(code).toMatch(/^STORE_/);
      expect(code).not.toBe('STORE_NO_SUCH_KEY');
      expect(message).toMatch(/407|proxy/i);
    }
  });

  test('a tunnel that never answers ends in time', async () => {
    const { url } = await startProxy(
      () => undefined,
      () => undefined,
    );
    const error = await pinThrough(
      'https://s3.keydrift.invalid',
      { HTTPS_PROXY: url },
      dividedLimits(200),
    );
    expect(error.code).toMatch(/^STORE_(?:TIMEOUT|UNREACHABLE)$/);
  });

  test('a proxy that is not there is named', async () => {
    const error = await pinThrough('http://s3.keydrift.invalid', {
      HTTP_PROXY: 'http://127.0.0.1:1',
    });
    expect(error.code).toBe('STORE_UNREACHABLE');
  });

  test('what NO_PROXY exempts is asked straight', async () => {
    const { url, seen } = await startProxy(() => undefined);
    const store = await startProxy((_, response) => {
      response.writeHead(403, { 'content-type': 'application/xml' }).end();
    });
    const error = await pinThrough(store.url, { HTTP_PROXY: url, NO_PROXY: '127.0.0.0/8' });
    expect([seen, error.code]).toEqual([[], 'STORE_ACCESS_DENIED']);
  });
});
