import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { git, writeFiles } from './cli.ts';
import { contract, drifted, reviewed, setStage } from './publish-stage.ts';
import { requires } from '../servers/start.ts';

const key = 'support/participants.csv';
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a new object: planned, published, claimed, audited', async () => {
  requires('conditional writes');
  const stage = await setStage();
  const head = git(stage.directory, 'rev-parse', 'HEAD');
  const plan = await stage.plan('participants');
  expect(plan.exitCode).toBe(0);
  expect((await stage.run('publish', 'participants', '--dry-run', '--exit-code')).code).toBe(4);
  expect(plan.publications).toMatchObject([
    {
      action: 'create',
      reasons: ['missing'],
      state: 'missing',
      runtime: null,
      target: { location: `s3://runtime/${key}`, endpoint: stage.server.endpoint },
      reviewed: { commit: head, path: key, sha256: sha(reviewed), rows: 2, units: 2 },
      write: { condition: { ifNoneMatch: '*' }, contentType: 'text/csv' },
    },
  ]);
  expect(await stage.now()).toBeNull();

  const done = await stage.publish('participants');
  expect(done.exitCode).toBe(0);
  expect(done.publications).toMatchObject([
    { outcome: 'published', written: { sha256: sha(reviewed) } },
  ]);
  const object = await stage.now();
  expect(object?.body).toBe(reviewed);
  const blob = git(stage.directory, 'rev-parse', `HEAD:${key}`);
  expect(Object.fromEntries(object?.headers ?? [])).toMatchObject({
    'content-type': 'text/csv',
    'x-amz-meta-keydrift-commit': head,
    'x-amz-meta-keydrift-committed-at': plan.publications[0]?.reviewed?.committedAt,
    'x-amz-meta-keydrift-path': key,
    'x-amz-meta-keydrift-blob': blob,
    'x-amz-meta-keydrift-sha256': sha(reviewed),
    'x-amz-meta-keydrift-digest': plan.publications[0]?.reviewed?.digest,
    'x-amz-meta-keydrift-contract': plan.contract,
  });

  const audit = await stage.run('audit', '--format', 'json');
  expect(audit.code).toBe(0);
  const [artifact] = JSON.parse(audit.stdout).artifacts;
  expect(artifact).toMatchObject({
    state: 'identical',
    warnings: [],
    runtime: { claim: { commit: head, path: key, blob, fits: true } },
  });
  expect((await stage.run('audit')).stdout).toContain(`claims commit ${head.slice(0, 12)}`);
  const again = await stage.plan('participants');
  expect(again.exitCode).toBe(0);
  expect((await stage.run('publish', 'participants', '--dry-run', '--exit-code')).code).toBe(0);
  expect(again.publications[0]).toMatchObject({ action: 'none', reasons: [], write: null });
});

test('a dry run writes nothing, anywhere', async () => {
  const stage = await setStage();
  stage.object(key, drifted);
  await stage.plan('participants');
  const methods = new Set(stage.server.requests.entries.map(({ method }) => method));
  expect([...methods].sort()).toEqual(['GET', 'HEAD']);
});

test('an object of other columns is told as that, with what it lacks, and replaced by a saved plan', async () => {
  const stage = await setStage();
  stage.object(key, 'id,modus\nP-1,full\n');
  const words = ['publish', 'participants', '--dry-run', '-o', 'json:plan.json'];
  const { code, stdout } = await stage.run(...words);
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/unreadable|cannot be read/);
  expect(stdout).toMatch(/in place of a table of other columns\n/);
  const said = stdout.replaceAll(/\s+/g, ' ');
  // Versions of some stores are as long as a line.
  expect(said).toMatch(/there now version \S+ of \S+ \S+ other columns /);
  expect(said).toMatch(/warning .* no column mode \(COLUMN_MISSING\)/);
  expect((await stage.run('publish', '--apply', 'plan.json', '--yes')).code).toBe(0);
  expect((await stage.now(key))?.body).toBe(reviewed);
});

test('an object is replaced as it was written, and its drift is told', async () => {
  const stage = await setStage();
  const kms = 'arn:aws:kms:us-east-1:000000000000:key/1234';
  const kept = {
    'content-type': 'text/x-support',
    'cache-control': 'no-cache',
    'content-disposition': 'attachment; filename="p.csv"',
    'content-encoding': 'identity',
    'content-language': 'de',
    expires: '0',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': kms,
  };
  const before = stage.object(key, drifted, {
    ...kept,
    'x-amz-tagging': 'team=data%20platform&a%2Bb=%C3%A9',
    'x-amz-meta-uploaded-by': 'bob',
  });
  const plan = await stage.plan('participants');
  expect(plan.publications).toMatchObject([
    {
      action: 'replace',
      reasons: ['bytes'],
      state: 'drifted',
      counts: { added: 1, removed: 1, duplicated: 1 },
      runtime: { versionId: before, rows: 3, units: 2, overwritten: 'kept', claim: null },
      write: { condition: { ifMatch: plan.publications[0]?.runtime?.etag }, kmsKeyId: kms },
      warnings: [{ code: 'METADATA_NOT_KEPT' }],
    },
  ]);
  expect((await stage.publish('participants')).exitCode).toBe(0);
  const [put] = stage.server.requests.where({ operation: 'PutObject', key, status: 200 });
  expect(put?.headers).toMatchObject({
    ...kept,
    'x-amz-tagging': 'team=data%20platform&a%2Bb=%C3%A9',
    'x-amz-checksum-sha256': createHash('sha256').update(reviewed).digest('base64'),
    'if-match': `"${plan.publications[0]?.runtime?.etag}"`,
  });
  expect(put?.headers['x-amz-meta-uploaded-by']).toBeUndefined();
  const { 'x-amz-server-side-encryption': _sse, ...shown } = kept;
  expect(Object.fromEntries((await stage.now())?.headers ?? [])).toMatchObject(shown);
});

test.each(['binary/octet-stream', 'application/octet-stream'])(
  'a content type that nobody chose is not kept: %s',
  async (type) => {
    const stage = await setStage();
    stage.object(key, drifted, { 'content-type': type });
    await stage.publish('participants');
    expect((await stage.now())?.headers.get('content-type')).toBe('text/csv');
  },
);

test('the contract says how objects are written', async () => {
  requires('encryption by a key of KMS');
  const put = `    put: {kmsKeyId: k-1, acl: bucket-owner-full-control, tags: {team: data}}\n`;
  const stage = await setStage({ 'keydrift.yaml': contract + put });
  stage.object(key, drifted, { 'x-amz-tagging': 'old=1', 'content-type': 'text/plain' });
  expect((await stage.publish('participants')).exitCode).toBe(0);
  const [sent] = stage.server.requests.where({ operation: 'PutObject', key, status: 200 });
  expect(sent?.headers).toMatchObject({
    'content-type': 'text/plain',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'k-1',
    'x-amz-acl': 'bucket-owner-full-control',
    'x-amz-tagging': 'team=data',
  });
  expect((await stage.plan('participants')).publications[0]?.reasons).toEqual([]);
});

test('right bytes with the wrong tags or encryption are written again', async () => {
  const put = `    put: {sse: "aws:kms", tags: {team: data}}\n`;
  const stage = await setStage({ 'keydrift.yaml': contract + put });
  stage.object(key, reviewed, { 'x-amz-tagging': 'old=1' });
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'replace', reasons: ['encryption', 'tags'], state: 'identical' },
  ]);
  await stage.publish('participants');
  expect((await stage.plan('participants')).exitCode).toBe(0);
});

test('a header that would make readers decompress plain text is not kept', async () => {
  const stage = await setStage();
  // Text of short lines is text too.
  for (const encoding of ['zstd', 'gzip']) {
    stage.object(key, drifted, { 'content-encoding': encoding });
    const done = await stage.publish('participants');
    expect(done.publications[0]?.warnings).toMatchObject([{ code: 'ENCODING_NOT_KEPT' }]);
    expect((await stage.now())?.headers.get('content-encoding')).toBeNull();
  }
});

test('a commit is published, never the working tree', async () => {
  const stage = await setStage();
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  await writeFiles(stage.directory, { [key]: 'id,mode\nP-X,full\n' });
  await stage.publish('participants');
  expect((await stage.now())?.body).toBe('id,mode\nP-1,full\n');
  await stage.publish('participants', '--ref', first, '--allow-rollback');
  expect((await stage.now())?.body).toBe(reviewed);
});

test.each([
  ['duplicates', 'id,mode\nP-1,full\nP-1,full\n', 'REVIEWED_BROKEN', '1 duplicated'],
  ['conflicts', 'id,mode\nP-1,full\nP-1,delta\n', 'REVIEWED_BROKEN', '1 conflict'],
  ['invalid records', 'id,mode\n,full\nP-1,full\n', 'REVIEWED_BROKEN', '1 invalid'],
  ['no unit at all', 'id,mode\n', 'REVIEWED_BROKEN', '1 bounds'],
  [
    'a quote that nobody closes',
    'id,mode\n"P-1,full\n',
    'REVIEWED_UNREADABLE',
    'CSV_UNCLOSED_QUOTE',
  ],
])('a reviewed copy with %s is refused', async (_name, content, code, words) => {
  const stage = await setStage({ [key]: content });
  stage.object(key, drifted);
  const plan = await stage.plan('participants');
  expect(plan.exitCode).toBe(1);
  expect(plan.publications).toMatchObject([{ action: 'refuse', refusals: [{ code }] }]);
  expect(plan.publications[0]?.refusals[0]?.message).toContain(words);
  const done = await stage.publish('participants');
  expect(done.exitCode).toBe(1);
  expect(done.publications).toMatchObject([{ outcome: 'refused', written: null }]);
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
});

test('what is to be mended in git is looked at by the next command', async () => {
  const stage = await setStage({ [key]: 'id,mode\nP-1,full\nP-1,full\n' });
  const { code, stdout } = await stage.run('publish', 'participants', '--dry-run');
  const [, next = ''] = /^next: keydrift (lint .*)$/m.exec(stdout) ?? [];
  expect([code, (await stage.run(...next.split(' '))).code]).toEqual([1, 1]);
  // Nothing was written that could be audited.
  const refused = await stage.run('publish', 'participants', '--yes');
  expect([refused.code, /^next: keydrift (lint .*)$/m.exec(refused.stdout)?.[1]]).toEqual([
    1,
    next,
  ]);
});

test('a column that the reviewed copy lacks is a fault of the contract: no verdict', async () => {
  const stage = await setStage({ [key]: 'name,mode\nP-1,full\n' });
  stage.object(key, drifted);
  const done = await stage.publish('participants');
  expect(done).toMatchObject({ exitCode: 2, publications: [{ outcome: 'failed', written: null }] });
  expect(done.publications[0]?.error?.message).toContain('id');
  expect((await stage.run('publish', 'participants', '--yes')).stdout).not.toContain('next:');
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
});

test('what the policy lets pass is published, with a warning; one that the contract ignores is not told', async () => {
  const words = '    policy: {duplicated: warn}\n    warnings: {KEY_LEADING_ZERO: ignore}\n';
  const stage = await setStage({
    'keydrift.yaml': contract + words,
    [key]: 'id,mode\n01,full\n01,full\n',
  });
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'create', warnings: [{ code: 'REVIEWED_WARNING' }] },
  ]);
  const done = await stage.publish('participants');
  expect(done.publications).toMatchObject([
    { outcome: 'published', warnings: [{ code: 'REVIEWED_WARNING' }] },
  ]);
});

test('a runtime copy that the contract reads in another form is refused', async () => {
  const stage = await setStage({
    'keydrift.yaml': contract.replace(
      /runtime: .*/,
      'runtime: {url: "s3://runtime/support/participants.csv", columns: {id: ID}, csv: {delimiter: ";"}}',
    ),
  });
  // It is the runtime copy that would lack a column: nobody is to look for it in git.
  const message = expect.stringMatching(/bytes as they stand: with those in it, the runtime copy has no columns ID, mode/); // prettier-ignore
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'refuse', refusals: [{ code: 'OTHER_FORM', message }] },
  ]);
  stage.object(key, 'ID;mode\nP-9;full\n');
  const { stdout } = await stage.run('audit', '--format', 'json');
  expect(stdout).not.toContain('keydrift publish');
  expect(stdout).toContain('convert the reviewed copy (commit ');
  // What the contract says of it decides, not its name; and the advice says what publish does.
  const at = (more: string): string =>
    contract.replace(/runtime: .*/, `runtime: {url: "s3://runtime/support/x.csv.gz"${more}}`);
  const packed = { 'content-type': 'application/gzip' };
  const advised = async (): Promise<boolean> =>
    (await stage.run('audit', '--format', 'json')).stdout.includes('keydrift publish');
  stage.object('support/x.csv.gz', drifted, packed);
  await stage.commit({ 'keydrift.yaml': at('') });
  expect(await advised()).toBe(false);
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'refuse', refusals: [{ code: 'OTHER_FORM', message: expect.stringContaining('say `compression: none`') }] }, // prettier-ignore
  ]);
  await stage.commit({ 'keydrift.yaml': at(', compression: none, csv: {delimiter: ","}') });
  expect(await advised()).toBe(true);
  expect((await stage.publish('participants')).publications).toMatchObject([
    { outcome: 'published', write: { contentType: 'text/csv' } },
  ]);
  await stage.commit({ 'keydrift.yaml': at('').replace('x.csv.gz', 'x.tsv') });
  stage.object('support/x.tsv', drifted.replaceAll(',', '\t'));
  expect(await advised()).toBe(false);
});

test.each([
  ['.json', '.csv', '[{"id":"P-1","mode":"full"}]', null],
  ['.csv', '.parquet', reviewed, null],
  ['.json', '.json', '[{"id":"P-1","mode":"full"}]', 'application/json'],
  ['.csv', '', reviewed, 'application/octet-stream'],
])('a %s file is written to a %s object where that is read so', async (from, to, body, type) => {
  const stage = await setStage({
    [`support/people${from}`]: body,
    'keydrift.yaml': contract
      .replace('reviewed: support/participants.csv', `reviewed: support/people${from}`)
      .replace('runtime/support/participants.csv', `runtime/people${to}`),
  });
  const done = await stage.publish('participants');
  if (type === null) {
    expect(done.publications).toMatchObject([
      { outcome: 'refused', refusals: [{ code: 'OTHER_FORM' }] },
    ]);
    expect(await stage.now(`people${to}`)).toBeNull();
    const { stdout } = await stage.run('audit', '--format', 'json');
    expect(stdout).not.toContain('keydrift publish');
    return;
  }
  expect(done.publications).toMatchObject([{ outcome: 'published', write: { contentType: type } }]);
  expect((await stage.now(`people${to}`))?.body).toBe(body);
});

test.each([
  ['a reviewed copy that is no commit', 'reviewed: file:support/participants.csv', null],
  ['a runtime copy that is a file', null, 'runtime: file:support/participants.csv'],
  ['a runtime copy that is one version', null, 'runtime: s3://runtime/a.csv?versionId=x'],
])('%s cannot be published', async (_name, reviewedLine, runtimeLine) => {
  const stage = await setStage({
    'keydrift.yaml': contract
      .replace(/reviewed: .*/, (line) => reviewedLine ?? line)
      .replace(/runtime: .*/, (line) => runtimeLine ?? line),
  });
  const plan = await stage.plan('participants');
  expect(plan.exitCode).toBe(2);
  expect(plan.publications).toMatchObject([
    { action: 'unknown', error: { code: 'NOT_SUPPORTED' } },
  ]);
});

test('without a terminal nothing is done unless --yes says so', async () => {
  const stage = await setStage();
  const result = await stage.run('publish', 'participants');
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('--yes');
  expect(stage.server.requests.entries).toEqual([]);
  const json = await stage.run('publish', 'participants', '--format', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 'keydrift.publication/1',
    exitCode: 2,
    error: { code: 'USAGE' },
  });
});

test.each([
  ['no artifact', [], 'USAGE'],
  ['an unknown artifact', ['participant'], 'UNKNOWN_ARTIFACT'],
])('%s is exit 2', async (_name, names, code) => {
  const stage = await setStage();
  const done = await stage.publish(...names);
  expect(done).toMatchObject({ exitCode: 2, error: { code }, publications: [] });
});

test.each([
  ['--dry-run', '--apply', 'p.json'],
  ['--apply', 'p.json', '--allow-rollback', '--yes'],
  ['--apply', 'p.json', '--unconditional', '--yes'],
  ['participants', '--exit-code', '--yes'],
  ['--apply', 'missing.json', '--yes'],
  ['participants', '--fail-on', 'added', '--yes'],
])('publish %s %s %s is refused', async (...args) => {
  const stage = await setStage();
  expect((await stage.run('publish', ...args.filter((one) => one !== undefined))).code).toBe(2);
});

test('where S3 names what was written over: a claim that does not fit its bytes', async () => {
  const stage = await setStage();
  await stage.publish('participants');
  const { headers } = (await stage.now())!;
  const claimed = Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('x-amz-meta-')),
  );
  stage.object(key, drifted, claimed);
  const audit = await stage.run('audit', '--format', 'json');
  const [artifact] = JSON.parse(audit.stdout).artifacts;
  expect(artifact.runtime.claim).toMatchObject({ fits: false });
  expect(artifact.warnings).toMatchObject([{ code: 'CLAIM_DIFFERS', side: 'runtime' }]);
  expect(artifact.warnings[0].message).toContain(git(stage.directory, 'rev-parse', 'HEAD'));
  expect((await stage.run('audit')).stdout).toContain('overwritten since');
  const plan = await stage.plan('participants');
  expect(plan.publications[0]?.runtime?.claim?.fits).toBe(false);
});

test('right bytes under a wrong claim are written again', async () => {
  const stage = await setStage();
  stage.object(key, reviewed, { 'x-amz-meta-keydrift-sha256': 'f'.repeat(64) });
  const plan = await stage.plan('participants');
  expect(plan.publications).toMatchObject([{ action: 'replace', reasons: ['claim'] }]);
  await stage.publish('participants');
  expect((await stage.plan('participants')).exitCode).toBe(0);
});

test('a path of other letters is claimed in ASCII', async () => {
  const path = 'support/teilnehmer größe 100%.csv';
  const stage = await setStage({
    [path]: reviewed,
    'keydrift.yaml': contract.replace('support/participants.csv', path),
  });
  await stage.publish('participants');
  const encoded = (await stage.now())?.headers.get('x-amz-meta-keydrift-path');
  expect(encoded).toBe('support/teilnehmer%20gr%C3%B6%C3%9Fe%20100%25.csv');
  const audit = await stage.run('audit', '--format', 'json');
  expect(JSON.parse(audit.stdout).artifacts[0].runtime.claim.path).toBe(path);
});

test('text for a person: what is there, what would be written, what comes next', async () => {
  requires('conditional writes');
  const stage = await setStage();
  stage.object(key, drifted);
  const plan = await stage.run('publish', 'participants', '--dry-run');
  const commit = git(stage.directory, 'rev-parse', 'HEAD').slice(0, 12);
  expect(plan.code).toBe(0);
  for (const words of [
    'participants: REPLACE',
    'drifted: 1 added, 1 removed, 1 duplicated',
    `commit ${commit}`,
    `sha256 ${sha(reviewed).slice(0, 12)}…`,
    'next: keydrift publish participants\n',
    'keydrift: plan: 1 to replace (exit code 0)',
  ]) {
    expect(plan.stdout).toContain(words);
  }
  const done = await stage.run('publish', 'participants', '--yes');
  expect(done.stdout).toContain('participants: published');
  expect(done.stdout).toMatch(/read\s+back\s+and\s+verified/);
  expect(done.stdout).toContain('next: keydrift audit participants\n');
});
