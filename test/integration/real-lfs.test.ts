import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bareEnvironment, git, temporaryDirectory, writeFiles } from './cli.ts';
import { runInProcess } from './in-process.ts';

/** Whether the program is here: Debian's package git-lfs. */
function hasLfs(): boolean {
  try {
    execFileSync('git-lfs', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a reviewed copy that the real git-lfs keeps, and one whose object is gone', async (context) => {
  if (!hasLfs()) context.skip('git-lfs is not here: apt-get install git-lfs');
  const cwd = await temporaryDirectory();
  const table = 'id,mode\nP-1,full\nP-2,delta\n';
  git(cwd, 'init', '--quiet', '--template=');
  git(cwd, 'lfs', 'install', '--local');
  await writeFiles(cwd, {
    '.gitattributes': '*.csv filter=lfs diff=lfs merge=lfs -text\n',
    'p.csv': table,
    'keydrift.yaml': `version: 1\nartifacts:\n  p: {reviewed: p.csv, runtime: 'file:runtime/p.txt', key: [id]}\n`,
  });
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '--message', 'reviewed');
  await writeFiles(join(cwd, 'runtime'), { 'p.txt': table });
  expect(git(cwd, 'show', 'HEAD:p.csv')).toMatch(
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1/,
  );
  const audit = async () => {
    const environment = { ...bareEnvironment(cwd), PATH: process.env['PATH'] ?? '' };
    const words = ['audit', '--format', 'json'];
    const { code, stdout } = await runInProcess({ words, cwd, environment });
    const { artifacts } = JSON.parse(stdout) as {
      artifacts: { state: string; error: { code: string } | null }[];
    };
    return { code, state: artifacts[0]!.state, error: artifacts[0]!.error?.code ?? null };
  };
  expect(await audit()).toEqual({ code: 0, state: 'identical', error: null });
  await writeFiles(join(cwd, 'runtime'), { 'p.txt': `${table}P-1,full\n` });
  expect(await audit()).toMatchObject({ code: 1, state: 'drifted' });
  // Without it git-lfs gives the pointer back, and ends well: its length and hash tell.
  await rm(join(cwd, '.git', 'lfs'), { recursive: true });
  expect(await audit()).toEqual({
    code: 2,
    state: 'indeterminate',
    error: 'GIT_FAILED',
  });
});
