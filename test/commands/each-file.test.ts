import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { codePoint } from '../code-points.ts';
import { eachFile } from '../../src/commands/each-file.ts';
import { bareEnvironment, makeRepository } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { artifact, report } from '../report/build.ts';
import { scaled } from '../runs.ts';

const rows = 'id,mode\nP-1,full\n';

/** Two teams, one of them with drift, and an artifact that nobody owns. */
async function teams(): Promise<string> {
  return await makeRepository({
    'keydrift.yaml': [
      'version: 1',
      'artifacts:',
      '  a: {reviewed: r.csv, runtime: r.csv, key: [id], owner: blue, labels: {tier: "1"}}',
      '  b: {reviewed: r.csv, runtime: d.csv, key: [id], owner: "../red team", labels: {tier: "1"}}',
      '  c: {reviewed: r.csv, runtime: r.csv, key: [id]}',
      '',
    ].join('\n'),
    'r.csv': rows,
    'd.csv': `${rows}P-2,full\n`,
    'out/.keep': '',
  });
}

function call(cwd: string, words: readonly string[], more = {}): Promise<Given> {
  return runInProcess({ words, cwd, environment: { ...bareEnvironment(cwd), ...more } });
}

test('one file for each owner, and one for each label', async () => {
  const cwd = await teams();
  const outputs = ['-o', 'json:out/{owner}.json', '-o', 'junit:out/tier-{label.tier}.xml'];
  const { code } = await call(cwd, ['audit', '--no-cause', ...outputs]);
  expect(code).toBe(1);
  const files = (await readdir(join(cwd, 'out'))).toSorted();
  expect(files.map((name) => name.replace(/-[0-9a-f]{8}\./, '-HASH.'))).toEqual([
    '.keep',
    '___red_team-HASH.json',
    'blue.json',
    'none.json',
    'tier-1.xml',
    'tier-none.xml',
  ]);
  const told = async (name: string): Promise<unknown> => {
    const { verdict, exitCode, artifacts } = JSON.parse(
      await readFile(join(cwd, 'out', name), 'utf8'),
    );
    return [verdict, exitCode, artifacts.map((one: { name: string }) => one.name)];
  };
  expect(await told('blue.json')).toEqual(['in-sync', 0, ['a']]);
  expect(await told('none.json')).toEqual(['in-sync', 0, ['c']]);
  expect(await told(files[1]!)).toEqual(['drifted', 1, ['b']]);
});

test('a report without artifacts is one file too', async () => {
  const cwd = await makeRepository({ 'keydrift.yaml': 'version: 1\nartifacts: 3\n' });
  const { code } = await call(cwd, ['audit', '-o', 'json:{owner}.json']);
  expect(code).toBe(2);
  expect(JSON.parse(await readFile(join(cwd, 'none.json'), 'utf8')).error.code).toBe(
    'CONTRACT_INVALID',
  );
});

test('only reports have such files', async () => {
  const cwd = await teams();
  const { code, stderr } = await call(cwd, [
    'publish',
    'a',
    '--dry-run',
    '-o',
    'json:{owner}.json',
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain('only a report has one file for each owner or label');
});

test('whatever an owner is called, its file stays where it was asked for, and no two share one', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: codePoint, minLength: 1 }), { minLength: 1 }),
      (others) => {
        const owners = [...new Set(['-rf', '--', '@a', ...others])];
        const told = report(owners.map((owner) => artifact({ owner })));
        const files = eachFile(told, 'out/{owner}.json').map(([file]) => file);
        expect(new Set(files).size).toBe(owners.length);
        for (const file of files) expect(file).toMatch(/^out\/\w[\w.@+-]*\.json$/);
      },
    ),
    { numRuns: scaled(200) },
  );
});

test('annotations add the summary of the step to what is there', async () => {
  const cwd = await teams();
  await mkdir(join(cwd, 'runner'));
  const summary = join(cwd, 'runner', 'step');
  await writeFile(summary, 'before\n');
  const variables = { GITHUB_STEP_SUMMARY: summary };
  const told = await call(cwd, ['audit', '--no-cause', '--format', 'github'], variables);
  expect(told.stdout).toMatch(/^::error file=r\.csv,title=b%3A added/);
  const text = await readFile(summary, 'utf8');
  expect(text).toMatch(/^before\n## keydrift audit: DRIFTED\n/);
  await call(cwd, ['audit', '--no-cause', '--format', 'text'], variables);
  expect(await readFile(summary, 'utf8')).toBe(text);
});
