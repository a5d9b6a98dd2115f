import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeRepository, runJson } from './cli.ts';
import { faultBucket, setFaultStage } from './stage.ts';
import { requires } from '../servers/start.ts';

/* Copies of other accounts: a role for each, whose credentials STS gives. */

const arn = 'arn:aws:iam::111122223333:role/support-reader';
const table = 'id,mode\nA,full\n';

describe('roleArn', () => {
  const stage = setFaultStage();
  const asked: URLSearchParams[] = [];
  let refuses = false;
  let sts: Server;
  let endpoint = '';
  beforeAll(async () => {
    sts = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        asked.push(new URLSearchParams(Buffer.concat(parts).toString()));
        response.statusCode = refuses ? 403 : 200;
        response.setHeader('content-type', 'text/xml');
        response.end(
          refuses
            ? '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>'
            : `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${stage.server.credentials.accessKeyId}</AccessKeyId><SecretAccessKey>${stage.server.credentials.secretAccessKey}</SecretAccessKey><SessionToken>of-the-role</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
        );
      });
    });
    await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
    const address = sts.address();
    endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  beforeEach(() => {
    asked.length = 0;
    refuses = false;
  });
  afterAll(() => void sts.close());

  const audit = async (runtime: string, ...lines: readonly string[]) => {
    const words = ['reviewed: a.csv', `runtime: ${runtime}`, 'key: [id]', ...lines];
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1\nartifacts:\n  a:\n${words.map((word) => `    ${word}\n`).join('')}`,
      'a.csv': table,
    });
    stage.server.putObject({ bucket: faultBucket, key: 'a.csv', body: Buffer.from(table) });
    // The caller's own keys open nothing.
    const caller = { AWS_ACCESS_KEY_ID: 'caller', AWS_SECRET_ACCESS_KEY: 'caller-secret' };
    const env = { ...stage.env, ...caller, AWS_ENDPOINT_URL_STS: endpoint };
    return (await runJson(['audit'], { cwd, env })).report;
  };

  test('a copy is read as the role, which is asked for once with its external id', async () => {
    requires('a checksum where none was sent');
    const url = `s3://${faultBucket}/a.csv`;
    const report = await audit(
      `{eu: {url: '${url}', roleArn: '${arn}', externalId: keydrift-1}, us: {url: '${url}', roleArn: '${arn}', externalId: keydrift-1}}`,
    );
    expect(report.exitCode).toBe(0);
    expect(asked.map((one) => Object.fromEntries(one))).toMatchObject([
      { Action: 'AssumeRole', RoleArn: arn, ExternalId: 'keydrift-1', RoleSessionName: 'keydrift' },
    ]);
    const tokens = stage.server.requests.entries.map(
      ({ headers }) => headers['x-amz-security-token'],
    );
    expect(tokens).toStrictEqual(['of-the-role', 'of-the-role']);
  });

  test('a role that is not given is no verdict, and says what is missing', async () => {
    refuses = true;
    const report = await audit(`s3://${faultBucket}/a.csv`, `roleArn: ${arn}`);
    expect(report).toMatchObject({
      exitCode: 2,
      artifacts: [
        {
          error: {
            code: 'STORE_CREDENTIALS_REFUSED',
            message: expect.stringContaining(arn),
            hint: expect.stringContaining('sts:AssumeRole'),
          },
        },
      ],
    });
    expect(stage.server.requests.entries).toHaveLength(0);
  });

  test('what is no role, and an external id of none, is a fault of the contract', async () => {
    const report = await audit(`s3://${faultBucket}/a.csv`, 'roleArn: reader');
    expect(report.error?.problems).toMatchObject([{ path: 'artifacts.a.roleArn' }]);
    const without = await audit(`s3://${faultBucket}/a.csv`, 'externalId: x');
    expect(without.error?.problems).toMatchObject([{ path: 'artifacts.a.externalId' }]);
  });
});
