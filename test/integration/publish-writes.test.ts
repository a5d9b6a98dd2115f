import { PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Publication } from '../../src/model/index.ts';
import { git } from './cli.ts';
import { contract, drifted, reviewed, setStage, type Stage } from './publish-stage.ts';
import { requires } from '../servers/start.ts';

const key = 'support/participants.csv';
const plain = contract.replace('s3://runtime/', 's3://plain/');

function probes(stage: Stage): readonly string[] {
  return stage.server.requests.entries.flatMap(({ key: at, method, status }) =>
    at?.includes('.keydrift-probe-') === true ? [`${method} ${status}`] : [],
  );
}

async function setVersioning({ server }: Stage, Status: 'Enabled' | 'Suspended'): Promise<void> {
  const { endpoint, credentials } = server;
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  const input = { Bucket: 'plain', VersioningConfiguration: { Status } };
  await client.send(new PutBucketVersioningCommand(input));
  client.destroy();
}

/** Runs `race` between the plan of a publish and its write. */
function beforeWrite(stage: Stage, race: () => unknown): void {
  stage.server.faults.add({
    on: { operation: 'PutObject', key },
    fault: { kind: 'before', run: race },
    times: 1,
  });
}

test('somebody else wrote since the plan: nothing is overwritten, and the new state is shown', async () => {
  requires('conditional writes');
  const stage = await setStage();
  stage.object(key, drifted);
  beforeWrite(stage, () => stage.object(key, 'id,mode\nP-7,full\n'));
  const done = await stage.publish('participants');
  expect(done.exitCode).toBe(2);
  expect(done.publications).toMatchObject([
    {
      outcome: 'failed',
      written: null,
      error: { code: 'WRITTEN_MEANWHILE' },
      now: { rows: 1, units: 1, state: 'drifted' },
    },
  ]);
  expect((await stage.now())?.body).toBe('id,mode\nP-7,full\n');
});

test('somebody else created the object since the plan', async () => {
  requires('conditional writes');
  const stage = await setStage();
  beforeWrite(stage, () => stage.object(key, drifted));
  const done = await stage.publish('participants');
  expect(done.publications).toMatchObject([{ outcome: 'failed', now: { rows: 3 } }]);
  expect((await stage.now())?.body).toBe(drifted);
});

test('somebody else deleted the object since the plan', async () => {
  requires('conditional writes', 'If-Match over a delete marker');
  const stage = await setStage();
  stage.object(key, drifted);
  beforeWrite(stage, () => stage.server.deleteObject({ bucket: 'runtime', key }));
  const done = await stage.publish('participants');
  expect(done.publications).toMatchObject([
    { outcome: 'failed', error: { code: 'WRITTEN_MEANWHILE' }, now: null },
  ]);
  expect(await stage.now()).toBeNull();
});

test('a race that S3 answers with 409 is run again', async () => {
  const stage = await setStage();
  stage.server.faults.add({ on: { key }, fault: { kind: 'conflict' }, times: 3 });
  expect((await stage.publish('participants')).exitCode).toBe(0);
  expect((await stage.now())?.body).toBe(reviewed);
});

test('a race that S3 answers with 409 again and again', async () => {
  requires('conditional writes');
  const stage = await setStage();
  stage.server.faults.add({ on: { key }, fault: { kind: 'conflict' } });
  const done = await stage.publish('participants');
  expect(done).toMatchObject({
    exitCode: 2,
    publications: [{ outcome: 'failed', error: { code: 'WRITTEN_MEANWHILE' } }],
  });
  expect(await stage.now()).toBeNull();
});

test('an answer that is lost on the way does not lose the write', async () => {
  requires('conditional writes');
  const stage = await setStage();
  stage.object(key, drifted);
  stage.server.faults.add({
    on: { operation: 'PutObject', key },
    fault: { kind: 'lost-response' },
    times: 1,
  });
  const done = await stage.publish('participants');
  expect(done).toMatchObject({
    exitCode: 0,
    publications: [{ outcome: 'published', warnings: [{ code: 'FOUND_WRITTEN' }] }],
  });
  expect((await stage.now())?.body).toBe(reviewed);

  const silenced = { 'keydrift.yaml': `${contract}    warnings: {FOUND_WRITTEN: ignore}\n` };
  await stage.commit({ ...silenced, [key]: `${reviewed}P-3,full\n` });
  stage.server.faults.add({
    on: { operation: 'PutObject', key },
    fault: { kind: 'lost-response' },
    times: 1,
  });
  const again = await stage.publish('participants');
  expect(again.publications).toMatchObject([{ outcome: 'published', warnings: [] }]);
});

/** Replaces what publish wrote before it is read back. */
function afterWrite(stage: Stage, race: () => unknown): void {
  beforeWrite(stage, () =>
    stage.server.faults.add({
      on: { operation: 'GetObject', key },
      fault: { kind: 'before', run: race },
      times: 1,
    }),
  );
}

test('replaced right after: the version that was written is verified', async () => {
  requires('versions');
  const stage = await setStage();
  afterWrite(stage, () => stage.object(key, drifted));
  const done = await stage.publish('participants');
  expect(done).toMatchObject({
    exitCode: 0,
    publications: [{ outcome: 'published', warnings: [{ code: 'REPLACED_SINCE' }] }],
  });
  const { versionId } = done.publications[0]!.written!;
  const url = `${stage.server.endpoint}/runtime/${key}?versionId=${encodeURIComponent(versionId!)}`;
  expect(await (await fetch(url)).text()).toBe(reviewed);
});

test('replaced right after, without versions: not verified, and the new state is shown', async () => {
  const stage = await setStage({ 'keydrift.yaml': plain });
  afterWrite(stage, () => stage.object(key, drifted, {}, 'plain'));
  const done = await stage.publish('participants');
  expect(done).toMatchObject({
    exitCode: 2,
    publications: [{ outcome: 'failed', error: { code: 'NOT_VERIFIED' }, now: { rows: 3 } }],
  });
});

test('what was written is read back: other bytes are no success', async () => {
  const stage = await setStage();
  stage.server.faults.add({ on: { operation: 'GetObject', key }, fault: { kind: 'flip-byte' } });
  stage.server.faults.add({ on: { operation: 'GetObject', key }, fault: { kind: 'no-checksum' } });
  stage.server.settings.defaultChecksum = 'none';
  const done = await stage.publish('participants');
  expect(done.exitCode).toBe(2);
  expect(done.publications[0]?.outcome).toBe('failed');
  expect(['NOT_VERIFIED', 'STORE_CHECKSUM_MISMATCH']).toContain(done.publications[0]?.error?.code);
});

test.each(['runtime', 'plain'])(
  '%s: conditions are probed once, and no trace is left',
  async (bucket) => {
    requires(bucket === 'plain' ? 'conditional writes without versions' : 'conditional writes');
    const stage = await setStage({ 'keydrift.yaml': bucket === 'plain' ? plain : contract });
    await stage.publish('participants');
    // Its If-Match is tried with and without quotes.
    expect(probes(stage)).toEqual(['PUT 200', 'PUT 412', 'PUT 412', 'PUT 412', 'DELETE 204']);
    const listed = await fetch(`${stage.server.endpoint}/${bucket}?versions`);
    expect(await listed.text()).not.toContain('keydrift-probe');
    expect(await readdir(join(stage.directory, '.cache', 's3'))).toHaveLength(1);
    await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
    await stage.publish('participants');
    expect(probes(stage)).toHaveLength(5);
  },
);

test.each(['ignored', 'not-implemented'] as const)(
  'conditions that are %s: refused, unless --unconditional',
  async (conditionalWrites) => {
    const stage = await setStage();
    stage.object(key, drifted);
    stage.server.settings.conditionalWrites = conditionalWrites;
    const done = await stage.publish('participants');
    expect(done).toMatchObject({
      exitCode: 2,
      publications: [{ outcome: 'failed', error: { code: 'CONDITIONS_NOT_HONOURED' } }],
    });
    expect((await stage.now())?.body).toBe(drifted);
    const forced = await stage.publish('participants', '--unconditional');
    expect(forced.exitCode).toBe(0);
    expect((await stage.now())?.body).toBe(reviewed);
    const [put] = stage.server.requests.where({ operation: 'PutObject', key, status: 200 });
    expect(put?.headers['if-match']).toBeUndefined();
  },
);

test('a scratch object that cannot be removed is named', async () => {
  requires('conditional writes');
  const stage = await setStage();
  stage.server.faults.add({ on: { method: 'DELETE' }, fault: { kind: 'access-denied' } });
  const done = await stage.publish('participants');
  expect(done).toMatchObject({
    exitCode: 0,
    publications: [{ outcome: 'published', warnings: [{ code: 'PROBE_LEFT' }] }],
  });
});

test('a denied write names who asked, for which key, and every permission that it needs', async () => {
  requires('conditional writes');
  const put = `    put: {kmsKeyId: k-1, tags: {team: data}}\n`;
  const stage = await setStage({ 'keydrift.yaml': contract + put });
  stage.object(key, drifted);
  stage.server.faults.add({
    on: { action: 's3:PutObject', key },
    fault: { kind: 'access-denied' },
  });
  const [copy] = (await stage.publish('participants')).publications;
  expect(copy).toMatchObject({
    outcome: 'failed',
    wrote: 'no',
    error: { code: 'STORE_ACCESS_DENIED' },
  });
  expect(copy?.error?.message).toContain(`s3://runtime/${key}`);
  expect(copy?.error?.message).toContain('access key test');
  for (const words of [
    's3:PutObject',
    's3:GetObject',
    's3:PutObjectTagging',
    'kms:GenerateDataKey',
    'k-1',
  ]) {
    expect(copy?.error?.hint).toContain(words);
  }
});

test('what is denied after a write does not make it unwritten, and what is denied before does', async () => {
  const cases = [
    // Read back, and looked at: the object is there.
    { denied: 'GetObject', after: 1, looks: 9, wrote: 'yes', body: reviewed, next: true },
    // Conditions are tried on another key.
    { denied: 'PutObject', after: 0, looks: 9, wrote: 'no', body: drifted, next: false },
    // Nobody may look whether the store kept its word.
    { denied: 'PutObject', after: 0, looks: 1, wrote: 'unknown', body: drifted, next: true },
  ] as const;
  for (const { denied, after, looks, wrote, body, next } of cases) {
    const stage = await setStage();
    stage.object(key, drifted);
    const fault = { kind: 'access-denied' } as const;
    stage.server.faults.add({ on: { operation: denied, key }, after, fault });
    stage.server.faults.add({ on: { operation: 'HeadObject', key }, after: looks, fault });
    const told = await stage.run('publish', 'participants', '--yes', '-o', 'json:done.json');
    const done = await readFile(join(stage.directory, 'done.json'), 'utf8');
    const { publications } = JSON.parse(done) as Publication;
    expect(publications).toMatchObject([
      { outcome: 'failed', wrote, error: { code: 'STORE_ACCESS_DENIED' } },
    ]);
    expect(told.code).toBe(2);
    expect(told.stdout.includes('nothing was written')).toBe(wrote === 'no');
    expect(told.stdout.includes('keydrift audit')).toBe(next);
    stage.server.faults.clear();
    expect((await stage.now())?.body).toBe(body);
  }
});

test('S3 itself names the caller, where it does', async () => {
  const stage = await setStage();
  const arn = 'arn:aws:sts::111122223333:assumed-role/deploy/run-7';
  stage.server.faults.add({
    on: { operation: 'PutObject' },
    fault: {
      kind: 'error',
      status: 403,
      code: 'AccessDenied',
      message: `User: ${arn} is not authorized to perform: s3:PutObject`,
    },
  });
  const [copy] = (await stage.publish('participants')).publications;
  expect(copy?.error?.message).toContain(`denied to ${arn} `);
});

test('tags that may not be read are not lost in silence', async () => {
  const stage = await setStage();
  stage.object(key, drifted, { 'x-amz-tagging': 'a=b' });
  stage.server.faults.add({
    on: { action: 's3:GetObjectTagging' },
    fault: { kind: 'access-denied' },
  });
  const plan = await stage.plan('participants');
  expect(plan.publications).toMatchObject([
    { action: 'unknown', error: { code: 'STORE_ACCESS_DENIED' } },
  ]);
  expect(plan.publications[0]?.error?.hint).toContain('s3:GetObjectTagging');
});

test('a bucket elsewhere is never followed', async () => {
  const stage = await setStage();
  const other = await setStage();
  stage.object(key, drifted);
  await stage.publish('participants');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  stage.server.faults.add({
    on: { operation: 'PutObject' },
    fault: { kind: 'redirect', region: 'eu-west-1', endpoint: new URL(other.server.endpoint).host },
  });
  const done = await stage.publish('participants');
  expect(done.publications).toMatchObject([
    { outcome: 'failed', error: { code: 'STORE_WRONG_REGION' } },
  ]);
  expect(other.server.requests.entries).toEqual([]);
});

/** The contract with an object of a bucket that must be somebody's. */
function owned(owner: string): string {
  const url = 's3://plain/support/participants.csv';
  return contract.replace(/runtime: .*/, `runtime: {url: "${url}", expectedOwner: "${owner}"}`);
}

test('the expected owner goes with every request, and another owner is refused', async () => {
  requires('an owner that is expected');
  const stage = await setStage({ 'keydrift.yaml': owned('000000000000') });
  await stage.publish('participants');
  const headers = stage.server.requests
    .where({ bucket: 'plain' })
    .map((entry) => entry.headers['x-amz-expected-bucket-owner']);
  expect(new Set(headers)).toEqual(new Set(['000000000000']));
  await stage.commit({ 'keydrift.yaml': owned('999999999999') });
  const done = await stage.publish('participants');
  expect(done.publications).toMatchObject([
    { outcome: 'failed', error: { code: 'STORE_ACCESS_DENIED' } },
  ]);
});

test('without versions, what nobody reviewed is not destroyed', async () => {
  const stage = await setStage({ 'keydrift.yaml': plain });
  stage.object(key, drifted, {}, 'plain');
  const refused = await stage.publish('participants');
  expect(refused).toMatchObject({
    exitCode: 1,
    publications: [
      {
        outcome: 'refused',
        runtime: { overwritten: 'lost' },
        refusals: [{ code: 'UNREVIEWED_CONTENT' }],
      },
    ],
  });
  expect((await stage.now(key, 'plain'))?.body).toBe(drifted);
  const done = await stage.publish('participants', '--overwrite-unreviewed');
  expect(done.exitCode).toBe(0);
  expect((await stage.now(key, 'plain'))?.body).toBe(reviewed);
});

test('without versions, content that is no table counts as evidence too', async () => {
  const stage = await setStage({ 'keydrift.yaml': plain });
  stage.object(key, '\u0000\u0001 not a table', {}, 'plain');
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'refuse', state: 'unreadable', refusals: [{ code: 'UNREVIEWED_CONTENT' }] },
  ]);
});

test('without versions, what an older commit holds may be overwritten, and a newer one rolled back', async () => {
  const stage = await setStage({ 'keydrift.yaml': plain });
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.publish('participants');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  expect((await stage.publish('participants')).exitCode).toBe(0);
  const back = ['participants', '--ref', first, '--allow-rollback'];
  expect((await stage.publish(...back)).exitCode).toBe(0);
  expect((await stage.now(key, 'plain'))?.body).toBe(reviewed);
});

test('an object from before versioning is kept as its null version', async () => {
  const stage = await setStage({ 'keydrift.yaml': plain });
  stage.object(key, drifted, {}, 'plain');
  const answer = await stage.run('publish', 'participants', '--dry-run', '--format', 'json');
  expect(JSON.parse(answer.stdout).publications[0].action).toBe('refuse');
  requires('the version `null` of an object from before versioning');
  await setVersioning(stage, 'Enabled');
  const plan = await stage.plan('participants');
  expect(plan.publications).toMatchObject([
    { action: 'replace', runtime: { versionId: 'null', overwritten: 'kept' } },
  ]);
  await setVersioning(stage, 'Suspended');
  expect((await stage.plan('participants')).publications).toMatchObject([{ action: 'refuse' }]);
});
