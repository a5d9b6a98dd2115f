import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { endpointFaults, faults } from '../faults/table.ts';
import { requires, startS3Server, unconditional } from '../servers/start.ts';
import {
  bareEnvironment,
  cliPath,
  git,
  makeRepository,
  runCli,
  temporaryDirectory,
  writeFiles,
  type Files,
} from './cli.ts';

const root = new URL('../../', import.meta.url).pathname;
const run = promisify(execFile);

interface Block {
  readonly language: string;
  /** The exit code of each of its lines, where not all are 0: pasted into zsh, a comment is words. */
  readonly exits: readonly number[];
  readonly text: string;
}

/** The fenced blocks of a page, by its path in the project; of one section where one is named. */
function blocksOf(page: string, section?: string): readonly Block[] {
  const whole = readFileSync(join(root, page), 'utf8');
  const [, part = ''] =
    section === undefined ? [whole, whole] : whole.split(`\n## ${section}\n`).map(untilNext);
  const fence = /^( *)```(\w*)(?: exits=([\d,]+))?\n([^]*?)^\1```$/gm;
  return [...part.matchAll(fence)].map(([, indent, language = '', exits = '', text = '']) => ({
    language,
    exits: exits === '' ? [] : exits.split(',').map(Number),
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

function untilNext(text: string): string {
  return text.split('\n## ')[0] ?? '';
}

function firstOf(blocks: readonly Block[], language: string): string {
  return blocks.find((block) => block.language === language)?.text ?? '';
}

/** A line's words as a shell reads it, as far as these pages go. */
function readLine(line: string): readonly string[] {
  const words = line.match(/'[^']*'|[^\s']+/g) ?? [];
  return words.map((word) => word.replaceAll("'", ''));
}

/** Runs the lines of all `sh` blocks, in their order; each does what it says. Gives how many of keydrift's. */
async function runLines(
  blocks: readonly Block[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  let told = 0;
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, exits }) => {
      const typed = text.split('\n').filter((line) => line !== '');
      if (exits.length > 0) expect(exits).toHaveLength(typed.length);
      return typed.map((line, at) => ({ line, code: exits[at] ?? 0 }));
    });
  for (const { line, code } of lines) {
    const words = readLine(line);
    expect(words).not.toContain('#');
    if (words[0] !== 'keydrift') {
      await run('bash', ['-euc', line], { cwd, env: { ...bareEnvironment(cwd), ...env } });
      continue;
    }
    const isPlain = words[1] === 'publish' && !words.includes('--apply');
    const more = isPlain ? unconditional : [];
    const result = await runCli([...words.slice(1), ...more], { cwd, env });
    const { stdout, stderr } = result;
    expect({ line, code: result.code, told: result.code === code ? '' : stdout + stderr }).toEqual({
      line,
      code,
      told: '',
    });
    told += 1;
  }
  return told;
}

async function startStore(...buckets: readonly string[]) {
  const server = await startS3Server();
  onTestFinished(() => server.close());
  for (const name of buckets) server.createBucket(name, { versioning: 'Enabled' });
  const env = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  return { server, env };
}

test('every command of the page on releases does what it says', async () => {
  requires('versions');
  const { env } = await startStore('prod-runtime');
  const blocks = blocksOf('docs/release.md');
  const cwd = await makeRepository({
    'support/participants.csv': firstOf(blocks, 'csv'),
    'keydrift.yaml': firstOf(blocks, 'yaml'),
  });
  git(cwd, 'config', 'user.name', 'Test');
  git(cwd, 'config', 'user.email', 'test@example.org');
  expect(await runLines(blocks, cwd, env)).toBeGreaterThan(10);
  expect(git(cwd, 'status', '--short', '--untracked-files=no')).toBe('');
});

test('every command of the page on engines does what it says', async () => {
  const blocks = blocksOf('docs/engines.md', 'Try it');
  const cwd = await makeRepository({
    'routes.csv': firstOf(blocks, 'csv'),
    'keydrift.yaml': firstOf(blocks, 'yaml'),
  });
  await mkdir(join(cwd, 'lake'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = "VALUES ('r1', 1), ('r2', 2), ('r2', 2)";
  const file = join(cwd, 'lake/routes.parquet');
  await connection.run(`COPY (SELECT * FROM (${rows}) t(route_id, weight)) TO '${file}'`);
  connection.closeSync();
  instance.closeSync();
  expect(await runLines(blocks, cwd, {})).toBe(4);
});

/** What the pages speak of: a table with a slice twice, a calendar of two copies in sync. */
const participants = 'participant_id,region,weight,comment\nP-1,EU,1.0,\nP-2,US,2.0,\n';
const calendar = 'business_date,is_open\n2026-11-26,true\n';
const stage: Files = {
  'keydrift.yaml': `version: 1
defaults: {owner: data-platform@example.org, labels: {tier: '1'}}
artifacts:
  participants:
    owner: lookups@example.org
    reviewed: support/participants.csv
    runtime: s3://prod/support/participants.csv
    key: [participant_id, region]
    descriptive: [comment]
  calendar:
    reviewed: support/calendar.csv
    runtime: {eu: 's3://prod/eu/calendar.csv', us: 's3://prod/us/calendar.csv'}
    key: [business_date]
`,
  'support/participants.csv': participants,
  'support/calendar.csv': calendar,
};

/** Pages whose blocks are run on one stage, and how many commands of keydrift each has. */
const staged = [
  ['audit', 7],
  ['gate', 5],
  ['incident', 6],
  ['pull-request', 4],
  ['bundle', 4],
  ['outputs', 2],
] as const;
const runPages = [...staged.map(([page]) => page), 'release', 'fleet', 'recipes/rollout'].map(
  (page) => `docs/${page}.md`,
);

test.each(staged)('every command of docs/%s.md does what it says', async (page, commands) => {
  const { server, env } = await startStore('prod', 'releases');
  const cwd = await makeRepository(stage);
  git(cwd, 'branch', 'topic');
  git(cwd, 'switch', '--quiet', 'topic');
  await writeFiles(cwd, { 'job.sh': '#!/bin/sh\ntest -z "$2" || test -s "$2"\n' });
  await chmod(join(cwd, 'job.sh'), 0o755);
  const put = (key: string, body: string, days: number): void => {
    const lastModified = new Date(Date.now() - days * 86_400_000);
    server.putObject({ bucket: 'prod', key, body, lastModified });
  };
  put('support/participants.csv', participants, 20);
  put('support/participants.csv', `${participants}P-1,EU,1.0,again\n`, 3);
  put('eu/calendar.csv', calendar, 20);
  put('us/calendar.csv', calendar, 20);
  expect(await runLines(blocksOf(`docs/${page}.md`), cwd, env)).toBe(commands);
});

test('every command of docs/fleet.md does what it says', async () => {
  requires('conditional writes');
  const { server, env } = await startStore('prod');
  const blocks = blocksOf('docs/fleet.md');
  const rows = 'id,mode\nA,full\nB,full\n';
  // Two files of a team, as a reader would have them.
  const files = {
    'ads/slices.csv': rows,
    'ads/regions.csv': rows,
    'billing/b.csv': rows,
    'routing/c.csv': rows,
    'routing/d.csv': rows,
  };
  const changed: Files = {
    'ads/slices.csv': `${rows}A,full\n`,
    'billing/b.csv': `${rows}A,delta\n`,
  };
  const cwd = await makeRepository({
    'keydrift.yaml': firstOf(blocks, 'yaml'),
    ...Object.fromEntries(Object.entries(files).map(([name, body]) => [`support/${name}`, body])),
  });
  git(cwd, 'commit', '--quiet', '--allow-empty', '--message', 'nothing of these files');
  for (const [name, body] of Object.entries({ ...files, ...changed })) {
    server.putObject({ bucket: 'prod', key: `support/${name}`, body });
  }
  expect(await runLines(blocks, cwd, env)).toBe(15);
});

test('every command of docs/recipes/rollout.md does what it says', async () => {
  const { server, env } = await startStore('prod-runtime');
  const blocks = blocksOf('docs/recipes/rollout.md');
  const key = 'support/lookups/participants.csv';
  const cwd = await makeRepository({ 'keydrift.yaml': firstOf(blocks, 'yaml'), [key]: 'id\nA\n' });
  server.putObject({ bucket: 'prod-runtime', key, body: 'id\nA\nA\n' });
  expect(await runLines(blocks, cwd, env)).toBe(1);
  const todo = await readFile(join(cwd, 'todo/data-platform@example.org.md'), 'utf8');
  expect(todo).toContain('lookups.participants');
});

test('every contract of the pages is one', async () => {
  let read = 0;
  // What they speak of is not here, nor a repository: what they say is right all the same.
  const cwd = await temporaryDirectory();
  for (const page of pages) {
    for (const { language, text } of blocksOf(page)) {
      if (language !== 'yaml' || !/^artifacts:/m.test(text)) continue;
      const whole = /^version:/m.test(text) ? text : `version: 1\n${text}`;
      await writeFiles(cwd, { 'keydrift.yaml': whole });
      const { stdout } = await runCli(['lint', '--format', 'json'], { cwd });
      const { error } = JSON.parse(stdout);
      expect([page, text, error?.code === 'CONTRACT_INVALID' ? error : null]).toEqual([
        page,
        text,
        null,
      ]);
      read += 1;
    }
  }
  expect(read).toBeGreaterThan(7);
});

test('one’s own file in a bucket, as the README has it', async () => {
  requires('versions');
  const { env } = await startStore('prod');
  const cwd = await makeRepository({ 'support/participants.csv': participants });
  git(cwd, 'config', 'user.name', 'Test');
  git(cwd, 'config', 'user.email', 'test@example.org');
  // What `npm run s3` prints to be pasted, as a program.
  const bin = await temporaryDirectory();
  const shim = `#!/bin/sh\nexec ${process.execPath} ${root}scripts/s3-server.mjs put "$@"\n`;
  await writeFile(join(bin, 's3put'), shim, { mode: 0o755 });
  const blocks = blocksOf('README.md', 'Your own file, in a bucket');
  const path = { ...env, PATH: `${bin}:${process.env['PATH']}` };
  expect(await runLines(blocks, cwd, path)).toBe(11);
});

test('the first contract of the README, as it is pasted', async () => {
  const cwd = join(await temporaryDirectory(), 'first');
  const bin = await temporaryDirectory();
  await mkdir(cwd);
  const shim = `#!/bin/sh\nexec ${process.execPath} ${cliPath} "$@"\n`;
  await writeFile(join(bin, 'keydrift'), shim, { mode: 0o755 });
  const bare = bareEnvironment(cwd);
  const env = {
    ...bare,
    PATH: `${bin}:${bare['PATH']}`,
    GIT_AUTHOR_NAME: 'Ana Ito',
    GIT_AUTHOR_EMAIL: 'ana@example.org',
    GIT_COMMITTER_NAME: 'Ana Ito',
    GIT_COMMITTER_EMAIL: 'ana@example.org',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'init.defaultBranch',
    GIT_CONFIG_VALUE_0: 'main',
  };
  let output = '';
  for (const { language, text, exits } of blocksOf('README.md', 'Your first contract')) {
    if (language === 'yaml') await writeFile(join(cwd, 'keydrift.yaml'), text);
    if (language === '') expect(steady(output)).toBe(steady(text));
    if (language !== 'sh') continue;
    for (const [at, line] of text.trimEnd().split('\n').entries()) {
      const done = await run('bash', ['-euc', line], { cwd, env }).catch((error) => error);
      expect([line, done.code ?? 0]).toEqual([line, exits[at] ?? 0]);
      output = done.stdout;
    }
  }
  expect(output).toBe('participant_id,region,weight\nP-1,EU,1.0\nP-2,US,2.0\n');
});

/** A report without what differs from run to run. */
function steady(report: string): string {
  return report
    .replaceAll(/\b[0-9a-f]{7}\b/g, 'COMMIT')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?Z/g, 'TIME')
    .replaceAll(/file:\S*\/first\//g, 'file:/…/first/')
    .trimEnd();
}

const pages: readonly string[] = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'localstack/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Blocks of commands that are not run above, by their first line, and what holds them. */
const elsewhere: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': 'test/demo.test.ts',
  'npm ci && npm pack --silent && npm install --global ./keydrift-*.tgz': 'test/install.test.ts',
  'npm run s3 -- --bucket prod': 'test/localstack/robustness.test.ts',
  // Scripts around words of the reader's own: a shell reads them (below).
  'keydrift run participants -- ./nightly.sh || code=$?': 'a script',
  'git clone --branch v0.1.0 REPOSITORY keydrift && cd keydrift && git verify-tag v0.1.0': 'a script',
  '#!/bin/sh': 'test/recipes.test.ts runs it',
}; // prettier-ignore

test('each claim of the threat model names a test that is there', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, 'test', name), 'utf8'));
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const faultNames = [...faults.map(({ name }) => name), ...Object.keys(endpointFaults), 'litter'];
  const isThere = (word: string): boolean => {
    if (word.startsWith('npm ')) return word === 'npm test' || word.slice(8) in scripts;
    if (word === 'test/faults/') return true;
    if (word.startsWith('test/')) return existsSync(join(root, word.replace(/\*$/, '.txt')));
    const [start = '', end = ''] = word.split('…');
    return faultNames.some((name) => name.startsWith(start) && name.endsWith(end));
  };
  const lines = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('\n');
  const claims = lines.filter((line) => /^\| (?!what holds|---)/.test(line));
  expect(claims.length).toBeGreaterThan(30);
  const missing = claims.flatMap((line) => {
    const by = line.split(' | ').at(-1) ?? '';
    const named = Array.from(by.matchAll(/`([^`]+)`/g), ([, word = '']) => word);
    const titles = Array.from(by.matchAll(/"([^"]+)"/g), ([, title = '']) => title);
    const absent = [
      ...named.filter((word) => !isThere(word)),
      ...titles.filter((title) => !tests.some((text) => text.includes(title.replace(/ ?…/, '')))),
    ];
    return named.length === 0 ? [line] : absent;
  });
  expect(missing).toEqual([]);
});

test('a page has no block of commands that nothing runs', () => {
  const command =
    /^ *(?:\$ )?(?:keydrift (?!\d|:)|s3put |npm |npx |node |git |docker |aws |pip |curl |sh |bash |#!)/m;
  const held = new Set(runPages);
  const sections = [
    ['README.md', 'Your first contract'],
    ['README.md', 'Your own file, in a bucket'],
    ['docs/engines.md', 'Try it'],
  ] as const;
  const own = new Set(
    sections.flatMap(([page, name]) => blocksOf(page, name)).map(({ text }) => text),
  );
  const found = pages.flatMap((page) => {
    if (page === 'docs/commands.md') return [];
    const whole = readFileSync(join(root, page), 'utf8');
    return [...whole.matchAll(/^( *)```(\w*).*\n([^]*?)^ *```$/gm)].flatMap(
      ([, indent = '', language = '', block = '']) => {
        const text = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
        if (!['', 'sh', 'bash', 'console', 'shell'].includes(language)) return [];
        if (language !== 'sh' && !command.test(text)) return [];
        const isRun = language === 'sh' && (held.has(page) || own.has(text));
        return isRun ? [] : [text.split('\n')[0]!];
      },
    );
  });
  expect(found.toSorted()).toEqual(Object.keys(elsewhere).toSorted());
});

test('what the pages show for a shell is a script', async () => {
  const scripts = pages
    .flatMap((page) => blocksOf(page))
    .filter(({ language }) => language === 'bash');
  expect(scripts.length).toBeGreaterThan(0);
  for (const { text } of scripts) await run('bash', ['-n', '-c', text]);
});
