import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryDirectory } from './integration/cli.ts';

const root = new URL('..', import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('the packed file installs by itself, and is the program', async () => {
  const directory = await temporaryDirectory();
  const run = async (file: string, ...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: directory };
    return (await promisify(execFile)(file, args, { cwd: root, env })).stdout.trim();
  };
  const quiet = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
  const prefix = join(directory, 'installed');
  // It packs the clone, and installs what it packed.
  await run('npm', 'install', '--global', '--install-links', '--prefix', prefix, ...quiet, root);
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(await run(join(prefix, 'bin', 'keydrift'), '--version')).toBe(version);
  // The package only: nothing else was fetched, and nothing of the clone is linked to.
  const modules = join(prefix, 'lib', 'node_modules');
  expect(readdirSync(modules)).toEqual(['keydrift']);
  const content = readdirSync(join(modules, 'keydrift')).sort();
  expect(content).toEqual(['LICENSE', 'README.md', 'dist', 'docs', 'package.json', 'schema']);
});

test('the image has what the program needs, and runs it as nobody in particular', () => {
  const lines = read('Dockerfile').split('\n');
  const copied = lines.flatMap((line) =>
    /^COPY (?!\. |--from=)/.test(line) ? line.split(' ').slice(1, -1) : [],
  );
  const allowed = read('.dockerignore').split('\n');
  for (const file of copied) {
    expect([file, existsSync(join(root, file)), allowed.includes(`!${file}`)]).toEqual([
      file,
      true,
      true,
    ]);
  }
  // What the package is built of reaches the build, and nothing else does.
  expect(allowed[0]).toBe('*');
  for (const file of ['src', 'scripts', 'schema', 'LICENSE', 'README.md']) {
    expect(allowed).toContain(`!${file}`);
  }
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  expect(last.join('\n')).toMatch(/apt-get install[^]*\bgit\b[^]*\btini\b/);
  expect(last.findIndex((line) => line === 'USER node')).toBeGreaterThan(0);
  expect(last).toContain('ENTRYPOINT ["/usr/bin/tini", "--", "keydrift"]');
});

test('the image is built of instructions that a linter knows, and its commands are a shell’s', async () => {
  const text = read('Dockerfile');
  expect(validate(text)).toEqual([]);
  // It does see what is wrong.
  expect(validate('FROM a\nCOPPY b c\n')).toHaveLength(1);
  const lines = text.replaceAll(/\\\n\s*/g, ' ').split('\n');
  const stages = lines.flatMap((line) => /^FROM \S+ AS (\S+)$/.exec(line)?.[1] ?? []);
  const named = lines.flatMap(
    (line) => /(?:--from=|[,=]from=|^FROM )(\w+)(?=[ ,])/.exec(line)?.[1] ?? [],
  );
  for (const stage of named.filter((one) => !/^(?:node|scratch)$/.test(one)))
    expect(stages).toContain(stage);
  const scripts = lines.flatMap((line) => /^RUN (?:--\S+ )*(.*)$/.exec(line)?.[1] ?? []);
  expect(scripts.length).toBeGreaterThan(3);
  const { scripts: known } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
  };
  for (const script of scripts) {
    await promisify(execFile)('sh', ['-n', '-c', script]);
    for (const [, name = ''] of script.matchAll(/npm run ([\w:]+)/g))
      expect(known).toHaveProperty(name);
  }
});

test('the action takes no words into its scripts', () => {
  const { runs } = parse(read('action.yml')) as {
    runs: { using: string; steps: readonly Record<string, string>[] };
  };
  expect(runs.using).toBe('composite');
  for (const { run, shell, uses } of runs.steps) {
    expect([shell === 'bash', run === undefined]).toEqual([uses === undefined, uses !== undefined]);
    expect(run ?? '').not.toContain('${{');
  }
});

test('no recipe runs a name that anybody may take', () => {
  for (const file of [
    'README.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]) {
    const recipes =
      read(file)
        .match(/^```[^]*?^```/gm)
        ?.join('\n') ?? '';
    expect([file, /\bnpx (-y |--yes )?keydrift\b/.test(recipes)]).toEqual([file, false]);
  }
});
