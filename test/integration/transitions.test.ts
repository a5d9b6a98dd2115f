import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRepository, runCli, runJson } from './cli.ts';
import { faultBucket, setFaultStage } from './stage.ts';
import { requires } from '../servers/start.ts';

const table = (...ids: readonly string[]): string =>
  `id,mode\n${ids.map((id) => `${id},full\n`).join('')}`;

const contract =
  'version: 1\nartifacts:\n  l: {reviewed: support/*.csv, runtime: run/, key: [id]}\n';

/** Two artifacts, of which the first has a unit that nobody reviewed. */
async function make(): Promise<string> {
  return makeRepository({
    'keydrift.yaml': contract,
    'support/a.csv': table('A'),
    'support/b.csv': table('B'),
    'run/a.csv': table('A', 'SECRET-X'),
    'run/b.csv': table('B'),
  });
}

describe('against an earlier report', () => {
  test('each finding is new or known, what is gone is told, and only what is new need fail', async () => {
    const cwd = await make();
    const first = await runJson(['audit', '--no-cause', '-o', 'json:1.json'], { cwd });
    const since = (first.report as unknown as { startedAt: string }).startedAt;
    const asked = ['audit', '--no-cause', '--previous', '1.json'];
    const same = await runJson(asked, { cwd });
    expect(same.report).toMatchObject({
      exitCode: 1,
      enforced: true,
      transitions: { previous: since, new: 0, persisting: 1, resolved: [] },
      artifacts: [
        {
          transition: { change: 'persisting', since },
          findings: [{ transition: { change: 'persisting', since } }],
        },
        { verdict: 'in-sync' },
      ],
    });
    const quiet = await runJson([...asked, '--only-new'], { cwd });
    expect(quiet.report).toMatchObject({
      exitCode: 0,
      verdict: 'drifted',
      enforced: false,
      notEnforced: [{ artifact: 'l.a', kinds: ['added'] }],
    });
    expect((await runCli([...asked, '--only-new'], { cwd })).stdout).toContain('NOT ENFORCED');
    // A second unit of the same copy is new, and so is another copy's.
    await writeFile(join(cwd, 'run/a.csv'), table('A', 'SECRET-X', 'Y'));
    const more = await runJson([...asked, '--only-new'], { cwd });
    expect(more.report).toMatchObject({
      exitCode: 1,
      transitions: { new: 1, persisting: 1 },
      artifacts: [{ transition: { change: 'persisting' } }, {}],
    });
    await writeFile(join(cwd, 'run/a.csv'), table('A'));
    const gone = await runCli(asked, { cwd });
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.stdout).toMatch(
      /0 new findings, 0 persisting, resolved\s+in\s+1\s+copy\s+\(l\.a\)/,
    );
  });

  test('names under another key, or under none, are not known: neither new nor resolved, and nothing passes', async () => {
    const cwd = await make();
    const asked = ['audit', '--no-cause'];
    const under = (key: string): string[] => ['--redact', 'id', '--redact-key', key];
    await runCli([...asked, ...under('k'), '-o', 'json:k.json'], { cwd });
    await runCli([...asked, '-o', 'json:plain.json'], { cwd });
    const only = ['--only-new', '--previous'];
    const same = await runJson([...asked, ...under('k'), ...only, 'k.json'], { cwd });
    expect(same.report).toMatchObject({
      exitCode: 0,
      transitions: { new: 0, persisting: 1, unknown: 0, resolved: [] },
    });
    expect(JSON.stringify(same.report)).not.toContain('REDACTION_DIFFERS');
    for (const [key, file] of [
      [under('other'), 'k.json'],
      [under('k'), 'plain.json'],
      [[], 'k.json'],
    ] as const) {
      const { report } = await runJson([...asked, ...key, ...only, file], { cwd });
      expect(report).toMatchObject({
        exitCode: 1,
        enforced: true,
        transitions: { new: 0, persisting: 0, unknown: 1, resolved: [] },
        artifacts: [
          // That it has drifted is known all the same.
          { transition: { change: 'persisting' }, warnings: [{ code: 'REDACTION_DIFFERS' }] },
          { verdict: 'in-sync', warnings: [] },
        ],
      });
      expect(report.artifacts[0]?.findings[0]).not.toHaveProperty('transition');
    }
    const told = await runCli([...asked, ...under('other'), '--previous', 'k.json'], { cwd });
    expect(told.stdout).toMatch(/0 new findings, 0 persisting, 1 of\s+unknown\s+standing,/);
    // What has not drifted any more is known whatever the key.
    await writeFile(join(cwd, 'run/a.csv'), table('A'));
    const over = await runJson([...asked, ...under('other'), ...only, 'k.json'], { cwd });
    expect(over.report).toMatchObject({
      exitCode: 0,
      transitions: { unknown: 0, resolved: [{ artifact: 'l.a', findings: 1, whole: true }] },
    });
  });

  test('one that cannot be read lets nothing pass, and only new needs one', async () => {
    const cwd = await make();
    const lost = await runJson(['audit', '--previous', 'none.json', '--only-new'], { cwd });
    expect(lost.report).toMatchObject({ exitCode: 2, error: { code: 'FILE_NOT_FOUND' } });
    await writeFile(
      join(cwd, 'r.json'),
      (await runCli(['audit', '--format', 'json'], { cwd })).stdout,
    );
    const hidden = ['audit', '--previous', 'r.json', '--redact', 'id'];
    const unnamed = await runJson(hidden, { cwd });
    expect(unnamed.report).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
    expect((await runJson([...hidden, '--redact-key', 'k'], { cwd })).report.exitCode).toBe(1);
    const without = await runCli(['audit', '--only-new'], { cwd });
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain('--previous report.json');
    const local = await runJson(['audit', '--state', 'state.json'], { cwd });
    expect(local.report).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
  });
});

describe('a state in a store', () => {
  const stage = setFaultStage();
  const place = `s3://${faultBucket}/keydrift/state.json`;
  const asked = ['audit', '--no-cause', '--only-new', '--state', place];

  test('is kept from run to run, without data, by compare-and-swap', async () => {
    requires('conditional writes');
    const cwd = await make();
    const first = await runJson(asked, { cwd, env: stage.env });
    expect(first.report).toMatchObject({
      exitCode: 1,
      transitions: { previous: null, new: 1, persisting: 0 },
    });
    const [put] = stage.server.requests.where({ method: 'PUT' });
    expect(put?.headers['if-none-match']).toBe('*');
    const second = await runJson(asked, { cwd, env: stage.env });
    expect(second.report).toMatchObject({ exitCode: 0, transitions: { new: 0, persisting: 1 } });
    const puts = stage.server.requests.where({ method: 'PUT' });
    expect(puts.at(-1)?.headers['if-match']).toBeDefined();
    // Another run finds something else between the reading and the writing of this one.
    await writeFile(join(cwd, 'run/b.csv'), table('B', 'Z'));
    let raced = 0;
    stage.server.faults.add({
      on: { method: 'PUT' },
      fault: {
        kind: 'before',
        run: async () => {
          raced += 1;
          if (raced === 1) await runCli(asked, { cwd, env: stage.env });
        },
      },
    });
    const third = await runJson(asked, { cwd, env: stage.env });
    // What the faster run told is known: nobody is paged twice.
    expect(third.report).toMatchObject({ exitCode: 0, transitions: { new: 0, persisting: 2 } });
    // A state keeps which key its names are of.
    const redacted = (key: string): string[] => [...asked, '--redact', 'id', '--redact-key', key];
    for (const [key, unknown] of [
      ['k', 2],
      ['k', 0],
      ['other', 2],
    ] as const) {
      const { report } = await runJson(redacted(key), { cwd, env: stage.env });
      expect(report).toMatchObject({ exitCode: unknown > 0 ? 1 : 0, transitions: { unknown } });
    }
    const state = await runCli(['diff', place, place, '--key', 'x'], { cwd, env: stage.env });
    expect(state.stdout + state.stderr).not.toContain('SECRET-X');
  });

  test('that cannot be written takes no report away', async () => {
    const cwd = await make();
    stage.server.faults.add({ on: { method: 'PUT' }, fault: { kind: 'access-denied' } });
    const denied = ['audit', '--no-cause', '--state', `s3://${faultBucket}/other.json`];
    const { code, stdout, stderr } = await runCli(denied, { cwd, env: stage.env });
    expect({ code, told: stdout.includes('1 drifted, 1 in sync (exit code 3)') }).toStrictEqual({
      code: 3,
      told: true,
    });
    expect(stderr).toContain('s3:PutObject');
    expect(await readFile(join(cwd, 'keydrift.yaml'), 'utf8')).toBe(contract);
  });
});
