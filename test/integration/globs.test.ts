import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit } from './beside.ts';
import { makeRepository, runCli, runJson, writeFiles } from './cli.ts';
import { faultBucket, setFaultStage } from './stage.ts';
import { requires, unconditional } from '../servers/start.ts';

const table = (id: string): string => `id,mode\n${id},full\n`;

/** A contract of one glob, with further lines for its entry. */
function globbed(reviewed: string, runtime: string, ...lines: readonly string[]): string {
  const words = [`reviewed: ${reviewed}`, `runtime: ${runtime}`, 'key: [id]', ...lines];
  return `version: 1\nartifacts:\n  lookups:\n${words.map((word) => `    ${word}\n`).join('')}`;
}

/** Files in git, and others beside them that a job reads. */
async function makeFleet(
  contract: string,
  reviewed: Readonly<Record<string, string>>,
  runtime: Readonly<Record<string, string>>,
): Promise<string> {
  const cwd = await makeRepository({
    'keydrift.yaml': contract,
    '.gitignore': 'run\n',
    ...reviewed,
  });
  await writeFiles(join(cwd, 'run'), runtime);
  return cwd;
}

async function statesOf(
  cwd: string,
  args: readonly string[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  const { report } = await runJson(['audit', '--no-cause', ...args], { cwd });
  expect(report.error).toBeNull();
  return Object.fromEntries(
    report.artifacts.map(({ name, copy, state }) => [
      copy === null ? name : `${name}@${copy}`,
      state,
    ]),
  );
}

describe('a glob', () => {
  test('pairs files by their paths, and tells what is missing and what nobody reviewed', async () => {
    const cwd = await makeFleet(
      globbed('support/**/*.csv', 'run/'),
      {
        'support/a.csv': table('A'),
        'support/eu/b.csv': table('B'),
        'support/c.csv': table('C'),
        'support/_draft.csv': table('D'),
        'support/.hidden/e.csv': table('E'),
        'support/notes.txt': 'not of the glob',
      },
      {
        'a.csv': table('A'),
        'eu/b.csv': table('X'),
        'eu/new.csv': table('N'),
        'odd name.dat': table('O'),
        _SUCCESS: '',
        '.part.csv': table('P'),
        'notes.txt': 'not of the glob',
        'a.csv.keydrift-probe-0123abcd': '',
      },
    );
    expect(await statesOf(cwd)).toStrictEqual({
      'lookups.a': 'identical',
      'lookups.c': 'missing',
      'lookups.eu.b': 'drifted',
      'lookups.eu.new': 'unreviewed',
      'lookups.notes.txt': 'unreviewed',
      'lookups.odd_name.dat': 'unreviewed',
    });
    // A name, a glob of names, and a location; a copy that no reviewed file explains has a name too.
    expect(await statesOf(cwd, ['lookups.eu.*'])).toStrictEqual({
      'lookups.eu.b': 'drifted',
      'lookups.eu.new': 'unreviewed',
    });
    expect(await statesOf(cwd, ['lookups.eu.new', 'run/a.csv'])).toStrictEqual({
      'lookups.a': 'identical',
      'lookups.eu.new': 'unreviewed',
    });
    const { code, stderr } = await runCli(['audit', 'lookups.eu.c'], { cwd });
    expect({ code, near: stderr.includes('lookups.eu.b') }).toStrictEqual({ code: 2, near: true });
  });

  test('captures name the artifact, and stand in runtime, owner and cost', async () => {
    const cwd = await makeFleet(
      globbed(
        "'support/{team}/{table}.csv'",
        "{eu: 'run/eu/{team}/{table}.csv', us: 'run/us-{team}/'}",
        "owner: '{team}@example.org'",
        "cost: {scans: 's3://lake/{team}/{table}/id={id}/'}",
      ),
      { 'support/ads/a.csv': table('A'), 'support/crm/a.csv': table('B') },
      {
        'eu/ads/a.csv': table('A'),
        'eu/crm/a.csv': table('B'),
        'us-ads/a.csv': table('A'),
        'us-ads/z.csv': table('Z'),
        'us-crm/a.csv': table('X'),
        'other/a.csv': table('Y'),
      },
    );
    expect(await statesOf(cwd)).toStrictEqual({
      'lookups.ads.a@eu': 'identical',
      'lookups.ads.a@us': 'identical',
      'lookups.crm.a@eu': 'identical',
      'lookups.crm.a@us': 'drifted',
      'lookups.ads.z@us': 'unreviewed',
    });
    const { report } = await runJson(['audit', '--select', 'owner=crm@example.org'], { cwd });
    expect(report.artifacts.map(({ name }) => name)).toStrictEqual([
      'lookups.crm.a',
      'lookups.crm.a',
    ]);
    const told = await runCli(['investigate', 'lookups.crm.a@us', '--format', 'json'], { cwd });
    expect(JSON.parse(told.stdout)).toMatchObject({ artifact: { name: 'lookups.crm.a' } });
  });

  test('files that the captures do not tell apart: what to write instead is said, and is right', async () => {
    const files = { 'ads/a.csv': table('A'), 'ads/b.csv': table('B') };
    const reviewed = Object.entries(files).map(([path, text]) => [`support/${path}`, text]);
    const cwd = await makeFleet(
      globbed("'support/{team}/*.csv'", "'run/{team}/'"),
      Object.fromEntries(reviewed),
      files,
    );
    const { code, stderr } = await runCli(['audit'], { cwd, env: { COLUMNS: '200' } });
    expect(code).toBe(2);
    expect(stderr).toContain('two files are "lookups.ads": "ads/a.csv" and "ads/b.csv"');
    const said = /Write reviewed: "(.*)"/.exec(stderr)?.[1] ?? '';
    const contract = await readFile(join(cwd, 'keydrift.yaml'), 'utf8');
    await writeFile(join(cwd, 'keydrift.yaml'), contract.replace('support/{team}/*.csv', said));
    expect(await statesOf(cwd)).toStrictEqual({
      'lookups.ads.a': 'identical',
      'lookups.ads.b': 'identical',
    });
  });

  test('what no reviewed file explains is named and owned as its siblings are, and says what to do', async () => {
    const cwd = await makeFleet(
      globbed("'support/{team}/{table}.csv'", 'run/', "owner: '{team}@example.org'").replace(
        'artifacts:',
        'defaults: {owner: all@example.org}\nartifacts:',
      ),
      { 'support/ads/a.csv': table('A') },
      {
        'ads/a.csv': table('A'),
        'ads/new.csv': table('N'),
        'ads/deep/er.csv': table('D'),
        'alone.csv': table('O'),
      },
    );
    const { report } = await runJson(['audit'], { cwd });
    const strays = report.artifacts.filter(({ state }) => state === 'unreviewed');
    expect(strays.map(({ name, owner }) => [name, owner])).toStrictEqual([
      ['lookups.ads.deep.er', 'ads@example.org'],
      ['lookups.ads.new', 'ads@example.org'],
      ['lookups.alone', 'all@example.org'],
    ]);
    expect(JSON.stringify(report)).not.toContain('{team}');
    const told = await runCli(['audit'], { cwd, env: { COLUMNS: '200' } });
    const plain = told.stdout.replaceAll(/\s+/g, ' ');
    expect(plain).toContain('NOT_REVIEWED: no reviewed file explains "ads/new.csv"');
    expect(plain).toContain('commit it as support/ads/new.csv');
    expect(plain).toContain('no commit has a reviewed copy at this path');
    expect(plain).toContain('next keydrift investigate lookups.ads.new');
    // What it says is true when it is pasted.
    const ignored = strays.map(({ error }) => /runtime: \[(.*?)\]/.exec(error?.hint ?? '')?.[1]);
    const contract = await readFile(join(cwd, 'keydrift.yaml'), 'utf8');
    await writeFile(
      join(cwd, 'keydrift.yaml'),
      `${contract}    ignore: {runtime: [${ignored.join(', ')}]}\n`,
    );
    expect(await statesOf(cwd)).toStrictEqual({ 'lookups.ads.a': 'identical' });
    // An entry whose files nobody knows is owned by nobody in braces either.
    await writeFile(join(cwd, 'keydrift.yaml'), contract.replace('support/{', 'elsewhere/{'));
    const nowhere = await runJson(['audit'], { cwd });
    expect(nowhere.report.artifacts[0]).toMatchObject({
      name: 'lookups',
      owner: 'all@example.org',
    });
    await writeFile(join(cwd, 'keydrift.yaml'), contract.replace("'{team}@", "'{tem}@"));
    expect((await runCli(['audit'], { cwd })).stderr).toContain('"reviewed" captures no {tem}');
  });

  test('overrides speak of one file, and ignore of what is no artifact on a side', async () => {
    const cwd = await makeFleet(
      globbed(
        'support/*.csv',
        'run/',
        'overrides:',
        '  b: {policy: {added: warn, removed: warn}}',
        '  gone: {policy: warn}',
        'ignore: {reviewed: [draft-*], runtime: ["tmp/**", "*.bak"]}',
      ),
      {
        'support/a.csv': table('A'),
        'support/b.csv': table('B'),
        'support/draft-c.csv': table('C'),
      },
      {
        'a.csv': table('X'),
        'b.csv': table('X'),
        'tmp/x/y.csv': table('T'),
        'a.csv.bak': table('A'),
      },
    );
    const { report } = await runJson(['audit', '--no-cause'], { cwd });
    expect(report.artifacts).toMatchObject([
      { name: 'lookups.a', verdict: 'drifted', warnings: [{ code: 'OVERRIDE_UNUSED' }] },
      { name: 'lookups.b', verdict: 'in-sync', state: 'drifted', warnings: [] },
    ]);
  });

  test('overrides take a whole name, too; the entry’s alone is another file’s', async () => {
    const files = { 'support/b.csv': table('B'), 'support/lookups.csv': table('L') };
    const cwd = await makeFleet(
      globbed(
        'support/*.csv',
        'run/',
        'overrides: {lookups.b: {policy: warn}, bb: {policy: warn}}',
      ),
      files,
      { 'b.csv': table('X'), 'lookups.csv': table('X') },
    );
    const { report } = await runJson(['audit', '--no-cause'], { cwd });
    expect(report.artifacts).toMatchObject([
      { name: 'lookups.b', verdict: 'in-sync', state: 'drifted' },
      { name: 'lookups.lookups', verdict: 'drifted', state: 'drifted', warnings: [] },
    ]);
    expect(report.artifacts[0]?.warnings).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(
          'names "bb", which is no file of the glob. Did you mean b?',
        ),
      }),
    ]);
  });

  test('captures stand in labels and runbooks; what is not told is left out', async () => {
    const cwd = await makeFleet(
      globbed(
        'support/{team}/{table}.csv',
        'run/{team}/{table}.csv',
        'labels: {team: "{team}", tier: gold, odd: "{x}"}',
        'runbook: https://{team}.wiki.example.org/{team}',
      ),
      { 'support/ads/a.csv': table('A') },
      {
        'ads/a.csv': table('A'),
        'ads/deep/b.csv': table('B'),
        'c.csv': table('C'),
        'evil.org?/d.csv': table('D'),
      },
    );
    const { report } = await runJson(['audit', '--no-cause'], { cwd });
    const told = report.artifacts.map(({ name, labels, runbook }) => [name, labels, runbook]);
    expect(told[0]).toEqual([
      'lookups.ads.a',
      { team: 'ads', tier: 'gold', odd: '{x}' },
      'https://ads.wiki.example.org/ads',
    ]);
    // Whoever names an object does not say where a link leads.
    const links = told.flatMap(([, , runbook]) => (typeof runbook === 'string' ? [runbook] : []));
    expect(links).toContain('https://evil.org%3F.wiki.example.org/evil.org%3F');
    expect(JSON.stringify(told)).not.toContain('{team}');
  });

  test('a policy that ignores what nobody reviewed looks for none of it', async () => {
    const cwd = await makeFleet(
      globbed('support/*.csv', 'run/', 'policy: {unreviewed: ignore}'),
      { 'support/a.csv': table('A') },
      { 'a.csv': table('A'), 'new.csv': table('N') },
    );
    expect(await statesOf(cwd)).toStrictEqual({ 'lookups.a': 'identical' });
  });

  test('what is asked for and is not there: the nearest of its own kind', async () => {
    const cwd = await makeFleet(
      `${globbed('support/{team}/{table}.csv', 'run/{team}/{table}.csv')}    owner: '{team}@x'\n`,
      Object.fromEntries(
        ['routing', 'billing'].flatMap((team) =>
          ['a', 'b'].map((name) => [`support/${team}/${name}.csv`, table('A')]),
        ),
      ),
      {},
    );
    const hints = [];
    for (const asked of [
      ['lookups.rooting.*'],
      ['lokups*'],
      ['--select', 'owner=routing'],
      ['--select', 'label.tier=1'],
    ]) {
      const { report } = await runJson(['audit', ...asked], { cwd });
      hints.push(report.error?.hint);
    }
    expect(hints).toStrictEqual([
      'Did you mean lookups.routing.*?',
      'Did you mean lookups*?',
      'Did you mean routing@x?',
      'The contract says label tier of none.',
    ]);
  });

  test('one that names no file, and a store that cannot be listed, are no verdict', async () => {
    const nowhere = await makeFleet(globbed('suport/*.csv', 'run/'), {}, { 'a.csv': table('A') });
    const empty = await runJson(['audit'], { cwd: nowhere });
    expect(empty.report).toMatchObject({
      exitCode: 2,
      artifacts: [
        { name: 'lookups', verdict: 'indeterminate', error: { code: 'LOCATION_INVALID' } },
      ],
    });
    for (const asked of ['lookups.a', 'lookups.*']) {
      const { report } = await runJson(['audit', asked], { cwd: nowhere });
      expect(report.error).toMatchObject({ code: 'LOCATION_INVALID' });
    }
    const unset = await makeFleet(
      globbed('support/*.csv', "'run/${PLACE}/'"),
      { 'support/a.csv': table('A') },
      { 'eu/a.csv': table('A') },
    );
    const { report } = await runJson(['audit'], { cwd: unset });
    expect(report.artifacts).toMatchObject([
      { name: 'lookups.a', error: { code: 'VARIABLE_UNSET' } },
      { name: 'lookups', error: { code: 'VARIABLE_UNSET' } },
    ]);
    expect(await statesOf(unset, ['--var', 'PLACE=eu'])).toStrictEqual({
      'lookups.a': 'identical',
    });
  });

  test('two files of one name are refused, with what to do', async () => {
    const cwd = await makeFleet(
      globbed("'support/**/{name}.csv'", 'run/'),
      { 'support/a/x.csv': table('A'), 'support/b/x.csv': table('A') },
      {},
    );
    const { report } = await runJson(['audit'], { cwd });
    expect(report.error).toMatchObject({
      code: 'CONTRACT_INVALID',
      message: expect.stringContaining('lookups.x'),
      problems: [{ line: 3, path: 'artifacts.lookups' }],
    });
  });

  test('lint takes the files of the working tree, of a ref those of the commit', async () => {
    const cwd = await makeFleet(
      globbed('support/*.csv', 'run/'),
      { 'support/a.csv': table('A'), 'support/b.csv': table('B') },
      {},
    );
    await writeFile(join(cwd, 'support/new.csv'), `${table('N')}N,full\n`);
    await rm(join(cwd, 'support/b.csv'));
    const namesOf = async (...args: string[]): Promise<unknown> => {
      const { report } = await runJson(['lint', ...args], { cwd });
      return report.artifacts.map(({ name, verdict }) => `${name} ${verdict}`);
    };
    expect(await namesOf()).toStrictEqual(['lookups.a in-sync', 'lookups.new drifted']);
    expect(await namesOf('--ref', 'HEAD')).toStrictEqual([
      'lookups.a in-sync',
      'lookups.b in-sync',
    ]);
    await rm(join(cwd, 'support/new.csv'));
    await commit(cwd, { 'support/c.csv': table('C') });
    const { report } = await runJson(['lint', 'lookups.c', '--base', 'HEAD~1'], { cwd });
    expect(report.artifacts).toMatchObject([{ name: 'lookups.c', verdict: 'in-sync' }]);
    // With its file an artifact is gone, which no line of the contract says.
    const removed = await runCli(['lint', '--base', 'HEAD~1', '--forbid-weaker'], { cwd });
    expect(removed.code).toBe(1);
    expect(removed.stdout).toMatch(/enforcement since HEAD~1: 1 weaker\n +weaker +lookups\.b: removed \(1 unit of support\/b\.csv\): what\s+ran\s+for\s+it\s+runs\s+no\s+more,\s+or\s+unchecked\n/); // prettier-ignore
  });

  test('a bundle carries its files, and is what a run without git judges by', async () => {
    const cwd = await makeFleet(
      globbed('support/*.csv', 'run/'),
      { 'support/a.csv': table('A'), 'support/b.csv': table('B') },
      { 'a.csv': table('A'), 'b.csv': table('X'), 'new.csv': table('N') },
    );
    const made = await runCli(['bundle', '--out', 'run/../.bundle'], { cwd });
    expect(made).toMatchObject({ code: 0 });
    const against = ['--against', 'bundle:.bundle'];
    expect(await statesOf(cwd, against)).toStrictEqual({
      'lookups.a': 'identical',
      'lookups.b': 'drifted',
      'lookups.new': 'unreviewed',
    });
    const gate = await runCli(['gate', 'lookups.a', ...against], { cwd });
    expect(gate.code).toBe(0);
    expect((await runCli(['gate', 'lookups.new', ...against], { cwd })).code).toBe(121);
  });
});

describe('a glob over a prefix of S3', () => {
  const stage = setFaultStage();

  test('lists it once, and page by page; without the right to list it is no verdict', async () => {
    const names = Array.from({ length: 5 }, (_, at) => `n${at}`);
    const cwd = await makeRepository({
      'keydrift.yaml': globbed('support/*.csv', `s3://${faultBucket}/deep/lookups/`),
      ...Object.fromEntries(names.map((name) => [`support/${name}.csv`, table(name)])),
    });
    const put = (key: string, body: string): unknown =>
      stage.server.putObject({ bucket: faultBucket, key, body: Buffer.from(body) });
    for (const name of names) put(`deep/lookups/${name}.csv`, table(name));
    put('deep/lookups/', '');
    put('deep/lookups/odd+ %20&é.csv', table('O'));
    put('deep/other.csv', table('O'));
    const { report } = await runJson(['audit', '--no-cause'], { cwd, env: stage.env });
    expect(report.artifacts.map(({ name, state }) => `${name} ${state}`)).toStrictEqual([
      ...names.map((name) => `lookups.${name} identical`),
      'lookups.odd___20__ unreviewed',
    ]);
    expect(stage.server.requests.where({ operation: 'ListObjectsV2' })).toHaveLength(1);
    stage.server.requests.clear();
    const one = await runJson(['audit', 'lookups.n3'], { cwd, env: stage.env });
    expect(one.report.exitCode).toBe(0);
    requires('a checksum where none was sent');
    expect(stage.server.requests.entries).toHaveLength(1);
    stage.server.faults.add({
      on: { operation: 'ListObjectsV2' },
      fault: { kind: 'access-denied' },
    });
    const blind = await runJson(['audit', '--no-cause'], { cwd, env: stage.env });
    expect(blind.report.exitCode).toBe(2);
    expect(blind.report.artifacts.at(-1)).toMatchObject({
      name: 'lookups',
      verdict: 'indeterminate',
      error: {
        code: 'STORE_ACCESS_DENIED',
        hint: expect.stringContaining('policy: {unreviewed: ignore}'),
      },
    });
  });

  test('publish takes one of its files by name, and several by a glob', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': globbed('support/*.csv', `s3://${faultBucket}/published/`),
      'support/a.csv': table('A'),
      'support/b.csv': table('B'),
    });
    const { code } = await runCli(['publish', 'lookups.*', '--yes', ...unconditional], {
      cwd,
      env: stage.env,
    });
    expect(code).toBe(0);
    const { report } = await runJson(['audit'], { cwd, env: stage.env });
    expect(report.artifacts.map(({ name, state }) => `${name} ${state}`)).toStrictEqual([
      'lookups.a identical',
      'lookups.b identical',
    ]);
  });
});
