import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { expectError, expectNoVerdict, makeTrio, reviewed } from './beside.ts';
import { runJson } from './cli.ts';
import { lacked } from '../servers/capabilities.ts';
import { faultBucket as bucket, setFaultStage, setS3Stage } from './stage.ts';
import { requires } from '../servers/start.ts';

const at = (url: string): string => `reviewed: reviewed.csv, runtime: '${url}'`;

describe('against any server', () => {
  const stage = setS3Stage();

  test('no credentials', async () => {
    const cwd = await makeTrio(at(`s3://${stage.bucket}/a.csv`));
    const env = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: stage.endpoint };
    await expectNoVerdict(
      { cwd, env },
      {
        code: 'STORE_NO_CREDENTIALS',
        side: 'runtime',
        names: [`s3://${stage.bucket}/a.csv`],
        hints: ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID'],
      },
    );
  });

  test('no region, and no endpoint either', async () => {
    const cwd = await makeTrio(at(`s3://${stage.bucket}/a.csv`));
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    for (const region of [{}, { AWS_REGION: '' }]) {
      await expectNoVerdict(
        { cwd, env: { ...env, ...region } },
        {
          code: 'STORE_NO_REGION',
          side: 'runtime',
          names: [`s3://${stage.bucket}/a.csv`],
          hints: ['--region', 'AWS_REGION'],
        },
      );
    }
  });

  test('NoSuchBucket', async () => {
    const cwd = await makeTrio(at('s3://keydrift-test-no-such-bucket/a.csv'));
    await expectNoVerdict(
      { cwd, env: stage.env },
      {
        code: 'STORE_NO_SUCH_BUCKET',
        side: 'runtime',
        names: ['keydrift-test-no-such-bucket', 'a.csv'],
        hints: ['aws s3 ls'],
      },
    );
  });

  test('a version that is gone', async () => {
    requires('a version asked for that is none');
    await stage.put('gone.csv', reviewed);
    const id = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const cwd = await makeTrio(at(`s3://${stage.bucket}/gone.csv?versionId=${id}`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      {
        code: 'STORE_NO_SUCH_VERSION',
        side: 'runtime',
        names: [id],
        hints: ['list-object-versions'],
      },
    );
  });

  test('an object that is not there is missing: drift', async () => {
    const cwd = await makeTrio(at(`s3://${stage.bucket}/not-there.csv`));
    const { report } = await runJson(['audit', 'broken'], { cwd, env: stage.env });
    expect(report).toMatchObject({
      exitCode: 1,
      artifacts: [{ verdict: 'drifted', state: 'missing', runtime: null, findings: [] }],
    });
    expectError(report.artifacts[0]!.error, {
      code: 'STORE_NO_SUCH_KEY',
      side: 'runtime',
      names: [`s3://${stage.bucket}/not-there.csv`],
    });
  });

  test('a deleted object is missing, and the delete marker is named', async () => {
    await stage.put('deleted.csv', reviewed);
    await stage.remove('deleted.csv');
    const cwd = await makeTrio(at(`s3://${stage.bucket}/deleted.csv`));
    const { report } = await runJson(['audit', 'broken'], { cwd, env: stage.env });
    expect(report.artifacts[0]).toMatchObject({ verdict: 'drifted', state: 'missing' });
    // Some stores tell of no marker (moto, Ceph): what a server lacks is probed.
    const isMarked = !lacked.has('the delete marker of a 404');
    expectError(report.artifacts[0]!.error, {
      code: 'STORE_NO_SUCH_KEY',
      names: isMarked ? ['delete marker'] : ['no object'],
      hints: isMarked ? ['list-object-versions'] : [],
    });
  });

  test('neither object nor reviewed file: no verdict', async () => {
    const cwd = await makeTrio(`reviewed: typo.csv, runtime: 's3://${stage.bucket}/typo.csv'`);
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'GIT_PATH_NOT_FOUND', side: 'reviewed', names: ['typo.csv'] },
    );
  });

  test('a content fault of an object is drift, and names its version', async () => {
    requires('versions');
    const version = await stage.put('open.csv', 'id,mode\nP-1,"full\n');
    const cwd = await makeTrio(at(`s3://${stage.bucket}/open.csv`));
    const { report } = await runJson(['audit', 'broken'], { cwd, env: stage.env });
    expect(report).toMatchObject({
      exitCode: 1,
      artifacts: [{ verdict: 'drifted', state: 'unreadable' }],
    });
    expectError(report.artifacts[0]!.error, {
      code: 'CSV_UNCLOSED_QUOTE',
      side: 'runtime',
      names: [`s3://${stage.bucket}/open.csv`, version, 'line 2'],
    });
  });
});

test('the endpoint is down', async () => {
  const port = await freePort();
  const cwd = await makeTrio(at('s3://somewhere/a.csv'));
  const env = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_MAX_ATTEMPTS: '2',
  };
  await expectNoVerdict(
    { cwd, env },
    {
      code: 'STORE_UNREACHABLE',
      side: 'runtime',
      names: [`127.0.0.1:${port}`, 's3://somewhere/a.csv'],
      hints: ['--endpoint-url'],
    },
  );
});

/** A port at which nothing listens any more. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

describe('with what only the embedded server does', () => {
  const stage = setFaultStage();
  const put = (key: string, headers: Record<string, string> = {}): { versionId: string } =>
    stage.server.putObject({ bucket, key, body: reviewed, headers });

  test('AccessDenied names the permission, and the other reading of it', async () => {
    put('denied.csv');
    stage.server.faults.add({ on: { key: 'denied.csv' }, fault: { kind: 'access-denied' } });
    const cwd = await makeTrio(at(`s3://${bucket}/denied.csv`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      {
        code: 'STORE_ACCESS_DENIED',
        side: 'runtime',
        names: [`s3://${bucket}/denied.csv`, '403'],
        hints: ['s3:GetObject', 's3:ListBucket', 'get-caller-identity'],
      },
    );
  });

  test('AccessDenied to a version names s3:GetObjectVersion', async () => {
    const { versionId } = put('versioned.csv');
    stage.server.faults.add({
      on: { action: 's3:GetObjectVersion' },
      fault: { kind: 'access-denied' },
    });
    const cwd = await makeTrio(at(`s3://${bucket}/versioned.csv?versionId=${versionId}`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'STORE_ACCESS_DENIED', side: 'runtime', names: [], hints: ['s3:GetObjectVersion'] },
    );
  });

  test('a missing key without s3:ListBucket has no verdict', async () => {
    stage.server.faults.add({ on: { action: 's3:ListBucket' }, fault: { kind: 'access-denied' } });
    const cwd = await makeTrio(at(`s3://${bucket}/not-there.csv`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'STORE_ACCESS_DENIED', side: 'runtime', names: [], hints: ['s3:ListBucket'] },
    );
  });

  test('the bucket of another account', async () => {
    requires('an owner that is expected');
    put('owned.csv');
    const runtime = `{url: 's3://${bucket}/owned.csv', expectedOwner: '999999999999'}`;
    const cwd = await makeTrio(`reviewed: reviewed.csv, runtime: ${runtime}`);
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'STORE_ACCESS_DENIED', side: 'runtime', names: [], hints: ['999999999999'] },
    );
  });

  test('wrong region', async () => {
    stage.server.createBucket('in-frankfurt', { region: 'eu-central-1' });
    stage.server.putObject({ bucket: 'in-frankfurt', key: 'a.csv', body: reviewed });
    const cwd = await makeTrio(at('s3://in-frankfurt/a.csv'));
    await expectNoVerdict(
      { cwd, env: stage.env },
      {
        code: 'STORE_WRONG_REGION',
        side: 'runtime',
        names: ['in-frankfurt', 'eu-central-1'],
        hints: ['--region eu-central-1'],
      },
    );
    const { report } = await runJson(['audit', 'broken', '--region', 'eu-central-1'], {
      cwd,
      env: stage.env,
    });
    expect(report.exitCode).toBe(0);
  });

  test('a redirect to another region', async () => {
    put('redirected.csv');
    stage.server.faults.add({
      on: { key: 'redirected.csv' },
      fault: { kind: 'redirect', region: 'eu-west-1' },
    });
    const cwd = await makeTrio(at(`s3://${bucket}/redirected.csv`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'STORE_WRONG_REGION', side: 'runtime', names: ['eu-west-1'] },
    );
  });

  test('archived', async () => {
    put('archived.csv', { 'x-amz-storage-class': 'DEEP_ARCHIVE' });
    const cwd = await makeTrio(at(`s3://${bucket}/archived.csv`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      {
        code: 'STORE_ARCHIVED',
        side: 'runtime',
        names: [`s3://${bucket}/archived.csv`],
        hints: ['restore'],
      },
    );
  });

  test('a wrong secret', async () => {
    requires('signatures that are verified');
    put('secret.csv');
    const cwd = await makeTrio(at(`s3://${bucket}/secret.csv`));
    const env = { ...stage.env, AWS_SECRET_ACCESS_KEY: 'not-the-secret' };
    const { error } = await expectNoVerdict(
      { cwd, env },
      {
        code: 'STORE_CREDENTIALS_REFUSED',
        side: 'runtime',
        names: ['signature'],
        hints: ['AWS_SECRET_ACCESS_KEY'],
      },
    );
    expect(JSON.stringify(error)).not.toContain('not-the-secret');
  });

  test('an anonymous reader of a bucket that is not public', async () => {
    put('private.csv');
    const runtime = `{url: 's3://${bucket}/private.csv', anonymous: true}`;
    const cwd = await makeTrio(`reviewed: reviewed.csv, runtime: ${runtime}`);
    await expectNoVerdict(
      { cwd, env: { AWS_ENDPOINT_URL_S3: stage.server.endpoint } },
      { code: 'STORE_ACCESS_DENIED', side: 'runtime', names: ['anonymous'] },
    );
  });

  test('a store that answers 500', async () => {
    stage.server.faults.add({ fault: { kind: 'internal-error' } });
    const cwd = await makeTrio(at(`s3://${bucket}/any.csv`));
    await expectNoVerdict(
      { cwd, env: stage.env },
      { code: 'STORE_FAILED', side: 'runtime', names: ['500', 's3://runtime/any.csv'] },
    );
  });
});
