import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { git, makeRepository, runCli, runJson } from './cli.ts';
import { auditOne, bucket, codes, setBucket, severities } from './known-drift.ts';

const store = setBucket();

const reviewed = 'id,region,mode\nP-1,EU,full\nP-2,,delta\nP-3,EU,full\n';
const drifted = `${reviewed.replace('P-3,EU,full\n', '')}P-1,EU,full\nP-1,EU,full\n`;

function contract(key: string, accept = ''): string {
  return `version: 1
artifacts:
  slices:
    reviewed: slices.csv
    runtime: s3://${bucket}/${key}
    key: [id, {column: region, optional: true}]
    policy: {}
${accept}`;
}

async function makeArtifact(key: string, runtime = drifted, file = reviewed): Promise<string> {
  store.put(key, runtime);
  return makeRepository({ 'keydrift.yaml': contract(key), 'slices.csv': file });
}

/** The `accept` that is proposed, as its lines stand in the YAML. */
async function propose(cwd: string, reason: string): Promise<string> {
  const { stdout, stderr } = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
  expect(stderr).toBe('');
  expect(() => parse(stdout)).not.toThrow();
  const start = stdout.indexOf('    accept:');
  return stdout.slice(start).replaceAll('reason: ""', `reason: ${JSON.stringify(reason)}`);
}

function day(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

async function writeContract(cwd: string, key: string, accept: string): Promise<void> {
  await writeFile(join(cwd, 'keydrift.yaml'), contract(key, accept));
  git(cwd, 'commit', '--quiet', '--all', '--message', 'accept');
}

describe('what is proposed', () => {
  test('is accepted once it has a reason, and stays a fact', async () => {
    const cwd = await makeArtifact('loop.csv');
    const before = await auditOne(cwd, store.env);
    expect(severities(before)).toStrictEqual(['removed reviewed fail', 'duplicated runtime fail']);
    await writeContract(cwd, 'loop.csv', await propose(cwd, 'INC-1'));
    const after = await auditOne(cwd, store.env);
    expect(severities(after)).toStrictEqual([
      'removed reviewed accepted',
      'duplicated runtime accepted',
    ]);
    expect(after).toMatchObject({ code: 0, verdict: 'in-sync', state: 'drifted', warnings: [] });
    expect(after.counts).toMatchObject({ removed: 1, duplicated: 1 });
    expect(after.text).toContain('accepted');
  });

  test('has the exit code of the audit, no date to overlook, and a report beside it', async () => {
    const cwd = await makeArtifact('codes.csv');
    const args = ['audit', '--propose-accept', '-o', 'json:report.json'];
    const { code, stdout } = await runCli(args, { cwd, env: store.env });
    expect(code).toBe(1);
    expect(parse(stdout).artifacts.slices.accept).toMatchObject([
      { key: { id: 'P-3', region: 'EU' }, kinds: ['removed'], rows: 1, reason: '' },
      { key: { id: 'P-1', region: 'EU' }, kinds: ['duplicated'], rows: 3, until: day(30) },
    ]);
    await runCli(['audit', '--propose-accept', '--no-fail'], { cwd, env: store.env }).then((run) =>
      expect(run.code).toBe(0),
    );
  });

  test('is refused by the contract as long as it has no reason', async () => {
    const cwd = await makeArtifact('reason.csv');
    await writeContract(cwd, 'reason.csv', await propose(cwd, ''));
    const { code, report } = await runJson(['audit'], { cwd, env: store.env });
    expect(code).toBe(2);
    expect(report.error?.problems.map(({ path }) => path)).toStrictEqual([
      'artifacts.slices.accept[0].reason',
      'artifacts.slices.accept[1].reason',
    ]);
  });

  test('leaves out what nobody reviewed, and says why', async () => {
    const runtime =
      'id,region,mode\nP-1,EU,other\nP-2,,delta\nP-2,,wrong\nP-4,,full\nP-4,,full\nP-3\n';
    const cwd = await makeArtifact('refused.csv', runtime);
    const { stdout } = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
    expect(parse(stdout)).toMatchObject({
      artifacts: { slices: { accept: [{ key: { id: 'P-3' }, kinds: ['removed'] }] } },
    });
    for (const words of ['added id=P-4', 'duplicated runtime id=P-4', 'conflict runtime id=P-2']) {
      expect(stdout).toMatch(
        new RegExp(
          `# ${words}.* cannot be accepted: the reviewed(?: |\\s+# )copy(?: |\\s+# )lacks`,
        ),
      );
    }
    expect(stdout).toContain('# conflict across id=P-1');
    expect(stdout).toContain('# invalid runtime cannot be accepted');
  });

  test('of a copy without a verdict is nothing', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': contract('a.csv').replace(bucket, 'no-such-bucket'),
      'slices.csv': reviewed,
    });
    const { code, stdout } = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
    expect(code).toBe(2);
    expect(stdout).toContain('STORE_NO_SUCH_BUCKET');
    // An empty list in its place would take away what stands there.
    expect(parse(stdout)).toStrictEqual({ artifacts: { slices: {} } });
    expect(stdout).toMatch(/^# There is nothing to accept: /);
    expect(stdout).toContain('    # what could be accepted is not known here: ');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('of what is in sync is said in words, and of many it is one line', async () => {
    const cwd = await makeArtifact('same.csv', reviewed);
    const { stdout } = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
    expect(stdout).toMatch(/^# There is nothing to accept: .*\nartifacts: \{\}\n$/);
    store.put('other.csv', drifted);
    const other = contract('other.csv').split('artifacts:\n')[1]!.replace('slices:', 'others:');
    await writeContract(cwd, 'same.csv', other);
    const both = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
    expect(both.stdout).toContain('# Nothing to accept in 1 other.');
    expect(Object.keys(parse(both.stdout).artifacts)).toStrictEqual(['others']);
    for (const line of both.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('takes the place of a format on stdout', async () => {
    const cwd = await makeArtifact('format.csv');
    const run = (...args: readonly string[]) =>
      runCli(['audit', '--propose-accept', ...args], {
        cwd,
        env: { ...store.env, KEYDRIFT_FORMAT: 'json' },
      });
    expect(parse((await run()).stdout)).toHaveProperty('artifacts.slices.accept');
    expect(await run('--format', 'markdown')).toMatchObject({ code: 2 });
  });

  test('pastes back whatever stands in a key', async () => {
    const strange = [
      '${HOME}',
      '$${X}',
      '"q"',
      "it's",
      'a: b # c',
      '\\x',
      '\u0007\u202e',
      '😀ü',
      '42',
      'true',
      ' p ',
    ];
    const rows = strange.map((id) => `"${id.replaceAll('"', '""')}",EU,full\n`).join('');
    const file = `id,region,mode\n${rows}`;
    const cwd = await makeArtifact('strange.csv', file + rows, file);
    const accept = await propose(cwd, 'known');
    // oxlint-disable-next-line no-control-regex -- they are what a terminal must not get
    expect(accept).not.toMatch(/[\u0007\u202e]/);
    await writeContract(cwd, 'strange.csv', accept);
    const after = await auditOne(cwd, store.env);
    expect(after.code).toBe(0);
    expect(codes(after).filter((code) => code.startsWith('ACCEPT'))).toStrictEqual([]);
    expect(new Set(severities(after))).toStrictEqual(new Set(['duplicated runtime accepted']));
    expect(after.findings.length).toBe(strange.length);
  });

  test('keeps the words of entries that still hold', async () => {
    const cwd = await makeArtifact('again.csv');
    const accept = (await propose(cwd, 'INC-7')).replaceAll(day(30), day(99));
    await writeContract(cwd, 'again.csv', accept);
    expect(await propose(cwd, 'none')).toBe(accept.replaceAll(' # why may this stay?', ''));
  });
});

describe('an entry ends', () => {
  test.each([
    ['long before', 60, 0, 'accepted', []],
    ['in its last days', 3, 0, 'accepted', ['ACCEPT_ENDS_SOON', 'ACCEPT_ENDS_SOON']],
    ['after its day', -1, 1, 'fail', ['ACCEPT_EXPIRED', 'ACCEPT_EXPIRED']],
  ] as const)('%s', async (_name, days, code, severity, warned) => {
    const key = `until-${days}.csv`;
    const cwd = await makeArtifact(key);
    const accept = (await propose(cwd, 'INC-1')).replaceAll(day(30), day(days));
    await writeContract(cwd, key, accept);
    const after = await auditOne(cwd, store.env);
    expect(after.code).toBe(code);
    expect(after.findings.map((finding) => finding.severity)).toStrictEqual([severity, severity]);
    expect(codes(after)).toStrictEqual(warned);
  });

  test.each([
    ['one row more', `${drifted}P-1,EU,full\n`, 'duplicated runtime fail'],
    ['one row less', reviewed + 'P-1,EU,full\n', 'duplicated runtime fail'],
    ['another value', drifted.replaceAll('P-1,EU,full', 'P-1,EU,other'), 'conflict across fail'],
    ['a second variant', `${reviewed}P-1,EU,full\nP-1,EU,other\n`, 'conflict runtime fail'],
  ])('with %s', async (name, runtime, expected) => {
    const key = `changed-${name}.csv`.replaceAll(' ', '-');
    const cwd = await makeArtifact(key);
    await writeContract(cwd, key, await propose(cwd, 'INC-1'));
    store.put(key, runtime);
    const after = await auditOne(cwd, store.env);
    expect(after.code).toBe(1);
    expect(severities(after)).toContain(expected);
    expect(codes(after)).toContain('ACCEPT_UNUSED');
  });

  test('when the drift is gone: it warns until it is removed', async () => {
    const cwd = await makeArtifact('gone.csv');
    await writeContract(cwd, 'gone.csv', await propose(cwd, 'INC-1'));
    store.put('gone.csv', reviewed);
    const after = await auditOne(cwd, store.env);
    expect(after).toMatchObject({ code: 0, state: 'identical' });
    expect(codes(after)).toStrictEqual(['ACCEPT_UNUSED', 'ACCEPT_UNUSED']);
  });
});

test('a forgotten date stops no job for 14 more days, and every audit at once', async () => {
  const cwd = await makeArtifact('late.csv');
  const accept = await propose(cwd, 'INC-1');
  const ended = async (days: number): Promise<unknown> => {
    const entries = accept.replaceAll(day(30), day(-days));
    await writeContract(cwd, 'late.csv', entries);
    const options = { cwd, env: store.env };
    const run = await runCli(['run', 'slices', '--log-format', 'json', '--', 'true'], options);
    const audited = await auditOne(cwd, store.env);
    return [run.code === 0, run.stderr.includes('ACCEPT_EXPIRED'), audited.code];
  };
  expect(await ended(1)).toStrictEqual([true, true, 1]);
  expect(await ended(14)).toStrictEqual([true, true, 1]);
  expect(await ended(15)).toStrictEqual([false, true, 1]);
});

describe('beside other options', () => {
  test('policy and --fail-on come first, and --no-fail changes no severity', async () => {
    const cwd = await makeArtifact('options.csv');
    await writeContract(cwd, 'options.csv', await propose(cwd, 'INC-1'));
    const accepted = ['removed reviewed accepted', 'duplicated runtime accepted'];
    expect(severities(await auditOne(cwd, store.env, '--fail-on', 'duplicated'))).toStrictEqual(
      accepted,
    );
    store.put('options.csv', `${drifted}P-1,EU,full\n`);
    const failing = ['removed reviewed accepted', 'duplicated runtime fail'];
    const open = await auditOne(cwd, store.env, '--no-fail');
    expect(open).toMatchObject({ code: 0, verdict: 'drifted' });
    expect(severities(open)).toStrictEqual(failing);
    const warned = await auditOne(cwd, store.env, '--fail-on', 'added');
    expect(severities(warned)).toStrictEqual([
      'removed reviewed accepted',
      'duplicated runtime warn',
    ]);
  });

  test('lint accepts what the reviewed copy itself repeats', async () => {
    const file = `${reviewed}P-1,EU,full\n`;
    const cwd = await makeArtifact('lint.csv', file, file);
    expect((await runJson(['lint'], { cwd })).code).toBe(1);
    await writeContract(cwd, 'lint.csv', await propose(cwd, 'INC-1'));
    const { code, report } = await runJson(['lint'], { cwd });
    expect(code).toBe(0);
    expect(severities(report.artifacts[0]!)).toStrictEqual(['duplicated reviewed accepted']);
    const both = await auditOne(cwd, store.env);
    expect(both).toMatchObject({ code: 0, state: 'identical', warnings: [] });
  });
});

function copies(accept: string): string {
  return contract('eu.csv', accept).replace(
    /runtime: .*/,
    `runtime: {eu: s3://${bucket}/eu.csv, us: s3://${bucket}/us.csv}`,
  );
}

test('of several copies, an entry is unused only when none has its drift', async () => {
  store.put('eu.csv', reviewed);
  store.put('us.csv', drifted);
  const cwd = await makeRepository({ 'keydrift.yaml': copies(''), 'slices.csv': reviewed });
  const accept = await propose(cwd, 'INC-1');
  const run = async (...args: readonly string[]) => {
    const { code, report } = await runJson(['audit', ...args], { cwd, env: store.env });
    return { code, warned: report.artifacts.map(codes) };
  };
  await writeFile(join(cwd, 'keydrift.yaml'), copies(accept));
  git(cwd, 'commit', '--quiet', '--all', '--message', 'accept');
  expect(await run()).toStrictEqual({ code: 0, warned: [[], []] });
  const useless = accept.replace('id": "P-3"', 'id": "P-9"');
  await writeFile(join(cwd, 'keydrift.yaml'), copies(useless));
  git(cwd, 'commit', '--quiet', '--all', '--message', 'useless');
  expect(await run()).toStrictEqual({ code: 1, warned: [['ACCEPT_UNUSED'], []] });
  expect(await run('slices@eu')).toStrictEqual({ code: 0, warned: [[]] });
});
