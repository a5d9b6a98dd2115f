import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reviewed } from './beside.ts';
import { makeRepository, runCli, runJson } from './cli.ts';

const head = 'version: 1\nartifacts:\n';
const paths = 'reviewed: a.csv, runtime: b.csv';

const bad: readonly (readonly [
  what: string,
  contract: string,
  line: number,
  path: string,
  names: RegExp,
])[] = [
  [
    'an unknown word',
    `${head}  a: {${paths}, key: [id], polcy: {added: warn}}\n`,
    3,
    'artifacts.a.polcy',
    /polcy/,
  ],
  [
    'an unknown word at the top',
    `${head}  a: {${paths}, key: [id]}\nowner: me\n`,
    4,
    'owner',
    /owner/,
  ],
  ['no artifacts', 'version: 1\nartifacts: {}\n', 2, 'artifacts', /at least one artifact/],
  ['no word of artifacts', 'version: 1\n', 1, 'artifacts', /artifacts/],
  [
    'a key column twice',
    `${head}  a: {${paths}, key: [id, day, id]}\n`,
    3,
    'artifacts.a.key[2]',
    /"id" is named twice/,
  ],
  [
    'a column in key and consumes',
    `${head}  a: {${paths}, key: [id], consumes: [id]}\n`,
    3,
    'artifacts.a.consumes[0]',
    /"id" is named twice/,
  ],
  ['no key', `${head}  a: {${paths}, key: []}\n`, 3, 'artifacts.a.key', /at least one column/],
  ['a bad name', `${head}  "-a b": {${paths}, key: [id]}\n`, 3, 'artifacts["-a b"]', /-a b/],
  [
    'two names that are one',
    `${head}  a-b: {${paths}, key: [id]}\n  a_b: {${paths}, key: [id]}\n`,
    4,
    'artifacts.a_b',
    /A_B/,
  ],
  [
    'a cost that names no column',
    `${head}  a: {${paths}, key: [id], consumes: [mode], cost: {scans: 's3://lake/p={idd}/'}}\n`,
    3,
    'artifacts.a.cost.scans',
    /idd/,
  ],
  [
    'an unknown step',
    `${head}  a: {${paths}, key: [id], normalize: {id: [lower]}}\n`,
    3,
    'artifacts.a.normalize.id[0]',
    /lower/,
  ],
  ['broken YAML', `${head}  a: {reviewed: [\n`, 3, '', /./],
  ['another version', 'version: 2\nartifacts: {}\n', 1, 'version', /2/],
];

test.each(bad)('%s', async (_, contract, line, path, names) => {
  const cwd = await makeRepository({ 'keydrift.yaml': contract });
  const { report, stderr } = await runJson(['audit'], { cwd });
  expect(report).toMatchObject({ exitCode: 2, verdict: 'indeterminate', artifacts: [] });
  expect(report.error?.code).toBe('CONTRACT_INVALID');
  expect(report.error?.problems).toContainEqual(
    expect.objectContaining({
      path,
      message: expect.stringMatching(names),
      ...(path === '' ? {} : { line }),
    }),
  );
  expect(stderr).toMatch(/^CONTRACT_INVALID: /);
});

test('an unset variable fails what uses it, and nothing else', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': `${head}  a: {reviewed: a.csv, runtime: 's3://\${NO_SUCH}/b.csv', key: [id]}\n  b: {${paths}, key: [id]}\n`,
    'a.csv': reviewed,
    'b.csv': reviewed,
  });
  const { report } = await runJson(['audit'], { cwd });
  expect(report).toMatchObject({
    exitCode: 2,
    artifacts: [{ error: { code: 'VARIABLE_UNSET' } }, { state: 'identical' }],
  });
  expect(report.artifacts[0]?.error?.message).toContain('${NO_SUCH}');
  expect(report.artifacts[0]?.error?.hint).toContain('--var NO_SUCH=VALUE');
  expect((await runJson(['audit', 'b'], { cwd })).report.exitCode).toBe(0);
  // A runtime copy is none of lint's.
  expect((await runJson(['lint'], { cwd })).report.exitCode).toBe(0);
});

test('in text, all problems are on stderr and nothing is on stdout', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': `${head}  a: {${paths}, key: [id, id], cost: {}}\n`,
  });
  for (const command of ['audit', 'lint']) {
    const { code, stdout, stderr } = await runCli([command], { cwd });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^CONTRACT_INVALID: keydrift\.yaml: 2 problems\n/);
    expect(stderr).toMatch(/line 3 {2}artifacts\.a\.key\[1\]: /);
    expect(stderr).toMatch(/line 3 {2}artifacts\.a\.cost\b/);
  }
});

test('no contract here or above', async () => {
  const cwd = await makeRepository({});
  const { report } = await runJson(['audit'], { cwd });
  expect(report).toMatchObject({
    exitCode: 2,
    artifacts: [],
    error: { code: 'CONTRACT_NOT_FOUND' },
  });
  expect(report.error?.hint).toMatch(/--config/);
});

test('--config of a file that is not there, or is no file, or no text', async () => {
  const cwd = await makeRepository({ 'latin.yaml': new Uint8Array([0x61, 0xe9]) });
  await mkdir(join(cwd, 'folder'));
  const codeOf = async (file: string): Promise<string | undefined> =>
    (await runJson(['audit', '--config', file], { cwd })).report.error?.code;
  expect(await codeOf('nowhere.yaml')).toBe('CONTRACT_NOT_FOUND');
  expect(await codeOf('folder')).toBe('CONTRACT_UNREADABLE');
  expect(await codeOf('latin.yaml')).toBe('CONTRACT_UNREADABLE');
});

test('an artifact that the contract does not have', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': `${head}  participants: {${paths}, key: [id]}\n  calendar: {reviewed: a.csv, key: [id], runtime: {eu: e.csv, us: u.csv}}\n`,
    'a.csv': reviewed,
    'b.csv': reviewed,
  });
  for (const [name, nearest] of [
    ['particpants', 'participants'],
    ['calendar@uk', 'calendar@us'],
  ] as const) {
    const { report } = await runJson(['audit', 'participants', name], { cwd });
    expect(report).toMatchObject({
      exitCode: 2,
      artifacts: [],
      error: { code: 'UNKNOWN_ARTIFACT' },
    });
    expect(report.error?.message).toContain(name);
    expect(report.error?.hint).toContain(nearest);
  }
});

test('the contract is found above the working directory, and paths start at it', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': `${head}  a: {${paths}, key: [id]}\n`,
    'a.csv': reviewed,
    'b.csv': reviewed,
    'deep/er/x': '',
  });
  const { report } = await runJson(['audit'], { cwd: join(cwd, 'deep', 'er') });
  expect(report).toMatchObject({ exitCode: 0, artifacts: [{ state: 'identical' }] });
});
