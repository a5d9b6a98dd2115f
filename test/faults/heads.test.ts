import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3Server, type S3Server } from '../../localstack/s3-server/index.ts';
import { bareEnvironment, commitAll, writeFiles } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { environmentOf } from '../integration/stage.ts';
import { send, startFront, type Act, type Front } from './front.ts';

/**
 * An answer without ETag or length is no answer of S3's: no command takes it for one, even where all
 * bytes that came with it are right.
 */
const table = 'id,mode\nP-1,full\nP-2,delta\n';

/** Strikes answers about an object: of GET alone, or of HEAD too. */
function heads(strike: 'get' | 'both', spoil: (told: Map<string, unknown>) => void): Act {
  return async (struck) => {
    const { asks, response } = struck;
    const { status, headers, body } = await struck.forward();
    const told = new Map<string, unknown>(Object.entries(headers));
    if (status < 300 && (asks === 'get' || (asks === 'head' && strike === 'both'))) spoil(told);
    for (const [name, value] of told) response.setHeader(name, String(value));
    send(response, { status, headers: {}, body });
  };
}

const acts = {
  'GET without ETag': heads('get', (told) => told.delete('etag')),
  'GET without length': heads('get', (told) => {
    told.delete('content-length');
    told.set('transfer-encoding', 'chunked');
  }),
  'GET and HEAD without ETag': heads('both', (told) => told.delete('etag')),
} as const;
const faults = Object.keys(acts).map((name) => name.replaceAll(' ', '-'));

let server: S3Server;
let front: Front;
let cwd = '';

beforeAll(async () => {
  server = await startS3Server();
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.createBucket('bundles');
  for (const bucket of ['runtime', 'bundles']) server.setPublic(bucket);
  // Of each an older version too: what was there is asked for by its version.
  for (const body of [`${table}P-3,full\n`, table]) {
    for (const fault of faults)
      server.putObject({ bucket: 'runtime', key: `${fault}/p.csv`, body });
  }
  const named = Object.entries(acts).map(
    ([name, act]) => [name.replaceAll(' ', '-'), act] as const,
  );
  front = await startFront(server.endpoint, Object.fromEntries(named));
  const artifacts = (reviewed: (fault: string) => string): string =>
    faults
      .map(
        (one) =>
          `  ${one}: {reviewed: ${reviewed(one)}, runtime: s3://runtime/${one}/p.csv, key: [id]}\n`,
      )
      .join('');
  const header = 'version: 1\nartifacts:\n';
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-test-')));
  await writeFiles(cwd, {
    'p.csv': table,
    'keydrift.yaml': header + artifacts(() => 'p.csv'),
    'remote.yaml': header + artifacts((one) => `s3://runtime/${one}/p.csv`),
  });
  commitAll(cwd);
});
afterAll(async () => {
  await front.close();
  await server.close();
  await rm(cwd, { recursive: true });
});

function keydrift(...words: readonly string[]): Promise<Given> {
  const environment = { ...bareEnvironment(cwd), ...environmentOf(front.endpoint) };
  return runInProcess({ words, cwd, environment });
}

/** Every command that reads objects, and the code by which it tells that it has no verdict. */
const commands: Readonly<
  Record<string, { readonly words: (fault: string) => readonly string[]; readonly code: number }>
> = {
  audit: { words: (fault) => ['audit', fault], code: 2 },
  diff: {
    words: (fault) => ['diff', 'file:p.csv', `s3://runtime/${fault}/p.csv`, '--key', 'id'],
    code: 2,
  },
  'lint --fetch': {
    words: (fault) => ['lint', fault, '--fetch', '--config', 'remote.yaml'],
    code: 2,
  },
  run: { words: (fault) => ['run', fault, '--', 'echo', 'RAN'], code: 125 },
  'run --use runtime --as canonical': {
    words: (fault) => ['run', fault, '--use', 'runtime', '--as', 'canonical', '--', 'echo', 'RAN'],
    code: 125,
  },
  gate: { words: (fault) => ['gate', fault], code: 125 },
  investigate: { words: (fault) => ['investigate', fault], code: 2 },
  'publish --dry-run': { words: (fault) => ['publish', fault, '--dry-run'], code: 2 },
  'publish --yes': { words: (fault) => ['publish', fault, '--yes'], code: 2 },
  'init FILE': { words: (fault) => ['init', `s3://runtime/${fault}/p.csv`], code: 2 },
};

describe.each(faults)('%s', (fault) => {
  test.each(Object.entries(commands))('%s', async (_, { words, code }) => {
    const before = server.requests.where({ method: 'PUT' }).length;
    const given = await keydrift(...words(fault));
    expect(given).toMatchObject({ code });
    expect(given.stdout + given.stderr).toContain('STORE_FOREIGN_ANSWER');
    expect(given.stdout).not.toMatch(/RAN|in sync/);
    expect(server.requests.where({ method: 'PUT' })).toHaveLength(before);
  });
});
