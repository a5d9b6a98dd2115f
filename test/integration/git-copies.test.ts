import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { commit, drifted, reviewed } from './beside.ts';
import { git, makeRepository, runJson, temporaryDirectory, writeFiles } from './cli.ts';

/** Two revisions of a calendar, of which the first is tagged. */
async function calendars(): Promise<string> {
  const repository = await makeRepository({ 'data/calendar.csv': 'day,open\n1,yes\n' });
  git(repository, 'tag', 'v2.1.0');
  await commit(repository, { 'data/calendar.csv': 'day,open\n1,yes\n2,no\n' });
  return repository;
}
const copies = (repo: string): string => `version: 1
artifacts:
  calendar:
    reviewed: {repo: '${repo}', ref: v2.1.0, path: data/calendar.csv}
    runtime:
      eu: eu.csv
      us: {url: us.csv, ref: main}
    key: [day]
`;

test('git:REF:PATH starts at the root, wherever the contract stands', async () => {
  const cwd = await makeRepository({
    'support/table.csv': reviewed,
    'jobs/keydrift.yaml': `version: 1
artifacts:
  a: {reviewed: 'git:v1:support/table.csv', runtime: '../now.csv', key: [id]}
`,
    'now.csv': reviewed,
  });
  git(cwd, 'tag', 'v1');
  await commit(cwd, { 'support/table.csv': drifted });
  const { report } = await runJson(['audit'], { cwd: join(cwd, 'jobs') });
  expect(report).toMatchObject({
    exitCode: 0,
    artifacts: [
      {
        state: 'identical',
        reviewed: {
          location: 'git:v1:support/table.csv',
          commit: git(cwd, 'rev-parse', 'v1'),
          blob: git(cwd, 'rev-parse', 'v1:support/table.csv'),
        },
      },
    ],
  });
});

test.each([
  ['a directory', (path: string): string => path],
  ['a file URL', (path: string): string => pathToFileURL(path).href],
] as const)('another repository: %s, with a ref for one copy', async (_, spell) => {
  const repository = await calendars();
  const cwd = await makeRepository({
    'keydrift.yaml': copies(spell(repository)),
    'eu.csv': 'day,open\n1,yes\n',
    'us.csv': 'day,open\n2,no\n1,yes\n',
  });
  const { report } = await runJson(['audit', '--ref', 'no-such-ref'], { cwd });
  expect(report).toMatchObject({
    exitCode: 0,
    artifacts: [
      {
        copy: 'eu',
        state: 'identical',
        reviewed: { commit: git(repository, 'rev-parse', 'v2.1.0') },
      },
      {
        copy: 'us',
        state: 'equivalent',
        reviewed: { commit: git(repository, 'rev-parse', 'main') },
      },
    ],
  });
  expect(report.artifacts.every(({ reviewed: side }) => side?.location.includes('calendar'))).toBe(
    true,
  );
});

test('a relative repository starts at the contract', async () => {
  const parent = await temporaryDirectory();
  await mkdir(join(parent, 'calendar'));
  await mkdir(join(parent, 'jobs'));
  await writeFiles(parent, {
    'calendar/data/calendar.csv': 'day,open\n1,yes\n',
    'jobs/eu.csv': 'day,open\n1,yes\n',
    'jobs/us.csv': 'day,open\n1,yes\n',
    'jobs/keydrift.yaml': copies('../calendar').replace('ref: v2.1.0, ', ''),
  });
  git(join(parent, 'calendar'), 'init', '--quiet');
  git(join(parent, 'calendar'), 'add', '--all');
  git(join(parent, 'calendar'), 'commit', '--quiet', '--message', 'calendar');
  const { report } = await runJson(['audit'], { cwd: join(parent, 'jobs') });
  expect(report).toMatchObject({ exitCode: 0, artifacts: [{ copy: 'eu' }, { copy: 'us' }] });
});

test('a URL is fetched again in each run: never stale', async () => {
  const repository = await calendars();
  const url = pathToFileURL(repository).href;
  const yaml = copies(url).replace('ref: v2.1.0', 'ref: main');
  const cwd = await makeRepository({
    'keydrift.yaml': yaml,
    'eu.csv': 'day,open\n1,yes\n2,no\n',
    'us.csv': 'day,open\n1,yes\n2,no\n',
  });
  const env = { KEYDRIFT_CACHE_DIR: join(cwd, 'cache') };
  expect((await runJson(['audit'], { cwd, env })).report.exitCode).toBe(0);
  await commit(repository, { 'data/calendar.csv': 'day,open\n1,yes\n2,yes\n' });
  expect((await runJson(['audit'], { cwd, env })).report.exitCode).toBe(1);
  git(repository, 'checkout', '--quiet', '--detach');
  git(repository, 'branch', '--delete', '--force', 'main');
  expect((await runJson(['audit'], { cwd, env })).report).toMatchObject({
    exitCode: 2,
    artifacts: [{ error: { code: 'GIT_UNKNOWN_REF' } }, { error: { code: 'GIT_UNKNOWN_REF' } }],
  });
});

test('both sides from git', async () => {
  const cwd = await makeRepository({ 'a.csv': reviewed });
  await commit(cwd, { 'a.csv': drifted });
  const args = ['diff', 'git:HEAD~1:a.csv', 'git:HEAD:a.csv', '--key', 'id'];
  expect((await runJson(args, { cwd })).report).toMatchObject({
    exitCode: 1,
    artifacts: [{ name: 'a.csv', counts: { duplicated: 1 } }],
  });
});

test('diff reads a reviewed path at --ref, from the working directory', async () => {
  const cwd = await makeRepository({ 'deep/a.csv': reviewed, 'deep/b.csv': reviewed });
  await commit(cwd, { 'deep/a.csv': drifted });
  const at = async (ref: string): Promise<number> => {
    const args = ['diff', 'a.csv', 'b.csv', '--key', 'id', '--ref', ref];
    return (await runJson(args, { cwd: join(cwd, 'deep') })).report.exitCode;
  };
  expect(await at('HEAD~1')).toBe(0);
  expect(await at('HEAD')).toBe(1);
});
