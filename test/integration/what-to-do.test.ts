import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { git, runCli, shellWords, writeFiles } from './cli.ts';
import {
  bucket,
  commitSlices,
  contractOf,
  hoursAgo,
  investigationOf,
  makePast,
  setPastStage,
} from './history-stage.ts';
import { requires, unconditional } from '../servers/start.ts';
import type { Capability } from '../servers/capabilities.ts';

const past = setPastStage();

/** Writes the object, or deletes it, some hours ago. */
type Put = (hours: number, body: string | null, headers?: Readonly<Record<string, string>>) => void;

/** A copy that is not as it was reviewed, and what there is to do. */
interface Situation {
  readonly name: string;
  /** Kinds of the steps, in their order. */
  readonly kinds: readonly string[];
  readonly words?: string;
  /** What its writing steps ask of a server. */
  readonly writing?: readonly Capability[];
  readonly bucket?: string;
  readonly make: (cwd: string, put: Put) => Promise<void>;
}

const good = 'id,mode\nP-1,full\nP-2,delta\n';
const doubled = 'id,mode\nP-1,full\nP-1,full\nP-2,delta\n';
const edited = 'id,mode\nP-1,full\nP-9,full\n';
const conflicting = 'id,mode\nP-1,full\nP-1,delta\n';

/** What `publish` writes beside the bytes of a commit. */
const claimOf = (commit: string, body: string): Readonly<Record<string, string>> => ({
  'x-amz-meta-keydrift-commit': commit,
  'x-amz-meta-keydrift-sha256': createHash('sha256').update(body).digest('hex'),
});

const situations: readonly Situation[] = [
  {
    name: 'a row was doubled in the bucket',
    kinds: ['publish', 'restore', 'run', 'run', 'override', 'override'],
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      put(40, good);
      // The same rows in other bytes are younger, and are not what is restored.
      put(30, good.replaceAll('\n', '\r\n'));
      put(10, doubled);
    },
  },
  {
    name: 'rows were edited in a bucket without versions',
    kinds: ['publish', 'run', 'override', 'override'],
    bucket: 'plain',
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      put(10, edited);
    },
  },
  {
    name: 'the bucket is behind',
    kinds: ['publish', 'run', 'override', 'override'],
    async make(cwd, put) {
      await commitSlices(cwd, 50, edited);
      put(45, edited);
      await commitSlices(cwd, 40, good);
    },
  },
  {
    name: 'the object was deleted',
    kinds: ['publish', 'restore', 'run'],
    writing: ['If-None-Match over a delete marker'],
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      put(40, good);
      put(10, null);
    },
  },
  {
    name: 'the reviewed copy is at fault',
    kinds: ['fix', 'override', 'override'],
    async make(cwd, put) {
      await commitSlices(cwd, 50, conflicting);
      put(40, good);
    },
  },
  ...(['prod', 'plain'] as const).map((into) => ({
    name: `a branch was deployed to ${into}`,
    kinds: ['merge', 'publish', 'run', 'override', 'override'],
    bucket: into,
    async make(cwd: string, put: Put) {
      await commitSlices(cwd, 50, good);
      git(cwd, 'checkout', '--quiet', '-b', 'feature');
      const commit = await commitSlices(cwd, 40, edited);
      // Who published it, and says so, has not merged it by that.
      put(30, edited, into === 'prod' ? claimOf(commit, edited) : {});
      git(cwd, 'checkout', '--quiet', '-');
    },
  })),
  {
    name: 'an object that is no table, in a bucket without versions',
    kinds: ['publish', 'run', 'override', 'override'],
    bucket: 'plain',
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      put(10, 'nothing,of,this\n');
    },
  },
  {
    name: 'a deployment is on its way',
    kinds: ['wait'],
    words: 'grace: 3h',
    async make(cwd, put) {
      await commitSlices(cwd, 50, edited);
      put(45, edited);
      await commitSlices(cwd, 1, good);
    },
  },
  {
    name: 'nobody reviewed it',
    kinds: ['fix', 'override', 'override'],
    async make(cwd, put) {
      await writeFiles(cwd, { 'other.txt': '' });
      git(cwd, 'add', '.');
      git(cwd, 'commit', '--quiet', '--message', 'other');
      put(10, good);
    },
  },
];

test.each(situations)('$name: what is told to do is done', async (situation) => {
  const told = await stageOf(situation);
  const steps = await stepsOf(told);
  expect(steps.map(({ kind }) => kind)).toEqual(situation.kinds);
  // What is not merged was not released, and nothing that only silences the audit is advised.
  if (steps[0]?.kind === 'merge') {
    expect(steps[0].text).toMatch(/^review branch feature and merge it, if it is meant/);
    expect(steps.flatMap(({ commands }) => commands).join('\n')).not.toMatch(/git |audit .*--ref/);
    expect(steps.map(({ text }) => text).join('\n')).not.toMatch(/released|behind/);
    // A refused run, which asks no history, knows it by its claim.
    if (situation.bucket === 'prod') {
      const { stderr } = await runCli(['run', 'slices', ...told.flags, '--', 'true'], told);
      expect(stderr).not.toMatch(/git (?:checkout|pull)|GOES_BACK/);
      expect(stderr).toMatch(/; to publish it, which goes back: keydrift publish slices --allow-rollback /); // prettier-ignore
    }
  }
  if (situation === situations[0]) await expectWhole(told, steps);
  for (const { kind, commands } of steps) {
    if (kind === 'publish' || kind === 'restore') continue;
    for (const command of commands) await check(told, kind, command);
  }
  const writing = steps.filter(({ kind }) => kind === 'publish' || kind === 'restore');
  const isAskedAgain = steps[0]?.kind === 'merge' && situation.bucket === 'prod';
  for (const step of writing) {
    requires(...(situation.writing ?? []));
    // It writes: in a place of its own, but for what is written last; afterwards nothing is left to do.
    const isHere = step === writing.at(-1) && !isAskedAgain;
    const place = isHere ? told : await stageOf(situation);
    const own = isHere ? step : (await stepsOf(place)).find(({ kind }) => kind === step.kind);
    expect(own?.commands).toHaveLength(step.commands.length);
    for (const command of own?.commands ?? []) await check(place, step.kind, command);
    const after = await runCli(['audit', 'slices', ...place.flags], place);
    expect(after).toMatchObject({ code: 0 });
    expect(after.stdout).toContain('in sync (identical');
  }
  if (!isAskedAgain) return;
  const reviewedRun = ['run', 'slices', ...told.flags, '--use', 'reviewed', '--', 'true'];
  const goesBack = async (): Promise<boolean> =>
    (await runCli(reviewedRun, told)).stderr.includes('GOES_BACK');
  expect(await goesBack()).toBe(false);
  // The main line may have any name: the branch that is looked at, or, of a commit, nobody can tell.
  git(told.cwd, 'branch', '--move', 'main', 'develop');
  expect(await goesBack()).toBe(false);
  git(told.cwd, 'update-ref', 'refs/remotes/origin/develop', 'feature');
  expect(await goesBack()).toBe(true);
  git(told.cwd, 'update-ref', '-d', 'refs/remotes/origin/develop');
  git(told.cwd, 'checkout', '--quiet', '--detach');
  expect(await goesBack()).toBe(true);
});

/** Text shows the steps whole, with the options that were given. */
async function expectWhole(told: Stage, steps: readonly JsonStep[]): Promise<void> {
  const { stdout } = await runCli(['investigate', 'slices', ...told.flags], told);
  const lines = stdout.split('\n');
  for (const { commands } of steps) {
    for (const command of commands) expect(lines).toContain(`        ${command}`);
  }
  for (const line of lines.filter((one) => /^ {8}keydrift /.test(one))) {
    expect(line).toContain("--config 'the own.yaml'");
    expect(line).toContain('--region us-east-1');
    expect(line).toContain("--var 'KEY=");
  }
}

test('a file is mended by a command, what nobody can write by words, and neither is called an object', async () => {
  const cwd = await makePast('version: 1\nartifacts: {}\n');
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const stage = { cwd, env: { KEYDRIFT_CACHE_DIR: join(cwd, '.cache') }, flags: [] };
  const contract = contractOf('x').replace(/s3:.*/, "'file:the own.csv'");
  await writeFiles(cwd, { 'keydrift.yaml': contract, 'the own.csv': doubled });
  await commitSlices(cwd, 50, good);
  const told = await runCli(['investigate', 'slices'], stage);
  expect(told.code).toBe(1);
  expect(told.stdout).not.toMatch(/object|bucket/);
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain('The runtime copy was written then and had drifted already'); // prettier-ignore
  const steps = await stepsOf(stage);
  expect(steps.map(({ kind }) => kind)).toEqual(situations[1]!.kinds.toSpliced(1, 0, 'run'));
  const [write = '', audit = ''] = steps[0]?.commands ?? [];
  await check(stage, 'run', write);
  await check(stage, 'publish', audit);
  expect(await readFile(join(cwd, 'the own.csv'), 'utf8')).toBe(good);
  await writeFiles(cwd, { 'keydrift.yaml': contract.replace('file:the own.csv', 'git:HEAD:other.csv'), 'other.csv': doubled }); // prettier-ignore
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message', 'other');
  const [mend] = await stepsOf(stage);
  expect(mend).toMatchObject({ kind: 'publish', text: expect.stringMatching(/^mend it where it is made/) }); // prettier-ignore
});

test('a copy of a commit that is not at hand: fetch it first', async () => {
  const told = await stageOf({
    ...situations[0]!,
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      put(10, edited, claimOf('c'.repeat(40), edited));
    },
  });
  git(told.cwd, 'remote', 'add', 'origin', 'https://git.example.org/a.git');
  const [fetch] = await stepsOf(told);
  expect(fetch).toMatchObject({ kind: 'fetch', commands: ['git fetch', expect.any(String)] });
  git(told.cwd, 'remote', 'remove', 'origin');
  const [alone] = await stepsOf(told);
  expect(alone).toMatchObject({ kind: 'fetch', commands: [], text: expect.stringContaining('nor a remote that could have it') }); // prettier-ignore
  const [, words] = wordsOf(fetch?.commands[1] ?? '');
  expect(await runCli(words, told)).toMatchObject({ code: 1 });
});

test('a checkout behind what was released: fetch, then pull, and what goes back says so', async () => {
  const told = await stageOf({
    ...situations[0]!,
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      const commit = await commitSlices(cwd, 40, edited);
      put(30, edited, claimOf(commit, edited));
    },
  });
  const clone = `${told.cwd}.clone`;
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  git(told.cwd, 'clone', '--quiet', told.cwd, clone);
  const released = git(told.cwd, 'rev-parse', 'HEAD');
  const branch = git(clone, 'symbolic-ref', '--short', 'HEAD');
  const behind = { ...told, cwd: clone };
  await writeFiles(clone, { 'the own.yaml': await readFile(join(told.cwd, 'the own.yaml'), 'utf8') }); // prettier-ignore
  const waysOf = async (command: string): Promise<readonly string[]> => {
    const job = command === 'run' ? ['--', 'true'] : [];
    const { code, stderr } = await runCli([command, 'slices', ...told.flags, ...job], behind);
    expect(code).toBe(121);
    return [...stderr.matchAll(/; (to [^:]+): ((?:git|keydrift) [a-z]+)/g)].map(([, words = '', start = '']) => `${words}: ${start}`); // prettier-ignore
  };
  // At hand: how far it is behind, and that a pull brings it.
  git(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  const first = 'to bring this checkout up to what was released, first';
  expect(await waysOf('run')).toEqual([
    `${first}: git pull`,
    'to see what would be published: keydrift publish',
    'to publish it, which goes back: keydrift publish',
    'to run the reviewed copy instead, which goes back: keydrift run',
  ]);
  expect((await waysOf('gate'))[0]).toBe(`${first}: git pull`);
  const [pull, ...rest] = await stepsOf(behind);
  expect(pull).toMatchObject({ kind: 'fetch', text: expect.stringContaining(`this checkout is 1 commit behind what was released, commit ${released.slice(0, 12)}: pull`) }); // prettier-ignore
  expect(rest.map(({ kind }) => kind)).toEqual(['publish', 'run', 'override', 'override']);
  for (const { text } of rest.slice(0, 2)) expect(text).toContain('; it goes back, by 1 commit');
  await check(behind, 'publish', rest[0]?.commands[0] ?? '');
  const audited = await runCli(['audit', 'slices', ...told.flags], behind);
  expect(audited.stdout).toContain('next     git pull\n');
  // What is handed over instead is older work, and the run says so.
  const handed = git(clone, 'rev-parse', 'HEAD').slice(0, 12);
  const old = ['run', 'slices', '--use', 'reviewed', ...told.flags, '--', 'true'];
  expect(await runCli(old, behind)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`the runtime copy claims commit ${released.slice(0, 12)}, which is 1 commit newer than commit ${handed}, which is handed over (GOES_BACK)`), // prettier-ignore
  });
  // Of a detached checkout, no pull does; of a ref that was asked for, no checkout.
  git(clone, 'checkout', '--quiet', '--detach');
  expect((await stepsOf(behind))[0]).toMatchObject({ kind: 'fetch', commands: [`git checkout ${released}`, expect.any(String)] }); // prettier-ignore
  const asked = { ...behind, flags: [...told.flags, '--ref', 'HEAD~0'] };
  expect((await stepsOf(asked))[0]).toMatchObject({ kind: 'fetch', commands: [expect.stringMatching(new RegExp(`^keydrift audit slices .*--ref ${released}$`))] }); // prettier-ignore
  git(clone, 'checkout', '--quiet', branch);
  // What it tells is done.
  execFileSync('sh', ['-c', pull?.commands[0] ?? ''], { cwd: clone, stdio: 'pipe' });
  expect(await runCli(wordsOf(pull?.commands[1] ?? '')[1], behind)).toMatchObject({ code: 0 });
  // Not at hand: nobody can tell before a fetch, and that is what is told first.
  git(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  git(clone, 'update-ref', '-d', `refs/remotes/origin/${branch}`);
  git(clone, 'update-ref', '-d', 'ORIG_HEAD');
  git(clone, 'reflog', 'expire', '--expire=now', '--all');
  git(clone, 'gc', '--quiet', '--prune=now');
  expect(await waysOf('run')).toEqual([
    'to fetch what this checkout lacks, first: git fetch',
    'to see what would be published: keydrift publish',
    'to publish it, which may go back: keydrift publish',
    'to run the reviewed copy instead, which may go back: keydrift run',
  ]);
  const unknown = await runCli(old, behind);
  expect(unknown).toMatchObject({ code: 0, stderr: expect.stringMatching(/ cannot be told .*git fetch \(CLAIM_UNKNOWN\)/) }); // prettier-ignore
  git(clone, 'remote', 'remove', 'origin');
  const alone = await runCli(old, behind);
  expect(alone).toMatchObject({ code: 0, stderr: expect.stringMatching(/ cannot be told here: there is no remote to fetch it from \(CLAIM_UNKNOWN\)/) }); // prettier-ignore
});

test('bytes that the tracked branch has need no claim: pull, and merge nothing', async () => {
  const told = await stageOf({
    ...situations[0]!,
    async make(cwd, put) {
      await commitSlices(cwd, 50, good);
      await commitSlices(cwd, 40, edited);
      put(30, edited);
    },
  });
  const clone = `${told.cwd}.clone`;
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  git(told.cwd, 'clone', '--quiet', told.cwd, clone);
  git(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await writeFiles(clone, { 'the own.yaml': await readFile(join(told.cwd, 'the own.yaml'), 'utf8') }); // prettier-ignore
  const [pull, ...rest] = await stepsOf({ ...told, cwd: clone });
  expect(pull).toMatchObject({ kind: 'fetch', commands: ['git pull', expect.any(String)] });
  expect(rest.map(({ kind }) => kind)).toEqual(['publish', 'run', 'override', 'override']);
});

test('a shallow clone is told what fetches the rest, and how to look again', async () => {
  const told = await stageOf({
    ...situations[0]!,
    async make(cwd, put) {
      await commitSlices(cwd, 50, edited);
      await commitSlices(cwd, 40, good);
      put(10, edited);
    },
  });
  const clone = `${told.cwd}.clone`;
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  git(told.cwd, 'clone', '--quiet', '--depth=1', `file://${told.cwd}`, clone);
  await writeFiles(clone, { 'the own.yaml': await readFile(join(told.cwd, 'the own.yaml'), 'utf8') }); // prettier-ignore
  const shallow = { ...told, cwd: clone };
  const [fetch] = await stepsOf(shallow);
  expect(fetch).toMatchObject({ kind: 'fetch', commands: ['git fetch --unshallow', expect.stringMatching(/^keydrift investigate slices/)] }); // prettier-ignore
  const investigated = await runCli(['investigate', 'slices', ...told.flags], shallow);
  expect(investigated.stdout).toContain('git fetch --unshallow\n');
  // Without a remote nothing is fetched, and it says what is so.
  git(clone, 'remote', 'remove', 'origin');
  const [alone] = await stepsOf(shallow);
  expect(alone).toMatchObject({ kind: 'fetch', commands: [], text: expect.stringContaining('has no remote to fetch them from') }); // prettier-ignore
  const base = await runCli(['lint', 'slices', ...told.flags.slice(0, 4), '--base', 'none'], shallow); // prettier-ignore
  expect(base.stdout.replaceAll(/\s+/g, ' ')).toContain('this one has no remote to fetch from');
  expect(base.stdout).not.toContain('unshallow');
  git(clone, 'remote', 'add', 'origin', `file://${told.cwd}`);
  execFileSync('sh', ['-c', fetch?.commands[0] ?? ''], { cwd: clone, stdio: 'pipe' });
  const after = await runCli(wordsOf(fetch?.commands[1] ?? '')[1], shallow);
  expect(after.code).toBe(1);
  expect(after.stdout).toContain('ahead: the reviewed copy is ahead, by one change');
  expect(after.stdout).not.toContain('unshallow');
});

test('a refused gate says in one line which keys, whom to ask, and what lets it run all the same', async () => {
  // Without versions, what nobody reviewed is not overwritten without a word.
  requires('versions');
  const rows = Array.from({ length: 5 }, (_, at) => `P-${at},full\n`).join('');
  const told = await stageOf({
    ...situations[0]!,
    words: 'owner: data@example.org\n    runbook: https://wiki.example.org/slices',
    async make(cwd, put) {
      await commitSlices(cwd, 50, `id,mode\n${rows}`);
      put(10, `id,mode\n${rows}${rows}`);
    },
  });
  const { code, stderr } = await runCli(['run', 'slices', ...told.flags, '--', 'true'], told);
  const line = stderr.split('\n').find((one) => one.includes('REFUSED')) ?? '';
  expect(code).toBe(121);
  expect(line).toContain('; keys id=P-0 | id=P-1 | id=P-2 | …; owner data@example.org; runbook https://wiki.example.org/slices; '); // prettier-ignore
  const [, ...ways] = line.split(/; (?:REFUSED; )?(?:to [^:]+|OVERRIDE, runs what was not reviewed): /); // prettier-ignore
  expect(ways.map((way) => way.replace(/ --(?:config|var) .*/, ''))).toEqual([
    'keydrift publish slices --dry-run',
    'keydrift publish slices',
    'keydrift run slices --use deduplicated',
    'keydrift run slices --use reviewed',
    expect.stringMatching(/^keydrift run slices --override REASON --at /),
  ]);
  // What writes comes last: nothing is refused any more.
  for (const [at, kind] of [
    [0, 'publish'],
    [2, 'run'],
    [3, 'run'],
    [4, 'override'],
    [1, 'publish'],
  ] as const)
    // prettier-ignore
    await check(told, kind, ways[at] ?? '');
});

test('what could run instead of a refused run is of the same slices, in the same form', async () => {
  const told = await stageOf(situations[0]!);
  const asked = ['--scope', 'id=P-1,P-2', '--as', 'canonical'];
  const job = ['--', 'sh', '-c', 'cat "$0"', '{slices}'];
  const { code, stderr } = await runCli(['run', 'slices', ...told.flags, ...asked, ...job], told);
  expect(code).toBe(121);
  const [, first = ''] = /; to run each unit once instead: (.*?); to run/.exec(stderr) ?? [];
  expect(first).toContain(' --scope id=P-1,P-2 --as canonical');
  const [, words] = wordsOf(first);
  // The command that was typed is in it, to be pasted.
  const instead = await runCli(words, told);
  expect(instead.code).toBe(0);
  expect(instead.stdout).not.toContain('P-3');
  expect(instead.stdout.match(/P-1\b/g)).toHaveLength(1);
  // Of compressed bytes no rows are left out: it is written anew.
  const key = told.flags.find((flag) => flag.startsWith('KEY='))?.slice('KEY='.length) ?? '';
  past.server.putObject({ bucket, key, body: gzipSync(doubled) });
  const packed = await runCli(['run', 'slices', ...told.flags, ...job], told);
  const [, anew = ''] = /; to run each unit once instead: (.*?); to run/.exec(packed.stderr) ?? [];
  expect(anew).toContain('--use deduplicated --as canonical');
  expect((await runCli(wordsOf(anew)[1], told)).code).toBe(0);
});

test('a run that is refused for two files is told what lets both pass, and nothing that does not', async () => {
  const told = await stageOf(situations[0]!);
  const key = told.flags.find((flag) => flag.startsWith('KEY=')) ?? '';
  const object = key.slice('KEY='.length);
  past.server.putObject({ bucket, key: `${object}.b`, body: edited });
  const file = join(told.cwd, 'the own.yaml');
  const one = (await readFile(file, 'utf8')).split('artifacts:\n')[1] ?? '';
  await appendFile(file, one.replace('slices:', 'others:').replace('${KEY}', '${KEY}.b'));
  const asked = ['run', 'slices', 'others', ...told.flags, '--', 'true'];
  const { code, stderr } = await runCli(asked, told);
  expect(code).toBe(121);
  const lines = stderr.split('\n').filter((line) => line.includes('; REFUSED; '));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).not.toContain('--use deduplicated');
    const [, safe = ''] = /; to run the reviewed copy instead: (.*?); OVERRIDE/.exec(line) ?? [];
    await check(told, 'run', safe);
    const [, override = ''] = /; OVERRIDE, runs what was not reviewed: (.*)$/.exec(line) ?? [];
    expect(override).toContain('KEYDRIFT_OVERRIDE_OTHERS=');
    await check(told, 'override', override);
  }
});

test('what lets a refused gate pass is a gate, of the same slices', async () => {
  requires('versions');
  const told = await stageOf(situations[0]!);
  const asked = ['gate', 'slices', ...told.flags, '--scope', 'id=P-1,P-2'];
  const { code, stderr } = await runCli(asked, told);
  expect(code).toBe(121);
  expect(stderr).not.toContain('command was not started');
  const [, command = ''] = /; OVERRIDE, runs what was not reviewed: (.*)$/m.exec(stderr) ?? [];
  expect(command).toMatch(/^keydrift gate slices --override REASON --at versionId:/);
  expect(command).toContain(' --scope id=P-1,P-2');
  const [, words] = wordsOf(command);
  const unsaid = await runCli(words, told);
  expect(unsaid).toMatchObject({
    code: 122,
    stderr: expect.stringMatching(/REASON in .+ stands for why/),
  });
  const said = words.map((word) => (word === 'REASON' ? 'INC-1' : word));
  expect((await runCli(said, told)).code).toBe(0);
  // What a gate hands over is staged: without it the job would read what was forgiven.
  for (const chosen of [
    ['--use', 'deduplicated'],
    ['--use', 'reviewed'],
    ['--as', 'canonical'],
  ]) {
    const { code: refused, stderr: why } = await runCli([...asked, ...chosen], told);
    expect([refused, why]).toEqual([122, expect.stringContaining(`gate ${chosen.join(' ')} without --stage hands nothing over`)]); // prettier-ignore
  }
});

test('a slice that stands in neither history: the nearest keys', async () => {
  const told = await stageOf({
    ...situations[0]!,
    async make(cwd, put) {
      await commitSlices(cwd, 50, 'id,mode\nP-1001,full\nP-1002,full\nQ-7,full\n00010,full\n');
      put(10, 'id,mode\nP-1001,full\nP-1003,full\n');
    },
  });
  const words = ['investigate', 'slices', ...told.flags, '--scope', 'id=P-1004'];
  const { stdout } = await runCli([...words, '-o', 'json:nearest.json'], told);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('it stands in neither history; nearest now: id=P-1001 or P-1003 or P-1002'); // prettier-ignore
  const json = await readFile(join(told.cwd, 'nearest.json'), 'utf8');
  expect(investigationOf(json).slice).toMatchObject({ nearest: { id: ['P-1001', 'P-1003', 'P-1002'] } }); // prettier-ignore
  const loose = await runCli([...words.slice(0, -1), 'id=10'], told);
  expect(loose.stdout).toContain('it stands in neither history; nearest now: id=00010');
});

test('an audit of a missing copy says what to do next, and in JSON all of it', async () => {
  const told = await stageOf(situations[3]!);
  const files = ['html:next.html', 'slack:next.json', 'json:all.json'].flatMap((to) => ['-o', to]);
  const { code, stdout } = await runCli(['audit', 'slices', ...told.flags, ...files], told);
  const [page, message, json = ''] = await Promise.all(
    ['next.html', 'next.json', 'all.json'].map((name) => readFile(join(told.cwd, name), 'utf8')),
  );
  expect(page).toContain('Next, to see what would be published: <code>keydrift publish');
  expect(message).toContain('To see what would be published:\\n```keydrift publish');
  expect([code, /^ *next {5}to see what would be published:\n {11}(keydrift publish slices --dry-run .*)$/m.test(stdout)]).toEqual([1, true]); // prettier-ignore
  const [artifact] = (JSON.parse(json) as { artifacts: { whatToDo: unknown[] }[] }).artifacts;
  expect(artifact?.whatToDo).toHaveLength(2);
});

interface Stage {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

let made = 0;
/** Makes a situation, with a contract that is found, filled in and reached by options only. */
async function stageOf({ words = '', make, bucket: into = bucket }: Situation): Promise<Stage> {
  made += 1;
  const key = `what to do/${made}.csv`;
  const cwd = await makePast('version: 1\nartifacts: {}\n');
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const contract = contractOf('${KEY}', words).replace(`s3://${bucket}`, `s3://${into}`);
  await writeFiles(cwd, { 'the own.yaml': contract });
  let puts = 0;
  await make(cwd, (hours, body, headers = {}) => {
    if ((puts += 1) > 1 && into === bucket) requires('versions');
    const at = { bucket: into, key, lastModified: hoursAgo(hours) };
    if (body === null) past.server.deleteObject(at);
    else past.server.putObject({ ...at, body, headers });
  });
  const { AWS_ENDPOINT_URL_S3: endpoint = '', AWS_REGION: _, ...env } = past.env;
  const config = `'the own.yaml'`;
  const flags = ['--config', config, '--var', `KEY=${key}`, '--endpoint-url', endpoint, '--region', 'us-east-1']; // prettier-ignore
  return { cwd, env, flags: flags.map((flag) => (flag === config ? 'the own.yaml' : flag)) };
}

interface JsonStep {
  readonly kind: string;
  readonly text: string;
  readonly commands: readonly string[];
}

async function stepsOf({ cwd, env, flags }: Stage): Promise<readonly JsonStep[]> {
  const words = ['investigate', 'slices', '--format', 'json', ...flags];
  const { stdout, stderr } = await runCli(words, { cwd, env });
  expect(stderr).toBe('');
  const told = JSON.parse(stdout) as { artifact: { whatToDo?: readonly JsonStep[] } };
  return told.artifact.whatToDo ?? [];
}

/** What each kind of step promises of its commands. */
const promised: Readonly<Record<string, number>> = {
  wait: 0,
  fix: 1,
  merge: 0,
  publish: 0,
  run: 0,
  override: 0,
};

async function check(stage: Stage, kind: string, command: string): Promise<void> {
  if (command.startsWith('aws ')) return await copyVersion(stage, command);
  // It does not fail.
  if (command.startsWith('git ')) return void execFileSync('bash', ['-c', command]);
  const isVariable = command.startsWith('export KEYDRIFT_OVERRIDE_');
  const typed = isVariable ? `${command}\nkeydrift run slices -- COMMAND` : command;
  const [variables, words] = wordsOf(
    typed.replace(/ COMMAND(?: '\{slices\}')?$/, ' true').replaceAll(/\bREASON\b/g, 'INC-1'),
  );
  const yes =
    words[0] === 'publish' && !words.includes('--dry-run') ? ['--yes', ...unconditional] : [];
  const own = isVariable ? [...words.slice(0, 2), ...stage.flags, ...words.slice(2)] : [...words];
  const env = { ...stage.env, ...variables };
  const told = await runCli([...own, ...yes], { cwd: stage.cwd, env });
  expect([typed, told.code, told.stderr]).toEqual([typed, promised[kind], expect.any(String)]);
  expect(told.stderr).not.toMatch(/UNKNOWN|USAGE|does nothing/);
}

/** What `aws s3api copy-object` does. */
async function copyVersion({ flags }: Stage, command: string): Promise<void> {
  const [, words] = wordsOf(command);
  const option = (name: string): string => words[words.indexOf(name) + 1] ?? '';
  expect(words.slice(0, 2)).toEqual(['s3api', 'copy-object']);
  const endpoint = option('--endpoint-url');
  expect(endpoint).toBe(flags[flags.indexOf('--endpoint-url') + 1]);
  const client = new S3Client({
    endpoint,
    region: option('--region'),
    forcePathStyle: true,
    credentials: past.server.credentials,
  });
  const [Bucket, Key] = [option('--bucket'), option('--key')];
  // The CLI encodes what stands before the version, and the version it leaves as it is.
  const [source = '', version = ''] = option('--copy-source').split('?versionId=');
  const path = source.split('/').map(encodeURIComponent).join('/');
  await client.send(
    new CopyObjectCommand({ Bucket, Key, CopySource: `${path}?versionId=${version}` }),
  );
  client.destroy();
}

/** Lines as a shell runs them when they are pasted: the variables that keydrift finds, and its words. */
function wordsOf(lines: string): readonly [Record<string, string>, readonly string[]] {
  if (/^(?:keydrift|aws|git) .*$/.test(lines)) return [{}, shellWords(lines).slice(1)];
  const script = `keydrift() { env -0 | grep -z '^KEYDRIFT_'; printf '\\0'; printf '%s\\0' "$@"; }`;
  const env = { PATH: process.env['PATH'] ?? '' };
  const told = execFileSync('sh', ['-c', `${script}\n${lines}`], {
    encoding: 'utf8',
    stdio: 'pipe',
    env,
  });
  const [variables = '', words = ''] = told.split(/(?<=^|\0)\0/);
  const pairs = variables.split('\0').filter((pair) => pair !== '');
  const named = pairs.map((pair) => /^(\w+)=([^]*)$/.exec(pair)?.slice(1) ?? []);
  return [Object.fromEntries(named), words.split('\0').slice(0, -1)];
}
