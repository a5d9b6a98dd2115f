import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess } from '../integration/in-process.ts';

/* What keydrift makes of what a coordinator says; a real one is asked by npm run test:engines. */

const directory = mkdtempSync(join(tmpdir(), 'keydrift-trino-'));
const cancelled: string[] = [];
let answer: (response: ServerResponse, url: string) => void;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.method === 'DELETE') cancelled.push(request.url ?? '');
    request.resume();
    request.on('end', () => (request.method === 'DELETE' ? response.end() : answer(response, url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(directory, 'routes.csv'), 'id\nr1\n');
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

async function fault(
  at: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly [code: string, message: string]> {
  writeFileSync(
    join(directory, 'keydrift.yaml'),
    `version: 1
engines: {lake: {trino: {url: "${at}", user: audit}}}
artifacts: {routes: {reviewed: file:routes.csv, runtime: {table: lake.support.routes}, key: [id]}}
`,
  );
  const { stdout } = await runInProcess({
    words: ['audit', '--format', 'json', '--timeout', '2s'],
    cwd: directory,
    environment: { PATH: process.env['PATH'] ?? '', ...more },
  });
  const { error } = JSON.parse(stdout).artifacts[0] as { error: { code: string; message: string } };
  return [error.code, error.message];
}

const page = (told: unknown) => (response: ServerResponse) =>
  void response.end(JSON.stringify(told));

test.each([
  ['ENGINE_NOT_AUTHORIZED', (response: ServerResponse) => void response.writeHead(401).end('who?')],
  [
    'ENGINE_MEMORY',
    page({
      id: 'q7',
      error: { errorName: 'EXCEEDED_LOCAL_MEMORY_LIMIT', message: 'memory limit' },
    }),
  ],
  [
    'ENGINE_NO_SUCH_TABLE',
    page({
      id: 'q7',
      error: { errorName: 'TABLE_NOT_FOUND', message: 'Table routes does not exist' },
    }),
  ],
  ['ENGINE_FAILED', page({ id: 'q7', nextUri: 'http://elsewhere.example.org/v1/next' })],
])('a coordinator that refuses is %s', async (code, how) => {
  answer = how;
  const [found, message] = await fault(url);
  expect([found, message.startsWith('lake (trino)')]).toStrictEqual([code, true]);
  if (code === 'ENGINE_MEMORY') expect(message).toContain('query q7');
});

test('one that is not there cannot be reached', async () => {
  expect((await fault('http://127.0.0.1:9'))[0]).toBe('ENGINE_UNREACHABLE');
});

test('a password goes by https only, and is told to nobody', async () => {
  const [code, message] = await fault('http://trino.example.org', { TRINO_PASSWORD: 'hush' });
  expect([code, message.includes('hush')]).toStrictEqual(['ENGINE_NOT_AUTHORIZED', false]);
});

test('a time that is over cancels the query', async () => {
  let asked = 0;
  answer = (response, at) => {
    asked += 1;
    if (asked === 1) response.end(JSON.stringify({ id: 'q8', nextUri: `${at}/v1/q8/1` }));
  };
  expect((await fault(url))[0]).toBe('TIMEOUT');
  expect(cancelled).toContain('/v1/q8/1');
});
