import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSavedReport } from '../../src/commands/saved-report.ts';
import { outputs, reporterOf, showing } from '../../src/report/index.ts';
import { json } from '../../src/report/json.ts';
import { cases } from '../report/cases.ts';
import { commitAll, makeRepository, runCli, runJson, type JsonReport } from './cli.ts';

const options = { width: 80, color: false, limit: 20, quiet: false } as const;

/** What JSON has of a report, without what is of no use to compare. */
function told(report: Parameters<typeof json>[0]): string {
  return [...json(report, options)].join('');
}

test.each(Object.entries(cases))(
  'a saved report (%s) tells the same again',
  async (_, { report }) => {
    const text = told(report);
    const again: unknown = JSON.parse(told(await parseSavedReport(text, 'a.json')));
    expect(again).toStrictEqual(JSON.parse(text));
  },
);

/** Columns called like numbers come first in what was saved, and `diff` repeats its pinned locations. */
const alike = Object.entries(cases).filter(([name]) => !/^hostile|^diff$/.test(name));

test.each(showing(outputs, 'report'))(
  'a saved report looks in %s as the run’s own',
  async (name) => {
    const tell = await reporterOf(outputs, name, 'report');
    for (const [named, { report }] of alike) {
      const saved = await parseSavedReport(told(report), 'a.json');
      const [again, once] = [saved, report].map((one) => [...tell(one, options)].join(''));
      expect([named, again]).toEqual([named, once]);
    }
  },
);

/** A report as another version wrote it, or somebody who has no good in mind. */
function altered(change: (artifact: Record<string, unknown>, report: object) => unknown): string {
  const report = JSON.parse(told(cases['causes']!.report));
  change(report.artifacts[0], report);
  return JSON.stringify(report);
}

const before = new URL('../schemas/before/documents/', import.meta.url);
const others = [
  ...readdirSync(before)
    .filter((name) => name.startsWith('report-'))
    .map((name) => [name, readFileSync(new URL(name, before), 'utf8')] as const),
  [
    'a cause of later',
    altered((one) => (one['cause'] = { ...Object(one['cause']), kind: 'toString' })),
  ],
] as const;

test.each(others)('a report of another version (%s) is told in every output', async (_, text) => {
  const saved = await parseSavedReport(text, 'a.json');
  for (const name of showing(outputs, 'report')) {
    const tell = await reporterOf(outputs, name, 'report');
    expect([...tell(saved, options)].join('')).not.toContain('undefined');
  }
});

test.each([
  [
    'a time that is none',
    altered((_, report) => Object.assign(report, { startedAt: 'x' })),
    'startedAt',
  ],
  [
    'a claim that is none',
    altered((one) => Object.assign(one['runtime'] ?? {}, { claim: 'x' })),
    'claim',
  ],
  ['nothing', '', 'not JSON'],
  ['half a report', told(Object.values(cases)[0]!.report).slice(0, -20), 'not all of it'],
  ['another document', '{"schema":"keydrift.plan/1"}', 'keydrift.plan/1'],
  ['a list', '[]', 'names no schema'],
  ['one that lacks its artifacts', '{"schema":"keydrift.report/1"}', 'a.json'],
])('%s is no report', async (_, text, words) => {
  await expect(parseSavedReport(text, 'a.json')).rejects.toMatchObject({
    code: 'REPORT_UNREADABLE',
    message: expect.stringContaining(words),
  });
});

describe('reports of shards', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const table = (id: string): string => `id,mode\n${id},full\n`;
  const contract = `version: 1\nartifacts:\n  l: {reviewed: support/*.csv, runtime: run/, key: [id]}\n`;
  const make = (drifted: readonly string[]): Promise<string> =>
    makeRepository({
      'keydrift.yaml': contract,
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`support/${name}.csv`, table(name)],
          [`run/${name}.csv`, table(drifted.includes(name) ? 'X' : name)],
        ]),
      ),
    });

  test('merge to the report of all, in every output and with its code', async () => {
    const cwd = await make(['b', 'g']);
    const parts = ['1.json', '2.json', '3.json'];
    for (const [at, file] of parts.entries()) {
      await runCli(['audit', '--no-cause', '--shard', `${at + 1}/3`, '-o', `json:${file}`], {
        cwd,
      });
    }
    const whole = await runJson(['audit', '--no-cause'], { cwd });
    const merged = await runJson(['report', 'merge', ...parts], { cwd });
    expect(merged.report.artifacts).toStrictEqual(whole.report.artifacts);
    // In whatever order they are named.
    const turned = await runJson(['report', 'merge', ...parts.toReversed()], { cwd });
    expect(turned.report.artifacts).toStrictEqual(whole.report.artifacts);
    expect(merged.report).toMatchObject({ exitCode: 1, verdict: 'drifted' });
    expect(merged.report).not.toHaveProperty('shard');
    const text = await runCli(['report', 'merge', ...parts, '-o', 'junit:all.xml'], { cwd });
    expect(text).toMatchObject({ code: 1 });
    expect(text.stdout).toContain('2 drifted, 6 in sync (exit code 1)');
    expect(await readFile(join(cwd, 'all.xml'), 'utf8')).toContain('<testsuites');
    // One that was not brought is not in sync.
    const lacking = await runJson(['report', 'merge', '1.json', '3.json'], { cwd });
    expect(lacking.report.exitCode).toBe(3);
    expect(lacking.report.artifacts.at(-1)).toMatchObject({
      name: 'shard-2-of-3',
      verdict: 'indeterminate',
      error: { code: 'REPORT_UNREADABLE', hint: expect.stringContaining('--shard 2/3') },
    });
    // One that is cut off, named twice, and one that is not there take nothing from the others.
    const half = (await readFile(join(cwd, '2.json'))).subarray(0, 500);
    await writeFile(join(cwd, 'cut.json'), half);
    const unread = ['1.json', 'cut.json', 'cut.json', '3.json', 'none.json'];
    const beside = await runJson(['report', 'merge', ...unread], { cwd });
    expect(beside.report).toMatchObject({ exitCode: 3, error: null });
    const rest = lacking.report.artifacts.slice(0, -1).map(({ name }) => name);
    const without = ['cut.json', 'none.json', 'shard-2-of-3'];
    expect(beside.report.artifacts.map(({ name }) => name)).toStrictEqual([...rest, ...without]);
    expect(beside.report.artifacts.slice(-3)).toMatchObject(
      ['not all of it', 'ENOENT', 'shard 2/3'].map((words) => ({
        verdict: 'indeterminate',
        error: { code: 'REPORT_UNREADABLE', message: expect.stringContaining(words) },
      })),
    );
    // Where none can be read there is nothing to see.
    const blind = await runCli(['report', 'merge', 'cut.json', 'none.json'], { cwd });
    expect(blind).toMatchObject({ code: 2, stdout: '' });
    expect(blind.stderr).toContain('cut.json is no report');
    const twice = await runCli(['report', 'merge', '1.json', '1.json'], { cwd });
    expect(twice).toMatchObject({ code: 2, stdout: '' });
    expect(twice.stderr).toContain('both tell of l.');
  });

  test('that were held against an earlier run tell what became of it, as the whole does', async () => {
    const cwd = await make(['b', 'c', 'g']);
    const audit = ['audit', '--no-cause'];
    await runCli([...audit, '-o', 'json:before.json'], { cwd });
    for (const [name, id] of Object.entries({ a: 'X', b: 'b', c: 'c', d: 'X' })) {
      await writeFile(join(cwd, 'run', `${name}.csv`), table(id));
    }
    const held = [...audit, '--previous', 'before.json', '--only-new'];
    for (const part of [1, 2, 3]) {
      await runCli([...held, '--shard', `${part}/3`, '-o', `json:${part}.json`], { cwd });
    }
    const { report: whole } = await runJson(held, { cwd });
    const parts = ['report', 'merge', '2.json', '3.json', '1.json'];
    const { report: merged } = await runJson(parts, { cwd });
    expect(whole).toMatchObject({ exitCode: 1, transitions: { new: 4, persisting: 2 } });
    const { transitions, notEnforced, exitCode } = merged as JsonReport & Record<string, unknown>;
    expect({ transitions, notEnforced, exitCode }).toEqual({
      transitions: (whole as JsonReport & Record<string, unknown>)['transitions'],
      notEnforced: (whole as JsonReport & Record<string, unknown>)['notEnforced'],
      exitCode: 1,
    });
    // One that was held against nothing leaves that unsaid.
    await runCli([...audit, '--shard', '1/3', '-o', 'json:1.json'], { cwd });
    expect((await runJson(parts, { cwd })).report).not.toHaveProperty('transitions');
  });

  test('one that failed is told beside the others', async () => {
    const cwd = await make([]);
    await runCli(['audit', '-o', 'json:good.json'], { cwd });
    await runCli(['audit', '--config', 'none.yaml', '-o', 'json:bad.json'], { cwd });
    const { report } = await runJson(['report', 'merge', 'good.json', 'bad.json'], { cwd });
    expect(report).toMatchObject({ exitCode: 2, verdict: 'indeterminate', error: null });
    expect(report.artifacts.at(-1)).toMatchObject({
      name: 'bad.json',
      error: { code: 'CONTRACT_NOT_FOUND' },
    });
  });

  test('by different contracts are told to be, once', async () => {
    const cwd = await make([]);
    const shard = async (part: number): Promise<void> => {
      await runCli(['audit', '--shard', `${part}/3`, '-o', `json:${part}.json`], { cwd });
    };
    await shard(1);
    await shard(2);
    const parts = ['report', 'merge', '1.json', '2.json', '3.json'];
    const same = await runCli(parts.slice(0, -1), { cwd });
    expect(same.stdout).not.toContain('CONTRACTS_DIFFER');
    await writeFile(join(cwd, 'keydrift.yaml'), `# Another one.\n${contract}`);
    commitAll(cwd);
    await shard(3);
    const { report } = await runJson(parts, { cwd });
    expect(report).toMatchObject({ exitCode: 0, verdict: 'in-sync' });
    const [one, other] = [contract, `# Another one.\n${contract}`].map((text) =>
      createHash('sha256').update(text).digest('hex').slice(0, 12),
    );
    const message = `the reports are by different contracts: sha256 ${one} (1.json and 1 more), ${other} (3.json)`;
    const warning = { code: 'CONTRACTS_DIFFER', message, side: null, line: null };
    for (const { warnings } of report.artifacts) expect(warnings).toContainEqual(warning);
    const { stdout } = await runCli([...parts, '--quiet'], { cwd });
    expect(stdout.match(/CONTRACTS_DIFFER/g)).toHaveLength(1);
    expect(stdout).toContain('8 in sync, 1 warning (exit code 0)');
  });

  test('show tells a saved report as it was, with its code', async () => {
    const cwd = await make(['c']);
    const asked = ['audit', '--no-cause'];
    const live = await runCli([...asked, '-o', 'json:r.json'], { cwd });
    const shown = await runCli(['report', 'show', 'r.json'], { cwd });
    expect(shown.code).toBe(1);
    expect(shown.stdout).toBe(live.stdout);
    await writeFile(join(cwd, 'cut.json'), (await readFile(join(cwd, 'r.json'))).subarray(0, 500));
    const cut = await runCli(['report', 'show', 'cut.json'], { cwd });
    expect(cut).toMatchObject({ code: 2, stdout: '' });
    expect(cut.stderr).toContain('cut.json is no report');
  });
});
