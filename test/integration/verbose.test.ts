import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { git, runCli } from './cli.ts';
import { commitSlices, contractOf, makePast, setPastStage } from './history-stage.ts';
import { unconditional } from '../servers/start.ts';

const past = setPastStage();

async function stageOf(key: string): Promise<string> {
  const cwd = await makePast(contractOf(key));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await commitSlices(cwd, 50, 'id,mode\nP-1,full\n');
  git(cwd, 'add', 'keydrift.yaml');
  git(cwd, 'commit', '--quiet', '--message', 'contract');
  past.put(key, 40, 'id,mode\nP-1,full\n');
  return cwd;
}

const commands: readonly (readonly [string, ...string[]])[] = [
  ['audit', 'slices'],
  ['diff', 'slices.csv', 's3://prod/verbose/KEY.csv', '--key', 'id'],
  ['investigate', 'slices'],
  ['lint', 'slices'],
  ['lint', 'slices', '--base', 'HEAD'],
  ['lint', 'slices', '--fetch'],
  ['run', 'slices', '--stage', 's3://prod/staged/', '--record', 's3://prod/records/', '--', 'true'],
  ['gate', 'slices'],
  ['bundle', 'slices', '--out', 'OUT'],
  ['bundle', 'slices', '--out', 's3://prod/bundles/OUT/'],
  ['publish', 'slices', '--dry-run'],
  ['publish', 'slices', '--yes', ...unconditional],
  ['init', 's3://prod/verbose/KEY.csv'],
  ['init'],
  ['audit', 'slices', '--state', 's3://prod/state/OUT.json'],
];

/** A `git` that notes each of its starts in a file. */
async function notingGit(cwd: string): Promise<{ path: string; starts(): Promise<number> }> {
  const outer = process.env['PATH'] ?? '';
  const script = `#!/bin/sh\necho >> '${cwd}.starts'\nPATH='${outer}' exec git "$@"\n`;
  await mkdir(`${cwd}.bin`);
  await writeFile(`${cwd}.bin/git`, script, { mode: 0o755 });
  onTestFinished(() => rm(`${cwd}.bin`, { recursive: true }));
  onTestFinished(() => rm(`${cwd}.starts`, { force: true }));
  const starts = async (): Promise<number> => (await readFile(`${cwd}.starts`, 'utf8').catch(() => '')).length; // prettier-ignore
  return { path: `${cwd}.bin:${outer}`, starts };
}

test.each(commands)(
  '%s %s … -v says every request, copy, scan and git on stderr, a line each, in JSON too',
  async (...words) => {
    const name = words.join('').replaceAll(/\W/g, '');
    const cwd = await stageOf(`verbose/${name}.csv`);
    const noting = await notingGit(cwd);
    const env = { ...past.env, PATH: noting.path };
    const call = async (run: string, ...flags: readonly string[]) => {
      const filled = words.map((word) => word.replace('KEY', name).replace('OUT', `${name}-${run}`)); // prettier-ignore
      const end = filled.indexOf('--') === -1 ? filled.length : filled.indexOf('--');
      const asked = [...filled.slice(0, end), ...flags, ...filled.slice(end)];
      const before = await noting.starts();
      past.server.requests.clear();
      const { code, stdout, stderr } = await runCli(asked, { cwd, env });
      const requests = past.server.requests.entries.length;
      const starts = (await noting.starts()) - before;
      const told = steady(stdout).replaceAll(`${name}-${run}`, 'OUT');
      return { code, told, requests, starts, lines: stderr.split('\n').slice(0, -1) };
    };
    const plain = await call('plain');
    const text = await call('text', '-v');
    expect([text.code, text.told]).toEqual([plain.code, plain.told]);
    for (const line of text.lines) expect(line).toMatch(/^(?:keydrift: | |$)/);
    const count = (lines: readonly string[], pattern: RegExp): number =>
      lines.filter((line) => pattern.test(line)).length;
    const request =
      /^keydrift: (?:GET|PUT|HEAD|POST|DELETE) 127\.0\.0\.1:\d+\/prod\b.*: \d+, \d+ bytes \(\d+ ms\)$/;
    expect(count(text.lines, request)).toBe(text.requests);
    expect(count(text.lines, /^keydrift: git [a-z-]+ in .*: (?:done|ended|exit code \d+) \(\d+ ms\)$/)).toBe(text.starts); // prettier-ignore
    if (text.requests > 0) {
      expect(
        count(text.lines, /^keydrift: waiting for credentials from the environment /),
      ).toBeGreaterThan(0);
    }
    if (words[0] !== 'init') {
      expect(count(text.lines, /^keydrift: .* is pinned: .*, \d+ bytes \(\d+ ms\)$/)).toBeGreaterThan(0); // prettier-ignore
      expect(count(text.lines, /^keydrift: .* is scanned by \w+: 1 rows, 1 units \(\d+ ms\)$/)).toBeGreaterThan(0); // prettier-ignore
    }
    expect(plain.lines.join()).not.toContain('is pinned');

    const json = await call('json', '-v', '--log-format', 'json');
    const events = json.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const event of events) {
      expect(event).toMatchObject({ tool: 'keydrift', level: expect.any(String), event: expect.any(String) }); // prettier-ignore
    }
    const of = (kind: string): number => events.filter(({ event }) => event === kind).length;
    expect([of('request'), of('git')]).toEqual([json.requests, json.starts]);
    expect(json.requests + json.starts).toBeGreaterThan(0);
  },
);

test.each([...new Set(commands.map(([name]) => name)), 'report', 'sql', 'completion'])(
  '%s --log-format json: an error is told in the same form',
  async (name) => {
    const cwd = await stageOf('verbose/wrong.csv');
    const words = [name, '--no-such', '--log-format', 'json'];
    const { stderr } = await runCli(words, { cwd, env: past.env });
    const last = stderr.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ level: 'error', error: { code: 'USAGE' } });
  },
);

test('a retry is told, with its attempt', async () => {
  const key = 'verbose/retry.csv';
  const cwd = await stageOf(key);
  past.server.faults.add({ on: { operation: 'GetObject' }, fault: { kind: 'internal-error' }, times: 1 }); // prettier-ignore
  const { code, stderr } = await runCli(['audit', 'slices', '-qv'], { cwd, env: past.env });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^keydrift: retry 2 of 3: GET /m);
});

/** Times and durations differ from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, 'TIME')
    .replaceAll(/"durationMs":\s*\d+/g, '');
}
