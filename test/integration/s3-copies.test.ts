import { describe, expect, test } from 'vitest';
import { commit, drifted, makeTrio, reviewed } from './beside.ts';
import { git, makeRepository, runCli, runJson, temporaryDirectory } from './cli.ts';
import { faultBucket, setFaultStage, setS3Stage } from './stage.ts';
import { needsEmbedded, requires } from '../servers/start.ts';

/** A contract of one artifact. */
const yaml = (runtime: string): string =>
  `version: 1\nartifacts:\n  a: {reviewed: a.csv, runtime: ${runtime}, key: [id]}\n`;

describe('S3', () => {
  const stage = setS3Stage();
  test('the current version, and one by its id', async () => {
    requires('versions');
    const first = await stage.put('support/a.csv', reviewed);
    const second = await stage.put('support/a.csv', drifted);
    expect(first).not.toBe(second);
    const url = `s3://${stage.bucket}/support/a.csv`;
    const cwd = await makeRepository({ 'a.csv': reviewed });
    const sideOf = async (location: string): Promise<unknown> =>
      (await runJson(['diff', 'a.csv', location, '--key', 'id'], { cwd, env: stage.env })).report
        .artifacts[0];
    expect(await sideOf(url)).toMatchObject({
      name: 'a.csv',
      verdict: 'drifted',
      runtime: { location: url, versionId: second, bytes: drifted.length },
    });
    expect(await sideOf(`${url}?versionId=${first}`)).toMatchObject({
      state: 'identical',
      runtime: { versionId: first, etag: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });

  test('a bucket that was never versioned', async () => {
    const bucket = await stage.createBucket('never');
    await stage.put('a.csv', reviewed, bucket);
    const cwd = await makeRepository({
      'keydrift.yaml': yaml(`'s3://${bucket}/a.csv'`),
      'a.csv': reviewed,
    });
    expect((await runJson(['audit'], { cwd, env: stage.env })).report).toMatchObject({
      exitCode: 0,
      artifacts: [{ state: 'identical', runtime: { versionId: null } }],
    });
  });

  test('what a fault says to type is a command of its own, in text and in JSON', async () => {
    const cwd = await makeRepository({ 'a.csv': reviewed });
    const args = ['diff', 'a.csv', `s3://${stage.bucket}/no where/a.csv`, '--key', 'id'];
    const { report } = await runJson(args, { cwd, env: stage.env });
    const command = report.artifacts[0]?.error?.command ?? '';
    expect(command).toMatch(/^aws s3 ls 's3:\/\/.*\/no where\/' /);
    expect(report.artifacts[0]?.error?.hint).toBe(`Check the key, letter by letter: ${command}`);
    const { stdout } = await runCli(args, { cwd, env: stage.env });
    expect(stdout.split('\n').map((line) => line.trim())).toContain(command);
    // Named by its repository, whoever tells it.
    git(cwd, 'remote', 'add', 'origin', 'https://git.example.org/a.git');
    const unknown = await runCli([...args, '--ref', 'nowhere'], { cwd, env: stage.env });
    expect(unknown.stdout).toMatch(/^ +git -C \S+ fetch --tags$/m);
  });

  test('keys are taken letter by letter', async () => {
    for (const key of ['a b+c/ä%20?.csv', 'sub//double.csv', 'trailing.csv ']) {
      await stage.put(key, reviewed);
      const cwd = await makeRepository({ 'a.csv': reviewed });
      const args = ['diff', 'a.csv', `s3://${stage.bucket}/${key}`, '--key', 'id'];
      expect((await runJson(args, { cwd, env: stage.env })).report).toMatchObject({
        exitCode: 0,
        artifacts: [{ runtime: { location: `s3://${stage.bucket}/${key}` } }],
      });
    }
  });

  test('both sides from S3, and a table of megabytes', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `P-${index},${'x'.repeat(250)}\n`);
    const table = `id,mode\n${rows.join('')}`;
    await stage.put('large.csv', table);
    await stage.put('other.csv', `${table}P-7,${'x'.repeat(250)}\nP-9,other\n`);
    const cwd = await temporaryDirectory();
    const url = (key: string): string => `s3://${stage.bucket}/${key}`;
    const args = ['diff', url('large.csv'), url('other.csv'), '--key', 'id'];
    const { report } = await runJson(args, { cwd, env: stage.env });
    expect(report).toMatchObject({
      exitCode: 1,
      artifacts: [
        {
          runtime: { rows: 20_002, units: 20_000, redundant: 2, bytes: table.length + 265 },
          findings: [
            {
              kind: 'duplicated',
              key: { id: 'P-7' },
              rows: [{ line: 9 }, { line: 9 }, { line: 20_002 }],
            },
            { kind: 'conflict', side: 'runtime', key: { id: 'P-9' } },
          ],
        },
      ],
    });
  });

  test('endpoint and region: flag before environment before contract', async () => {
    await stage.put('b.csv', reviewed);
    const keys = {
      AWS_ACCESS_KEY_ID: stage.env['AWS_ACCESS_KEY_ID']!,
      AWS_SECRET_ACCESS_KEY: stage.env['AWS_SECRET_ACCESS_KEY']!,
    };
    const region = stage.env['AWS_REGION']!;
    const nowhere = 'http://127.0.0.1:9';
    const runtime = (endpoint: string): string =>
      `{url: 's3://${stage.bucket}/b.csv', endpoint: '${endpoint}', region: ${region}}`;
    const cwd = await makeRepository({
      'keydrift.yaml': yaml(runtime(stage.endpoint)),
      'a.csv': reviewed,
    });
    const codeOf = async (args: string[], env: Record<string, string>): Promise<unknown> => {
      const more = { ...keys, AWS_MAX_ATTEMPTS: '1', ...env };
      const { report } = await runJson(['audit', ...args], { cwd, env: more });
      return report.artifacts[0]?.error?.code ?? report.exitCode;
    };
    expect(await codeOf([], {})).toBe(0);
    expect(await codeOf([], { KEYDRIFT_ENDPOINT_URL: nowhere })).toBe('STORE_UNREACHABLE');
    expect(
      await codeOf(['--endpoint-url', stage.endpoint], { KEYDRIFT_ENDPOINT_URL: nowhere }),
    ).toBe(0);
    await commit(cwd, { 'keydrift.yaml': yaml(runtime(nowhere)) });
    expect(await codeOf([], { KEYDRIFT_ENDPOINT_URL: stage.endpoint })).toBe(0);
    // The contract's own word outranks AWS's variables, as a flag of any AWS tool does.
    expect(await codeOf([], { AWS_ENDPOINT_URL_S3: stage.endpoint })).toBe('STORE_UNREACHABLE');
  });

  test('a profile of the shared files', async () => {
    await stage.put('c.csv', reviewed);
    const cwd = await makeRepository({
      'keydrift.yaml': yaml(`{url: 's3://${stage.bucket}/c.csv', profile: us}`),
      'a.csv': reviewed,
      '.aws/credentials': `[us]\naws_access_key_id = ${stage.env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = ${stage.env['AWS_SECRET_ACCESS_KEY']}\n`,
      '.aws/config': `[profile us]\nregion = ${stage.env['AWS_REGION']}\n`,
    });
    const env = { AWS_ENDPOINT_URL_S3: stage.endpoint };
    expect((await runJson(['audit'], { cwd, env })).report.exitCode).toBe(0);
    const { report } = await runJson(['audit', '--profile', 'no-such-profile'], { cwd, env });
    expect(report).toMatchObject({
      exitCode: 2,
      artifacts: [{ error: { code: 'STORE_NO_CREDENTIALS' } }],
    });
  });

  test('endpoint_url of the profile that AWS_PROFILE names', async () => {
    await stage.put('d.csv', reviewed);
    const cwd = await makeRepository({
      'keydrift.yaml': yaml(`'s3://${stage.bucket}/d.csv'`),
      'a.csv': reviewed,
      '.aws/config': `[profile us]\nregion = ${stage.env['AWS_REGION']}\nendpoint_url = ${stage.endpoint}\naws_access_key_id = ${stage.env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = ${stage.env['AWS_SECRET_ACCESS_KEY']}\n`,
    });
    const { report } = await runJson(['audit'], { cwd, env: { AWS_PROFILE: 'us' } });
    expect(report.exitCode).toBe(0);
  });

  // The SDK looks into AWS_PROFILE's profile alone for it.
  // oxlint-disable-next-line vitest/warn-todo -- said by name, not forgotten
  test.todo('endpoint_url of a profile that --profile or the contract names');

  test('many artifacts keep the contract’s order', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `z${(index * 7) % 20}-${index}`);
    const artifacts = names.map((name, index) => {
      const runtime = index % 2 === 0 ? 'a.csv' : `s3://${stage.bucket}/order.csv`;
      return `  ${name}: {reviewed: a.csv, runtime: '${runtime}', key: [id]}\n`;
    });
    await stage.put('order.csv', reviewed);
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1\nartifacts:\n${artifacts.join('')}`,
      'a.csv': reviewed,
    });
    const { report } = await runJson(['audit'], { cwd, env: stage.env });
    expect(report.artifacts.map(({ name }) => name)).toStrictEqual(names);
    expect(report.exitCode).toBe(0);
    const chosen = await runJson(['audit', names[5]!, names[2]!], { cwd, env: stage.env });
    expect(chosen.report.artifacts.map(({ name }) => name)).toStrictEqual([names[2], names[5]]);
  });
});

describe('S3, with what only the embedded server says of a bucket', () => {
  const stage = setFaultStage();

  test('a public bucket, without credentials', async () => {
    stage.server.createBucket('open-data');
    stage.server.putObject({ bucket: 'open-data', key: 'a.csv', body: reviewed });
    stage.server.setPublic('open-data');
    const env = { AWS_ENDPOINT_URL_S3: stage.server.endpoint };
    const cwd = await makeTrio(
      `reviewed: reviewed.csv, runtime: {url: 's3://open-data/a.csv', anonymous: true}`,
    );
    expect((await runJson(['audit', 'broken'], { cwd, env })).report.exitCode).toBe(0);
    const args = ['diff', 'reviewed.csv', 's3://open-data/a.csv', '--key', 'id'];
    expect((await runJson([...args, '--no-sign-request'], { cwd, env })).report.exitCode).toBe(0);
    expect((await runJson(args, { cwd, env })).report.exitCode).toBe(2);
  });

  test('the bucket of the expected account', async () => {
    needsEmbedded('an account of a chosen number');
    stage.server.putObject({ bucket: faultBucket, key: 'owned.csv', body: reviewed });
    const runtime = `{url: 's3://${faultBucket}/owned.csv', expectedOwner: '111122223333'}`;
    const cwd = await makeTrio(`reviewed: reviewed.csv, runtime: ${runtime}`);
    expect((await runJson(['audit', 'broken'], { cwd, env: stage.env })).report.exitCode).toBe(0);
  });

  test('audit, diff and lint only ever read', async () => {
    requires('a checksum where none was sent');
    stage.server.putObject({ bucket: faultBucket, key: 'read.csv', body: reviewed });
    const cwd = await makeTrio(`reviewed: reviewed.csv, runtime: 's3://${faultBucket}/read.csv'`);
    for (const args of [['audit'], ['lint', '--base', 'HEAD']]) {
      await runCli(args, { cwd, env: stage.env });
    }
    const methods = new Set(stage.server.requests.entries.map(({ method }) => method));
    expect(methods).toStrictEqual(new Set(['GET']));
  });
});
