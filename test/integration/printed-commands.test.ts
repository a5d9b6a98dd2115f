import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { cliPath, git, makeRepository, runCli, runJson, writeFiles } from './cli.ts';
import { commitSlices, contractOf, makePast, setPastStage } from './history-stage.ts';

/** Every text that a command of the suite is known to print. */
const places = ['../report/golden/', '../report/investigation/golden/', '../cases/'];

function textsBelow(place: string): readonly string[] {
  const folder = new URL(place, import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:txt|md)$/.test(name) && !name.includes('.color.'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** The commands in a text: whole lines, what stands after `next`, and what hints say. */
function commandsIn(text: string): readonly string[] {
  const lines = text.split('\n').flatMap((line) => {
    const [, whole] = /^ *(?:- )?(?:next:? +)?(keydrift [a-z]+(?: .*)?)$/.exec(line) ?? [];
    return whole === undefined || whole.startsWith('keydrift: ') ? [] : [whole];
  });
  return lines.filter((line) => !/[‥…]|\\x1b|\\u/.test(line));
}

const commands = [...new Set(places.flatMap(textsBelow).flatMap(commandsIn))];
const helps = new Map<string, string>();

beforeAll(async () => {
  const cwd = new URL('.', import.meta.url).pathname;
  for (const name of new Set(commands.map((command) => command.split(' ')[1] ?? ''))) {
    helps.set(name, (await runCli([name, '--help'], { cwd })).stdout);
  }
});

test('there are commands to look at', () => {
  expect(commands.length).toBeGreaterThan(15);
});

/** Each command's words, as one shell reads them all. */
const wordsOf = execFileSync('bash', {
  input: commands
    .map((command) => `printf '%s\\0' ${command.replace(/[<>|&;]/g, '')}; printf '\\n\\0'\n`)
    .join(''),
  encoding: 'utf8',
})
  .split('\n\0')
  .map((words) => words.split('\0').slice(1, -1));

test.each(commands)('%s is a command, and has no option that it does not know', (command) => {
  const [name = '', ...rest] = wordsOf[commands.indexOf(command)]!;
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  const help = helps.get(name) ?? '';
  expect(help).toMatch(new RegExp(`^Usage: keydrift ${name} `));
  const flags = own.filter((word) => /^-{1,2}[a-z]/.test(word)).map((word) => word.replace(/=.*/s, '')); // prettier-ignore
  for (const flag of flags) expect(help).toContain(flag);
});

const past = setPastStage();

test('audit and cause name one commit for one content: the last that changed the file, the ref’s beside it', async () => {
  const cwd = await makePast(contractOf('names/one.csv'));
  const changed = await commitSlices(cwd, 50, 'id,mode\nP-1,full\n');
  await writeFiles(cwd, { 'other.txt': 'x' });
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message', 'other');
  const head = git(cwd, 'rev-parse', 'HEAD');
  past.put('names/one.csv', 40, 'id,mode\nP-1,full\nP-2,full\n');
  for (const words of [['audit'], ['investigate', 'slices']]) {
    const { stdout } = await runCli([...words, '--format', 'json'], { cwd, env: past.env });
    expect(stdout).toContain(`publish the reviewed copy (last changed in commit ${changed.slice(0, 12)}; the ref is at commit ${head.slice(0, 12)})`); // prettier-ignore
    const document = JSON.parse(stdout) as { artifact?: unknown; artifacts?: unknown[] };
    expect(document.artifact ?? document.artifacts?.[0]).toMatchObject({
      reviewed: { commit: head, changedIn: { commit: changed } },
      cause: { commit: changed },
    });
  }
  const table = await runCli(['audit', '--format', 'markdown'], { cwd, env: past.env });
  expect(table.stdout).toMatch(new RegExp(`\\| .last changed in ${changed.slice(0, 7)} of [\\d: -]+Z, the ref is at ${head.slice(0, 7)}. \\|`)); // prettier-ignore
  const { stdout } = await runCli(['audit'], { cwd, env: past.env });
  const told = stdout.replaceAll(/\s+/g, ' ');
  expect(told).toMatch(new RegExp(`last changed in commit ${changed.slice(0, 7)} of [\\d: -]+Z\\s+\\(the ref is at commit\\s+${head.slice(0, 7)}\\)`)); // prettier-ignore
  expect(told).toContain(`The nearest is commit ${changed.slice(0, 7)} `);
  past.put('names/one.csv', 30, 'id,mode\nP-1,full\n');
  const inSync = await runCli(['audit'], { cwd, env: past.env });
  expect(inSync.code).toBe(0);
  expect(inSync.stdout).toContain(`last changed in commit ${changed.slice(0, 7)} `);
  const { stdout: json } = await runCli(['audit', '--format', 'json'], { cwd, env: past.env });
  expect(JSON.parse(json)).toMatchObject({
    artifacts: [{ verdict: 'in-sync', reviewed: { commit: head, changedIn: { commit: changed } } }],
  });
});

test('a reader that closes the pipe changes no code', async () => {
  const rows = (mode: string): string => Array.from({ length: 3000 }, (_, at) => `P-${at},${mode}\n`).join(''); // prettier-ignore
  const cwd = await makeRepository({
    'a.csv': `id,mode\n${rows('x')}`,
    'b.csv': `id,mode\n${rows('y')}`,
  });
  const status = '"${PIPESTATUS[0]}"';
  const line = `node ${cliPath} diff a.csv b.csv --key id --format json | head -c 100; echo " "${status}`;
  const told = execFileSync('bash', ['-c', line], { cwd, encoding: 'utf8' });
  expect(told.trim().split(' ').at(-1)).toBe('1');
});

test('publish takes all, globs, and what artifacts say of themselves', async () => {
  const contract = `version: 1
artifacts:
  one-a: {reviewed: slices.csv, runtime: s3://prod/choose/a.csv, key: [id], owner: ana}
  one-b: {reviewed: slices.csv, runtime: s3://prod/choose/b.csv, key: [id]}
  two: {reviewed: slices.csv, runtime: s3://prod/choose/c.csv, key: [id], owner: ana}
`;
  const cwd = await makePast(contract);
  await commitSlices(cwd, 50, 'id,mode\nP-1,full\n');
  const named = async (...words: readonly string[]): Promise<unknown> => {
    const all = ['publish', ...words, '--dry-run', '--format', 'json'];
    const { code, stdout } = await runCli(all, { cwd, env: past.env });
    const { publications } = JSON.parse(stdout) as { publications: { name: string }[] };
    return [code, publications.map(({ name }) => name)];
  };
  expect(await named('--all')).toEqual([0, ['one-a', 'one-b', 'two']]);
  expect(await named('one-*')).toEqual([0, ['one-a', 'one-b']]);
  expect(await named('--select', 'owner=ana')).toEqual([0, ['one-a', 'two']]);
});

test('of many artifacts an unknown name lists the nearest three, and none that is far', async () => {
  const names = Array.from({ length: 60 }, (_, at) => `artifact-${String(at).padStart(3, '0')}`);
  const entries = names.map((name) => `  ${name}: {reviewed: a.csv, runtime: b.csv, key: [id]}\n`);
  const cwd = await makeRepository({
    'keydrift.yaml': `version: 1\nartifacts:\n${entries.join('')}`,
  });
  for (const [asked, number] of [
    ['artifact-0071', 3],
    ['something-else-altogether', 0],
  ] as const) {
    const { report } = await runJson(['audit', asked], { cwd });
    const told = names.filter((name) => report.error?.hint?.includes(name));
    expect([asked, told.length]).toEqual([asked, number]);
  }
});
