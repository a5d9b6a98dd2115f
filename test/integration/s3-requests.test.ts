import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { requires, startS3Server } from '../servers/start.ts';
import { drifted, reviewed } from './beside.ts';
import { makeRepository } from './cli.ts';
import { runInProcess } from './in-process.ts';

const bucket = 'runtime';
let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  server.createBucket(bucket, { versioning: 'Enabled' });
});
beforeEach(() => server.requests.clear());
afterAll(() => server.close());

/** Audits artifacts `a`, `b`, … of these objects; null: there is none. Gives what was asked for. */
async function requestsOf(
  objects: readonly (string | null)[],
  {
    inGit = reviewed,
    options = ['--no-cause'],
  }: { readonly inGit?: string; readonly options?: readonly string[] } = {},
): Promise<{ readonly states: unknown; readonly requests: readonly string[] }> {
  const names = objects.map((_, index) => String.fromCharCode(97 + index));
  const entries = names.map(
    (name) => `  ${name}: {reviewed: a.csv, runtime: 's3://${bucket}/${name}.csv', key: [id]}\n`,
  );
  const cwd = await makeRepository({
    'a.csv': inGit,
    'keydrift.yaml': `version: 1\nartifacts:\n${entries.join('')}`,
  });
  objects.forEach((body, index) => {
    if (body !== null) server.putObject({ bucket, key: `${names[index]}.csv`, body });
    else server.deleteObject({ bucket, key: `${names[index]}.csv` });
  });
  const environment = {
    PATH: process.env['PATH'],
    HOME: cwd,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: 'us-east-1',
  };
  const words = ['audit', '--format', 'json', ...options];
  const { stdout } = await runInProcess({ words, cwd, environment });
  const report: { artifacts: { state: string }[] } = JSON.parse(stdout);
  return {
    states: report.artifacts.map(({ state }) => state),
    requests: server.requests.entries.map(
      ({ method, key, status }) => `${method} ${key} ${status}`,
    ),
  };
}

test('an audit asks once for each copy: in sync, drifted, respelled in bytes, or not there', async () => {
  requires('a checksum where none was sent');
  const found = await requestsOf([
    reviewed,
    drifted,
    reviewed.replaceAll('\n', '\r\n'),
    null,
    'no,such\n',
  ]);
  expect(found.states).toEqual(['identical', 'drifted', 'equivalent', 'missing', 'unreadable']);
  expect(found.requests.toSorted()).toEqual([
    'GET a.csv 200',
    'GET b.csv 200',
    'GET c.csv 200',
    'GET d.csv 404',
    'GET e.csv 200',
  ]);
});

test('the cause of what is nearest to the reviewed copy reads neither of them again', async () => {
  requires('a checksum where none was sent');
  const rows = Array.from({ length: 200_000 }, (_, at) => `slice-${at},full,nothing to tell\n`);
  const inGit = `id,mode,note\n${rows.join('')}`;
  const found = await requestsOf([`${inGit}${rows[7]}`], { inGit, options: [] });
  expect(found.states).toEqual(['drifted']);
  // The rows that are shown are read again, and no more.
  expect(found.requests.filter((request) => request.endsWith(' 200'))).toEqual(['GET a.csv 200']);
});
