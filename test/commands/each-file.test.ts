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

test('a team is told its own: what fails of it, what a flag let pass of it, and what is new of it', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': [
      'version: 1',
      'artifacts:',
      '  a: {reviewed: r.csv, runtime: a.csv, key: [id], owner: blue}',
      '  b: {reviewed: r.csv, runtime: b.csv, key: [id], owner: red}',
      '  c: {reviewed: r.csv, runtime: c.csv, key: [id], owner: green}',
      '',
    ].join('\n'),
    'r.csv': rows,
    'a.csv': `${rows}P-2,full\n`,
    'b.csv': rows,
    'c.csv': `${rows}P-1,full\n`,
  });
  const audit = async (...words: readonly string[]) => {
    const { code } = await call(cwd, ['audit', '--no-cause', ...words, '-o', 'json:{owner}.json']);
    const told = ['blue', 'green', 'red'].map(async (owner) => {
      const text = await readFile(join(cwd, `${owner}.json`), 'utf8');
      const { exitCode, notEnforced, transitions } = JSON.parse(text) as JsonTold;
      const { resolved = [], new: fresh = null, persisting = null } = transitions ?? {};
      const passed = notEnforced.map(({ artifact: name }) => name);
      return { exitCode, passed, fresh, persisting, resolved: resolved.map((one) => one.artifact) };
    });
    return { code, told: await Promise.all(told) };
  };
  const plain = { passed: [], fresh: null, persisting: null, resolved: [] };
  expect(await audit('-o', 'json:before.json')).toEqual({
    code: 1,
    told: [1, 1, 0].map((exitCode) => ({ ...plain, exitCode })),
  });
  const weaker = await audit('--fail-on', 'added');
  expect(weaker.code).toBe(1);
  expect(weaker.told.map(({ exitCode, passed }) => [exitCode, passed])).toEqual([
    [1, ['a']],
    [0, ['c']],
    [0, ['b']],
  ]);
  const silent = await audit('--no-fail');
  expect([silent.code, ...silent.told.map(({ exitCode }) => exitCode)]).toEqual([0, 0, 0, 0]);
  // One is known, one is over, and one is new: that one fails, and no other team's file says so.
  await writeFile(join(cwd, 'b.csv'), `${rows}P-3,full\n`);
  await writeFile(join(cwd, 'c.csv'), rows);
  expect(await audit('--previous', 'before.json', '--only-new')).toEqual({
    code: 1,
    told: [
      { exitCode: 0, passed: ['a'], fresh: 0, persisting: 1, resolved: [] },
      { exitCode: 0, passed: [], fresh: 0, persisting: 0, resolved: ['c'] },
      { exitCode: 1, passed: [], fresh: 1, persisting: 0, resolved: [] },
    ],
  });
});

/** What a team's report is read for. */
interface JsonTold {
  readonly exitCode: number;
  readonly notEnforced: readonly { readonly artifact: string }[];
  readonly transitions?: {
    readonly new: number;
    readonly persisting: number;
    readonly resolved: readonly { readonly artifact: string }[];
  };
}

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
        const owners = [...new Set(['-rf', '--', '@a', ...others.flatMap(respellings), ...others])];
        const told = report(owners.map((owner) => artifact({ owner })));
        const files = eachFile(told, 'out/{owner}.json').map(([file]) => file);
        // Some disks do not tell capitals and forms of letters apart.
        const folded = files.map((file) => file.normalize('NFKC').toLowerCase());
        expect(new Set(folded).size).toBe(owners.length);
        for (const file of files) expect(file).toMatch(/^out\/\w[\w.@+-]*\.json$/);
      },
    ),
    { numRuns: scaled(200) },
  );
});

/** What a disk, or what cleans a name, may take for the same. */
function respellings(text: string): readonly string[] {
  return [
    text.toLowerCase(),
    text.toUpperCase(),
    text.normalize('NFC'),
    text.normalize('NFD'),
    text.replaceAll(/[^A-Za-z0-9]/g, '_'),
  ].filter((one) => one !== '');
}

test('a file is called the same whoever else has one, and plain words are called as they are', () => {
  const filesOf = (...owners: readonly (string | null)[]): readonly string[] =>
    eachFile(report(owners.map((owner) => artifact({ owner }))), '{owner}.md').map(
      ([file]) => file,
    );
  const plain = ['blue', 'data-platform@example.org', 'team_2', 'a+b', '7'];
  expect(filesOf(...plain)).toEqual(plain.map((owner) => `${owner}.md`));
  const all = [
    'Blue',
    'blue',
    'BLUE',
    'caf\u00e9',
    'cafe\u0301',
    'CAF\u00c9',
    'none',
    null,
    'a b',
    'a_b',
  ];
  const together = filesOf(...all);
  expect(together).toEqual(all.flatMap((owner) => filesOf(owner)));
  expect(together[0]).toMatch(/^Blue-[0-9a-f]{8}\.md$/);
  // Somebody may be called as a hash calls another one.
  const called = together[0]!.slice(0, -'.md'.length);
  const names = [...together, ...filesOf(called), ...filesOf(called.toLowerCase())];
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(all.length + 2);
});

test('two values in one name are told apart', () => {
  const filesOf = (file: string, ...all: readonly (readonly [owner: string, tier: string])[]) => {
    const artifacts = all.map(([owner, tier]) =>
      artifact({ owner, labels: new Map([['tier', tier]]) }),
    );
    return eachFile(report(artifacts), file).map(([name]) => name);
  };
  const pairs = [
    ['a-b', 'c'],
    ['a', 'b-c'],
    ['ab', 'c'],
    ['a', 'bc'],
    ['a', 'c'],
    ['a', 'none'],
  ] as const;
  for (const file of [
    '{owner}-{label.tier}.md',
    '{owner}{label.tier}.md',
    '{owner}x{label.tier}.md',
  ]) {
    expect(new Set(filesOf(file, ...pairs)).size).toBe(pairs.length);
  }
  expect(filesOf('{owner}-{label.tier}.md', ['a', 'c'])).toEqual(['a-c.md']);
  expect(filesOf('{owner}/{label.tier}.md', ['a-b', 'c'])).toEqual(['a-b/c.md']);
  const labelled = report([artifact({ labels: new Map([['app/tier', 'web']]) })]);
  expect(eachFile(labelled, 'x/{label.app/tier}.md')[0]?.[0]).toBe('x/web.md');
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
