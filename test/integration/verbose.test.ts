import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from './cli.ts';
import { commitSlices, contractOf, makePast, setPastStage } from './history-stage.ts';

const past = setPastStage();

async function stageOf(key: string): Promise<string> {
  const cwd = await makePast(contractOf(key));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await commitSlices(cwd, 50, 'id,mode\nP-1,full\n');
  past.put(key, 40, 'id,mode\nP-1,full\n');
  return cwd;
}

const commands: readonly (readonly [string, ...string[]])[] = [
  ['audit', 'slices'],
  ['diff', 'slices.csv', 's3://prod/verbose/KEY.csv', '--key', 'id'],
  ['investigate', 'slices'],
  ['lint', 'slices'],
  ['run', 'slices', '--', 'true'],
  ['gate', 'slices'],
  ['publish', 'slices', '--dry-run'],
  ['init', 's3://prod/verbose/KEY.csv'],
];

test.each(commands)(
  '%s -v says on stderr what goes on, a line each, and changes no answer',
  async (...words) => {
    const name = `${words[0]}-text`;
    const cwd = await stageOf(`verbose/${name}.csv`);
    const filled = words.map((word) => word.replace('KEY', name));
    const end = filled.indexOf('--') === -1 ? filled.length : filled.indexOf('--');
    const call = { cwd, env: past.env };
    const plain = await runCli(filled, call);
    const told = await runCli([...filled.slice(0, end), '-v', ...filled.slice(end)], call);
    expect([told.code, steady(told.stdout)]).toEqual([plain.code, steady(plain.stdout)]);
    const lines = told.stderr.split('\n').slice(0, -1);
    for (const line of lines) expect(line).toMatch(/^(?:keydrift: | |$)/);
    const said = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line));
    if (words[0] !== 'lint') {
      expect(
        said(/^keydrift: GET 127\.0\.0\.1:\d+\/prod\/verbose\/.*: 200, \d+ bytes \(\d+ ms\)$/),
      ).toBe(true);
      expect(said(/^keydrift: waiting for credentials from /)).toBe(true);
    }
    if (words[0] !== 'init') {
      expect(said(/^keydrift: .* is pinned: .*, \d+ bytes \(\d+ ms\)$/)).toBe(true);
      expect(said(/^keydrift: .* is scanned by \w+: 1 rows, 1 units \(\d+ ms\)$/)).toBe(true);
      expect(said(/^keydrift: git [a-z-]+ in .*: done \(\d+ ms\)$/)).toBe(true);
    }
    expect(plain.stderr).not.toContain('is pinned');
  },
);

test.each(commands)('%s -v --log-format json: every line of stderr is JSON', async (...words) => {
  const name = `${words[0]}-json`;
  const cwd = await stageOf(`verbose/${name}.csv`);
  const filled = words.map((word) => word.replace('KEY', name));
  const end = filled.indexOf('--') === -1 ? filled.length : filled.indexOf('--');
  const flags = ['-v', '--log-format', 'json'];
  const all = [...filled.slice(0, end), ...flags, ...filled.slice(end)];
  const { stderr } = await runCli(all, { cwd, env: past.env });
  const events = stderr.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  expect(events.length).toBeGreaterThan(2);
  for (const event of events) {
    expect(event).toMatchObject({ tool: 'keydrift', level: expect.any(String), event: expect.any(String) }); // prettier-ignore
  }
  // An error is told in the same form.
  const wrong = await runCli([...words.slice(0, 1), '--no-such', ...flags], { cwd, env: past.env });
  const last = wrong.stderr.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ level: 'error', error: { code: 'USAGE' } });
});

test('a retry is told, with its attempt', async () => {
  const key = 'verbose/retry.csv';
  const cwd = await stageOf(key);
  past.server.faults.add({ on: { operation: 'GetObject' }, fault: { kind: 'internal-error' }, times: 1 }); // prettier-ignore
  const { code, stderr } = await runCli(['audit', 'slices', '-v'], { cwd, env: past.env });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^keydrift: retry 2 of 3: GET /m);
});

/** Times and durations differ from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, 'TIME')
    .replaceAll(/"durationMs":\s*\d+/g, '');
}
