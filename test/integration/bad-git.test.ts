import { chown, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, expectError, expectNoVerdict, makeTrio, reviewed } from './beside.ts';
import { git, makeRepository, runCli, runJson, temporaryDirectory, writeFiles } from './cli.ts';

const runtime = 'runtime: fine.csv';

test('an unknown ref', async () => {
  const cwd = await makeTrio(`reviewed: 'git:no-such-tag:reviewed.csv', ${runtime}`);
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_UNKNOWN_REF', side: 'reviewed', names: ['no-such-tag', cwd] },
  );
});

test('a path that is not in that commit says where it was last', async () => {
  const cwd = await makeTrio(`reviewed: old.csv, runtime: nowhere.csv`, { 'old.csv': reviewed });
  git(cwd, 'rm', '--quiet', 'old.csv');
  const gone = await commit(cwd, {}, 'drop the old list');
  await expectNoVerdict(
    { cwd },
    {
      code: 'GIT_PATH_NOT_FOUND',
      side: 'reviewed',
      names: ['old.csv', gone.slice(0, 7)],
      hints: [gone.slice(0, 7)],
    },
  );
});

test('a path that was never there', async () => {
  const cwd = await makeTrio(`reviewed: typo.csv, runtime: nowhere.csv`);
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_PATH_NOT_FOUND', side: 'reviewed', names: ['typo.csv'], hints: ['ls-tree'] },
  );
});

test('an object without a reviewed file is drift, and lint has no verdict', async () => {
  const cwd = await makeTrio(`reviewed: old.csv, ${runtime}`, { 'old.csv': reviewed });
  git(cwd, 'rm', '--quiet', 'old.csv');
  await commit(cwd, {}, 'drop the old list');
  const { report } = await runJson(['audit', 'broken'], { cwd });
  expect(report).toMatchObject({ exitCode: 1, artifacts: [{ state: 'unreviewed' }] });
  expectError(report.artifacts[0]!.error, { code: 'GIT_PATH_NOT_FOUND', names: ['old.csv'] });
  for (const args of [
    ['lint', 'broken'],
    ['lint', 'broken', '--ref', 'HEAD'],
  ]) {
    const linted = await runJson(args, { cwd });
    expect(linted.report).toMatchObject({ exitCode: 2, artifacts: [{ state: null }] });
    expectError(linted.report.artifacts[0]!.error, {
      code: 'GIT_PATH_NOT_FOUND',
      names: ['old.csv'],
    });
  }
});

test('a directory', async () => {
  const cwd = await makeTrio(`reviewed: support, ${runtime}`, { 'support/a.csv': reviewed });
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_NOT_A_FILE', side: 'reviewed', names: ['support', /directory/] },
  );
});

test('a symlink', async () => {
  const cwd = await makeTrio(`reviewed: link.csv, ${runtime}`);
  await symlink('reviewed.csv', join(cwd, 'link.csv'));
  await commit(cwd, {});
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_NOT_A_FILE', side: 'reviewed', names: ['link.csv', /link/] },
  );
});

test('a submodule', async () => {
  const cwd = await makeTrio(`reviewed: module, ${runtime}`);
  const head = git(cwd, 'rev-parse', 'HEAD');
  git(cwd, 'update-index', '--add', '--cacheinfo', `160000,${head},module`);
  git(cwd, 'commit', '--quiet', '--message', 'a submodule');
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_NOT_A_FILE', side: 'reviewed', names: ['module', /submodule/] },
  );
});

test('not a git repository', async () => {
  const outside = await temporaryDirectory();
  await writeFiles(outside, { 'list.csv': reviewed });
  const cwd = await makeTrio(`reviewed: '${outside}/list.csv', ${runtime}`);
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_NOT_A_REPOSITORY', side: 'reviewed', names: [outside] },
  );
});

test('a repository without a commit', async () => {
  const empty = await temporaryDirectory();
  git(empty, 'init', '--quiet');
  await writeFiles(empty, { 'list.csv': reviewed });
  const cwd = await makeTrio(`reviewed: {repo: '${empty}', path: list.csv}, ${runtime}`);
  await expectNoVerdict(
    { cwd },
    { code: 'GIT_UNKNOWN_REF', side: 'reviewed', names: [empty, /commit/] },
  );
});

test('a remote repository that is not there', async () => {
  const url = 'file:///nowhere/at-all.git';
  const cwd = await makeTrio(`reviewed: {repo: '${url}', path: list.csv}, ${runtime}`);
  await expectNoVerdict({ cwd }, { code: 'GIT_FETCH_FAILED', side: 'reviewed', names: [url] });
});

test.skipIf(process.getuid?.() !== 0)('a repository of somebody else', async () => {
  const other = await makeRepository({ 'list.csv': reviewed });
  await chown(other, 4711, 4711);
  await chown(join(other, '.git'), 4711, 4711);
  const cwd = await makeTrio(`reviewed: {repo: '${other}', path: list.csv}, ${runtime}`);
  await expectNoVerdict(
    { cwd },
    {
      code: 'GIT_DUBIOUS_OWNERSHIP',
      side: 'reviewed',
      names: [other],
      hints: [/safe\.directory/],
    },
  );
});

describe('a ref that starts with a dash', () => {
  test('in the contract', async () => {
    const cwd = await makeTrio(`reviewed: 'git:--upload-pack=x:reviewed.csv', ${runtime}`);
    const { report } = await runJson(['audit'], { cwd });
    expect(report).toMatchObject({
      exitCode: 2,
      artifacts: [],
      error: { code: 'CONTRACT_INVALID' },
    });
    expect(report.error?.problems).toMatchObject([{ line: 3, path: 'artifacts.broken.reviewed' }]);
  });

  test.each(['--ref=-h', '--ref=--output=x'])('%s', async (flag) => {
    const cwd = await makeTrio(`reviewed: reviewed.csv, ${runtime}`);
    const { report } = await runJson(['audit', flag], { cwd });
    expect(report.exitCode).toBe(2);
    for (const { verdict, error } of report.artifacts) {
      expect(verdict).toBe('indeterminate');
      expectError(error, { code: 'GIT_BAD_REF', names: [flag.slice('--ref='.length)] });
    }
  });

  test('--base', async () => {
    const cwd = await makeTrio(`reviewed: reviewed.csv, ${runtime}`);
    const { report } = await runJson(['lint', '--base=-x'], { cwd });
    expect(report.exitCode).toBe(2);
    expect(report.artifacts.map(({ error }) => error?.code)).toStrictEqual(
      Array(3).fill('GIT_BAD_REF'),
    );
  });
});

test('lint outside of any repository', async () => {
  const cwd = await temporaryDirectory();
  await writeFiles(cwd, {
    'keydrift.yaml': 'version: 1\nartifacts: {a: {reviewed: a.csv, runtime: b.csv, key: [id]}}\n',
  });
  const { report } = await runJson(['lint'], { cwd });
  expect(report.exitCode).toBe(2);
  expectError(report.artifacts[0]!.error, { code: 'GIT_NOT_A_REPOSITORY', names: [cwd] });
});

test('git is not installed', async () => {
  const cwd = await makeTrio(`reviewed: 'file:reviewed.csv', ${runtime}`);
  await mkdir(join(cwd, 'bin'));
  const { report } = await runJson(['audit'], { cwd, env: { PATH: join(cwd, 'bin') } });
  expect(report.artifacts.map(({ verdict, error }) => error?.code ?? verdict)).toStrictEqual([
    'in-sync',
    'GIT_NOT_INSTALLED',
    'GIT_NOT_INSTALLED',
  ]);
  expect(report.exitCode).toBe(2);
});

test('text says the same, on stdout', async () => {
  const cwd = await makeTrio(`reviewed: 'git:no-such-tag:reviewed.csv', ${runtime}`);
  const { code, stdout, stderr } = await runCli(['audit'], { cwd });
  expect(code).toBe(3);
  expect(stdout).toMatch(/broken: NO VERDICT \(GIT_UNKNOWN_REF\)/);
  expect(stdout).toMatch(/exit code 3/);
  expect(stderr).toBe('');
});
