import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, drifted, reviewed } from './beside.ts';
import { git, makeRepository, runCli, runJson } from './cli.ts';

const contract = (reviewedAt: string): string => `version: 1
artifacts:
  a: {reviewed: ${reviewedAt}, runtime: drifted.csv, key: [id]}
`;
const repository = (): Promise<string> =>
  makeRepository({
    'keydrift.yaml': contract('reviewed.csv'),
    'reviewed.csv': reviewed,
    'drifted.csv': drifted,
  });

describe('flag before environment before default', () => {
  test('format', async () => {
    const cwd = await repository();
    const env = { KEYDRIFT_FORMAT: 'json' };
    expect(JSON.parse((await runCli(['audit'], { cwd, env })).stdout)).toMatchObject({
      exitCode: 1,
    });
    const text = await runCli(['audit', '--format', 'text'], { cwd, env });
    expect(text.stdout).toMatch(/^a: DRIFTED/);
    const markdown = await runCli(['audit'], { cwd, env: { KEYDRIFT_FORMAT: 'markdown' } });
    expect(markdown.stdout).toMatch(/^#|\*\*/m);
  });

  test('a variable that is no format is a usage error', async () => {
    const { code, stderr } = await runCli(['audit'], {
      cwd: await repository(),
      env: { KEYDRIFT_FORMAT: 'xml' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/KEYDRIFT_FORMAT/);
  });

  test('what switches enforcement off is a flag: a variable that was taken is refused', async () => {
    const cwd = await repository();
    for (const [name, flag] of [
      ['KEYDRIFT_FAIL_ON', '--fail-on'],
      ['KEYDRIFT_USE', '--use'],
    ] as const) {
      const audited = await runCli(['audit'], { cwd, env: { [name]: 'added' } });
      expect(audited).toMatchObject({ code: 2, stdout: '' });
      expect(audited.stderr).toMatch(new RegExp(`^USAGE: ${name}[^]*${flag}`));
      const gated = await runCli(['run', '--', 'echo', 'ran'], {
        cwd,
        env: { [name]: 'reviewed' },
      });
      expect(gated).toMatchObject({ code: 122, stdout: '' });
      expect((await runCli(['audit', '--help'], { cwd, env: { [name]: 'added' } })).code).toBe(0);
    }
  });

  test('a name that nobody reads warns, and decides nothing', async () => {
    const cwd = await repository();
    const env = {
      KEYDRIFT_FORMATT: 'json',
      KEYDRIFT_NO_FAIL: '1',
      KEYDRIFT_ALLOW_ROLLBACK: '1',
      KEYDRIFT_VAR_STAGE: 'prod',
      KEYDRIFT_PARTS_FILE: '/x',
      KEYDRIFT_PARTS_URL_VERSION: 'v',
    };
    const { code, stdout, stderr } = await runCli(['audit'], { cwd, env });
    expect({ code, text: stdout.startsWith('a: DRIFTED') }).toEqual({ code: 1, text: true });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toEqual([
      'keydrift: warning: KEYDRIFT_ALLOW_ROLLBACK does nothing: --allow-rollback is a flag only (UNKNOWN_VARIABLE)',
      'keydrift: warning: KEYDRIFT_FORMATT does nothing; is KEYDRIFT_FORMAT meant? (UNKNOWN_VARIABLE)',
      'keydrift: warning: KEYDRIFT_NO_FAIL does nothing: --no-fail is a flag only (UNKNOWN_VARIABLE)',
    ]);
    const json = await runCli(['audit', '--log-format', 'json'], { cwd, env });
    const events = json.stderr
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ tool: 'keydrift', level: 'warn', event: 'warning' });
  });

  test('reports and gate lines name what came from the environment', async () => {
    const cwd = await repository();
    const env = { KEYDRIFT_REF: 'HEAD', KEYDRIFT_CONFIG: 'keydrift.yaml', KEYDRIFT_QUIET: '0' };
    const text = await runCli(['audit'], { cwd, env });
    expect(text.stdout).toMatch(/exit code 1\), by KEYDRIFT_CONFIG, KEYDRIFT_REF\n$/);
    const { report } = await runJson(['audit'], { cwd, env });
    expect(report).toMatchObject({ fromEnvironment: ['KEYDRIFT_CONFIG', 'KEYDRIFT_REF'] });
    const flag = await runJson(['audit', '--ref', 'HEAD'], { cwd, env });
    expect(flag.report).toMatchObject({ fromEnvironment: ['KEYDRIFT_CONFIG'] });
    const gated = await runCli(['run', '--no-fail', '--', 'true'], { cwd, env });
    expect(gated.stderr).toContain('; by KEYDRIFT_CONFIG, KEYDRIFT_REF');
  });

  test('limit', async () => {
    const cwd = await repository();
    await commit(cwd, { 'reviewed.csv': 'id,mode\nX,1\nY,1\nZ,1\nP-2,delta\n' });
    const shown = async (args: string[], env: Record<string, string>): Promise<string> =>
      (await runCli(['audit', ...args], { cwd, env })).stdout;
    expect(await shown([], { KEYDRIFT_LIMIT: '1' })).toMatch(/\+\d+ more/);
    expect(await shown(['--limit', '50'], { KEYDRIFT_LIMIT: '1' })).not.toMatch(/\+\d+ more/);
  });

  test('quiet', async () => {
    const cwd = await repository();
    const args = ['diff', 'reviewed.csv', 'reviewed.csv', '--key', 'id'];
    expect((await runCli(args, { cwd, env: { KEYDRIFT_QUIET: '1' } })).stdout).toBe('');
    expect((await runCli([...args, '--quiet'], { cwd })).stdout).toBe('');
  });

  test('config', async () => {
    const cwd = await repository();
    await commit(cwd, { 'other.yaml': contract('drifted.csv') });
    const env = { KEYDRIFT_CONFIG: 'other.yaml' };
    const verdictOf = async (args: string[]): Promise<number> =>
      (await runJson(args, { cwd, env })).report.exitCode;
    expect(await verdictOf(['audit', '--fail-on', 'added'])).toBe(0);
    expect(await verdictOf(['audit', '--config', 'nowhere.yaml'])).toBe(2);
    expect((await runJson(['audit'], { cwd, env })).report.artifacts[0]?.state).toBe('identical');
    const flag = await runJson(['audit', '--config', 'keydrift.yaml'], { cwd, env });
    expect(flag.report.artifacts[0]?.state).toBe('drifted');
  });

  test('ref, which a ref of the contract outranks', async () => {
    const cwd = await repository();
    git(cwd, 'tag', 'as-it-was');
    const changed = await commit(cwd, { 'reviewed.csv': drifted });
    const commitOf = async (args: string[], env: Record<string, string> = {}): Promise<unknown> =>
      (await runJson(['audit', ...args], { cwd, env })).report.artifacts[0]?.reviewed?.['commit'];
    const before = git(cwd, 'rev-parse', 'as-it-was');
    expect(await commitOf([])).toBe(changed);
    expect(await commitOf([], { KEYDRIFT_REF: 'as-it-was' })).toBe(before);
    expect(await commitOf(['--ref', 'HEAD'], { KEYDRIFT_REF: 'as-it-was' })).toBe(changed);
    await commit(cwd, { 'keydrift.yaml': contract("'git:as-it-was:reviewed.csv'") });
    expect(await commitOf(['--ref', 'HEAD'], { KEYDRIFT_REF: 'HEAD' })).toBe(before);
  });

  test('output', async () => {
    const cwd = await repository();
    const env = { KEYDRIFT_OUTPUT: 'json:environment.json' };
    await runCli(['audit'], { cwd, env });
    expect(JSON.parse(await readFile(join(cwd, 'environment.json'), 'utf8'))).toMatchObject({
      exitCode: 1,
    });
  });

  test('no-fail comes from the flag alone', async () => {
    const cwd = await repository();
    const env = { KEYDRIFT_NO_FAIL: '1', KEYDRIFT_FAIL: 'false' };
    const { report } = await runJson(['audit'], { cwd, env });
    expect(report).toMatchObject({ exitCode: 1, enforced: true });
  });
});

test('${VAR} of the contract comes from KEYDRIFT_VAR_VAR or --var, and no other variable', async () => {
  const cwd = await repository();
  await commit(cwd, { 'keydrift.yaml': contract("'${STAGE}.csv'") });
  const stateOf = async (env: Record<string, string>, ...args: string[]): Promise<unknown> => {
    const { report } = await runJson(['audit', ...args], { cwd, env });
    return report.artifacts[0]?.error?.code ?? report.artifacts[0]?.state;
  };
  expect(await stateOf({ KEYDRIFT_VAR_STAGE: 'drifted' })).toBe('identical');
  expect(await stateOf({}, '--var', 'STAGE=drifted')).toBe('identical');
  expect(await stateOf({ KEYDRIFT_VAR_STAGE: 'x' }, '--var', 'STAGE=drifted')).toBe('identical');
  expect(await stateOf({ STAGE: 'drifted' }, '--var', 'STAGE')).toBe('identical');
  // What nobody hands over by name stays where it is, whatever a contract asks for.
  expect(await stateOf({ STAGE: 'drifted' })).toBe('VARIABLE_UNSET');
  expect(await stateOf({}, '--var', 'STAGE')).toBe('VARIABLE_UNSET');
});

const escape = '\u001B';

test('no escapes on a pipe, whatever the environment says of colour', async () => {
  const cwd = await repository();
  for (const env of [{}, { NO_COLOR: '1' }, { TERM: 'xterm-256color', COLORTERM: 'truecolor' }]) {
    const { stdout, stderr } = await runCli(['audit'], { cwd, env });
    expect(stdout + stderr).not.toContain(escape);
  }
  const { stderr } = await runCli(['audit', '--bogus'], { cwd });
  expect(stderr).not.toContain(escape);
});
