import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outputs, showing } from '../../src/report/index.ts';
import { commit } from './beside.ts';
import { makeRepository, runCli, runProcess, type CliResult } from './cli.ts';
import { faultBucket, setFaultStage } from './stage.ts';
import { unconditional } from '../servers/start.ts';

/*
 * What is redacted stands in no output of any command: every one is searched for the values, in the
 * spelling of the file and as a step makes it.
 */

/** Values of the hidden columns all hold one of these, and nothing else does. */
const secrets = /s3cr3t|9876543/i;

const accept = `    accept:
      - {key: {id: "S3CR3T-KNOWN", region: "EU"}, kinds: [removed], rows: 1, variant: "0123456789abcdef0123456789abcdef", until: 2026-01-01, reason: known}
      - {key: {id: "S3CR3T-GONE", region: "EU"}, kinds: [removed], rows: 1, variant: "0123456789abcdef0123456789abcdef", until: 2099-01-01, reason: known}
`;

const contract = (runtime: string, ...lines: readonly string[]): string => `version: 1
artifacts:
  p:
    reviewed: p.csv
    runtime: ${runtime}
    key: [id, region]
    consumes: [weight, mode]
    normalize: {id: [trim, uppercase], weight: [{decimal: 2}]}
    redact: [id, weight]
    cost: {scans: 's3://lake/{id}/'}
${accept}${lines.map((line) => `    ${line}\n`).join('')}`;

const row = (id: string, weight = '9876543', mode = 'full'): string =>
  `${id},EU,${weight},${mode},s3cr3t-note\n`;
const header = 'id,region,weight,mode,note\n';
const reviewed =
  header + ['s3cr3t-1', 's3cr3t-2', 's3cr3t-7', 's3cr3t-known'].map((id) => row(id)).join('');
const drifted = [
  header,
  row('s3cr3t-1'),
  row(' S3CR3T-1 '),
  row('s3cr3t-1', '98765430'),
  row('s3cr3t-2', '98765431'),
  row('0s3cr3t-7'),
  row('s3cr3t-9', 's3cr3t-no-number'),
  row('s3cr3t_7'),
].join('');

function expectHidden(result: Pick<CliResult, 'stdout' | 'stderr'>, from: readonly string[]): void {
  const text = `${result.stdout}\n${result.stderr}`;
  expect(`${from.join(' ')}: ${secrets.exec(text)?.[0] ?? 'none'}`).toBe(`${from.join(' ')}: none`);
}

/** Runs a command with every output that it has, and searches all that it gave. */
async function search(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const what =
    args[0] === 'investigate' ? 'investigation' : args[0] === 'publish' ? 'publication' : 'report';
  const forms = showing(outputs, what);
  expect(forms.length).toBeGreaterThan(1);
  const files = forms.flatMap((form) => ['-o', `${form}:.out.${form}`]);
  const result = await runCli([...args, ...files], { cwd, env });
  expectHidden(result, args);
  for (const file of (await readdir(cwd)).filter((name) => name.startsWith('.out.'))) {
    const text = await readFile(join(cwd, file), 'utf8');
    expectHidden({ stdout: text, stderr: '' }, [...args, file]);
  }
  return result;
}

describe('values of redacted columns', () => {
  test('stand in no report of a file that drifted in all ways', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': contract('run.csv'), 'p.csv': reviewed });
    await writeFile(join(cwd, 'run.csv'), drifted);
    const audited = await search(['audit'], cwd);
    expect(audited.code).toBe(1);
    // Equal values have equal fingerprints, and what is not hidden is told.
    const { stdout } = await runCli(['audit', '--format', 'json'], { cwd });
    const ids = [...stdout.matchAll(/"id":"(redacted:[0-9a-f]{12})"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    expect(stdout).toContain('"region":"EU"');
    const proposed = await search(['audit', '--propose-accept'], cwd);
    // What was pasted of it would match nothing: an entry names its key.
    expect(proposed.stdout).not.toContain('- key:');
    expect(proposed.stdout).not.toContain('accept: []');
    expect(proposed.stdout).toMatch(
      /# removed id=redacted:\w+ region=EU cannot be accepted: its key/,
    );
    await search(['diff', 'p.csv', 'run.csv', '--contract', 'p'], cwd);
    await search(['investigate', 'p'], cwd);
    // A slice shows every column of its rows.
    await search(['investigate', 'p', '--scope', 'id=s3cr3t-1', '--redact', 'note'], cwd);
    for (const args of [
      ['gate', 'p'],
      ['gate', 'p', '--scope', 'id=s3cr3t-1,s3cr3t-2', '--scope', 'region=EU'],
      ['run', 'p', '--scope', 'id=s3cr3t-1', '--', 'true'],
      ['run', 'p', '--', 'true'],
      ['run', 'p', '--observe', '--log-format', 'json', '--', 'true'],
      ['run', 'p', '--use', 'reviewed', '-o', 'json:.out.run', '--', 'true'],
    ]) {
      expectHidden(await runCli(args, { cwd }), args);
    }
  });

  test('nor of a change, nor of a flag, whose fingerprints are those of a key', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': contract('run.csv'), 'p.csv': reviewed });
    await writeFile(join(cwd, 'run.csv'), drifted);
    await commit(cwd, { 'p.csv': `${drifted}${row('s3cr3t-new')}` });
    await search(['lint', '--base', 'HEAD~1'], cwd);
    const plain = ['diff', 'p.csv', 'run.csv', '--key', 'id,region', '--descriptive', 'note'];
    const flags = ['--redact', 'id,weight', '--redact-key', 'k'];
    await search([...plain, ...flags], cwd);
    const told = async (key: string): Promise<readonly string[]> => {
      const { stdout } = await runCli(
        [...plain, '--redact', 'id,weight', '--redact-key', key, '--format', 'json'],
        { cwd },
      );
      return stdout.match(/redacted:[0-9a-f]{12}/g) ?? [];
    };
    expect(await told('k')).toStrictEqual(await told('k'));
    expect(await told('k')).not.toStrictEqual(await told('other'));
    expect((await told('k')).length).toBeGreaterThan(0);
  });

  test('nor of a change that renames, reveals or mends what was hidden', async () => {
    const base = contract('run.csv');
    const cwd = await makeRepository({ 'keydrift.yaml': base, 'p.csv': reviewed });
    const renamed = base
      .replaceAll('id: "S3CR3T', 'unit: "S3CR3T')
      .replace('key: [id, region]', 'key: [region, unit]')
      .replace('normalize: {id:', 'normalize: {unit:')
      .replace('redact: [id, weight]', 'redact: [unit]')
      .replace('{id}', '{unit}');
    // Entries of `accept` come and go with their keys.
    const shorter = renamed.replace(/^.*S3CR3T-GONE.*$\n/m, '');
    const table = `unit,region,weight,mode,note\n${row('s3cr3t-1', '1')}${row('s3cr3t-4', '2', 'x')}`;
    const steps: readonly Readonly<Record<string, string>>[] = [
      { 'keydrift.yaml': shorter, 'p.csv': table.replaceAll(/s3cr3t-(\d)/g, 'u$1') },
      { 'keydrift.yaml': base, 'p.csv': `${header}"s3cr3t-1"s3cr3t,EU,1,full,x\n` },
      { 'keydrift.yaml': base.replace(' p:', ' q:'), 'p.csv': header + row('s3cr3t-5') },
      {
        'keydrift.yaml': base.replace('redact: [id, weight]', ''),
        'p.csv': header + row('u-1', '1'),
      },
    ];
    for (const files of steps) {
      await commit(cwd, files);
      const { code, stdout } = await search(['lint', '--base', 'HEAD~1'], cwd);
      expect({ code: code === 0 || files === steps[1], stdout }).toStrictEqual({
        code: true,
        stdout: expect.stringMatching(/redacted|BASE_UNREADABLE/),
      });
    }
  });

  test('nor of a file without its header, or of one that is no table', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': contract('run.csv'), 'p.csv': reviewed });
    for (const text of [
      row('s3cr3t-1'),
      `${header}"s3cr3t-1"s3cr3t,EU,1,full,x\n`,
      `${header}"s3cr3t-1,EU\n`,
      `${header}s3cr3t-1\0,EU,1,full,x\n`,
    ]) {
      await writeFile(join(cwd, 'run.csv'), text);
      const { code } = await search(['audit', '--no-cause'], cwd);
      expect(code).toBe(1);
      expectHidden(await runCli(['gate', 'p'], { cwd }), ['gate']);
    }
    await commit(cwd, { 'p.csv': row('s3cr3t-1') });
    await search(['audit', '--no-cause'], cwd);
    await search(['lint'], cwd);
  });

  test('a column that is to be hidden and is not there is refused: what it meant would be told', async () => {
    const typo = contract('run.csv').replace('redact: [id, weight]', 'redact: [id, wieght]');
    const cwd = await makeRepository({ 'keydrift.yaml': typo, 'p.csv': reviewed });
    const { code, stderr, stdout } = await runCli(['audit'], { cwd });
    expect({ code, told: `${stdout}${stderr}`.includes('weight') }).toStrictEqual({
      code: 2,
      told: true,
    });
    const open = typo.replace('    consumes: [weight, mode]\n', '');
    const other = await makeRepository({ 'keydrift.yaml': open, 'p.csv': reviewed });
    await writeFile(join(other, 'run.csv'), drifted);
    const late = await search(['audit', '--no-cause'], other);
    expect(late.code).toBe(2);
  });
});

describe('values of redacted columns, over object storage', () => {
  const stage = setFaultStage();

  test('stand in no story, plan or publication', async () => {
    const runtime = `s3://${faultBucket}/s3/p.csv`;
    const cwd = await makeRepository({ 'keydrift.yaml': contract(runtime), 'p.csv': reviewed });
    for (const body of [reviewed, drifted]) {
      stage.server.putObject({ bucket: faultBucket, key: 's3/p.csv', body: Buffer.from(body) });
    }
    await search(['investigate', 'p'], cwd, stage.env);
    const broken = `${row('s3cr3t-1')}${row('s3cr3t-2')}`;
    stage.server.putObject({ bucket: faultBucket, key: 's3/p.csv', body: Buffer.from(broken) });
    stage.server.putObject({ bucket: faultBucket, key: 's3/p.csv', body: Buffer.from(drifted) });
    await search(['investigate', 'p'], cwd, stage.env);
    await search(['publish', 'p', '--dry-run'], cwd, stage.env);
    await search(
      ['publish', 'p', '--yes', '--overwrite-unreviewed', ...unconditional],
      cwd,
      stage.env,
    );
    // The value that is asked for is the caller's; the rows of its slice are not told either.
    const scope = ['investigate', 'p', '--scope', 'id=s3cr3t-1', '--format', 'text'];
    const sliced = await runCli(scope, { cwd, env: stage.env });
    expect(sliced.stdout).toContain('redacted:');
    expect(sliced.stdout).not.toMatch(/9876543/);
  });

  test('a plan that hides values is applied by a later run, and says as little', async () => {
    const runtime = `s3://${faultBucket}/plan/p.csv`;
    const put = (body: string): unknown =>
      stage.server.putObject({ bucket: faultBucket, key: 'plan/p.csv', body: Buffer.from(body) });
    const cwd = await makeRepository({ 'keydrift.yaml': contract(runtime), 'p.csv': reviewed });
    put(drifted);
    const plan = [
      'publish',
      'p',
      '--overwrite-unreviewed',
      '--dry-run',
      '-o',
      'json:plan.json',
      ...unconditional,
    ];
    const planned = await runCli(plan, { cwd, env: stage.env });
    expect(planned.code).toBe(0);
    const saved = await readFile(join(cwd, 'plan.json'), 'utf8');
    expectHidden({ stdout: saved, stderr: planned.stdout + planned.stderr }, plan);
    expect(saved).toContain('"redacted:');
    // Fingerprints are of one run: what a plan is held to are the object and the contract.
    const apply = ['publish', '--apply', 'plan.json'];
    put(`${drifted}${row('s3cr3t-late')}`);
    const late = await search([...apply, '--yes'], cwd, stage.env);
    expect(late.code).toBe(2);
    expect(late.stdout + late.stderr).toContain('PLAN_STATE_CHANGED');
    put(drifted);
    const again = await runCli(plan, { cwd, env: stage.env });
    expect(again.code).toBe(0);
    // A process of its own, whose fingerprints are others.
    const done = await runProcess([...apply, '--yes'], { cwd, env: stage.env });
    expectHidden(done, apply);
    expect(done.code).toBe(0);
    const audited = await runCli(['audit', '--format', 'json'], { cwd, env: stage.env });
    expect(audited.stdout).toContain('"state": "identical"');
  });
});
