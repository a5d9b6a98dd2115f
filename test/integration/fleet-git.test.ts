import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Publication, PublishPlan } from '../../src/model/index.ts';
import { commit } from './beside.ts';
import { git, makeRepository, runCli, writeFiles, type JsonReport } from './cli.ts';
import {
  contract as contractOfStage,
  reviewed as reviewedFirst,
  setStage,
  type Stage,
} from './publish-stage.ts';

/** What git is started for in a fleet does not grow with what is to be told. */

const table = (...ids: readonly string[]): string =>
  `id,mode\n${ids.map((id) => `${id},full\n`).join('')}`;

const contract = (...words: readonly string[]): string =>
  `version: 1\nartifacts:\n  lookups:\n${['runtime: run/', 'key: [id]', ...words].map((word) => `    ${word}\n`).join('')}`;

async function put(cwd: string, files: Readonly<Record<string, string>>): Promise<void> {
  await writeFiles(join(cwd, 'run'), files);
}

function numbered(
  count: number,
  name: string,
  text: (id: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${name}-${at}.csv`, text(`${name}-${at}`)]),
  );
}

/** An audit's report, and how often it started git. */
async function audited(
  cwd: string,
  hours = 0,
): Promise<{ readonly report: JsonReport; readonly starts: number }> {
  const words = ['audit', '--format', 'json', '-v', '--log-format', 'json'];
  const { stdout, stderr } = await runCli(words, {
    cwd,
    now: () => new Date(Date.now() + hours * 3_600_000),
  });
  return { report: JSON.parse(stdout) as JsonReport, starts: startsIn(stderr) };
}

function startsIn(stderr: string): number {
  return askedIn(stderr).length;
}

/** The commands of git that were started, in alphabetical order: some run side by side. */
function askedIn(stderr: string): readonly string[] {
  return [...stderr.matchAll(/"event":"git","subject":"git ([\w-]+) /g)]
    .map(([, command = '']) => command)
    .toSorted();
}

/** How many copies there are of each state, cause and code of an error. */
function tally({ artifacts }: JsonReport): Readonly<Record<string, number>> {
  const told: Record<string, number> = {};
  for (const { state, error, ...one } of artifacts) {
    const { cause } = one as { cause?: { kind: string } | null };
    const words = [state, cause?.kind, error?.code].filter((word) => word !== undefined).join(' ');
    told[words] = (told[words] ?? 0) + 1;
  }
  return told;
}

test('git is started for what a command needs to know, and for nothing else', async () => {
  const stage = await setStage();
  const now = table('P-1', 'P-2');
  await stage.commit({ 'support/participants.csv': now });
  await writeFile(join(stage.directory, 'new.yaml'), `${contractOfStage}    grace: 30m\n`);
  const asked = async (...lines: readonly string[]): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const line of lines) {
      const [command = '', ...words] = line.split(' ');
      const { stderr } = await stage.run(command, '-v', '--log-format', 'json', ...words);
      found[line] = askedIn(stderr).join(' ');
    }
    return found;
  };
  const run = 'run participants -- true';
  stage.object('support/participants.csv', now);
  const inSync = ['audit', 'lint', 'lint --base HEAD', 'lint --base HEAD~1', run];
  expect(await asked(...inSync, 'audit --config new.yaml')).toEqual({
    audit: 'cat-file log',
    lint: 'cat-file',
    'lint --base HEAD': 'cat-file',
    'lint --base HEAD~1': 'cat-file merge-base',
    [run]: 'cat-file',
    // Where a contract was that nobody committed is no question.
    'audit --config new.yaml': 'cat-file log',
  });
  stage.object('support/participants.csv', reviewedFirst);
  const drifted = ['audit', 'investigate participants', 'publish --all --dry-run', run];
  expect(await asked(...drifted, 'audit --config new.yaml')).toEqual({
    audit: 'cat-file log rev-list',
    'investigate participants': 'cat-file log rev-list',
    'publish --all --dry-run': 'cat-file log rev-list',
    [run]: 'cat-file',
    // Within the grace: what was in force since, and where the content is from.
    'audit --config new.yaml': 'cat-file log log rev-list',
  });
});

test('a hundred and twenty objects that nobody reviewed cost as many starts of git as three', async () => {
  const counted: number[] = [];
  for (const count of [3, 120]) {
    const cwd = await makeRepository({
      'keydrift.yaml': contract('reviewed: support/**/*.csv'),
      '.gitignore': 'run\n',
      'support/a.csv': table('A'),
    });
    await put(cwd, { 'a.csv': table('A'), ...numbered(count, 'stray', table) });
    const { report, starts } = await audited(cwd);
    expect(tally(report)).toEqual({ identical: 1, 'unreviewed unknown NOT_REVIEWED': count });
    counted.push(starts);
  }
  expect(counted[1]).toBe(counted[0]);
  expect(counted[0]).toBeLessThanOrEqual(10);
});

test('however many have drifted, were never deployed or are on a branch: causes and grace are read once', async () => {
  const counted: number[] = [];
  // More than a hundred are asked for by their folders.
  for (const count of [2, 30]) {
    const kinds = ['ahead', 'unmerged', 'edited', 'missing'];
    const files = (text: (id: string) => string, ...of: readonly string[]) =>
      Object.assign({}, ...of.map((kind) => numbered(count, kind, text))) as Record<string, string>;
    const reviewed = (text: (id: string) => string, ...of: readonly string[]) =>
      Object.fromEntries(
        Object.entries(files(text, ...of)).map(([name, one]) => [`support/${name}`, one]),
      );
    const now = (id: string): string => table(id, 'now');
    const branch = (id: string): string => table(id, 'branch');
    const cwd = await makeRepository({
      'keydrift.yaml': contract('reviewed: support/*.csv', 'grace: 30m'),
      '.gitignore': 'run\n',
      ...reviewed(table, ...kinds),
    });
    git(cwd, 'switch', '--quiet', '-c', 'fix');
    await commit(cwd, reviewed(branch, 'unmerged'));
    git(cwd, 'switch', '--quiet', 'main');
    await commit(cwd, reviewed(now, ...kinds));
    await put(cwd, {
      ...files(table, 'ahead'),
      ...files(branch, 'unmerged'),
      ...files((id) => table(id, 'by hand'), 'edited', 'stray'),
    });
    // Just now all changes are within the grace; an hour later none is.
    for (const hours of [0, 1]) {
      const { report, starts } = await audited(cwd, hours);
      expect(tally(report)).toEqual({
        'drifted ahead': count,
        'drifted unmerged': count,
        'drifted edited': count,
        'missing FILE_NOT_FOUND': count,
        'unreviewed unknown NOT_REVIEWED': count,
      });
      counted.push(starts);
    }
  }
  const [now, later, ...more] = counted;
  expect(more).toEqual([now, later]);
  expect(now).toBeLessThanOrEqual(25);
});

test('a folder that moved away is searched for by a few of its files, and the others say how to', async () => {
  const counted: number[] = [];
  const starts: number[] = [];
  for (const count of [20, 26]) {
    const names = Object.keys(numbered(count, 'f', table));
    const entries = names.map((name) => `  ${name}: {reviewed: old/${name}, runtime: run/${name}, key: [id]}\n`); // prettier-ignore
    const reviewed = names.map((name) => [`old/${name}`, table(name)] as const);
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1\nartifacts:\n${entries.join('')}`,
      ...Object.fromEntries(reviewed),
    });
    git(cwd, 'mv', 'old', 'new');
    git(cwd, 'commit', '--quiet', '--message', 'move');
    const log = ['--format', 'json', '-v', '--log-format', 'json'];
    const unlooked = await runCli(['lint', ...log], { cwd });
    expect(unlooked.code).toBe(2);
    starts.push(startsIn(unlooked.stderr));
    const words = ['lint', '--ref', 'HEAD', ...log];
    const { code, stdout, stderr } = await runCli(words, { cwd });
    expect(code).toBe(2);
    const { artifacts } = JSON.parse(stdout) as JsonReport;
    const errors = artifacts.map(({ error }) => `${error?.code} ${error?.message} ${error?.hint}`);
    expect(errors.every((one) => one.startsWith('GIT_PATH_NOT_FOUND'))).toBe(true);
    expect(errors.filter((one) => one.includes('renamed to new/'))).toHaveLength(20);
    const rest = errors.filter((one) => one.includes('--diff-filter=D'));
    expect(rest).toHaveLength(count - 20);
    const command = /git -C .*$/.exec(rest[0] ?? '')?.[0] ?? 'true';
    const told = execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
    if (rest.length > 0) expect(told).toContain('delete mode 100644 old/f-');
    counted.push(startsIn(stderr));
  }
  expect(counted[1]).toBe(counted[0]);
  expect(starts[1]).toBe(starts[0]);
});

test('files that lie in a folder each are found with as many starts of git as two', async () => {
  const counted: number[] = [];
  for (const count of [2, 40]) {
    const files = (folder: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(numbered(count, 'f', table)).map(([name, text]) => [
          `${folder}${name.replace('.csv', '')}/current.csv`,
          text,
        ]),
      );
    const cwd = await makeRepository({
      'keydrift.yaml': contract('reviewed: support/**/*.csv'),
      '.gitignore': 'run\n',
      ...files('support/'),
    });
    await put(cwd, files(''));
    const { report, starts } = await audited(cwd);
    expect(tally(report)).toEqual({ identical: count });
    counted.push(starts);
  }
  expect(counted[1]).toBe(counted[0]);
});

test('what a pull request changes is asked of git once for all files', async () => {
  const counted: number[] = [];
  for (const count of [2, 30]) {
    const reviewed = Object.fromEntries(
      Object.entries(numbered(count, 'f', table)).map(([name, text]) => [`support/${name}`, text]),
    );
    const cwd = await makeRepository({
      'keydrift.yaml': contract('reviewed: support/*.csv'),
      ...reviewed,
    });
    await commit(cwd, { 'support/f-0.csv': table('f-0', 'more') });
    const words = ['lint', '--base', 'HEAD~1', '--format', 'json', '-v', '--log-format', 'json'];
    const { code, stderr } = await runCli(words, { cwd });
    expect(code).toBe(0);
    counted.push(startsIn(stderr));
  }
  expect(counted[1]).toBe(counted[0]);
});

const written = {
  bytes: 'forward',
  claim: 'forward',
  newer: 'newer',
  beside: 'beside',
  branch: 'beside',
  lost: 'unknown',
  nobody: 'unreviewed',
} as const;

/**
 * A fleet to be published over objects of each of these standings, in a bucket that keeps no versions:
 * every newer or side commit is another one, and so is each that a claim invents.
 */
async function overwritten(count: number): Promise<Stage> {
  const names = Object.keys(written).flatMap((kind) => Object.keys(numbered(count, kind, table)));
  const files = (of: string, more: string) =>
    Object.fromEntries(
      names.flatMap((name) =>
        name.startsWith(of) ? [[`support/${name}`, table(name, more)] as const] : [],
      ),
    );
  const stage = await setStage({
    'keydrift.yaml': contract('reviewed: support/*.csv').replace('run/', 's3://plain/in/'),
    ...files('', 'first'),
  });
  const { directory } = stage;
  git(directory, 'rm', '--quiet', 'support/participants.csv');
  const first = await stage.commit({});
  const each = async (kind: string): Promise<string[]> => {
    const commits: string[] = [];
    for (const [name, text] of Object.entries(files(kind, 'later'))) {
      commits.push(await stage.commit({ [name]: text }));
    }
    return commits;
  };
  git(directory, 'switch', '--quiet', '-c', 'side');
  const beside = [...(await each('beside')), ...(await each('branch'))];
  git(directory, 'switch', '--quiet', 'main');
  await stage.commit(files('', 'now'));
  git(directory, 'switch', '--quiet', '-c', 'next');
  const newer = await each('newer');
  git(directory, 'switch', '--quiet', 'main');
  for (const name of names) {
    const [kind = '', at = ''] = name.split(/[-.]/);
    const text = table(name, kind === 'bytes' || kind === 'claim' ? 'first' : 'later');
    const commits = {
      claim: first,
      newer: newer[+at],
      beside: beside[+at],
      lost: digest('sha1', name),
    };
    const named = Object.entries(commits).find(([one]) => one === kind)?.[1];
    const claim = { commit: named, sha256: digest('sha256', text) };
    const told = Object.entries(named === undefined ? {} : claim).map(([word, value]) => [
      `x-amz-meta-keydrift-${word}`,
      value,
    ]);
    stage.object(`in/${name}`, text, Object.fromEntries(told), 'plain');
  }
  return stage;
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

test('however many are published: where what they overwrite stands is asked of git once', async () => {
  const counted: (readonly number[])[] = [];
  for (const count of [1, 4]) {
    const stage = await overwritten(count);
    const run = async (...words: readonly string[]) => {
      const { stdout, stderr } = await stage.run('publish', ...words, '-v', '--log-format', 'json');
      return { stdout, starts: startsIn(stderr) };
    };
    const plain = await run('--all', '--dry-run', '--format', 'json');
    const { publications } = JSON.parse(plain.stdout) as PublishPlan;
    const standings = publications.map(({ name, order }) => [
      name.split(/[.-]/)[1],
      order?.standing,
    ]);
    expect(new Set(standings.map((one) => one.join(' ')))).toEqual(
      new Set(Object.entries(written).map((one) => one.join(' '))),
    );
    expect(publications).toHaveLength(7 * count);
    const losing = publications.filter(({ refusals }) =>
      refusals.some(({ code }) => code === 'UNREVIEWED_CONTENT'),
    );
    expect(losing).toHaveLength(5 * count);
    const flags = ['--allow-rollback', '--allow-unknown-claim', '--overwrite-unreviewed'];
    const saved = await run('--all', '--dry-run', ...flags, '-o', 'json:plan.json');
    const applied = await run('--apply', 'plan.json', '--yes', '--format', 'json');
    const published = (JSON.parse(applied.stdout) as Publication).publications;
    expect(new Set(published.map(({ outcome }) => outcome))).toEqual(new Set(['published']));
    counted.push([plain.starts, saved.starts, applied.starts]);
  }
  expect(counted[1]).toEqual(counted[0]);
  expect(Math.max(...counted[0]!)).toBeLessThanOrEqual(25);
});

test('an object whose file is in a submodule is no stranger', async () => {
  const inner = await makeRepository({ 'in.csv': table('IN') });
  const cwd = await makeRepository({
    'keydrift.yaml': contract('reviewed: support/**/*.csv'),
    '.gitignore': 'run\n',
    'support/a.csv': table('A'),
  });
  git(
    cwd,
    '-c',
    'protocol.file.allow=always',
    'submodule',
    '--quiet',
    'add',
    inner,
    'support/inner',
  );
  git(cwd, 'commit', '--quiet', '--message', 'with a submodule');
  await put(cwd, {
    'a.csv': table('A'),
    'inner/in.csv': table('IN'),
    'inner/out.csv': table('OUT'),
  });
  expect(tally((await audited(cwd)).report)).toEqual({
    identical: 2,
    'unreviewed unknown NOT_REVIEWED': 1,
  });
  // Its commit is pinned, and not at hand: what the file is nobody knows.
  await rm(join(cwd, 'support/inner'), { recursive: true });
  const { report } = await audited(cwd);
  expect(tally(report)).toMatchObject({ identical: 1, 'indeterminate GIT_SUBMODULE_BEHIND': 2 });
});
