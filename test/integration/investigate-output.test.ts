import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git, runCli, writeFiles, type CliResult } from './cli.ts';
import {
  commitSlices,
  contractOf,
  investigationOf,
  makePast,
  setPastStage,
} from './history-stage.ts';

const past = setPastStage();
const once = 'id,mode,note\nP-1,full,a\nP-2,full,b\n';
const twice = `${once}P-1,full,z\n`;

/** A repository whose runtime object began to repeat a unit; its `--config` is another's. */
async function repeated(key: string): Promise<string> {
  past.put(key, 80, once);
  past.put(key, 40, twice);
  const cwd = await makePast(contractOf(key));
  await commitSlices(cwd, 90, once, 'Add \u001b[2J P-2');
  return cwd;
}

function investigate(cwd: string, ...args: readonly string[]): Promise<CliResult> {
  return runCli(['investigate', ...args], { cwd, env: past.env });
}

describe('the text', () => {
  test('says what happened, since when and what to type next; exit 1', async () => {
    const { code, stdout, stderr } = await investigate(await repeated('text.csv'), 'slices');
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^slices: DRIFTED \(1 duplicated\)\n/);
    expect(stdout).toMatch(/^ {2}cause +edited/m);
    expect(stdout).toMatch(/^ {2}since +\d{4}-/m);
    expect(stdout.match(/THE DRIFT BEGAN HERE/g)).toHaveLength(1);
    expect(stdout).toContain('keydrift investigate slices --scope id=P-1\n');
    expect(stdout).not.toContain('\u001b');
    const wide = stdout.split('\n').filter((line) => line.length > 80);
    expect(wide.every((line) => /^ {8}\w|keydrift diff/.test(line))).toBe(true);
  });

  test('its next commands are commands', async () => {
    const cwd = await repeated('next.csv');
    const { stdout } = await investigate(cwd, 'slices');
    const commands = [...stdout.matchAll(/^(?: {2}next {5}| {11})keydrift (.*)$/gm)];
    expect(commands).toHaveLength(2);
    for (const [, words = ''] of commands) {
      const args = words.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
      const next = await runCli(args, { cwd, env: past.env });
      expect(next.stderr).toBe('');
      expect(next.code).toBe(1);
    }
  });

  test('--quiet is one line, and nothing in sync', async () => {
    const cwd = await repeated('quiet.csv');
    const { code, stdout } = await investigate(cwd, 'slices', '--quiet');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^DRIFTED .*slices.*\n$/);
    await commitSlices(cwd, 1, twice, 'allow it');
    const sync = await investigate(cwd, 'slices', '--quiet', '--fail-on', 'added');
    expect(sync).toMatchObject({ code: 0, stdout: '' });
  });

  test('--no-fail says so', async () => {
    const { code, stdout } = await investigate(await repeated('nofail.csv'), 'slices', '--no-fail');
    expect(code).toBe(0);
    expect(stdout).toMatch(/keydrift: NOT ENFORCED: drifted \(exit code 0\)\n$/);
  });
});

describe('files', () => {
  test('-o writes JSON by its schema and a page; neither has raw controls', async () => {
    const cwd = await repeated('files.csv');
    const args = ['slices', '-o', 'json:i.json', '-o', 'html:i.html', '-o', 'text:i.txt'];
    const { stdout } = await investigate(cwd, ...args);
    const read = (file: string): Promise<string> => readFile(join(cwd, file), 'utf8');
    expect(await read('i.txt')).toBe(stdout);
    expect(investigationOf(await read('i.json'))).toMatchObject({ verdict: 'drifted' });
    const page = await read('i.html');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toContain('\u001b');
  });

  test('one that cannot be written is exit 3 beside drift', async () => {
    const cwd = await repeated('unwritable.csv');
    const { code, stderr } = await investigate(cwd, 'slices', '-o', 'json:no/where.json');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^OUTPUT_NOT_WRITABLE/);
  });
});

describe('without a verdict', () => {
  test('an unknown artifact is exit 2, with the nearest name', async () => {
    const { code, stdout, stderr } = await investigate(await repeated('name.csv'), 'slces');
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^UNKNOWN_ARTIFACT[^]*slices/);
  });

  test('of several copies one must be named', async () => {
    past.put('eu.csv', 40, once);
    const cwd = await makePast(
      contractOf('eu.csv').replace(
        /runtime: (.*)/,
        (_, url: string) => `runtime: {eu: "${url}", us: "${url}"}`,
      ),
    );
    await commitSlices(cwd, 90, once);
    const { code, stderr } = await investigate(cwd, 'slices');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^USAGE[^]*slices@eu[^]*slices@us/);
    expect((await investigate(cwd, 'slices@us')).code).toBe(0);
  });

  test('no contract and a broken one are exit 2, and JSON of the schema', async () => {
    const cwd = await repeated('broken.csv');
    await writeFiles(cwd, { 'broken.yaml': 'version: 1\n' });
    for (const config of ['broken.yaml', 'none.yaml']) {
      const args = ['slices', '--config', config, '--format', 'json'];
      const { code, stdout } = await investigate(cwd, ...args);
      expect(code).toBe(2);
      const told = investigationOf(stdout);
      expect(told).toMatchObject({ exitCode: 2, artifact: null, timeline: [] });
      expect(told.error).not.toBeNull();
    }
  });

  test('a wrong call is JSON of the schema, too', async () => {
    const args = ['slices', '--format', 'json', '--max-versions', 'x'];
    const { code, stdout } = await investigate(await repeated('call.csv'), ...args);
    expect(code).toBe(2);
    expect(investigationOf(stdout)).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
  });

  test('a time that is none is told once, whatever was established', async () => {
    const cwd = await repeated('time.csv');
    const { code, stdout, stderr } = await investigate(cwd, 'slices', '--since', 'last tuesday');
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`.match(/last tuesday/g)).toHaveLength(1);
    expect(git(cwd, 'status', '--porcelain', 'slices.csv')).toBe('');
  });
});
