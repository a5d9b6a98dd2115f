import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { duplicated, gate, makeJob, reviewed, setGateStage } from './fixture.ts';
import { requires } from '../../servers/start.ts';

const stage = setGateStage();
const url = ['--', 'sh', '-c', 'echo "$KEYDRIFT_PARTS_URL"'] as const;
const flags = ['--stage', 's3://staged/jobs/'] as const;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

async function staged(path: string): Promise<string> {
  const { S3Client, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { endpoint, credentials } = stage.server;
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  const [bucket = '', ...key] = path.trim().slice('s3://'.length).split('/');
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key.join('/') }));
  return (await Body?.transformToString()) ?? '';
}

describe('--stage', () => {
  test('writes the bytes once, under their hash', async () => {
    requires('conditional writes without versions');
    stage.put(reviewed);
    const job = await makeJob(stage);
    const expected = `s3://staged/jobs/parts/${hashOf(reviewed)}.csv\n`;
    const first = await gate(job, [...flags, ...url]);
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: expected });
    expect(first.stderr).toContain('staged at s3://staged/jobs/parts/');
    expect(await staged(first.stdout)).toBe(reviewed);
    stage.server.requests.clear();
    expect((await gate(job, [...flags, ...url])).stdout).toBe(expected);
    const puts = stage.server.requests.where({ operation: 'PutObject' });
    expect(puts).toMatchObject([{ status: 412, headers: { 'if-none-match': '*' } }]);
  });

  test('stages what is handed over, and a bucket may be the prefix', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const { stdout } = await gate(job, ['--use', 'deduplicated', '--stage', 's3://staged', ...url]);
    expect(stdout).toBe(`s3://staged/parts/${hashOf(reviewed)}.csv\n`);
    expect(await staged(stdout)).toBe(reviewed);
  });

  test('other bytes under that name are found by reading back', async () => {
    requires('conditional writes without versions');
    const body = `${reviewed}P-7,full,x\n`;
    stage.put(body);
    const job = await makeJob(stage, { 'parts.csv': body });
    const key = `jobs/parts/${hashOf(body)}.csv`;
    stage.server.putObject({ bucket: 'staged', key, body: 'forged' });
    const { code, stdout, stderr } = await gate(job, [...flags, ...url]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
    expect(stderr).toContain('STORE_CHECKSUM_MISMATCH');
  });

  test.each(['ignored', 'not-implemented'] as const)(
    'a server where conditions are %s',
    async (conditionalWrites) => {
      const body = `${reviewed}P-8,full,${conditionalWrites}\n`;
      stage.put(body);
      const job = await makeJob(stage, { 'parts.csv': body });
      stage.server.settings.conditionalWrites = conditionalWrites;
      try {
        const { code, stdout } = await gate(job, [...flags, ...url]);
        expect(code).toBe(0);
        expect(await staged(stdout)).toBe(body);
      } finally {
        stage.server.settings.conditionalWrites = 'honoured';
      }
    },
  );

  test.each([
    ['access-denied', 122, /STORE_ACCESS_DENIED[^]*s3:PutObject/],
    ['internal-error', 125, /STORE_FAILED/],
  ] as const)('%s: %i, and nothing runs', async (kind, expected, told) => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    stage.server.faults.add({ on: { operation: 'PutObject' }, fault: { kind } });
    const { code, stdout, stderr } = await gate(job, [...flags, ...url]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(told);
  });

  test('nothing is staged of what is refused', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    expect((await gate(job, [...flags, ...url])).code).toBe(121);
    expect(stage.server.requests.where({ operation: 'PutObject' })).toEqual([]);
  });
});
