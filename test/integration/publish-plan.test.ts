import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integrityOf } from '../../src/commands/publish/saved-plan.ts';
import type { PublishPlan } from '../../src/model/index.ts';
import { git } from './cli.ts';
import { contract, drifted, reviewed, setStage, type Stage } from './publish-stage.ts';
import { requires } from '../servers/start.ts';

const key = 'support/participants.csv';

/** A stage with a drifted object, and the plan to replace it in plan.json. */
async function planned(): Promise<Stage> {
  const stage = await setStage();
  stage.object(key, drifted);
  const made = await stage.run('publish', 'participants', '--dry-run', '-o', 'json:plan.json');
  expect(made.code).toBe(0);
  return stage;
}

async function plannedFromNothing(): Promise<Stage> {
  const stage = await setStage();
  await stage.run('publish', 'participants', '--dry-run', '-o', 'json:plan.json');
  return stage;
}

/** Edits a plan and gives it the digest that then fits. */
function reseal(text: string, change: (plan: PublishPlan) => unknown): string {
  const { integrity: _old, ...rest } = JSON.parse(text);
  change(rest);
  return JSON.stringify({ ...rest, integrity: integrityOf(rest) });
}

test('a plan is applied as it was made, though the ref moved on', async () => {
  const stage = await planned();
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  const done = await stage.publish('--apply', 'plan.json');
  expect(done).toMatchObject({
    exitCode: 0,
    publications: [{ outcome: 'published', reviewed: { commit: first } }],
  });
  expect((await stage.now())?.body).toBe(reviewed);
});

test('a plan shows all values of a unit, and what is the same unit, respelled', async () => {
  const stage = await setStage();
  await stage.commit({ [key]: 'id,mode\nP-1,35\nP-42,x\n' });
  stage.object(key, 'id,mode\nP-1,30\nP-1,31\nP-1,31\np-42,x\n');
  const outputs = ['-o', 'markdown:plan.md', '-o', 'json:plan.json'];
  const words = ['participants', '--dry-run', '--allow-rollback', ...outputs];
  const text = (await stage.run('publish', ...words)).stdout;
  const [markdown = '', json = ''] = await Promise.all(
    ['plan.md', 'plan.json'].map((name) => readFile(join(stage.directory, name), 'utf8')),
  );
  expect(text).toMatch(/changed +P-1 +3 → 1\n +mode +30 \| 31 \(2×\) → 35\n/);
  expect(text).toMatch(/added +P-42 +0 → 1\n +mode +x\n +same unit, respelled: "p-42" goes\n/);
  expect(text).toMatch(/removed +p-42 +1 → 0\n +mode +x\n +same unit, respelled: "P-42" comes\n/);
  expect(markdown).toContain('`mode`: `30 | 31 (2×) → 35`'.replace(' | ', String.raw` \| `));
  const { publications } = JSON.parse(json) as PublishPlan;
  expect(publications[0]?.change?.units).toMatchObject([
    { rows: { before: [{ line: 2 }, { line: 3 }, { line: 4 }], after: [{ line: 2 }] } },
    { change: 'added', respelled: { id: 'p-42' } },
    { change: 'removed', respelled: { id: 'P-42' } },
  ]);
});

/** Writes the object that is there once more, as somebody does who keeps what it says of itself. */
async function rewrite(stage: Stage, other: Record<string, string> = {}): Promise<void> {
  const { headers, body } = (await stage.now())!;
  const kept = [...headers].filter(([name]) => /^(?:content-type$|x-amz-meta-)/.test(name));
  stage.object(key, body, { ...Object.fromEntries(kept), ...other });
}

type Change = readonly [string, string, (stage: Stage) => unknown];

const refusals: readonly Change[] = [
  [
    'the object was replaced',
    'PLAN_STATE_CHANGED',
    (stage) => stage.object(key, 'id,mode\nP-7,full\n'),
  ],
  [
    'the object was written again, with the very same bytes',
    'PLAN_STATE_CHANGED',
    (stage) => stage.object(key, drifted),
  ],
  [
    'the object is gone',
    'PLAN_STATE_CHANGED',
    (stage) => stage.server.deleteObject({ bucket: 'runtime', key }),
  ],
  [
    'somebody put the very bytes there that it would write',
    'PLAN_STATE_CHANGED',
    (stage) => stage.object(key, reviewed),
  ],
  ...[
    { 'cache-control': 'no-store' },
    // What a write would put right is not what was written.
    { 'content-encoding': 'zstd' },
    { 'content-type': 'binary/octet-stream' },
    { 'x-amz-meta-more': 'of a stranger' },
    { 'x-amz-meta-keydrift-contract': '0'.repeat(64) },
  ].map<Change>((other) => [
    `it was applied, and the object got ${JSON.stringify(other)} since`,
    'PLAN_STATE_CHANGED',
    async (stage) => {
      await stage.publish('--apply', 'plan.json');
      await rewrite(stage, other);
    },
  ]),
  [
    'the contract changed',
    'PLAN_CONTRACT_CHANGED',
    (stage) => stage.commit({ 'keydrift.yaml': `${contract}    units: {min: 2}\n` }),
  ],
  [
    'the commit was taken back',
    'PLAN_COMMIT_GONE',
    (stage) => {
      git(stage.directory, 'checkout', '--quiet', '--orphan', 'other');
      git(stage.directory, 'commit', '--quiet', '--message', 'other');
    },
  ],
];

type Edit = readonly [name: string, code: string, edit: (text: string, head: string) => string];

const edits: readonly Edit[] = [
  [
    'the commit does not exist',
    'PLAN_COMMIT_GONE',
    (text, head) => reseal(text.replaceAll(head, 'f'.repeat(40)), () => undefined),
  ],
  [
    'a letter of it was edited',
    'PLAN_TAMPERED',
    (text) => text.replace('"ref": "HEAD"', '"ref": "main"'),
  ],
  [
    'it says what is not true of the commit, and its digest fits',
    'PLAN_TAMPERED',
    (text) =>
      reseal(text, (plan) => Object.assign(plan.publications[0]?.reviewed ?? {}, { rows: 7 })),
  ],
  [
    'it writes other headers than would be written, and its digest fits',
    'PLAN_STATE_CHANGED',
    (text) =>
      reseal(text, (plan) =>
        Object.assign(plan.publications[0]?.write ?? {}, { acl: 'public-read' }),
      ),
  ],
  [
    'it writes elsewhere, and its digest fits',
    'PLAN_CONTRACT_CHANGED',
    (text) =>
      reseal(text, (plan) =>
        Object.assign(plan.publications[0]?.target ?? {}, { location: 's3://evil/a.csv' }),
      ),
  ],
  ['it is not JSON', 'PLAN_UNREADABLE', () => '{'],
  ['it is no plan', 'PLAN_UNREADABLE', () => '{"schema":"keydrift.report/1"}'],
  [
    'the units that it shows are not those that it changes',
    'PLAN_TAMPERED',
    (text) =>
      reseal(text, (plan) => Object.assign(plan.publications[0]?.change ?? {}, { units: [] })),
  ],
];

test('a plan is refused when somebody edited it', async () => {
  const stage = await planned();
  const head = git(stage.directory, 'rev-parse', 'HEAD');
  const before = await stage.now();
  const file = join(stage.directory, 'plan.json');
  const plan = await readFile(file, 'utf8');
  for (const [name, code, change] of edits) {
    await writeFile(file, change(plan, head));
    stage.server.requests.clear();
    const done = await stage.publish('--apply', 'plan.json');
    expect({ name, done }).toMatchObject({
      name,
      done: { exitCode: 2, error: { code }, publications: [] },
    });
    expect([name, stage.server.requests.where({ method: 'PUT' })]).toEqual([name, []]);
    expect([name, (await stage.now())?.body]).toEqual([name, before?.body]);
  }
  // White space and order of members mean nothing.
  const reordered = Object.fromEntries(Object.entries(JSON.parse(plan) as object).toReversed());
  await writeFile(file, JSON.stringify(reordered));
  const others = await stage.publish('other', '--apply', 'plan.json');
  expect(others).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
  const former = await stage.run('publish', '--plan', 'plan.json', '--yes');
  expect(former.code).toBe(2);
  expect(former.stderr).toContain('keydrift publish --apply plan.json');
  expect((await stage.publish('participants', '--apply', 'plan.json')).exitCode).toBe(0);
});

test.each(refusals)('a plan is refused when %s', async (_name, code, change) => {
  const stage = await planned();
  await change(stage);
  const before = await stage.now();
  stage.server.requests.clear();
  const done = await stage.publish('--apply', 'plan.json');
  expect(done).toMatchObject({ exitCode: 2, error: { code }, publications: [] });
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
  expect((await stage.now())?.body).toBe(before?.body);
});

test('a plan that was applied is up to date when it is applied again, and nothing is written', async () => {
  for (const make of [planned, plannedFromNothing]) {
    const stage = await make();
    expect((await stage.publish('--apply', 'plan.json')).exitCode).toBe(0);
    await rewrite(stage);
    stage.server.requests.clear();
    const again = await stage.publish('--apply', 'plan.json');
    expect(again).toMatchObject({ exitCode: 0, error: null, publications: [{ outcome: 'up-to-date' }] }); // prettier-ignore
    expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
  }
});

test('a plan of which only some was applied is refused', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  await stage.run('publish', 'calendar', '--dry-run', '-o', 'json:plan.json');
  await stage.publish('calendar@eu');
  const done = await stage.publish('--apply', 'plan.json');
  expect(done).toMatchObject({ exitCode: 2, error: { code: 'PLAN_STATE_CHANGED' }, publications: [] }); // prettier-ignore
});

const copies = `version: 1
artifacts:
  calendar:
    reviewed: support/participants.csv
    key: [id]
    runtime:
      eu: s3://runtime/eu.csv
      us: s3://plain/us.csv
      ap: s3://runtime/ap.csv
`;

function outcomes(done: { publications: readonly { copy: string | null; outcome: string }[] }) {
  return done.publications.map(({ copy, outcome }) => [copy, outcome]);
}

test('an artifact is published to all its copies in order, a named copy by itself', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  expect(outcomes(await stage.publish('calendar@us'))).toEqual([['us', 'published']]);
  expect(await stage.now('eu.csv')).toBeNull();
  const done = await stage.publish('calendar');
  expect(done.exitCode).toBe(0);
  expect(outcomes(done)).toEqual([
    ['eu', 'published'],
    ['us', 'up-to-date'],
    ['ap', 'published'],
  ]);
  const written = stage.server.requests
    .where({ operation: 'PutObject', status: 200 })
    .flatMap(({ key: at }) => (at?.includes('probe') === true ? [] : [at]));
  expect(written).toEqual(['us.csv', 'eu.csv', 'ap.csv']);
});

test('a plan with a refused copy is not applied to any', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  stage.object('us.csv', 'id,mode\nX,full\n', {}, 'plain');
  const done = await stage.publish('calendar');
  expect(done.exitCode).toBe(1);
  expect(outcomes(done)).toEqual([
    ['eu', 'not-attempted'],
    ['us', 'refused'],
    ['ap', 'not-attempted'],
  ]);
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
});

test('a plan with a copy that cannot be looked at: both, and nothing is written', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  stage.server.faults.add({ on: { bucket: 'plain' }, fault: { kind: 'access-denied' } });
  expect((await stage.plan('calendar')).exitCode).toBe(2);
  expect((await stage.publish('calendar')).exitCode).toBe(3);
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
});

test('the first failure ends it', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  stage.server.faults.add({
    on: { operation: 'PutObject', key: 'us.csv' },
    fault: { kind: 'access-denied' },
  });
  const done = await stage.publish('calendar');
  expect(done.exitCode).toBe(3);
  expect(outcomes(done)).toEqual([
    ['eu', 'published'],
    ['us', 'failed'],
    ['ap', 'not-attempted'],
  ]);
});

const before = 'id,mode,note\nP-1,full,a\nP-1,full,a\nP-2,full,b\nP-9,full,x\n';
const after = 'id,mode,note\nP-1,full,a\nP-2,delta,b\nP-3,full,c\n';

test('a plan shows the units that it changes, with their values, for a person and for a program', async () => {
  const stage = await setStage({ [key]: after });
  stage.object(key, before);
  const [copy] = (await stage.plan('participants')).publications;
  const row = (record: number, id: string, mode: string) => ({
    record,
    line: record + 1,
    values: { id, mode },
  });
  expect(copy?.change).toEqual({
    added: 1,
    removed: 1,
    changed: 2,
    truncated: 0,
    units: [
      {
        change: 'changed',
        key: { id: 'P-1' },
        fields: [],
        rowCount: { before: 2, after: 1 },
        before: row(1, 'P-1', 'full'),
        after: row(1, 'P-1', 'full'),
      },
      {
        change: 'changed',
        key: { id: 'P-2' },
        fields: ['mode'],
        rowCount: { before: 1, after: 1 },
        before: row(3, 'P-2', 'full'),
        after: row(2, 'P-2', 'delta'),
      },
      {
        change: 'added',
        key: { id: 'P-3' },
        fields: [],
        rowCount: { before: 0, after: 1 },
        before: null,
        after: row(3, 'P-3', 'full'),
      },
      {
        change: 'removed',
        key: { id: 'P-9' },
        fields: [],
        rowCount: { before: 1, after: 0 },
        before: row(4, 'P-9', 'full'),
        after: null,
      },
    ],
  });
  const outputs = ['-o', 'markdown:plan.md'];
  const text = (await stage.run('publish', 'participants', '--dry-run', ...outputs)).stdout;
  expect(text).toMatch(/1 unit added, 1 removed, 1 changed, 1 unit runs once instead of\s+twice/);
  expect(text).toMatch(/changed +P-2 +1 → 1\n +mode +full → delta/);
  expect(text).toMatch(/added +P-3 +0 → 1\n +mode +full\n/);
  const markdown = await readFile(join(stage.directory, 'plan.md'), 'utf8');
  expect(markdown).toContain('| changed | `P-2` | 1 → 1 | `mode`: `full` → `delta` |');
  const one = await stage.run('publish', 'participants', '--dry-run', '--limit', '1');
  expect(one.stdout).toContain('3 more');
});

test('what a plan lists is bounded, and every kind has its share', async () => {
  const rows = (prefix: string, number: number): string =>
    Array.from({ length: number }, (_, at) => `${prefix}${at},full\n`).join('');
  const stage = await setStage({ [key]: `id,mode\n${rows('A', 3000)}${rows('K', 5)}` });
  stage.object(key, `id,mode\n${rows('Z', 5)}${rows('K', 5).replaceAll('full', 'delta')}`);
  const [copy] = (await stage.plan('participants')).publications;
  expect(copy?.change).toMatchObject({ added: 3000, removed: 5, changed: 5, truncated: 2010 });
  const listed = copy?.change?.units.map(({ change }) => change) ?? [];
  expect(listed.filter((change) => change === 'removed')).toHaveLength(5);
  expect(listed.filter((change) => change === 'changed')).toHaveLength(5);
  const created = await setStage({ [key]: `id,mode\n${rows('A', 3000)}` });
  const [create] = (await created.plan('participants')).publications;
  expect(create?.change).toMatchObject({ added: 3000, removed: 0, changed: 0, truncated: 2000 });
  const how = ['--dry-run', '--limit', '5000', '--format', 'markdown'];
  const markdown = await stage.run('publish', 'participants', ...how);
  expect(markdown.stdout.length).toBeLessThan(60_000);
  expect(markdown.stdout).toContain('2010 more');
});

test('--ref asserts which plan is applied', async () => {
  const stage = await setStage();
  stage.object(key, drifted);
  const file = ['--dry-run', '-o', 'json:plan.json'];
  expect((await stage.run('publish', 'participants', '--ref', 'main', ...file)).code).toBe(0);
  git(stage.directory, 'branch', 'other');
  const other = await stage.publish('--apply', 'plan.json', '--ref', 'other');
  expect(other).toMatchObject({ exitCode: 2, error: { code: 'PLAN_OTHER_REF' } });
  git(stage.directory, 'checkout', '--quiet', '--orphan', 'new');
  git(stage.directory, 'commit', '--quiet', '--message', 'new');
  git(stage.directory, 'branch', '--force', 'main');
  const gone = await stage.publish('--apply', 'plan.json', '--ref', 'main');
  expect(gone).toMatchObject({ exitCode: 2, error: { code: 'PLAN_COMMIT_GONE' } });
  git(stage.directory, 'branch', '--force', 'main', 'other');
  expect((await stage.publish('--apply', 'plan.json', '--ref', 'main')).exitCode).toBe(0);
});

test('what comes after a plan of a ref is of that ref, whatever is checked out', async () => {
  const stage = await setStage();
  stage.object(key, drifted);
  const file = ['--dry-run', '-o', 'json:plan.json'];
  const made = await stage.run('publish', 'participants', '--ref', 'main', ...file);
  git(stage.directory, 'checkout', '--quiet', '-b', 'other');
  await stage.commit({ [key]: 'id,mode\nP-7,full\n' });
  const done = await pasteNext(stage, made.stdout);
  expect(done.code).toBe(0);
  const [, audit = ''] = /^next: keydrift (.*)$/m.exec(done.stdout) ?? [];
  expect((await stage.run(...audit.split(' '))).code).toBe(0);
});

/** Runs the command that a text ends with, as a shell would read it. */
async function pasteNext(stage: Stage, text: string): Promise<Awaited<ReturnType<Stage['run']>>> {
  const next = /^next: keydrift (.*)$/m.exec(text)?.[1] ?? '';
  const words = next.match(/'[^']*'|\S+/g) ?? [];
  return stage.run(...words.map((word) => word.replaceAll("'", '')), '--yes');
}

test('the next command is whole: pasted, it does what was planned', async () => {
  const stage = await setStage();
  await stage.commit({ 'contracts/a b.yaml': contract.replace('support/', '../support/') });
  git(stage.directory, 'rm', '--quiet', 'keydrift.yaml');
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  const way = ['--config', 'contracts/a b.yaml', '--endpoint-url', stage.server.endpoint];
  const asked = ['publish', 'participants', '--dry-run', '--ref', first, ...way];
  const plan = await stage.run(...asked);
  expect(plan.stdout).toContain("--config 'contracts/a b.yaml'");
  const done = await pasteNext(stage, plan.stdout);
  expect(done.code).toBe(0);
  expect((await stage.now())?.body).toBe(reviewed);
  const audit = /^next: keydrift (.*)$/m.exec(done.stdout)?.[1] ?? '';
  const words = (audit.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  expect((await stage.run(...words)).code).toBe(0);

  requires('If-None-Match over a delete marker');
  stage.server.deleteObject({ bucket: 'runtime', key });
  const saved = await stage.run(...asked, '-o', 'json:plan.json');
  expect(saved.stdout).toContain(
    `next: keydrift publish --apply plan.json --ref ${first} --config`,
  );
  expect((await pasteNext(stage, saved.stdout)).code).toBe(0);
  expect((await stage.now())?.body).toBe(reviewed);
});

test('what comes next says what was chosen as it was said: --all, a glob, a name', async () => {
  requires('conditional writes');
  const stage = await setStage();
  const plan = await stage.run('publish', '--all', '--dry-run');
  expect(plan.stdout).toMatch(/^next: keydrift publish --all$/m);
  const chosen = await stage.run('publish', '--all', '--select', 'owner=nobody', '--dry-run');
  expect(chosen.stdout).not.toContain('publish --all');
  const some = await stage.run('publish', 'p*', '--dry-run');
  expect(some.stdout).toMatch(/^next: keydrift publish 'p\*'$/m);
  const done = await pasteNext(stage, plan.stdout);
  expect(done.stdout).toMatch(/^next: keydrift audit$/m);
  expect(await stage.run('audit')).toMatchObject({ code: 0 });
});

test('what changed since a ref is published, and nothing else', async () => {
  requires('conditional writes');
  const one = contract.split('artifacts:\n')[1]!;
  const stage = await setStage({
    'keydrift.yaml': contract + one.replaceAll('participants', 'calendar'),
    'support/calendar.csv': reviewed,
  });
  await stage.publish('--all');
  await stage.commit({ 'support/calendar.csv': drifted.replace('P-1,full\n', '') });
  await stage.commit({ 'README.md': 'Nothing of ours.' });
  const since = ['--changed-since', 'HEAD~2'];
  const plan = await stage.plan(...since);
  expect(plan.publications.map(({ name, action }) => [name, action])).toEqual([
    ['calendar', 'replace'],
  ]);
  const told = await stage.run('publish', '--all', ...since, '--dry-run');
  expect(told.stdout).toMatch(/^next: keydrift publish --all --changed-since 'HEAD~2'$/m);
  const done = await pasteNext(stage, told.stdout);
  expect(done.stdout).toMatch(/^next: keydrift audit --changed-since 'HEAD~2'$/m);
  const none = await stage.run('publish', '--changed-since', 'HEAD~1', '--dry-run');
  expect(none.code).toBe(0);
  expect(none.stdout).toContain('nothing');
  expect((await stage.run('publish', '--changed-since', 'no-such', '--dry-run')).code).toBe(2);
});

test('columns of any name, and values of any length: a plan is what was written', async () => {
  const long = 'x'.repeat(300_000);
  const stage = await setStage({
    [key]: `id,mode,__proto__,2\nP-1,full,a,b\nP-2,${long},a,b\nP-3,full,a,c\n`,
    'keydrift.yaml': contract.replace('[mode]', '[mode, __proto__, "2"]'),
  });
  const [copy] = (await stage.plan('participants')).publications;
  // What does not fit is counted, and keeps nothing else from being listed.
  expect(copy?.change).toMatchObject({ added: 3, truncated: 1 });
  expect(copy?.change?.units.map((unit) => unit.key['id'])).toEqual(['P-1', 'P-3']);
  const values = Object.entries(copy?.change?.units[1]?.after?.values ?? {});
  expect(values).toContainEqual(['__proto__', 'a']);
  const file = ['--dry-run', '-o', 'json:plan.json'];
  const told = await stage.run('publish', 'participants', ...file);
  expect(told.stdout).toContain('1 more');
  expect((await stage.publish('--apply', 'plan.json')).exitCode).toBe(0);
});
