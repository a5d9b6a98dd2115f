import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, drifted, expectError, reviewed } from './beside.ts';
import { git, makeRepository, runCli, runJson, temporaryDirectory, writeFiles } from './cli.ts';

const one = (more = ''): string => `version: 1
artifacts:
  slices: {reviewed: slices.csv, runtime: run/slices.csv, key: [id]${more}}
`;

/** A repository with one artifact, its runtime copy beside it and not in git. */
async function repository(more = '', runtime = reviewed, files = {}): Promise<string> {
  const cwd = await makeRepository({
    'keydrift.yaml': one(more),
    'slices.csv': reviewed,
    '.gitignore': 'run\n',
    ...files,
  });
  await writeFiles(cwd, { 'run/slices.csv': runtime });
  return cwd;
}

/** What one audited artifact is told to be. */
async function audited(cwd: string, ...args: readonly string[]) {
  const { report } = await runJson(['audit', ...args], { cwd });
  const [artifact] = report.artifacts;
  return {
    code: report.exitCode,
    state: artifact?.state,
    warned: artifact?.warnings.map(({ code }) => code),
    error: artifact?.error ?? report.error,
    artifacts: report.artifacts,
  };
}

describe('a contract of several files', () => {
  const team = (name: string): string =>
    `version: 1\nartifacts:\n  ${name}: {reviewed: ${name}.csv, runtime: ../../run/${name}.csv, key: [id]}\n`;

  async function teams(root: string, files = {}): Promise<string> {
    const cwd = await makeRepository({
      'keydrift.yaml': root,
      'teams/a/keydrift.yaml': team('alpha'),
      'teams/a/alpha.csv': reviewed,
      'teams/b/keydrift.yaml': `${team('beta')}defaults: {owner: team-b, policy: {duplicated: fail}}\n`,
      'teams/b/beta.csv': reviewed,
      '.gitignore': 'run\n',
      ...files,
    });
    await writeFiles(cwd, { 'run/alpha.csv': drifted, 'run/beta.csv': drifted });
    return cwd;
  }
  const root =
    'version: 1\ninclude: [teams/*/keydrift.yaml]\ndefaults: {owner: all, policy: warn}\n';

  test('paths start at each file, and defaults are inherited', async () => {
    const cwd = await teams(root);
    const { artifacts, code } = await audited(cwd);
    expect(code).toBe(1);
    expect(artifacts).toMatchObject([
      { name: 'alpha', owner: 'all', verdict: 'in-sync', counts: { duplicated: 1 } },
      { name: 'beta', owner: 'team-b', verdict: 'drifted', counts: { duplicated: 1 } },
    ]);
    expect((await audited(cwd, '--select', 'owner=team-b')).artifacts.length).toBe(1);
    const named = async (asked: string): Promise<readonly string[]> =>
      (await audited(cwd, asked)).artifacts.map(({ name }) => name);
    expect(await named('run/alpha.csv')).toEqual(['alpha']);
    expect(await named('run/*.csv')).toEqual(['alpha', 'beta']);
    expect(await named('teams/**/b*.csv')).toEqual(['beta']);
    expectError((await audited(cwd, 'run/c*.csv')).error, { code: 'UNKNOWN_ARTIFACT', names: [] });
    expectError((await audited(cwd, '--select', 'owner=nobody')).error, {
      code: 'UNKNOWN_ARTIFACT',
      names: ['owner=nobody'],
    });
  });

  test('the same at a commit, and in a bundle', async () => {
    const cwd = await teams(root);
    await writeFiles(cwd, { 'keydrift.yaml': 'version: 1\n' });
    const committed = await audited(cwd, '--config', 'git:HEAD:keydrift.yaml');
    expect(committed.artifacts.map(({ name }) => name)).toStrictEqual(['alpha', 'beta']);
    const at = ['--config', 'git:HEAD:keydrift.yaml', '--out', 'run/other'];
    expect((await runCli(['bundle', ...at], { cwd })).code).toBe(0);
    git(cwd, 'checkout', '--quiet', 'keydrift.yaml');
    expect((await runCli(['bundle', '--out', 'run/bundle'], { cwd })).code).toBe(0);
    const manifest = async (folder: string): Promise<string> =>
      readFile(join(cwd, 'run', folder, 'keydrift.bundle.json'), 'utf8');
    expect(await manifest('other')).toBe(await manifest('bundle'));
    const host = await temporaryDirectory();
    const { report } = await runJson(['audit', '--against', `bundle:${cwd}/run/bundle`], {
      cwd: host,
    });
    expect(report.artifacts).toMatchObject([
      { name: 'alpha', owner: 'all' },
      { name: 'beta', owner: 'team-b' },
    ]);
  });

  test.each([
    [
      'a name twice',
      'include: [teams/*/keydrift.yaml]',
      { 'teams/b/keydrift.yaml': team('alpha') },
      'already',
    ],
    [
      'a circle',
      'include: [x.yaml]',
      { 'x.yaml': 'version: 1\ninclude: [keydrift.yaml]\n' },
      'includes itself',
    ],
    ['no such file', 'include: [nowhere.yaml]', {}, 'names no file'],
    ['a glob of nothing', 'include: [nowhere/*.yaml]', {}, 'names no file'],
    [
      'a fault in one',
      'include: [teams/a/keydrift.yaml]',
      { 'teams/a/keydrift.yaml': team('alpha').replace('key', 'kye') },
      'not a word',
    ],
  ] as const)('%s is refused', async (_what, include, files, words) => {
    const cwd = await teams(`version: 1\n${include}\n`, files);
    const { error } = await audited(cwd);
    expect(error?.code).toBe('CONTRACT_INVALID');
    expect(JSON.stringify(error?.problems)).toContain(words);
  });

  test('an endless chain ends', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `c${n}.yaml`,
        `version: 1\ninclude: [c${n + 1}.yaml]\n`,
      ]),
    );
    const cwd = await teams('version: 1\ninclude: [c0.yaml]\n', files);
    expect(JSON.stringify((await audited(cwd)).error?.problems)).toContain('deeper than');
  });
});

describe('--config git:REF:PATH', () => {
  test('reads contract and reviewed copies at REF, runtime copies beside the working tree', async () => {
    const cwd = await repository('', drifted, {
      'deep/keydrift.yaml': one().replaceAll('run/', '../run/'),
    });
    await commit(cwd, { 'deep/slices.csv': drifted });
    git(cwd, 'tag', 'v1');
    await commit(cwd, { 'deep/slices.csv': reviewed, 'deep/keydrift.yaml': 'version: 2\n' });
    const at = ['--config', 'git:v1:deep/keydrift.yaml'];
    expect(await audited(cwd, ...at)).toMatchObject({ state: 'identical', warned: [] });
    expect(await audited(cwd, ...at, '--ref', 'HEAD')).toMatchObject({ state: 'drifted' });
    await mkdir(join(cwd, 'elsewhere'));
    expect(await audited(join(cwd, 'elsewhere'), ...at)).toMatchObject({ state: 'identical' });
    expectError((await audited(cwd, '--config', 'git:v1:nowhere.yaml')).error, {
      code: 'GIT_PATH_NOT_FOUND',
      names: ['nowhere.yaml'],
    });
    expectError((await audited(cwd, '--config', 'git:nowhere')).error, {
      code: 'LOCATION_INVALID',
      names: ['git:REF:PATH'],
    });
  });

  test('a bare repository has no working tree for relative paths', async () => {
    const cwd = await repository();
    const bare = await temporaryDirectory();
    git(bare, 'clone', '--quiet', '--bare', cwd, '.');
    const { code, error } = await audited(bare, '--config', 'git:HEAD:keydrift.yaml');
    expect(code).toBe(2);
    expect(JSON.stringify(error?.problems)).toContain('Write an absolute path');
    git(cwd, 'rm', '--quiet', '--cached', 'keydrift.yaml');
    await commit(cwd, { 'keydrift.yaml': one().replace('run/', `${cwd}/run/`) });
    git(bare, 'fetch', '--quiet', cwd, '+main:main');
    expect(await audited(bare, '--config', 'git:main:keydrift.yaml')).toMatchObject({
      code: 0,
      state: 'identical',
    });
  });
});

describe('which contract it was', () => {
  const hash = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');

  test('--config-sha256 pins it', async () => {
    const cwd = await repository();
    const sha256 = await hash(join(cwd, 'keydrift.yaml'));
    expect(await audited(cwd, '--config-sha256', sha256.toUpperCase())).toMatchObject({ code: 0 });
    await writeFiles(cwd, { 'keydrift.yaml': `${one()}# \n` });
    const { code, error } = await audited(cwd, '--config-sha256', sha256);
    expect([code, error?.code]).toStrictEqual([2, 'CONTRACT_MISMATCH']);
    expect((await runCli(['audit', '--config-sha256', 'abc'], { cwd })).code).toBe(2);
  });

  test('one that was not reviewed is told, where there is a repository', async () => {
    const cwd = await repository();
    expect((await audited(cwd)).warned).toStrictEqual([]);
    await writeFiles(cwd, { 'keydrift.yaml': one(', policy: warn') });
    expect((await audited(cwd)).warned).toStrictEqual(['CONTRACT_UNCOMMITTED']);
    // Of a file that is not committed either the command names both.
    await writeFiles(cwd, {
      'fresh.csv': reviewed,
      'keydrift.yaml': one().replace('reviewed: slices.csv', 'reviewed: fresh.csv'),
    });
    expect((await audited(cwd)).error?.hint).toContain('add -- keydrift.yaml fresh.csv && git');
    await writeFiles(cwd, { 'new.yaml': one() });
    expect((await audited(cwd, '--config', 'new.yaml')).warned).toStrictEqual([
      'CONTRACT_UNCOMMITTED',
    ]);
    const outside = await temporaryDirectory();
    await writeFiles(outside, {
      'keydrift.yaml': one().replace('slices.csv', 'file:slices.csv'),
      'slices.csv': reviewed,
      'run/slices.csv': reviewed,
    });
    expect(await audited(outside)).toMatchObject({ code: 0, warned: [] });
  });

  test('one above that anybody may write is nobody’s, unless it is named', async () => {
    const cwd = await repository('', reviewed, { 'below/x': '' });
    const below = join(cwd, 'below');
    expect((await audited(below)).code).toBe(0);
    await chmod(join(cwd, 'keydrift.yaml'), 0o666);
    expectError((await audited(below)).error, {
      code: 'CONTRACT_UNTRUSTED',
      names: [/everybody may write/],
      hints: [/--config/],
    });
    expect((await audited(below, '--config', '../keydrift.yaml')).code).toBe(0);
    expect((await audited(cwd)).code).toBe(0);
  });
});

test.runIf(process.geteuid?.() === 0)('one above of another user', async () => {
  const cwd = await repository('', reviewed, { 'below/x': '' });
  await chown(join(cwd, 'keydrift.yaml'), 4242, 4242);
  const below = { cwd: join(cwd, 'below') };
  const { report } = await runJson(['audit'], below);
  expectError(report.error, { code: 'CONTRACT_UNTRUSTED', names: ['4242'] });
  const asSudo = { ...below, env: { SUDO_UID: '4242' } };
  expect((await runJson(['audit'], asSudo)).report.exitCode).toBe(0);
});

describe('what is chosen', () => {
  test('by name, glob, label, or by the location that a log names', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1
artifacts:
  part-a: {reviewed: a.csv, runtime: run/a.csv, key: [id], labels: {tier: "1"}}
  part-b: {reviewed: b.csv, runtime: {eu: run/b.csv, us: s3://bucket/lookup/b.csv}, key: [id]}
`,
      'a.csv': reviewed,
      'b.csv': reviewed,
      'run/a.csv': reviewed,
      'run/b.csv': reviewed,
    });
    const chosen = async (...args: readonly string[]): Promise<unknown> => {
      const { report } = await runJson(['audit', '--no-cause', ...args], { cwd });
      const { error, artifacts } = report;
      return error?.hint ?? artifacts.map(({ name, copy }) => `${name}@${copy}`);
    };
    expect(await chosen('part-a', 'part-b@eu')).toStrictEqual(['part-a@null', 'part-b@eu']);
    expect(await chosen('*-b@e*')).toStrictEqual(['part-b@eu']);
    expect(await chosen('--select', 'label.tier=1')).toStrictEqual(['part-a@null']);
    expect(await chosen('run/b.csv')).toStrictEqual(['part-b@eu']);
    expect(await chosen(join(cwd, 'run/a.csv'))).toStrictEqual(['part-a@null']);
    expect(await chosen('a.csv')).toStrictEqual(['part-a@null']);
    expect(await chosen('part')).toMatch(/Did you mean part-a or part-b/);
    expect(await chosen('s3://bucket/lookup/c.csv')).toContain('s3://bucket/lookup/b.csv');
    expect(await chosen('zzz')).toBe('Known here: part-a, part-b, part-b@eu, part-b@us.');
  });
});

describe('rollout', () => {
  test('policy: warn is for every kind, a copy that cannot be read too', async () => {
    const broken = 'id,mode\nP-1,"full\n';
    const cwd = await repository(', policy: warn', broken);
    expect(await audited(cwd)).toMatchObject({ code: 0, state: 'unreadable' });
    expect(await audited(await repository('', broken))).toMatchObject({ code: 1 });
    const map = ', policy: {added: warn, removed: warn, invalid: warn}';
    expect(await audited(await repository(map, broken))).toMatchObject({ code: 1 });
    const ran = await runCli(['run', 'slices', '--', 'true'], { cwd });
    expect(ran.code).toBe(0);
  });

  test('what excuses drift excuses no contract that names a file that never was there', async () => {
    const typo = one(', policy: warn').replace('reviewed: slices.csv', 'reviewed: slice.csv');
    const cwd = await repository(', policy: warn');
    const judged = async (contract: string): Promise<readonly unknown[]> => {
      await writeFiles(cwd, { 'keydrift.yaml': contract });
      const { code, report } = await runJson(['audit'], { cwd });
      const ran = await runCli(['run', '--', 'true'], { cwd });
      const [artifact] = report.artifacts;
      return [code, ran.code, artifact?.state, artifact?.error?.hint];
    };
    const hint = 'Did you mean slices.csv?';
    expect(await judged(typo)).toEqual([2, 122, 'indeterminate', hint]);
    const later = typo.replace('policy: warn', 'enforceFrom: 2999-01-01');
    expect(await judged(later)).toEqual([2, 122, 'indeterminate', hint]);
    const observed = await runCli(['run', '--observe', '--', 'true'], { cwd });
    expect(observed.stderr).toContain('NOT ENFORCED: observed only, would be no verdict');
    // Without an excuse it is the drift that it is, and one that was chosen is.
    const strict = typo.replace(', policy: warn', '');
    expect(await judged(strict)).toEqual([1, 121, 'unreviewed', hint]);
    const chosen = typo.replace('policy: warn', 'policy: {unreviewed: warn}');
    expect(await judged(chosen)).toEqual([0, 0, 'unreviewed', hint]);
    // A list that was taken out of git is no misspelling.
    git(cwd, 'rm', '--quiet', 'slices.csv');
    git(cwd, 'commit', '--quiet', '--message', 'retired');
    expect((await judged(one(', policy: warn'))).slice(0, 3)).toEqual([0, 0, 'unreviewed']);
  });

  test('enforceFrom warns until its day', async () => {
    const day = (days: number): string =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const later = await repository(`, enforceFrom: ${day(3)}`, drifted);
    expect(await audited(later)).toMatchObject({ code: 0, warned: ['ENFORCED_LATER'] });
    expect((await runCli(['run', 'slices', '--', 'true'], { cwd: later })).code).toBe(0);
    expect(await audited(await repository(`, enforceFrom: ${day(0)}`, drifted))).toMatchObject({
      code: 1,
      warned: [],
    });
  });

  test('warnings: {CODE: ignore} silences one code and no other', async () => {
    const cwd = await repository();
    await writeFiles(cwd, { 'keydrift.yaml': one(', normalize: {x: [trim]}') });
    const warned = async (): Promise<unknown> =>
      (await runJson(['lint'], { cwd })).report.artifacts[0]?.warnings.map(({ code }) => code);
    expect(await warned()).toStrictEqual(['CONTRACT_UNCOMMITTED', 'IDLE_STEP']);
    const silent = ', normalize: {x: [trim]}, warnings: {IDLE_STEP: ignore}';
    await writeFiles(cwd, { 'keydrift.yaml': one(silent) });
    expect(await warned()).toStrictEqual(['CONTRACT_UNCOMMITTED']);
  });

  test('a copy has its own key while it is migrated', async () => {
    const table = 'id,region,mode\nP-1,EU,full\nP-1,US,full\n';
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1
artifacts:
  slices:
    reviewed: slices.csv
    key: [id, region]
    consumes: [mode]
    runtime:
      new: new.csv
      old: {url: old.csv, key: [id], normalize: {id: [lowercase]}}
`,
      'slices.csv': table,
      'new.csv': table,
      'old.csv': 'id,mode\np-1,full\n',
    });
    const { report } = await runJson(['audit'], { cwd });
    expect(report.artifacts).toMatchObject([
      { copy: 'new', state: 'identical', reviewed: { units: 2 } },
      {
        copy: 'old',
        state: 'drifted',
        reviewed: { units: 1, redundant: 1 },
        runtime: { units: 1 },
      },
    ]);
    expect(report.artifacts[1]?.findings).toMatchObject([{ kind: 'duplicated', side: 'reviewed' }]);
    expect((await runCli(['lint'], { cwd })).code).toBe(0);
    const wrong = await readFile(join(cwd, 'keydrift.yaml'), 'utf8');
    await writeFiles(cwd, { 'keydrift.yaml': wrong.replace('key: [id],', 'key: [idd],') });
    expect((await runCli(['lint'], { cwd })).code).toBe(1);
  });
});

describe('columns that do not fit', () => {
  test('one that the reviewed copy lacks is the contract’s fault; the runtime copy’s is its own', async () => {
    const cwd = await repository(', consumes: [mood]');
    for (const command of ['audit', 'bundle']) {
      const args =
        command === 'bundle' ? [command, '--out', 'run/b'] : [command, '--format', 'json'];
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect(code).toBe(2);
      expect(stdout + stderr).toContain('mood');
    }
    expectError((await audited(cwd)).error, {
      code: 'CONTRACT_COLUMNS',
      names: ['mood', 'contract'],
    });
    expect((await runCli(['lint'], { cwd })).code).toBe(1);
    const run = await runCli(['run', 'slices', '--', 'true'], { cwd });
    expect([1, 0]).not.toContain(run.code);
    const lacking = await repository(', consumes: [mode]', 'id\nP-1\n');
    expect(await audited(lacking)).toMatchObject({ code: 1, state: 'unreadable' });
    // Where the command line names the column, no contract is sent for correction.
    const named = ['diff', 'git:HEAD:slices.csv', 'run/slices.csv', '--key', 'nope'];
    const said = await runCli(named, { cwd: lacking });
    expect(said).toMatchObject({ code: 2 });
    expect(said.stdout + said.stderr).toContain('--key');
    expect(said.stdout + said.stderr).not.toContain('Correct the contract');
    const twice = ['diff', 'git:HEAD:slices.csv', 'run/slices.csv', '--key', 'id,nope'];
    expect((await runCli(twice, { cwd })).code).toBe(2);
  });

  test('bytes that were reviewed a moment ago are on their way, whatever their columns', async () => {
    const cwd = await repository(', grace: 1h');
    await commit(cwd, { 'slices.csv': 'id,mode,new\nP-1,full,1\n' });
    expect(await audited(cwd)).toMatchObject({ code: 0, state: 'unreadable', warned: ['PENDING'] });
    expect((await runCli(['run', 'slices', '--', 'true'], { cwd })).code).toBe(0);
    await writeFiles(cwd, { 'run/slices.csv': `${reviewed}P-9,full\n` });
    expect(await audited(cwd)).toMatchObject({ code: 1, state: 'unreadable', warned: [] });
  });
});

test('what is said of one copy is told as the line of the contract that says it', async () => {
  const cwd = await makeRepository({
    'r.csv': 'id,mode\nP-1,full\n',
    't.csv': 'id;mode\nP-1;full\n',
  });
  const judged = async (words: string): Promise<[string | null, string | undefined]> => {
    const text = `version: 1\nartifacts:\n  a: {reviewed: r.csv, key: [id], ${words}}\n`;
    await writeFiles(cwd, { 'keydrift.yaml': text });
    const [artifact] = (await runJson(['audit'], { cwd })).report.artifacts;
    return [artifact!.state, artifact!.error?.hint ?? undefined];
  };
  const line = 'runtime: {url: t.csv, csv: {delimiter: ";"}}';
  expect(await judged('runtime: t.csv')).toEqual([
    'unreadable',
    expect.stringContaining(`\`${line}\``),
  ]);
  // Under the artifact it holds for both copies.
  const wide = await judged('runtime: t.csv, csv: {delimiter: ";"}');
  expect(wide).toEqual(['indeterminate', expect.stringContaining(`holds for both copies; take it away there, and write \`${line}\``)]); // prettier-ignore
  expect(await judged(line)).toEqual(['equivalent', undefined]);
  const named = 'runtime: {eu: {url: t.csv, csv: {delimiter: ";"}}}';
  expect((await judged('runtime: {eu: t.csv}'))[1]).toContain(`\`${named}\``);
  // The other way round.
  const own = await judged('runtime: {url: t.csv, csv: {delimiter: "|"}}, csv: {delimiter: ";"}');
  expect(own[1]).toContain('`reviewed: {path: r.csv, csv: {delimiter: ","}}`');
  const misplaced = await runCli(['lint'], {
    cwd: await makeRepository({
      'keydrift.yaml':
        'version: 1\nartifacts:\n  a: {reviewed: r.csv, key: [id], runtime: t.csv, columns: {id: ID}}\n',
    }),
  });
  expect(misplaced.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'It belongs to a runtime copy: `runtime: {url: …, columns: …}`',
  );
});
