import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish, type PublishOptions } from '../../src/commands/publish/publish.ts';
import type { Publication } from '../../src/model/index.ts';
import { bareEnvironment, git } from './cli.ts';
import { setStage, type Stage } from './publish-stage.ts';
import { requires } from '../servers/start.ts';

const publishers = 6;
const rounds = 2;
const key = 'support/participants.csv';

/** One commit for each publisher, its content its own. */
async function commits(stage: Stage): Promise<readonly { id: string; content: string }[]> {
  const made: { id: string; content: string }[] = [];
  for (let at = 0; at < publishers; at += 1) {
    const content = `id,mode\nP-${at},full\nQ-${at},delta\n`;
    made.push({ content, id: await stage.commit({ [key]: content }, `commit ${at}`) });
  }
  return made;
}

/** Resolves for all when the last one has come. */
function barrier(size: number): () => Promise<void> {
  const gate = new EventEmitter();
  const opened = once(gate, 'open').then(() => undefined);
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting === size) gate.emit('open');
    return opened;
  };
}

function publishCommit(
  stage: Stage,
  ref: string,
  planned: () => Promise<void>,
  allowRollback: boolean,
): Promise<Publication> {
  const options: PublishOptions = {
    config: null,
    names: ['participants'],
    all: false,
    ref,
    access: { endpoint: null, region: null, profile: null, expectedOwner: null, anonymous: false },
    cacheDirectory: join(stage.directory, '.cache'),
    unconditional: false,
    overwriteUnreviewed: false,
    allowRollback,
    allowUnknownClaim: false,
    tellsToDo: false,
    timeout: null,
    graceMs: 60_000,
    saved: null,
  };
  const context = {
    version: '0.0.0-test',
    workingDirectory: stage.directory,
    environment: { ...bareEnvironment(stage.directory), ...stage.env },
    now: () => new Date(),
    progress: () => undefined,
  };
  return publish(context, options, async () => {
    await planned();
    return true;
  });
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

test('publishers of different commits to one key: each round, exactly one wins', async () => {
  requires('conditional writes');
  const stage = await setStage();
  const all = await commits(stage);
  const winners: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const planned = barrier(all.length - (round === 0 ? 0 : 1));
    const results = await Promise.all(
      // The last winner's commit is up to date: it asks nobody, and writes nothing.
      all.map(({ id }) => publishCommit(stage, id, planned, true)),
    );
    const outcomes = results.map(({ publications: [copy] }) => copy?.outcome);
    const winner = outcomes.indexOf('published');
    expect(outcomes.filter((outcome) => outcome === 'published')).toHaveLength(1);
    for (const { publications, exitCode } of results) {
      const [copy] = publications;
      if (copy?.outcome !== 'failed') continue;
      expect(copy.error?.code).toBe('WRITTEN_MEANWHILE');
      expect(copy.now?.claim?.commit).toBe(all[winner]?.id);
      expect(exitCode).toBe(2);
    }
    const object = await stage.now();
    expect(object?.body).toBe(all[winner]?.content);
    expect(object?.headers.get('x-amz-meta-keydrift-commit')).toBe(all[winner]?.id);
    expect(object?.headers.get('x-amz-meta-keydrift-sha256')).toBe(sha(object?.body ?? ''));
    winners.push(all[winner]?.content ?? '');
  }
  const versions = await fetch(`${stage.server.endpoint}/runtime?versions&prefix=${key}`);
  const listed = await versions.text();
  const ids = [...listed.matchAll(/<Version>[^]*?<VersionId>([^<]*)</g)].map(([, id = '']) => id);
  const bodies = await Promise.all(
    ids.map(async (id) => {
      const url = `${stage.server.endpoint}/runtime/${key}?versionId=${encodeURIComponent(id)}`;
      return (await fetch(url)).text();
    }),
  );
  expect(bodies.toReversed()).toEqual(winners);
});

test('whoever wins a race of two releases, run again they end with the newer one', async () => {
  requires('conditional writes');
  const stage = await setStage();
  const [older, newer] = (await commits(stage)).slice(-2);
  const alone = (): Promise<void> => Promise.resolve();
  const both = barrier(2);
  const first = await Promise.all(
    [older, newer].map((one) => publishCommit(stage, one!.id, both, false)),
  );
  expect(first.map(({ exitCode }) => exitCode).toSorted((a, b) => a - b)).toEqual([0, 2]);
  await publishCommit(stage, newer!.id, alone, false);
  const late = await publishCommit(stage, older!.id, alone, false);
  expect(late).toMatchObject({ exitCode: 1, publications: [{ order: { standing: 'newer' } }] });
  expect((await stage.now())?.body).toBe(newer?.content);
});

test('publishers of saved plans: exactly one wins', async () => {
  requires('conditional writes');
  const stage = await setStage();
  const all = await commits(stage);
  for (const [at, { id }] of all.entries()) {
    const made = await stage.run(
      'publish',
      'participants',
      '--ref',
      id,
      '--dry-run',
      '-o',
      `json:${at}.json`,
    );
    expect(made.code).toBe(0);
  }
  const results = await Promise.all(
    all.map((_commit, at) => stage.run('publish', '--apply', `${at}.json`, '--yes')),
  );
  const winner = results.findIndex(({ code }) => code === 0);
  expect(results.filter(({ code }) => code === 0)).toHaveLength(1);
  // Who plans again after a newer one was written is refused; the others came too late.
  for (const { code } of results.toSpliced(winner, 1)) expect([1, 2]).toContain(code);
  expect((await stage.now())?.body).toBe(all[winner]?.content);
  expect(git(stage.directory, 'status', '--short', '--untracked-files=no')).toBe('');
});
