import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, drifted, expectError, reviewed } from './beside.ts';
import { git, makeRepository, runCli, runJson, writeFiles } from './cli.ts';

const contract = (more = ''): string => `version: 1
artifacts:
  slices: {reviewed: slices.csv, runtime: 's3://bucket/slices.csv', key: [id]${more}}
`;
const repository = (slices = reviewed, more = ''): Promise<string> =>
  makeRepository({ 'keydrift.yaml': contract(more), 'slices.csv': slices });

describe('what is judged', () => {
  test('the working tree as it stands, or a ref', async () => {
    const cwd = await repository();
    await writeFiles(cwd, { 'slices.csv': drifted });
    const worktree = await runJson(['lint'], { cwd });
    expect(worktree.report).toMatchObject({
      exitCode: 1,
      artifacts: [{ state: null, runtime: null, counts: { duplicated: 1 }, reviewed: { rows: 3 } }],
    });
    const committed = await runJson(['lint', '--ref', 'HEAD'], { cwd });
    expect(committed.report).toMatchObject({ exitCode: 0, artifacts: [{ reviewed: { rows: 2 } }] });
  });

  test('a file that is not committed yet', async () => {
    const cwd = await repository();
    await writeFiles(cwd, {
      'keydrift.yaml': contract().replace('slices.csv', 'new.csv'),
      'new.csv': reviewed,
    });
    expect((await runJson(['lint'], { cwd })).report.exitCode).toBe(0);
    await unlink(join(cwd, 'new.csv'));
    const { report } = await runJson(['lint'], { cwd });
    expect(report.exitCode).toBe(2);
    expectError(report.artifacts[0]!.error, { code: 'GIT_PATH_NOT_FOUND', names: ['new.csv'] });
  });

  test('needs neither the runtime copy nor the SDK', async () => {
    const { code, stderr } = await runCli(['lint'], { cwd: await repository() });
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
  });

  test('one artifact by name, never a copy', async () => {
    const cwd = await repository();
    expect((await runJson(['lint', 'slices'], { cwd })).report.artifacts.length).toBe(1);
    const { report } = await runJson(['lint', 'slices@eu'], { cwd });
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'UNKNOWN_ARTIFACT' } });
  });

  test('under the policy, and --fail-on', async () => {
    const cwd = await repository(drifted, ', policy: {duplicated: warn}');
    expect((await runCli(['lint'], { cwd })).code).toBe(0);
    expect((await runCli(['lint', '--fail-on', 'duplicated'], { cwd })).code).toBe(1);
    expect((await runCli(['lint', '--fail-on', 'duplicated', '--no-fail'], { cwd })).code).toBe(0);
  });
});

/** A branch that changes the table, and a main that went on meanwhile. */
async function branched(): Promise<string> {
  const cwd = await repository('id,mode\nA,1\nB,1\nC,1\nD,1\n');
  git(cwd, 'checkout', '--quiet', '-b', 'change');
  await commit(cwd, { 'slices.csv': 'id,mode\nA,1\nB,2\nD,1\nD,1\nE,1\nE,1\n' });
  git(cwd, 'checkout', '--quiet', 'main');
  await commit(cwd, { 'slices.csv': 'id,mode\nA,1\nB,1\nC,1\nD,1\nM,1\n' });
  git(cwd, 'checkout', '--quiet', 'change');
  return cwd;
}

describe('--base', () => {
  test('tells what a change does to the work, since the merge base', async () => {
    const cwd = await branched();
    const { report } = await runJson(['lint', '--base', 'main'], { cwd });
    expect(report.exitCode).toBe(1);
    const [artifact] = report.artifacts;
    expect(artifact).toMatchObject({
      amplification: 1.5,
      counts: { duplicated: 2 },
      reviewed: { rows: 6, units: 4, redundant: 2 },
      change: {
        baseRef: 'main',
        base: { rows: 4, units: 4, redundant: 0, commit: git(cwd, 'merge-base', 'main', 'HEAD') },
        added: 1,
        removed: 1,
        changed: 2,
      },
    });
    expect(artifact?.change?.['units']).toMatchObject([
      { change: 'changed', key: { id: 'B' }, fields: ['mode'], rowCount: { before: 1, after: 1 } },
      { change: 'removed', key: { id: 'C' }, rowCount: { before: 1, after: 0 }, after: null },
      { change: 'changed', key: { id: 'D' }, fields: [], rowCount: { before: 1, after: 2 } },
      { change: 'added', key: { id: 'E' }, rowCount: { before: 0, after: 2 }, before: null },
    ]);
  });

  test('in text and markdown', async () => {
    const cwd = await branched();
    const text = await runCli(['lint', '--base', 'main'], { cwd });
    expect(text.stdout).toMatch(/units +4 → 4 +\(\+1 -1 ~2\)/);
    expect(text.stdout).toMatch(/rows +4 → 6/);
    expect(text.stdout).toMatch(/redundant rows +0 → 2/);
    expect(text.stdout).toMatch(/amplification +1\.00× → 1\.50×/);
    const markdown = await runCli(['lint', '--base', 'main', '--format', 'markdown'], { cwd });
    for (const said of ['main', '1.50×', '`E`', '`C`', '`B`']) {
      expect(markdown.stdout).toContain(said);
    }
  });

  test('a change that keeps the contract is exit 0, however large', async () => {
    const cwd = await repository('id,mode\nA,1\nB,1\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': 'id,mode\nX,9\nY,9\n' });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ verdict: 'in-sync', change: { added: 2, removed: 2, changed: 0 } }],
    });
  });

  test('the working tree counts, and so does --ref', async () => {
    const cwd = await repository('id,mode\nA,1\n');
    await writeFiles(cwd, { 'slices.csv': 'id,mode\nA,1\nB,1\n' });
    const changes = async (...args: string[]): Promise<unknown> =>
      (await runJson(['lint', '--base', 'HEAD', ...args], { cwd })).report.artifacts[0]?.change;
    expect(await changes()).toMatchObject({ added: 1 });
    expect(await changes('--ref', 'HEAD')).toMatchObject({ added: 0, units: [] });
  });

  test('a file that the base does not have', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': contract() });
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ error: null, change: { base: null, added: 2, removed: 0, changed: 0 } }],
    });
    const text = await runCli(['lint', '--base', 'before'], { cwd });
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/P-1/);
  });

  test('a base that cannot be read is a warning: no fault of the change', async () => {
    const cwd = await repository('id,mode\nA,"1\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ change: null, warnings: [{ code: 'BASE_UNREADABLE' }] }],
    });
  });

  test('a base with other columns', async () => {
    const cwd = await repository('id\nA\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ change: null, warnings: [{ code: 'BASE_UNREADABLE' }] }],
    });
  });

  test('an unknown base, and one without a common commit', async () => {
    const cwd = await repository();
    git(cwd, 'checkout', '--quiet', '--orphan', 'apart');
    await commit(cwd, {}, 'another beginning');
    git(cwd, 'checkout', '--quiet', 'main');
    for (const [base, code] of [
      ['no-such-branch', 'GIT_UNKNOWN_REF'],
      ['apart', 'GIT_NO_MERGE_BASE'],
    ] as const) {
      const { report } = await runJson(['lint', '--base', base], { cwd });
      expect(report.exitCode).toBe(2);
      expectError(report.artifacts[0]!.error, { code, names: [base] });
    }
  });
});
