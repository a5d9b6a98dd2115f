import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { requires, startS3Server } from '../servers/start.ts';
import { git, makeRepository, runCli, runJson, temporaryDirectory, writeFiles } from './cli.ts';

const contract = `version: 1
artifacts:
  participants: {reviewed: p.csv, runtime: s3://runtime/p.csv, key: [id]}
  calendar: {reviewed: c.csv, runtime: s3://runtime/c.csv, key: [day]}
`;
const files = {
  'keydrift.yaml': contract,
  'p.csv': 'id,mode\n1,a\n2,b\n',
  'c.csv': 'day,open\n1,no\n',
};
const place = 's3://release/app/v1/';

let server: S3Server;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startS3Server();
  server.createBucket('release', { versioning: 'Enabled' });
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.putObject({ bucket: 'runtime', key: 'p.csv', body: files['p.csv'] });
  server.putObject({ bucket: 'runtime', key: 'c.csv', body: files['c.csv'] });
  env = {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
});
beforeEach(() => {
  server.faults.clear();
  server.requests.clear();
});
afterAll(() => server.close());

/** Keys that were written, in order. */
function written(): (string | undefined)[] {
  return server.requests
    .where({ operation: 'PutObject', status: 200 })
    .map(({ key }) => key?.replace(/[0-9a-f]{64}/, 'HASH'));
}

async function auditAgainst(text: string): Promise<Awaited<ReturnType<typeof runJson>>> {
  const cwd = await temporaryDirectory();
  return runJson(['audit', '--against', `bundle:${text}`], { cwd, env });
}

describe('a bundle in S3', () => {
  test('contents are written once and the manifest last; it is read back, and audited against', async () => {
    requires('conditional writes without versions');
    const cwd = await makeRepository(files);
    const first = await runCli(['bundle', '--out', place], { cwd, env });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(written()).toEqual([
      'app/v1/files/HASH',
      'app/v1/files/HASH',
      'app/v1/keydrift.bundle.json',
    ]);
    const puts = server.requests.where({ operation: 'PutObject' });
    expect(puts.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*', undefined]);
    expect(puts.every(({ headers }) => headers['x-amz-checksum-sha256'] !== undefined)).toBe(true);
    server.requests.clear();
    expect((await runCli(['bundle', '--out', place], { cwd, env })).code).toBe(0);
    expect(written()).toEqual(['app/v1/keydrift.bundle.json']);
    const { code, report } = await auditAgainst('s3://release/app/v1');
    expect(code).toBe(0);
    expect(report.artifacts[0]?.reviewed).toMatchObject({
      location: 'bundle:s3://release/app/v1#participants',
      commit: git(cwd, 'rev-parse', 'HEAD'),
    });
  });

  test('the manifest is the one that a directory gets', async () => {
    const cwd = await makeRepository(files);
    const there = await runCli(['bundle', '--out', place, '--format', 'json'], { cwd, env });
    const here = await runCli(['bundle', '--out', 'build', '--format', 'json'], { cwd });
    expect(here.stdout).toBe(there.stdout);
  });

  test.each([
    ['the second content', 2],
    ['the manifest', 3],
  ])('broken off at %s, the old bundle is whole', async (_name, nth) => {
    const cwd = await makeRepository(files);
    await runCli(['bundle', '--out', place], { cwd, env });
    await writeFiles(cwd, { 'p.csv': `id,mode\n${nth},x\n`, 'c.csv': `day,open\n${nth},x\n` });
    git(cwd, 'commit', '--quiet', '--all', '--message', 'second');
    server.faults.add({
      on: { operation: 'PutObject' },
      fault: { kind: 'access-denied' },
      after: nth - 1,
    });
    const { code, stderr } = await runCli(['bundle', '--out', place], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain('s3:PutObject');
    server.faults.clear();
    expect((await auditAgainst(place)).code).toBe(0);
  });

  test.each(['ignored', 'not-implemented'] as const)(
    'conditions that are %s, and writes that collide, are no hindrance',
    async (conditionalWrites) => {
      const cwd = await makeRepository(files);
      server.settings.conditionalWrites = conditionalWrites;
      server.faults.add({
        on: { operation: 'PutObject' },
        fault: { kind: 'conflict' },
        times: 2,
      });
      const out = `s3://release/${conditionalWrites}`;
      const { code } = await runCli(['bundle', '--out', out], { cwd, env });
      server.settings.conditionalWrites = 'honoured';
      expect(code).toBe(0);
      expect((await auditAgainst(out)).code).toBe(0);
    },
  );

  test('a content that was spoilt is named by its reader, and put right by the next writer', async () => {
    const cwd = await makeRepository(files);
    await runCli(['bundle', '--out', place], { cwd, env });
    const [key] = server.requests.where({ operation: 'PutObject' }).map((entry) => entry.key);
    server.putObject({ bucket: 'release', key: String(key), body: 'spoilt' });
    const damaged = await auditAgainst(place);
    expect([damaged.code, damaged.report.error?.code]).toEqual([2, 'BUNDLE_DAMAGED']);
    expect(damaged.report.error?.message).toContain(String(key).slice('app/v1/'.length));
    expect((await runCli(['bundle', '--out', place], { cwd, env })).code).toBe(0);
    expect((await auditAgainst(place)).code).toBe(0);
  });

  test('no such bucket, no bundle there, a missing content: 2', async () => {
    const cwd = await makeRepository(files);
    const bucket = await runCli(['bundle', '--out', 's3://nowhere/x'], { cwd, env });
    expect(bucket.code).toBe(2);
    expect(bucket.stderr).toContain('STORE_NO_SUCH_BUCKET');
    const none = await auditAgainst('s3://release/elsewhere');
    expect([none.code, none.report.error?.code]).toEqual([2, 'BUNDLE_NOT_FOUND']);
    await runCli(['bundle', '--out', 's3://release/'], { cwd, env });
    const keys = server.requests.where({ operation: 'PutObject', status: 200 });
    server.deleteObject({ bucket: 'release', key: String(keys[0]?.key) });
    const missing = await auditAgainst('s3://release');
    expect([missing.code, missing.report.error?.code]).toEqual([2, 'BUNDLE_DAMAGED']);
  });
});
