import { spawnSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commit, expectError, expectNoVerdict, makeTrio } from './beside.ts';
import { runJson } from './cli.ts';

test('a runtime path that is a directory', async () => {
  const cwd = await makeTrio('reviewed: reviewed.csv, runtime: folder');
  await mkdir(join(cwd, 'folder'));
  await expectNoVerdict(
    { cwd },
    { code: 'FILE_NOT_A_FILE', side: 'runtime', names: ['folder', /not a regular file/] },
  );
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
  const cwd = await makeTrio('reviewed: reviewed.csv, runtime: secret.csv', { 'secret.csv': '' });
  await chmod(join(cwd, 'secret.csv'), 0o000);
  await expectNoVerdict(
    { cwd },
    { code: 'FILE_NOT_READABLE', side: 'runtime', names: ['secret.csv'] },
  );
});

/** Where git-lfs is installed, it is asked and fails. */
const lfsFault =
  spawnSync('git-lfs', ['version']).status === 0 ? 'GIT_FAILED' : 'GIT_LFS_UNAVAILABLE';

test('a Git LFS pointer that nothing here can follow', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345\n`;
  const cwd = await makeTrio('reviewed: large.csv, runtime: fine.csv');
  await commit(cwd, { 'large.csv': pointer });
  await expectNoVerdict(
    { cwd },
    { code: lfsFault, side: 'reviewed', names: [/large\.csv|abababababab/, /LFS/i] },
  );
});

test.each([
  ['a.csv', 's3://bucket'],
  ['a.csv', 's3:/bucket/key'],
  ['a.csv', 'https://example.org/a.csv'],
  ['git:HEAD', 'b.csv'],
  ['git:HEAD:/a.csv', 'b.csv'],
  ['file:', 'b.csv'],
])('diff of a location that is none: %s and %s', async (reviewed, runtime) => {
  const cwd = await makeTrio('reviewed: reviewed.csv, runtime: fine.csv');
  const { report } = await runJson(['diff', reviewed, runtime, '--key', 'id'], { cwd });
  expect(report).toMatchObject({ exitCode: 2, artifacts: [] });
  const bad = reviewed === 'a.csv' ? runtime : reviewed;
  expectError(report.error, { code: 'LOCATION_INVALID', names: [bad] });
});
