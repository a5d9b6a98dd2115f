import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  git,
  makeRepository,
  runCli,
  runJson,
  temporaryDirectory,
  writeFiles,
  type CliResult,
  type JsonReport,
} from './cli.ts';

const contract = `version: 1
artifacts:
  participants:
    reviewed: support/participants.csv
    runtime: \${RUNTIME}/participants.csv
    key: [id]
  calendar:
    reviewed: {repo: "\${CALENDARS}", path: calendar.csv}
    runtime:
      eu: runtime/eu.csv
      us: {url: runtime/us.csv, ref: release}
    key: [day]
`;

/** A host without a repository: a bundle, runtime copies, and a PATH without git. */
interface Host {
  readonly cwd: string;
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
  /** Files of the bundle that hold this text. */
  fileOf(artifact: string): string;
}

async function madeHost(): Promise<Host> {
  const repository = await makeRepository({
    'keydrift.yaml': contract,
    'support/participants.csv': 'id,mode\n1,a\n2,b\n',
  });
  const calendars = await makeRepository({ 'calendar.csv': 'day,open\n1,no\n' });
  git(calendars, 'branch', 'release');
  await writeFiles(calendars, { 'calendar.csv': 'day,open\n1,no\n2,yes\n' });
  git(calendars, 'commit', '--quiet', '--all', '--message', 'second');
  const cwd = await temporaryDirectory();
  const out = join(cwd, 'bundle');
  const made = await runCli(['bundle', '--out', out], {
    cwd: repository,
    env: { KEYDRIFT_VAR_CALENDARS: calendars },
  });
  expect(made).toMatchObject({ code: 0 });
  await writeFiles(cwd, {
    'runtime/participants.csv': 'id,mode\n1,a\n2,b\n',
    'runtime/eu.csv': 'day,open\n2,yes\n1,no\n',
    'runtime/us.csv': 'day,open\n1,no\n',
    'path/.keep': '',
  });
  symlinkSync(process.execPath, join(cwd, 'path', 'node'));
  const manifest: { artifacts: { artifact: string; file: string }[] } = JSON.parse(
    readFileSync(join(out, 'keydrift.bundle.json'), 'utf8'),
  );
  return {
    cwd,
    repository,
    env: { KEYDRIFT_VAR_RUNTIME: 'runtime', PATH: join(cwd, 'path') },
    fileOf: (artifact) =>
      join(out, String(manifest.artifacts.find((one) => one.artifact === artifact)?.file)),
  };
}

function audit(
  { cwd, env }: Host,
  ...args: readonly string[]
): Promise<CliResult & { readonly report: JsonReport }> {
  return runJson(['audit', '--against', 'bundle:bundle', ...args], { cwd, env });
}

describe('audit --against a bundle', () => {
  test('needs neither git nor a contract beside it, nor the variables of the reviewed side', async () => {
    const host = await madeHost();
    const { code, report } = await audit(host);
    expect(report.artifacts.map(({ name, copy, state }) => [name, copy, state])).toEqual([
      ['participants', null, 'identical'],
      ['calendar', 'eu', 'equivalent'],
      ['calendar', 'us', 'identical'],
    ]);
    expect(code).toBe(0);
    const [participants, , us] = report.artifacts;
    expect(participants?.reviewed).toMatchObject({
      location: 'bundle:bundle#participants',
      commit: git(host.repository, 'rev-parse', 'HEAD'),
      blob: git(host.repository, 'rev-parse', 'HEAD:support/participants.csv'),
      rows: 2,
    });
    expect(us?.reviewed?.location).toBe('bundle:bundle#calendar@us');
    expect(us?.reviewed?.['commit']).not.toBe(report.artifacts[1]?.reviewed?.['commit']);
    expect(participants?.runtime?.location).toBe(
      `file:${join(host.cwd, 'runtime/participants.csv')}`,
    );
  });

  test('finds drift, and says in words what it was compared with', async () => {
    const host = await madeHost();
    writeFileSync(join(host.cwd, 'runtime/participants.csv'), 'id,mode\n1,a\n3,c\n3,c\n');
    const { code, report } = await audit(host, 'participants');
    expect(code).toBe(1);
    expect(report.artifacts[0]?.counts).toMatchObject({ added: 1, removed: 1, duplicated: 1 });
    const told = await runCli(
      ['audit', 'participants', '--against', 'bundle:bundle', '--limit', '1'],
      host,
    );
    expect(told.stdout).toContain('bundle:bundle#participants');
    expect(told.stdout).toContain('keydrift audit participants --against bundle:bundle --limit 3');
  });

  test('the variable of a runtime copy must be set here', async () => {
    const host = await madeHost();
    const { code, report } = await runJson(['audit', '--against', 'bundle:bundle'], {
      cwd: host.cwd,
    });
    expect(code).toBe(2);
    expect(report.artifacts.map(({ error }) => error?.code ?? null)).toEqual([
      'VARIABLE_UNSET',
      null,
      null,
    ]);
    expect(report.artifacts[0]?.error?.hint).toContain('--var RUNTIME=VALUE');
  });

  test.each([
    ['changed', (path: string) => writeFileSync(path, 'id,mode\n1,a\n2,c\n')],
    ['cut', (path: string) => writeFileSync(path, '')],
    ['missing', (path: string) => rmSync(path)],
  ])('a %s file is 2, and named, whatever is audited', async (_name, spoil) => {
    const host = await madeHost();
    spoil(host.fileOf('participants'));
    for (const names of [[], ['participants'], ['calendar@us']]) {
      const { code, report } = await audit(host, ...names);
      expect(code).toBe(2);
      expect(report.error).toMatchObject({ code: 'BUNDLE_DAMAGED' });
      const name = host.fileOf('participants').split('/').at(-1);
      expect(report.error?.message).toContain(name);
    }
  });

  test('a changed manifest, another schema, no bundle: 2', async () => {
    const host = await madeHost();
    const path = join(host.cwd, 'bundle/keydrift.bundle.json');
    const text = readFileSync(path, 'utf8');
    const spoilt = [
      text.slice(0, -20),
      text.replace('keydrift.bundle/1', 'keydrift.bundle/2'),
      text.replace('key: [id]', 'key: [mode]'),
      text.replace(/"sha256": "./, '"sha256": "'),
    ];
    for (const content of spoilt) {
      writeFileSync(path, content);
      const { code, report } = await audit(host);
      expect([code, report.error?.code]).toEqual([2, 'BUNDLE_INVALID']);
    }
    rmSync(path);
    const { code, report } = await audit(host);
    expect([code, report.error?.code]).toEqual([2, 'BUNDLE_NOT_FOUND']);
  });

  test('files beside it that no manifest names change nothing', async () => {
    const host = await madeHost();
    await writeFiles(host.cwd, {
      [`bundle/files/${'0'.repeat(64)}`]: 'x',
      'bundle/files/.left.tmp': 'x',
      'bundle/notes.txt': 'x',
    });
    expect((await audit(host)).code).toBe(0);
  });

  test('an artifact that the bundle lacks has no verdict; the others have theirs', async () => {
    const host = await madeHost();
    await runCli(['bundle', 'participants', '--out', join(host.cwd, 'bundle')], {
      cwd: host.repository,
      env: { KEYDRIFT_VAR_CALENDARS: host.repository },
    });
    const { code, report } = await audit(host);
    expect(code).toBe(2);
    expect(report.artifacts.map(({ verdict, error }) => [verdict, error?.code ?? null])).toEqual([
      ['in-sync', null],
      ['indeterminate', 'UNKNOWN_ARTIFACT'],
      ['indeterminate', 'UNKNOWN_ARTIFACT'],
    ]);
    expect(report.artifacts[1]?.error?.message).toContain('calendar@eu');
    expect((await audit(host, 'participants')).code).toBe(0);
    const unknown = await audit(host, 'partcipants');
    expect([unknown.code, unknown.report.error?.code]).toEqual([2, 'UNKNOWN_ARTIFACT']);
  });

  test('the same contract beside it is used where it stands', async () => {
    const host = await madeHost();
    await writeFiles(host.cwd, { 'keydrift.yaml': contract, 'below/.keep': '' });
    const { code, report } = await runJson(['audit', 'calendar', '--against', 'bundle:../bundle'], {
      cwd: join(host.cwd, 'below'),
      env: host.env,
    });
    expect(code).toBe(0);
    expect(report.artifacts[0]?.runtime?.location).toBe(`file:${join(host.cwd, 'runtime/eu.csv')}`);
    expect(report.artifacts[0]?.warnings).toEqual([]);
  });

  test('another contract beside it is refused, unless one of the two is asked for by name', async () => {
    const host = await madeHost();
    writeFileSync(join(host.cwd, 'runtime/participants.csv'), 'id,mode\n1,a\n2,b\n3,c\n');
    const lax = contract.replace('key: [id]', 'key: [id]\n    policy: {added: warn}');
    await writeFiles(host.cwd, { 'keydrift.yaml': lax });
    const refused = await audit(host, 'participants');
    expect([refused.code, refused.report.error?.code]).toEqual([2, 'BUNDLE_CONTRACT_DIFFERS']);
    const local = await audit(host, 'participants', '--config', 'keydrift.yaml');
    expect(local.code).toBe(0);
    expect(local.report.artifacts[0]?.warnings.map(({ code }) => code)).toEqual([
      'CONTRACT_DIFFERS',
    ]);
    const bundled = await audit(host, 'participants', '--config', 'bundle:bundle');
    expect(bundled.code).toBe(1);
    const typo = await audit(host, '--config', 'keydrft.yaml');
    expect([typo.code, typo.report.error?.code]).toEqual([2, 'CONTRACT_NOT_FOUND']);
  });

  test.each([
    [['--against', 'bundle'], 'LOCATION_INVALID'],
    [['--against', 'bundle:'], 'LOCATION_INVALID'],
    [['--against', 'bundle:gs://x/y'], 'LOCATION_INVALID'],
    [['--against', 'bundle:bundle', '--ref', 'main'], 'USAGE'],
    [['--against', 'bundle:nowhere'], 'BUNDLE_NOT_FOUND'],
  ])('%j is %s: 2', async (args, code) => {
    const cwd = await temporaryDirectory();
    const { code: exit, stderr } = await runCli(['audit', ...args], { cwd });
    expect(exit).toBe(2);
    expect(stderr).toContain(code);
  });

  test('KEYDRIFT_AGAINST names the bundle as well, beside a KEYDRIFT_REF for other commands', async () => {
    const host = await madeHost();
    const env = { ...host.env, KEYDRIFT_AGAINST: 'bundle:bundle', KEYDRIFT_REF: 'main' };
    expect((await runJson(['audit'], { cwd: host.cwd, env })).code).toBe(0);
  });

  // Root may read everything: the check says nothing there.
  test.skipIf(process.getuid?.() === 0)('a file that may not be read is 2', async () => {
    const host = await madeHost();
    chmodSync(host.fileOf('participants'), 0);
    expect((await audit(host)).code).toBe(2);
  });
});

test('--against names a bundle by its manifest: another one gives no verdict', async () => {
  const host = await madeHost();
  const sha256 = createHash('sha256')
    .update(readFileSync(join(host.cwd, 'bundle', 'keydrift.bundle.json')))
    .digest('hex');
  const pinned = (pin: string) =>
    runCli(['audit', 'participants', '--against', `bundle:bundle#sha256=${pin}`], host);
  expect((await pinned(sha256)).code).toBe(0);
  expect((await pinned(sha256.toUpperCase())).code).toBe(0);
  const other = await pinned('0'.repeat(64));
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('BUNDLE_OTHER')]);
  expect((await pinned('abc')).stderr).toContain('64 hex digits');
});
