import { expect, test } from 'vitest';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { documentOf } from '../documents.ts';
import { bareEnvironment, cliPath, git, runCli, temporaryDirectory } from './cli.ts';
import { runInProcess } from './in-process.ts';
import { defaults } from '../../src/judge/registries.ts';
import {
  bucket,
  commitSlices,
  contractOf,
  hoursAgo,
  investigationOf,
  makePast,
  setPastStage,
} from './history-stage.ts';
import { shortVersionId } from '../../src/model/index.ts';

const past = setPastStage();
const records = `s3://${bucket}/records`;

const good = 'id,mode\nP-1,full\nP-2,delta\n';
const twice = 'id,mode\nP-1,full\nP-1,full\nP-2,delta\n';
const thrice = 'id,mode\nP-1,full\nP-1,full\nP-1,full\nP-2,delta\n';

/** Runs the gate at a past hour, and gives its exit code. */
async function runAt(cwd: string, hours: number, ...flags: readonly string[]): Promise<unknown> {
  const words = ['run', 'slices', '--record', records, ...flags, '--', 'true'];
  const { code, stderr } = await runCli(words, { cwd, env: past.env, now: () => hoursAgo(hours) });
  return [code, stderr.includes('NOT_RECORDED')];
}

test('which runs since the onset read which version, what that made in all, and which was refused', async () => {
  const key = 'runs/slices.csv';
  const cwd = await makePast(contractOf(key, 'cost: {scans: "s3://lake/e/id={id}/"}'));
  await commitSlices(cwd, 60, good);
  past.server.putObject({ bucket: 'lake', key: 'e/id=P-1/part', body: 'x'.repeat(1000) });
  past.put(key, 50, good);
  expect(await runAt(cwd, 45)).toEqual([0, false]);
  const second = past.put(key, 30, twice);
  expect(await runAt(cwd, 29)).toEqual([121, false]);
  expect(await runAt(cwd, 28, '--no-fail')).toEqual([0, false]);
  expect(await runAt(cwd, 27, '--use', 'deduplicated')).toEqual([0, false]);
  const third = past.put(key, 10, thrice);
  expect(await runAt(cwd, 9, '--override', 'INC-1', '--at', third)).toEqual([0, false]);
  expect(await runAt(cwd, 8, '--use', 'reviewed')).toEqual([0, false]);
  // Not of this artifact, no record, and no JSON.
  past.server.putObject({ bucket, key: `records/${hoursAgo(8).toISOString().slice(0, 10)}/other.json`, body: '{}' }); // prettier-ignore

  const words = ['investigate', 'slices', '--runs', records];
  const json = await runCli([...words, '--format', 'json'], { cwd, env: past.env });
  const { runs } = investigationOf(json.stdout) as unknown as {
    runs: { runs: Record<string, unknown>[] } & Record<string, unknown>;
  };
  expect(runs.runs.map((one) => [one['decision'], one['started'], one['use'], one['versionId'], one['redundant'], one['redundantBytes']])).toEqual([
    ['run', true, 'reviewed', third, 0, 0],
    ['run', true, 'runtime', third, 2, 2000],
    ['run', true, 'deduplicated', second, 0, 0],
    ['run', true, 'runtime', second, 1, 1000],
    ['refused', false, 'runtime', second, 0, 0],
  ]); // prettier-ignore
  expect(runs).toMatchObject({ redundant: 3, redundantBytes: 3000, known: 'all', unread: 1 });

  const { stdout } = await runCli(words, { cwd, env: past.env });
  const told = stdout.replaceAll(/\s+/g, ' ');
  expect(told).toContain(
    '4 ran (1 not enforced), 1 refused, 3 redundant executions, 2.9 KiB scanned again',
  );
  expect(told).toContain(`ran on version ${shortVersionId(third)}: 2 redundant executions; 2.0 KiB scanned again; OVERRIDDEN; exit code 0`); // prettier-ignore
  expect(told).toContain('1 record could not be read');
  const nowhere = await runCli([...words.slice(0, -1), `s3://${bucket}/nothing/`], {
    cwd,
    env: past.env,
  });
  const none = nowhere.stdout.replaceAll(/\s+/g, ' ');
  expect(none).toContain(`there is no record under s3://${bucket}/nothing/`);
  expect(none).not.toContain('0 ran');
});

test('a record is of its schema, and holds no data', async () => {
  const key = 'record/slices.csv';
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 60, good.replace('P-1', 'SECRET-1'));
  past.put(key, 50, good.replace('P-1', 'SECRET-1'));
  const place = ['--record', `s3://${bucket}/one/`, '--scope', 'id=SECRET-1'];
  const words = ['run', ...place, '--', 'sh', '-c', 'echo SECRET-2; exit 7'];
  expect((await runCli(words, { cwd, env: past.env })).code).toBe(7);
  const { S3Client, ListObjectsV2Command, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { endpoint, credentials } = past.server;
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: 'one/' }),
  );
  expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^one\/\d{4}-\d\d-\d\d\/\d{6}\.\d{3}Z-[0-9a-f]{12}\.json$/)]); // prettier-ignore
  const { Body } = await client.send(
    new GetObjectCommand({ Bucket: bucket, Key: Contents[0]!.Key }),
  );
  client.destroy();
  const text = (await Body?.transformToString()) ?? '';
  expect(documentOf('run', text)).toMatchObject({
    exitCode: 7,
    started: true,
    command: { exitCode: 7, signal: null },
  });
  expect(text).not.toContain('SECRET');
});

test('a run that was killed left what its command read, and that no end is known', async () => {
  const key = 'killed/slices.csv';
  const place = `s3://${bucket}/killed-records/`;
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 60, good);
  past.put(key, 50, good);
  const version = past.put(key, 10, thrice);
  const words = ['run', 'slices', '--no-fail', '--record', place, '--', 'sh', '-c'];
  const env = { ...bareEnvironment(cwd), ...past.env };
  const child = spawn(process.execPath, [cliPath, ...words, 'echo up; cat'], { cwd, env });
  const up = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(up[0])).toBe('up\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  // The command lives on, as long as it has something to read.
  child.stdin.end();

  const investigate = ['investigate', 'slices', '--runs', place];
  const json = await runCli([...investigate, '--format', 'json'], { cwd, env: past.env });
  const { runs } = investigationOf(json.stdout) as unknown as { runs: { runs: unknown[] } };
  const open = { started: true, endedAt: null, exitCode: null, versionId: version, redundant: 2 };
  expect(runs).toMatchObject({ redundant: 2, unread: 0, runs: [open] });
  const told = (await runCli(investigate, { cwd, env: past.env })).stdout.replaceAll(/\s+/g, ' ');
  expect(told).toContain('1 ran (not enforced, without a recorded end), 2 redundant executions');
  expect(told).toContain('NOT ENFORCED; no end recorded: killed, or still running');
});

test('a record that cannot be kept changes no code; a place that is none is told before anything runs', async () => {
  const key = 'denied/slices.csv';
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 60, good);
  past.put(key, 50, good);
  const run = (place: string) =>
    runCli(['run', '--record', place, '--', 'sh', '-c', 'exit 3'], { cwd, env: past.env });
  const gone = await run('s3://no-such-bucket/x/');
  expect([gone.code, gone.stderr]).toEqual([3, expect.stringMatching(/the start of the run is not recorded: STORE_NO_SUCH_BUCKET[^]*the end of the run is not recorded: STORE_NO_SUCH_BUCKET/)]); // prettier-ignore
  const wrong = await run('records/');
  expect([wrong.code, wrong.stderr]).toEqual([122, expect.stringContaining('LOCATION_INVALID: --record records/')]); // prettier-ignore
});

test('a store that never answers a record holds the command up for so long, and changes no code', async () => {
  const key = 'silent/slices.csv';
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 60, good);
  past.put(key, 50, good);
  const hung = past.server.faults.add({
    on: { operation: 'PutObject', key: /^hung-records/ },
    fault: { kind: 'hang' },
  });
  const { code, stdout, stderr } = await runInProcess({
    words: [
      'run',
      '--record',
      `s3://${bucket}/hung-records/`,
      '--',
      'sh',
      '-c',
      'echo ran; exit 3',
    ],
    cwd,
    environment: { ...bareEnvironment(cwd), ...past.env },
    registries: { ...defaults, recordSeconds: { start: 0.2, end: 0.1 } },
  });
  expect([code, stdout, hung.hits]).toEqual([3, 'ran\n', 2]);
  expect(stderr).toContain('the start of the run is not recorded: TIMEOUT: nothing was written within 0.2 s'); // prettier-ignore
  expect(stderr).toContain('the end of the run is not recorded: TIMEOUT: nothing was written within 0.1 s'); // prettier-ignore
});

test('against a bundle, where no clone is, and without the right to list versions: present findings first', async () => {
  const key = 'bundled/slices.csv';
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 60, good);
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message', 'contract');
  past.put(key, 50, good);
  past.put(key, 10, twice);
  expect((await runCli(['bundle', '--out', 'b'], { cwd, env: past.env })).code).toBe(0);
  const elsewhere = await temporaryDirectory();
  const fault = past.server.faults.add({
    on: { operation: 'ListObjectVersions' },
    fault: { kind: 'access-denied' },
  });
  const against = `bundle:${cwd}/b`;
  const words = ['investigate', 'slices', '--against', against];
  const { code, stdout } = await runCli(words, { cwd: elsewhere, env: past.env });
  fault.remove();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^slices: DRIFTED \(1 duplicated\)\n\n {2}duplicated \(1\)[^]*P-1[^]*what to do[^]*versions of the object could not be listed/); // prettier-ignore
  const commands = [...stdout.matchAll(/^ {8}(keydrift run .*)$/gm)].map(([, command]) => command);
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) expect(command).toContain(`--against ${against}`);
  expect(stdout).not.toContain('keydrift publish');
});
