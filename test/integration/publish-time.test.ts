import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish, type PublishOptions } from '../../src/commands/publish/publish.ts';
import { KeydriftError, type Publication } from '../../src/model/index.ts';
import { defaults } from '../../src/judge/registries.ts';
import { s3Within } from '../../src/sources/s3/scheme.ts';
import { dividedLimits } from '../../src/sources/s3/transport.ts';
import { bareEnvironment } from './cli.ts';
import { runInProcess } from './in-process.ts';
import { drifted, reviewed, setStage, type Stage } from './publish-stage.ts';
import { requires, unconditional } from '../servers/start.ts';

const copies = `version: 1
artifacts:
  calendar:
    reviewed: support/participants.csv
    key: [id]
    runtime:
      eu: s3://runtime/eu.csv
      us: s3://runtime/us.csv
`;

/** A run of publish that a test ends when it likes. */
function start(
  stage: Stage,
  more: Partial<PublishOptions>,
  approve: () => Promise<boolean> = () => Promise.resolve(true),
  now: () => Date = () => new Date(),
  registries = defaults,
) {
  const ending = new AbortController();
  const access = { endpoint: null, region: null, profile: null, expectedOwner: null };
  const options: PublishOptions = {
    config: null,
    names: ['calendar'],
    all: false,
    ref: 'HEAD',
    access: { ...access, anonymous: false },
    cacheDirectory: join(stage.directory, '.cache'),
    unconditional: unconditional.length > 0,
    overwriteUnreviewed: false,
    allowRollback: false,
    allowUnknownClaim: false,
    tellsToDo: false,
    timeout: null,
    graceMs: 60_000,
    saved: null,
    ...more,
  };
  const context = {
    version: '0.0.0-test',
    registries,
    workingDirectory: stage.directory,
    environment: { ...bareEnvironment(stage.directory), ...stage.env },
    now,
    stop: ending.signal,
    progress: () => undefined,
  };
  const end = (): void => ending.abort(new KeydriftError('INTERRUPTED', 'SIGTERM'));
  const done = publish(context, options, approve);
  return { end, done };
}

function outcomes({ publications }: Publication) {
  return publications.map(({ outcome }) => outcome);
}

const put = { operation: 'PutObject', key: 'eu.csv' } as const;

test('ended before the first write: nothing is written', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const { struck } = stage.server.faults.add({ on: { method: 'HEAD' }, fault: { kind: 'hang' } });
  const { end, done } = start(stage, {});
  await struck;
  end();
  expect(await done).toMatchObject({
    exitCode: 2,
    error: { code: 'INTERRUPTED' },
    publications: [],
  });
  expect(stage.server.requests.where({ method: 'PUT' })).toEqual([]);
});

test('ended while it writes: that write is waited for and read back, the next is not begun', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const { end, done } = start(stage, {});
  stage.server.faults.add({ on: put, fault: { kind: 'before', run: end }, times: 1 });
  const publication = await done;
  expect(outcomes(publication)).toEqual(['published', 'not-attempted']);
  expect(publication).toMatchObject({ exitCode: 2, error: { code: 'INTERRUPTED' } });
  expect((await stage.now('eu.csv'))?.body).toBe(reviewed);
  expect(await stage.now('us.csv')).toBeNull();
  // Run again, it does the rest.
  expect(outcomes(await start(stage, {}).done)).toEqual(['up-to-date', 'published']);
});

test('ended while it probes: the scratch object is removed, and nothing is written', async () => {
  requires('conditional writes');
  const stage = await setStage({ 'keydrift.yaml': copies });
  const { end, done } = start(stage, {});
  const probe = { method: 'PUT', key: /keydrift-probe/ };
  stage.server.faults.add({ on: probe, fault: { kind: 'before', run: end }, times: 1 });
  expect(outcomes(await done)).toEqual(['not-attempted', 'not-attempted']);
  const listed = await fetch(`${stage.server.endpoint}/runtime?versions`);
  expect(await listed.text()).not.toMatch(/keydrift-probe|eu\.csv/);
});

test('a write that is never answered is not waited for for ever, and looked up', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  stage.object('eu.csv', drifted);
  const silent = start(stage, { graceMs: 50 });
  const hanging = stage.server.faults.add({ on: put, fault: { kind: 'hang' } });
  await hanging.struck;
  silent.end();
  const publication = await silent.done;
  expect(publication.exitCode).toBe(2);
  expect(publication.publications).toMatchObject([
    { outcome: 'failed', error: { code: 'TIMEOUT' }, now: { rows: 3 } },
    { outcome: 'not-attempted' },
  ]);
  hanging.remove();

  requires('conditional writes');
  const lost = start(stage, { graceMs: 50 });
  const answer = stage.server.faults.add({ on: put, fault: { kind: 'lost-response' } });
  await answer.struck;
  lost.end();
  const { publications } = await lost.done;
  expect(publications[0]).toMatchObject({
    outcome: 'published',
    warnings: [{ code: 'FOUND_WRITTEN' }],
  });
});

test('an object that falls silent: each wait ends by itself, says what it waited for, and is waited once', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const schemes = { ...defaults.schemes, s3: s3Within(dividedLimits(100)) };
  const quick = { ...defaults, schemes };
  const approved = (): Promise<boolean> => Promise.resolve(true);
  const run = () =>
    start(stage, { names: ['calendar@eu'] }, approved, () => new Date(), quick).done;
  const silent = (on: object) => stage.server.faults.add({ on, fault: { kind: 'hang' } });

  // From the start: nothing is planned, and nothing else is asked of it.
  const whole = silent({ key: 'eu.csv' });
  const from = stage.server.requests.where({ key: 'eu.csv' }).length;
  const unplanned = await run();
  expect(outcomes(unplanned)).toEqual(['failed']);
  const [eu] = unplanned.publications;
  const why = 'over s3://runtime/eu.csv: no answer within 550 ms';
  expect(eu?.error).toMatchObject({ code: 'STORE_TIMEOUT', retryable: true });
  expect(eu?.error?.message).toContain(why);
  const asked = stage.server.requests.where({ key: 'eu.csv' }).slice(from);
  expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['HEAD']));
  whole.remove();

  // From the write on: the write, and one look at what became of it.
  silent(put);
  stage.server.faults.add({
    on: { method: 'PUT', key: 'eu.csv' },
    fault: { kind: 'before', run: () => void silent({ method: 'HEAD', key: 'eu.csv' }) },
    times: 1,
  });
  const lost = await run();
  expect(outcomes(lost)).toEqual(['failed']);
  expect(lost.publications[0]).toMatchObject({ now: null, error: { code: 'STORE_TIMEOUT' } });
  expect(lost.publications[0]?.error?.message).toContain(why);
  expect(await stage.now('eu.csv')).toBeNull();
});

test('ended when all is written, it is done', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const { end, done } = start(stage, {});
  const last = { operation: 'PutObject', key: 'us.csv' } as const;
  stage.server.faults.add({ on: last, fault: { kind: 'before', run: end }, times: 1 });
  expect(await done).toMatchObject({ exitCode: 0, error: null });
});

test('--timeout counts up to the first write; a prompt takes no time', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const hang = stage.server.faults.add({ on: { method: 'HEAD' }, fault: { kind: 'hang' } });
  const late = await start(stage, { timeout: 0.05 }).done;
  expect(late).toMatchObject({ exitCode: 2, error: { code: 'TIMEOUT' }, publications: [] });
  hang.remove();
  let ahead = 0;
  const slow = (): Promise<boolean> => {
    ahead += 3_600_000;
    return Promise.resolve(true);
  };
  const { done } = start(stage, { timeout: 600 }, slow, () => new Date(Date.now() + ahead));
  expect(outcomes(await done)).toEqual(['published', 'published']);
});

test('a signal while it writes: what was done is told, and the code is that of the signal', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  const answers = new Map<NodeJS.Signals, () => void>();
  const deliver = { kind: 'before', run: () => answers.get('SIGTERM')?.() } as const;
  stage.server.faults.add({ on: put, fault: deliver, times: 1 });
  const { code, stdout, stderr } = await runInProcess({
    words: ['publish', 'calendar', '--yes', ...unconditional],
    cwd: stage.directory,
    environment: { ...bareEnvironment(stage.directory), ...stage.env },
    onSignal(signal, act) {
      answers.set(signal, act);
      return () => void answers.delete(signal);
    },
  });
  expect(code).toBe(143);
  expect(stdout).toContain('calendar@eu: published');
  expect(stdout).toContain('calendar@us: not written');
  expect(stderr).toContain('INTERRUPTED');
  expect(await stage.now('us.csv')).toBeNull();
});

test('--timeout is an option, and what is no time is refused', async () => {
  const stage = await setStage({ 'keydrift.yaml': copies });
  stage.server.faults.add({ on: { method: 'HEAD' }, fault: { kind: 'hang' } });
  const late = await stage.run('publish', 'calendar', '--dry-run', '--timeout', '1s');
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('--timeout 2s')]);
  expect((await stage.run('publish', 'calendar', '--dry-run', '--timeout', 'soon')).code).toBe(2);
});
