import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integrityOf } from '../../src/commands/publish/saved-plan.ts';
import type { PublishPlan } from '../../src/model/index.ts';
import { git } from './cli.ts';
import { contract, drifted, reviewed, setStage, type Stage } from './publish-stage.ts';

const key = 'support/participants.csv';

/** A stage with a drifted object, and the plan to replace it in plan.json. */
async function planned(): Promise<Stage> {
  const stage = await setStage();
  stage.object(key, drifted);
  const made = await stage.run('publish', 'participants', '--dry-run', '-o', 'json:plan.json');
  expect(made.code).toBe(1);
  return stage;
}

async function edit(stage: Stage, change: (text: string) => string): Promise<void> {
  const file = join(stage.directory, 'plan.json');
  await writeFile(file, change(await readFile(file, 'utf8')));
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
  const done = await stage.publish('--plan', 'plan.json');
  expect(done).toMatchObject({
    exitCode: 0,
    publications: [{ outcome: 'published', reviewed: { commit: first } }],
  });
  expect((await stage.now())?.body).toBe(reviewed);
});

test('white space and order of members mean nothing', async () => {
  const stage = await planned();
  await edit(stage, (text) => {
    const plan: object = JSON.parse(text);
    return JSON.stringify(Object.fromEntries(Object.entries(plan).toReversed()));
  });
  expect((await stage.publish('participants', '--plan', 'plan.json')).exitCode).toBe(0);
});

const refusals: readonly (readonly [string, string, (stage: Stage) => unknown])[] = [
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
  ['the plan was applied already', 'PLAN_STATE_CHANGED', (stage) => stage.publish('participants')],
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
  [
    'the commit does not exist',
    'PLAN_COMMIT_GONE',
    (stage) =>
      edit(stage, (text) =>
        text.replaceAll(git(stage.directory, 'rev-parse', 'HEAD'), 'f'.repeat(40)),
      ).then(() => edit(stage, (text) => reseal(text, () => undefined))),
  ],
  [
    'a letter of it was edited',
    'PLAN_TAMPERED',
    (stage) => edit(stage, (text) => text.replace('"ref": "HEAD"', '"ref": "main"')),
  ],
  [
    'it says what is not true of the commit, and its digest fits',
    'PLAN_TAMPERED',
    (stage) =>
      edit(stage, (text) =>
        reseal(text, (plan) => Object.assign(plan.publications[0]?.reviewed ?? {}, { rows: 7 })),
      ),
  ],
  [
    'it writes other headers than would be written, and its digest fits',
    'PLAN_STATE_CHANGED',
    (stage) =>
      edit(stage, (text) =>
        reseal(text, (plan) =>
          Object.assign(plan.publications[0]?.write ?? {}, { acl: 'public-read' }),
        ),
      ),
  ],
  [
    'it writes elsewhere, and its digest fits',
    'PLAN_CONTRACT_CHANGED',
    (stage) =>
      edit(stage, (text) =>
        reseal(text, (plan) =>
          Object.assign(plan.publications[0]?.target ?? {}, { location: 's3://evil/a.csv' }),
        ),
      ),
  ],
  ['it is not JSON', 'PLAN_UNREADABLE', (stage) => edit(stage, () => '{')],
  [
    'it is no plan',
    'PLAN_UNREADABLE',
    (stage) => edit(stage, () => '{"schema":"keydrift.report/1"}'),
  ],
];

test.each(refusals)('a plan is refused when %s', async (_name, code, change) => {
  const stage = await planned();
  await change(stage);
  const before = await stage.now();
  stage.server.requests.clear();
  const done = await stage.publish('--plan', 'plan.json');
  expect(done).toMatchObject({ exitCode: 2, error: { code }, publications: [] });
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
  expect((await stage.now())?.body).toBe(before?.body);
});

test('a plan of some copies is not applied to others', async () => {
  const stage = await planned();
  const done = await stage.publish('other', '--plan', 'plan.json');
  expect(done).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
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
  expect((await stage.plan('calendar')).exitCode).toBe(3);
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
