import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commit, drifted, expectError, reviewed } from './beside.ts';
import {
  bareEnvironment,
  git,
  makeRepository,
  runBoth,
  runCli,
  runFormats,
  runJson,
  writeFiles,
  type JsonError,
  type JsonReport,
} from './cli.ts';

const contract = (more = ''): string => `version: 1
artifacts:
  slices: {reviewed: slices.csv, runtime: 's3://bucket/slices.csv', key: [id]${more}}
`;
const repository = (slices = reviewed, more = ''): Promise<string> =>
  makeRepository({ 'keydrift.yaml': contract(more), 'slices.csv': slices });

describe('what is judged', () => {
  test('the working tree as it stands, or a ref', async () => {
    const cwd = await repository();
    await writeFiles(cwd, { 'slices.csv': drifted });
    const worktree = await runJson(['lint'], { cwd });
    expect(worktree.report).toMatchObject({
      exitCode: 1,
      artifacts: [{ state: null, runtime: null, counts: { duplicated: 1 }, reviewed: { rows: 3 } }],
    });
    expect(worktree.report.artifacts[0]!.warnings).toMatchObject([
      { code: 'REVIEWED_UNCOMMITTED', message: expect.stringContaining('was edited'), side: 'reviewed' }, // prettier-ignore
    ]);
    // A change that is told as one needs no such word.
    const based = await runJson(['lint', '--base', 'HEAD'], { cwd });
    expect(based.report.artifacts[0]!.warnings).toStrictEqual([]);
    const committed = await runJson(['lint', '--ref', 'HEAD'], { cwd });
    expect(committed.report).toMatchObject({
      exitCode: 0,
      artifacts: [{ reviewed: { rows: 2 } }],
    });
  });

  test('a file that is not committed yet', async () => {
    const cwd = await repository();
    await writeFiles(cwd, {
      'keydrift.yaml': contract().replace('slices.csv', 'new.csv'),
      'new.csv': reviewed,
    });
    const { stdout, told } = await runFormats(['lint'], ['json', 'github', 'sarif'], { cwd });
    expect(JSON.parse(told.json)).toMatchObject({
      exitCode: 0,
      artifacts: [
        {
          warnings: [
            { code: 'CONTRACT_UNCOMMITTED' },
            { code: 'REVIEWED_UNCOMMITTED', message: expect.stringMatching(/^new.csv is not in git at HEAD/) }, // prettier-ignore
          ],
          whatToDo: [{ commands: ['git add -- keydrift.yaml new.csv && git commit'] }],
        },
      ],
    });
    expect(told.github).toMatch(/^::warning file=keydrift.yaml,title=slices%3A CONTRACT_UNCOMMITTED::the contract is not the committed one/m); // prettier-ignore
    expect(told.github).toMatch(/^::warning file=new.csv,title=slices%3A REVIEWED_UNCOMMITTED::/m);
    const place = { physicalLocation: { artifactLocation: { uri: 'keydrift.yaml' } } };
    expect(JSON.parse(told.sarif).runs[0].results[0].locations).toStrictEqual([place]);
    // The next step stands in the text, and after it there is nothing left to say.
    expect(stdout).toContain('\n  next     git add -- keydrift.yaml new.csv && git commit\n');
    git(cwd, 'add', '--', 'keydrift.yaml', 'new.csv');
    git(cwd, 'commit', '--quiet', '--message', 'new');
    expect((await runJson(['lint'], { cwd })).report.artifacts[0]!.warnings).toStrictEqual([]);
    git(cwd, 'rm', '--quiet', '--cached', 'new.csv');
    git(cwd, 'commit', '--quiet', '--message', 'gone');
    await unlink(join(cwd, 'new.csv'));
    const { report } = await runJson(['lint'], { cwd });
    expect(report.exitCode).toBe(2);
    expectError(report.artifacts[0]!.error, { code: 'GIT_PATH_NOT_FOUND', names: ['new.csv'] });
  });

  test('what is to be committed, from elsewhere, of odd names, in included contracts, in a submodule', async () => {
    const inner = await makeRepository({ 'in.csv': reviewed });
    const cwd = await makeRepository({ 'other.csv': reviewed });
    git(cwd, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
    git(cwd, 'commit', '--quiet', '--message', 'sub');
    const artifact = (name: string, path: string): string =>
      `  ${name}: {reviewed: '${path}', runtime: r.csv, key: [id]}\n`;
    await writeFiles(cwd, {
      'keydrift.yaml': `version: 1\ninclude: [team/keydrift.yaml]\nartifacts:\n${artifact('sub', 'sub/in.csv')}`,
      'team/keydrift.yaml': `version: 1\nartifacts:\n${artifact('odd', 'odd [o].csv')}`,
      'team/odd [o].csv': reviewed,
      'team/odd o.csv': reviewed,
      'sub/in.csv': `${reviewed}P-9,full\n`,
    });
    const elsewhere = join(cwd, '..');
    const lint = ['lint', '--config', join(cwd, 'keydrift.yaml')];
    const { report } = await runJson(lint, { cwd: elsewhere });
    const [sub, odd] = report.artifacts;
    expect(sub).toMatchObject({
      warnings: [{ code: 'CONTRACT_UNCOMMITTED' }, { code: 'REVIEWED_UNCOMMITTED' }],
      whatToDo: [{ text: expect.stringContaining('submodule'), commands: [] }],
    });
    const [command = ''] = odd!.whatToDo?.[0]?.commands ?? [];
    const [GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL] = ['T', 't@example.org'];
    const who = { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME: 'T', GIT_COMMITTER_EMAIL: GIT_AUTHOR_EMAIL }; // prettier-ignore
    const env = { ...bareEnvironment(cwd), ...who };
    execFileSync('sh', ['-c', `${command} --quiet --message odd`], { cwd: elsewhere, env });
    expect(git(cwd, 'status', '--porcelain').trim().split('\n')).toStrictEqual([
      'M sub',
      '?? "team/odd o.csv"',
    ]);
    expect((await runJson([...lint, 'odd'], { cwd: elsewhere })).report.artifacts[0]!.warnings).toStrictEqual([]); // prettier-ignore
  });

  test('a column that the contract misspells: its line, and what may be meant, come first', async () => {
    const cwd = await repository();
    await writeFiles(cwd, {
      'keydrift.yaml':
        'version: 1\nartifacts:\n  slices:\n    reviewed: slices.csv\n    runtime: slices.csv\n    key: [idd]\n',
    });
    const linted = await runJson(['lint'], { cwd });
    const hint = /^Line 6 of the contract names idd\. Did you mean id\? /;
    expect(linted.report.exitCode).toBe(1);
    expect(linted.report.artifacts[0]!.error).toMatchObject({ code: 'COLUMN_MISSING', message: expect.stringMatching(/no column idd, which the contract names$/), hint: expect.stringMatching(hint), place: { side: 'reviewed', line: null } }); // prettier-ignore
    expect(linted.report.artifacts[0]!.error?.hint).not.toContain('columns:');
    const audited = await runJson(['audit'], { cwd });
    expect(audited.report.artifacts[0]!.error).toMatchObject({ code: 'CONTRACT_COLUMNS', hint: expect.stringMatching(hint), place: { side: 'reviewed', line: null } }); // prettier-ignore
    const diffed = await runJson(['diff', 'slices.csv', 'slices.csv', '--key', 'idd'], { cwd });
    expect(diffed.report.artifacts[0]?.error ?? diffed.report.error).toMatchObject({
      message: expect.stringContaining('which --key or --consumes names'),
      hint: expect.stringMatching(/^Did you mean id\? /),
    });
  });

  test('a descriptive or normalized column that is misspelled is warned of', async () => {
    const cwd = await repository(
      'id,weight,comment\nA,1,x\n',
      ', descriptive: [coment, gone], normalize: {wieght: [number]}',
    );
    const { report } = await runJson(['lint'], { cwd });
    expect(report.exitCode).toBe(0);
    const told = report.artifacts[0]!.warnings.map(({ code, message }) => `${code} ${message}`);
    expect(told).toStrictEqual([
      'IDLE_STEP normalize.wieght does nothing: the column is neither key nor consumed; did you mean weight?',
      'DESCRIPTIVE_UNKNOWN descriptive names "coment", which is no column; "comment" counts: is that one meant?',
    ]);
    // Whoever never types lint is told as well, once, and may silence it.
    const near = contract(', descriptive: [coment, gone], normalize: {wieght: [number]}');
    await commit(cwd, { 'keydrift.yaml': near.replace('s3://bucket/', '') });
    for (const words of [
      ['audit'],
      ['diff', 'slices.csv', 'slices.csv', '--contract', 'slices'],
      ['run', '--', 'true'],
      ['gate'],
    ]) {
      const { code, stdout, stderr } = await runCli(words, { cwd });
      const all = stdout + stderr;
      expect({ words, code, all: [...new Set(all.match(/is that one meant|did you mean weight/g))] }).toStrictEqual({ words, code: 0, all: ['did you mean weight', 'is that one meant'] }); // prettier-ignore
    }
    const silent = near.replace('key:', 'warnings: {DESCRIPTIVE_UNKNOWN: ignore}, key:');
    await commit(cwd, { 'keydrift.yaml': silent.replace('s3://bucket/', '') });
    expect((await runCli(['audit'], { cwd })).stdout).not.toContain('DESCRIPTIVE_UNKNOWN');
  });

  test('needs neither the runtime copy nor the SDK', async () => {
    const { code, stderr } = await runCli(['lint'], { cwd: await repository() });
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
  });

  test('one artifact by name, never a copy', async () => {
    const cwd = await repository();
    expect((await runJson(['lint', 'slices'], { cwd })).report.artifacts.length).toBe(1);
    const { report } = await runJson(['lint', 'slices@eu'], { cwd });
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'UNKNOWN_ARTIFACT' } });
  });

  test('under the policy, and --fail-on', async () => {
    const cwd = await repository(drifted, ', policy: {duplicated: warn}');
    expect((await runCli(['lint'], { cwd })).code).toBe(0);
    expect((await runCli(['lint', '--fail-on', 'duplicated'], { cwd })).code).toBe(1);
    expect((await runCli(['lint', '--fail-on', 'duplicated', '--no-fail'], { cwd })).code).toBe(0);
  });
});

/** A branch that changes the table, and a main that went on meanwhile. */
async function branched(): Promise<string> {
  const cwd = await repository('id,mode\nA,1\nB,1\nC,1\nD,1\n');
  git(cwd, 'checkout', '--quiet', '-b', 'change');
  await commit(cwd, { 'slices.csv': 'id,mode\nA,1\nB,2\nD,1\nD,1\nE,1\nE,1\n' });
  git(cwd, 'checkout', '--quiet', 'main');
  await commit(cwd, { 'slices.csv': 'id,mode\nA,1\nB,1\nC,1\nD,1\nM,1\n' });
  git(cwd, 'checkout', '--quiet', 'change');
  return cwd;
}

describe('--base', () => {
  test('tells what a change does to the work, since the merge base', async () => {
    const cwd = await branched();
    const { report } = await runJson(['lint', '--base', 'main'], { cwd });
    expect(report.exitCode).toBe(1);
    const [artifact] = report.artifacts;
    expect(artifact).toMatchObject({
      amplification: 1.5,
      counts: { duplicated: 2 },
      reviewed: { rows: 6, units: 4, redundant: 2 },
      change: {
        baseRef: 'main',
        base: { rows: 4, units: 4, redundant: 0, commit: git(cwd, 'merge-base', 'main', 'HEAD') },
        added: 1,
        removed: 1,
        changed: 2,
      },
    });
    expect(artifact?.change?.['units']).toMatchObject([
      { change: 'changed', key: { id: 'B' }, fields: ['mode'], rowCount: { before: 1, after: 1 } },
      { change: 'removed', key: { id: 'C' }, rowCount: { before: 1, after: 0 }, after: null },
      { change: 'changed', key: { id: 'D' }, fields: [], rowCount: { before: 1, after: 2 } },
      { change: 'added', key: { id: 'E' }, rowCount: { before: 0, after: 2 }, before: null },
    ]);
  });

  test('in text and markdown', async () => {
    const cwd = await branched();
    const text = await runFormats(['lint', '--base', 'main'], ['markdown'], { cwd });
    const base = git(cwd, 'merge-base', 'main', 'HEAD').slice(0, 7);
    expect(text.stdout).toContain(`against the merge base of main (${base})`);
    const own = await runCli(['lint', '--base', base], { cwd });
    expect(own.stdout).toContain(`against ${base} (${base})`);
    expect(text.stdout).toMatch(/units +4 → 4 +\(1 added, 1 removed, 2 changed\)/);
    expect(text.stdout).toMatch(/rows +4 → 6/);
    expect(text.stdout).toMatch(/redundant rows +0 → 2/);
    expect(text.stdout).toMatch(/amplification +1\.00× → 1\.50×/);
    expect(text.stdout).toMatch(
      /this change .*\n.*adds +E +0 → 2 +lines 6, 7\n +will run: mode=1/s,
    );
    expect(text.stdout).toMatch(/removes +C +1 → 0\n +ran: mode=1/);
    const { markdown } = text.told;
    expect(markdown).toContain('| artifact | verdict | findings |\n');
    const pinned = ['lint', '--ref', 'HEAD', '--format', 'markdown'];
    expect((await runCli(pinned, { cwd })).stdout).toContain('| findings | reviewed |\n');
    for (const said of ['main', '1.50×', '`E`', '`C`', '`B`']) {
      expect(markdown).toContain(said);
    }
  });

  test('what does not change is one line together, and what does is in the overview', async () => {
    const entry = (name: string): string =>
      `  ${name}: {reviewed: ${name}.csv, runtime: x.csv, key: [id]}\n`;
    const names = ['one', 'other', 'third'];
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1\nartifacts:\n${names.map(entry).join('')}`,
      ...Object.fromEntries(names.map((name) => [`${name}.csv`, 'id,mode\nA,1\n'])),
    });
    await commit(cwd, { 'other.csv': 'id,mode\nA,2\n' });
    const text = await runFormats(['lint', '--base', 'HEAD~1'], ['markdown'], { cwd });
    expect(text.stdout).toMatch(
      /^contract holds {2}other {5}1 row, 1 unit, 1 unit changed\n2 contracts hold, unchanged\n/,
    );
    const { markdown } = text.told;
    expect(markdown).toContain('| `other` | contract holds | 1 row, 1 unit, 1 unit changed |');
    expect(markdown).toContain('2 contracts hold, unchanged.');
    const [none] = (await runCli(['lint', '--base', 'HEAD'], { cwd })).stdout.split('\n');
    expect(none).toBe('3 contracts hold, unchanged');
  });

  test('a change that keeps the contract is exit 0, however large', async () => {
    const cwd = await repository('id,mode\nA,1\nB,1\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': 'id,mode\nX,9\nY,9\n' });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ verdict: 'in-sync', change: { added: 2, removed: 2, changed: 0 } }],
    });
  });

  test('the working tree counts, and so does --ref', async () => {
    const cwd = await repository('id,mode\nA,1\n');
    await writeFiles(cwd, { 'slices.csv': 'id,mode\nA,1\nB,1\n' });
    const changes = async (...args: string[]): Promise<unknown> =>
      (await runJson(['lint', '--base', 'HEAD', ...args], { cwd })).report.artifacts[0]?.change;
    expect(await changes()).toMatchObject({ added: 1 });
    expect(await changes('--ref', 'HEAD')).toMatchObject({ added: 0, units: [] });
  });

  test('an artifact beside one that stays is read by its own contract, and a renamed one by that of before', async () => {
    const cwd = await repository('id,mode\nP-1,full\n');
    const beside = contract().replace('slices:', 'other:').replace('[id]', '[mode]');
    const [, , line] = beside.split('\n');
    await writeFiles(cwd, { 'keydrift.yaml': `${contract()}${line}\n` });
    const lint = ['lint', 'other', '--base', 'HEAD'];
    expect((await runCli(lint, { cwd })).stdout).not.toContain('read otherwise');
    await writeFiles(cwd, { 'keydrift.yaml': beside });
    expect((await runCli(lint, { cwd })).stdout).toContain('read otherwise by key: [id] → [mode]');
  });

  test('a file that the base does not have', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': contract() });
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report, stdout } = await runBoth(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ error: null, change: { base: null, added: 2, removed: 0, changed: 0 } }],
    });
    expect(stdout).toMatch(/P-1/);
  });

  test('a reviewed file that the change removes, or calls otherwise: what that does, and what is to be done', async () => {
    const cwd = await repository();
    git(cwd, 'tag', 'base');
    const linted = async (...words: string[]): Promise<JsonError | null> => {
      const { report } = await runJson(['lint', '--base', 'base', ...words], { cwd });
      expect(report.exitCode).toBe(2);
      return report.artifacts[0]!.error;
    };
    const removes = { code: 'GIT_PATH_NOT_FOUND', side: 'reviewed', names: [/^slices.csv is not in (?:the working tree|HEAD): this change removes it: 2 units of base do not run any more$/], hints: [/^It is the last artifact of the contract: remove that too \(keydrift.yaml line 3\), and the checks that read it; or restore it.*: git -C \S+ restore --source=\w{12} -- slices.csv$/] }; // prettier-ignore
    await rm(join(cwd, 'slices.csv'));
    const error = await linted();
    expectError(error, removes);
    const annotated = await runCli(['lint', '--base', 'base', '--format', 'github'], { cwd });
    expect(annotated.stdout).toMatch(/^::error file=keydrift.yaml,line=3,title=slices%3A GIT_PATH_NOT_FOUND::slices.csv is not in the working tree: this change removes it: .*%0Ahint: It is the last artifact/); // prettier-ignore
    const two = contract().replace(
      'artifacts:\n',
      'artifacts:\n  more: {reviewed: x.csv, runtime: s3://b/x.csv, key: [id]}\n',
    );
    await writeFiles(cwd, { 'keydrift.yaml': two });
    expect((await runJson(['lint', 'slices', '--base', 'base'], { cwd })).report.artifacts[0]!.error!.hint).toMatch(/^Take the artifact out of the contract too \(keydrift.yaml line 4\), which --forbid-weaker tells as weaker: a reviewer has to let it pass; or restore it: git/); // prettier-ignore
    await writeFiles(cwd, { 'keydrift.yaml': contract() });
    execFileSync('sh', ['-c', error!.hint!.replace(/^.*: git/, 'git')], { cwd });
    expect((await runCli(['lint', '--base', 'base'], { cwd })).code).toBe(0);
    const renames = { code: 'GIT_PATH_NOT_FOUND', names: [/this change renames it, and the contract has the old name$/], hints: ['Name the new path in the contract (keydrift.yaml line 3): new.csv'] }; // prettier-ignore
    git(cwd, 'mv', 'slices.csv', 'new.csv');
    expectError(await linted(), renames);
    git(cwd, 'commit', '--quiet', '--message', 'renamed');
    expectError(await linted(), renames);
    expectError(await linted('--ref', 'HEAD'), renames);
    git(cwd, 'rm', '--quiet', 'new.csv');
    await commit(cwd, { 'slices.csv': reviewed });
    git(cwd, 'rm', '--quiet', 'slices.csv');
    git(cwd, 'commit', '--quiet', '--message', 'removed');
    expectError(await linted(), removes);
    expectError(await linted('--ref', 'HEAD'), removes);
  });

  test('a base that cannot be read is a warning: no fault of the change', async () => {
    const cwd = await repository('id,mode\nA,"1\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ change: null, warnings: [{ code: 'BASE_UNREADABLE' }] }],
    });
  });

  test('a base with other columns', async () => {
    const cwd = await repository('id\nA\n');
    git(cwd, 'tag', 'before');
    await commit(cwd, { 'slices.csv': reviewed });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [{ change: null, warnings: [{ code: 'BASE_UNREADABLE' }] }],
    });
  });

  test('an unknown base, and one without a common commit', async () => {
    const cwd = await repository();
    git(cwd, 'checkout', '--quiet', '--orphan', 'apart');
    await commit(cwd, {}, 'another beginning');
    git(cwd, 'checkout', '--quiet', 'main');
    for (const [base, code] of [
      ['no-such-branch', 'GIT_UNKNOWN_REF'],
      ['apart', 'GIT_NO_MERGE_BASE'],
    ] as const) {
      const { report } = await runJson(['lint', '--base', base], { cwd });
      expect(report.exitCode).toBe(2);
      expectError(report.artifacts[0]!.error, { code, names: [base] });
    }
  });
});

describe('what a change does to enforcement', () => {
  const lax = ', policy: {added: ignore, removed: warn}, maxAmplification: 3';

  async function weakened(): Promise<string> {
    const cwd = await repository();
    git(cwd, 'checkout', '--quiet', '-b', 'change');
    await commit(cwd, { 'keydrift.yaml': contract(lax) });
    return cwd;
  }

  test('is told in JSON, text and markdown, and fails where it is forbidden', async () => {
    const cwd = await weakened();
    const forbidding = ['lint', '--base', 'main', '--forbid-weaker'];
    const outputs = ['json', 'markdown', 'github'] as const;
    const allowed = await runFormats(['lint', '--base', 'main'], outputs, { cwd });
    const text = await runFormats(forbidding, outputs, { cwd });
    expect(JSON.parse(allowed.told.json)).toMatchObject({
      exitCode: 0,
      enforcement: {
        baseRef: 'main',
        fault: null,
        changes: [
          { artifact: 'slices', copy: null, word: 'policy.added', before: 'fail', after: 'ignore' },
          { word: 'policy.removed', effect: 'weaker' },
          { word: 'maxAmplification', before: null, after: '3', effect: 'stricter' },
        ],
      },
    });
    const wayOut =
      /^less is enforced, which --forbid-weaker does\s+not\s+allow:\s+where\s+a\s+reviewer\s+finds\s+that\s+it\s+is\s+meant,\s+run\s+lint\s+without\s+the\s+flag/im;
    expect(text.stdout).toMatch(wayOut);
    expect(text.stdout).toMatch(/^keydrift: .*, less is enforced than before \(exit code 1\)$/m);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('enforcement since main: 2 weaker, 1 stricter');
    expect(text.stdout).toMatch(/weaker +slices: policy\.added: fail → ignore/);
    expect(allowed.code).toBe(0);
    expect(allowed.told.markdown).toContain(
      '| **weaker** | `slices` | `policy.added` | `fail` | `ignore` |',
    );
    expect(text.told.markdown).toMatch(/^## keydrift lint: LESS IS ENFORCED\n/);
    expect(text.told.markdown).toMatch(wayOut);
    for (const [{ told }, level] of [
      [text, 'error'],
      [allowed, 'warning'],
    ] as const) {
      expect(told.github.split('\n').filter((line) => line.startsWith(`::${level}`))).toStrictEqual(
        ['added: fail → ignore', 'removed: fail → warn'].map(
          (change) =>
            `::${level} file=keydrift.yaml,line=3,title=keydrift%3A less is enforced than before::slices: policy.${change}`,
        ),
      );
    }
    // The next command forbids what this one did.
    await writeFiles(cwd, { 'slices.csv': `${reviewed}P-3,full\nP-4,full\n` });
    const more = await runCli([...forbidding, '--limit', '1'], { cwd });
    expect(more.stdout).toContain(`keydrift lint slices --base main --forbid-weaker --limit 2\n`);
    await writeFiles(cwd, { 'slices.csv': reviewed });
    const quiet = await runCli(['lint', '--base', 'main', '--quiet'], { cwd });
    expect(quiet.stdout).toContain('policy.added');
    // Where the checkout lies is nothing of the change.
    const to = contract(', descriptive: [nope]').replace('slices.csv', 'more.csv');
    await writeFiles(cwd, { 'keydrift.yaml': to, 'more.csv': reviewed });
    const moved = await runCli([...forbidding, '--format', 'github'], { cwd });
    expect(moved.stdout).toContain('::slices: reviewed: slices.csv → more.csv (cannot be ordered)');
    expect(moved.stdout).toContain('::warning file=keydrift.yaml,line=3,title=slices%3A DESCRIPTIVE_UNKNOWN::'); // prettier-ignore
  });

  test('--ref judges the contract of that commit, never the one that is checked out', async () => {
    const cwd = await weakened();
    git(cwd, 'checkout', '--quiet', 'main');
    await commit(cwd, { 'team/x.csv': '' });
    for (const from of ['.', 'team']) {
      for (const config of [
        [],
        ['--config', from === '.' ? 'keydrift.yaml' : '../keydrift.yaml'],
      ]) {
        const words = ['lint', '--ref', 'change', '--base', 'main', '--forbid-weaker', ...config];
        const { report } = await runJson(words, { cwd: join(cwd, from) });
        expect(report).toMatchObject({
          exitCode: 1,
          enforcement: { changes: [{ word: 'policy.added' }, {}, {}] },
          artifacts: [
            {
              verdict: 'in-sync',
              contract: { commit: git(cwd, 'rev-parse', 'change'), uncommitted: false },
              change: { added: 0 },
            },
          ],
        });
      }
    }
    // What only the working tree says is no fault of a branch.
    await writeFiles(cwd, { 'keydrift.yaml': contract(', units: {min: 9}') });
    expect((await runCli(['lint', '--ref', 'main'], { cwd })).code).toBe(0);
    git(cwd, 'checkout', '--quiet', '-b', 'without');
    git(cwd, 'rm', '--quiet', '--force', '--cached', 'keydrift.yaml');
    await commit(cwd, { '.gitignore': 'keydrift.yaml\n' });
    const from = ['lint', '--ref', 'without', '--base', 'main', '--forbid-weaker'];
    // It lies here, where nobody committed it.
    const left = await runJson(from, { cwd });
    expect(left.report).toMatchObject({ exitCode: 1, enforcement: { fault: 'without has no contract any more' } }); // prettier-ignore
    git(cwd, 'checkout', '--quiet', '--force', 'main');
    const gone = await runJson(from, { cwd });
    expect(gone.report.exitCode).toBe(2);
    expectError(gone.report.error, { code: 'CONTRACT_NOT_FOUND', names: ['without'], hints: ['--config git:HEAD:keydrift.yaml'] }); // prettier-ignore
  });

  test('stricter, or nothing, is no reason to fail; a base is needed to compare with', async () => {
    const cwd = await weakened();
    await writeFiles(cwd, { 'keydrift.yaml': contract(', maxAmplification: 3') });
    expect((await runCli(['lint', '--base', 'main', '--forbid-weaker'], { cwd })).code).toBe(0);
    expect((await runCli(['lint', '--forbid-weaker'], { cwd })).code).toBe(2);
    // What main did meanwhile is none of this change's.
    git(cwd, 'stash', '--quiet');
    git(cwd, 'checkout', '--quiet', 'main');
    await commit(cwd, { 'keydrift.yaml': contract(', units: {min: 2}') });
    git(cwd, 'checkout', '--quiet', 'change');
    git(cwd, 'stash', 'pop', '--quiet');
    expect((await runCli(['lint', '--base', 'main', '--forbid-weaker'], { cwd })).code).toBe(0);
  });

  test('a removed artifact is weaker; a base without a contract, or with a broken one, is said', async () => {
    const cwd = await weakened();
    await writeFiles(cwd, { 'keydrift.yaml': contract().replace('slices:', 'other:') });
    const gone = await runJson(['lint', '--base', 'main', '--forbid-weaker'], { cwd });
    expect(gone.report).toMatchObject({
      exitCode: 1,
      verdict: 'drifted',
      enforcement: {
        changes: [
          { artifact: 'other', word: 'artifact', effect: 'stricter' },
          {
            artifact: 'slices',
            word: 'artifact',
            before: '2 units of slices.csv',
            place: { file: 'keydrift.yaml', line: 2 },
          },
        ],
      },
    });
    git(cwd, 'checkout', '--quiet', '--force', 'main');
    git(cwd, 'rm', '--quiet', 'keydrift.yaml');
    await commit(cwd, { 'x.csv': '' });
    git(cwd, 'tag', 'without');
    await commit(cwd, { 'keydrift.yaml': 'version: 1\nartifacts: {p: {}}\n' });
    git(cwd, 'tag', 'broken');
    await commit(cwd, { 'keydrift.yaml': contract() });
    const against = (base: string): ReturnType<typeof runBoth> =>
      runBoth(['lint', '--base', base, '--forbid-weaker'], { cwd });
    expect((await against('without')).report).toMatchObject({
      exitCode: 0,
      enforcement: { changes: [] },
    });
    const { report, stdout } = await against('broken');
    expect(report).toMatchObject({
      exitCode: 1,
      enforcement: { fault: expect.stringContaining('3 problems') },
    });
    expect(stdout).toMatch(/^keydrift: .*, what was enforced is unknown \(exit code 1\)$/m);
    expect(stdout).not.toContain('less is enforced');
  });

  test('a contract that stands nearer now, or is called otherwise, does not hide the one before', async () => {
    const cwd = await repository('id,mode\nP-1,full\n');
    await commit(cwd, { 'team/x.csv': '', 'team/deep/y.csv': '' });
    git(cwd, 'tag', 'base');
    const nearer = contract(', policy: ignore').replace('slices.csv', '../slices.csv');
    const against = async (from: string): Promise<unknown> =>
      (await runJson(['lint', '--base', 'base', '--forbid-weaker'], { cwd: join(cwd, from) }))
        .report;
    const weaker = {
      exitCode: 1,
      enforcement: {
        changes: expect.arrayContaining([
          expect.objectContaining({ word: 'policy.added', effect: 'weaker' }),
        ]) as unknown,
      },
    };
    await writeFiles(cwd, { 'team/keydrift.yaml': nearer });
    expect(await against('team')).toMatchObject(weaker);
    expect(await against('team/deep')).toMatchObject(weaker);
    await rm(join(cwd, 'team/keydrift.yaml'));
    await rm(join(cwd, 'keydrift.yaml'));
    await writeFiles(cwd, { 'keydrift.yml': contract(', policy: ignore') });
    expect(await against('.')).toMatchObject(weaker);
    expect(await against('team/deep')).toMatchObject(weaker);
  });

  test('all variants of a changed unit are shown, and a unit that runs twice now is one', async () => {
    const cwd = await repository('id,mode\nP-1,full\nP-2,full\n', ', consumes: [mode]');
    git(cwd, 'tag', 'before');
    const after = 'id,mode\nP-1,full\nP-1,delta\nP-1,delta\nP-2,full\nP-2,full\n';
    await writeFiles(cwd, { 'slices.csv': after });
    const words = ['lint', '--base', 'before'];
    const { stdout, told } = await runFormats(words, ['json', 'markdown'], { cwd });
    expect((JSON.parse(told.json) as JsonReport).artifacts[0]?.change).toMatchObject({
      units: [
        { key: { id: 'P-1' }, fields: ['mode'], rows: { before: [{}], after: [{}, {}, {}] } },
        { key: { id: 'P-2' }, fields: [], rowCount: { before: 1, after: 2 } },
      ],
    });
    for (const text of [stdout, told.markdown])
      expect(text).toMatch(/full.* → .*full (?:\\)?\| delta \(2×\)/);
  });

  test('a changed key: the sums are those of the base by its own contract, units are compared by the key of now', async () => {
    const table = 'id,region,mode\nP-1,EU,full\nP-1,US,full\nP-2,EU,full\n';
    const cwd = await repository(table, ', consumes: [mode]');
    git(cwd, 'tag', 'before');
    const wider = contract(', consumes: [mode]').replace('key: [id]', 'key: [id, region]');
    await writeFiles(cwd, {
      'keydrift.yaml': wider,
      'slices.csv': table.replace('P-2,EU,full', 'P-2,EU,delta'),
    });
    const { report } = await runJson(['lint', '--base', 'before'], { cwd });
    expect(report.artifacts[0]?.change).toMatchObject({
      base: { units: 2, redundant: 1 },
      renamed: 2,
      added: 0,
      removed: 0,
      changed: 1,
      units: [{ change: 'changed', key: { id: 'P-2', region: 'EU' }, fields: ['mode'] }],
      reading: [{ word: 'key', before: '[id]', after: '[id, region]' }],
    });
    const formats = ['text', 'markdown', 'html'] as const;
    const outputs = formats.flatMap((format) => ['-o', `${format}:told.${format}`]);
    await runCli(['lint', '--base', 'before', ...outputs], { cwd });
    for (const format of formats) {
      const told = readFileSync(join(cwd, `told.${format}`), 'utf8').replaceAll(/\s+/g, ' ');
      expect(told).toContain('read otherwise by key: [id] → [id, region]');
      expect(told).toContain('By the key of now all 2 units of the base have other names');
      expect(told).toContain('1 unit changed');
    }
    // Only what is called otherwise is: a value of the key that no step touches keeps its name.
    await commit(cwd, { 'slices.csv': table.replace('P-2', 'p-2') });
    git(cwd, 'tag', 'wide');
    const steps = wider.replace('key:', 'normalize: {id: [uppercase]}, key:');
    await writeFiles(cwd, { 'keydrift.yaml': steps });
    const upper = await runJson(['lint', '--base', 'wide'], { cwd });
    expect(upper.report.artifacts[0]?.change).toMatchObject({ renamed: 1, added: 0, removed: 0, changed: 0 }); // prettier-ignore
  });

  test('a key that the base has no column for: what explains the list stands before it', async () => {
    const cwd = await repository('id,mode\nP-1,full\nP-1,full\n', ', consumes: [mode]');
    git(cwd, 'tag', 'before');
    const wider = contract(', consumes: [mode]').replace('key: [id]', 'key: [id, region]');
    await writeFiles(cwd, {
      'keydrift.yaml': wider,
      'slices.csv': 'id,region,mode\nP-1,EU,full\nP-1,US,full\n',
    });
    const words = ['lint', '--base', 'before'];
    const { stdout: text, told } = await runFormats(words, ['json', 'markdown'], { cwd });
    expect((JSON.parse(told.json) as JsonReport).artifacts[0]?.change).toMatchObject({
      base: { units: 1, redundant: 1 },
      renamed: null,
      added: 2,
      removed: 1,
      units: [
        { change: 'removed', key: { id: 'P-1' } },
        { change: 'added', key: { id: 'P-1', region: 'EU' } },
        { change: 'added', key: { id: 'P-1', region: 'US' } },
      ],
    });
    expect(text).toMatch(
      /read otherwise by key: \[id\] → \[id, region\]\n.*adds +id=P-1 region=EU +0 → 1 {2}line 2\n/s,
    );
    expect(text).toMatch(/removes +id=P-1 +2 → 0\n/);
    expect(told.markdown).toMatch(/read otherwise by key.*\| adds \| `id=P-1 region=EU` \|/s);
    expect(told.markdown).toContain('| removes | `id=P-1` |');
  });

  test('values that are only read otherwise are no changed work, in either direction', async () => {
    const steps = ', normalize: {weight: [number], id: [uppercase], gone: [trim]}';
    const cwd = await repository('id,weight,mode\np-1,1.0,a\np-2,2.0,a\n', steps);
    git(cwd, 'tag', 'with');
    await commit(cwd, { 'keydrift.yaml': contract(), 'slices.csv': 'id,weight,mode\np-1,1.0,a\np-2,2.00,a\n' }); // prettier-ignore
    git(cwd, 'tag', 'without');
    const without = await runJson(['lint', '--base', 'with'], { cwd });
    expect(without.report.artifacts[0]?.change).toMatchObject({
      base: { units: 2 },
      renamed: 2,
      added: 0,
      removed: 0,
      changed: 1,
      units: [{ key: { id: 'p-2' }, fields: ['weight'] }],
      reading: [{ word: 'normalize.weight' }, { word: 'normalize.id' }],
    });
    await commit(cwd, { 'keydrift.yaml': contract(', normalize: {weight: [number]}') });
    const formats = ['json', 'text', 'markdown', 'html'] as const;
    const outputs = formats.flatMap((format) => ['-o', `${format}:told.${format}`]);
    await runCli(['lint', '--base', 'without', '--forbid-weaker', ...outputs], { cwd });
    const told = (format: (typeof formats)[number]): string =>
      readFileSync(join(cwd, `told.${format}`), 'utf8');
    expect(JSON.parse(told('json'))).toMatchObject({
      exitCode: 1,
      artifacts: [
        {
          change: {
            reading: [{ word: 'normalize.weight', before: null, after: '[number]' }],
            changed: 0,
            units: [],
          },
        },
      ],
      enforcement: { changes: [{ word: 'normalize.weight', effect: 'weaker', unordered: true }] },
    });
    expect(told('text')).toContain('normalize.weight: none → [number] (cannot be ordered)');
    expect(told('text')).toMatch(/what cannot be ordered .*counts as\s+weaker/);
    expect(told('text')).toMatch(/run\s+lint\s+without the flag/);
    expect(told('text')).not.toContain('less is enforced');
    expect(told('markdown')).toMatch(/^## keydrift lint: LESS MAY BE ENFORCED\n/);
    for (const format of formats.slice(1)) {
      expect(told(format)).toContain('read otherwise by normalize.weight: none → [number]');
      expect(told(format)).toContain('cannot be ordered');
    }
    // A value that changed is told as it stands, whatever the steps are.
    await commit(cwd, { 'slices.csv': 'id,weight,mode\np-1,1.5,a\np-2,2,a\n' });
    const changed = await runCli(['lint', '--base', 'without'], { cwd });
    expect(changed.stdout).toMatch(/changes +p-1 .*\n +weight +1\.0 → 1\.5\n/);
    expect(changed.stdout).toMatch(/units +2 → 2 +\(1 changed\)/);
  });

  test('a field of several rows is told where it is told otherwise', async () => {
    const cwd = await repository(
      'id,mode,w\nP-1,a,1\nP-1,b,2\nP-2,a,1\nP-2,a,2\nP-2,b,1\nP-2,b,2\n',
    );
    await writeFiles(cwd, { 'slices.csv': 'id,mode,w\nP-1,a,1\nP-1,b,3\nP-2,a,1\nP-2,a,1\nP-2,b,2\nP-2,b,2\n' }); // prettier-ignore
    const { stdout } = await runCli(['lint', '--base', 'HEAD'], { cwd });
    expect(stdout).not.toMatch(/^ {8}.* (\S.*) → \1$/m);
    expect(stdout).toMatch(/ w +1 \| 2 → 1 \| 3\n/);
    expect(stdout).toMatch(/ mode w +a 1 \| a 2 \| b 1 \| b 2 → a 1 \(2×\) \| b 2 \(2×\)\n/);
    // What is shown of several rows is escaped once, in every output, and what looks alike is told apart.
    await commit(cwd, { 'slices.csv': 'id,mode\nP-1,"a "\nP-1,"a "\nP-2,P\nP-2,P\n' });
    await writeFiles(cwd, {
      'slices.csv': 'id,mode\nP-1,"b "\nP-1,"b "\nP-2,\u0420\nP-2,\u0420\n',
    });
    const text = await runFormats(['lint', '--base', 'HEAD'], ['markdown'], { cwd });
    expect(text.stdout).toMatch(/ mode +"a " \(2×\) → "b " \(2×\)\n/);
    expect(text.stdout).toContain(String.raw`\u0420`);
    expect(text.told.markdown).toContain('`"a " (2×)` → `"b " (2×)`');
  });
});

describe('what lies elsewhere', () => {
  const remote = `version: 1
artifacts:
  slices: {reviewed: slices.csv, runtime: 's3://bucket/slices.csv', key: [id]}
  far: {reviewed: {repo: 'https://127.0.0.1:1/r.git', path: a.csv}, runtime: b.csv, key: [id]}
  object: {reviewed: 's3://bucket/a.csv', runtime: b.csv, key: [id]}
`;

  test('is skipped and decides nothing, unless it is named or --fetch is given', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': remote, 'slices.csv': reviewed });
    const { report, stdout } = await runBoth(['lint'], { cwd });
    expect(report).toMatchObject({
      exitCode: 0,
      artifacts: [
        { verdict: 'in-sync' },
        { skipped: 'needs --fetch' },
        { skipped: 'needs --fetch' },
      ],
    });
    expect(stdout).toContain('needs --fetch');
    expect(stdout).toContain('2 skipped');
    const named = await runJson(['lint', 'far'], { cwd });
    expect(named.report).toMatchObject({
      exitCode: 2,
      artifacts: [{ error: { code: 'NEEDS_FETCH', hint: expect.stringContaining('--fetch') } }],
    });
    const fetched = await runJson(['lint', 'far', '--fetch'], { cwd });
    expect(fetched.report.artifacts[0]?.error?.code).not.toBe('NEEDS_FETCH');
  });

  test('an object of Git LFS that is not at hand as well', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`;
    const cwd = await repository(pointer);
    for (const args of [['lint'], ['lint', '--ref', 'HEAD']]) {
      expect((await runJson(args, { cwd })).report).toMatchObject({
        exitCode: 0,
        artifacts: [{ skipped: 'needs --fetch' }],
      });
    }
  });

  test('a reviewed file outside the repository is never read', async () => {
    const outside = join(await makeRepository({ 'a.csv': reviewed }), 'a.csv');
    const cwd = await makeRepository({ 'inside.csv': reviewed });
    await symlink(outside, join(cwd, 'link.csv'));
    const codeOf = async (path: string): Promise<unknown> => {
      await writeFiles(cwd, { 'keydrift.yaml': contract().replace('slices.csv', `file:${path}`) });
      const { report } = await runJson(['lint'], { cwd });
      return report.artifacts[0]?.error?.code ?? report.exitCode;
    };
    expect(await codeOf('inside.csv')).toBe(0);
    expect(await codeOf(outside)).toBe('LOCATION_INVALID');
    expect(await codeOf('link.csv')).toBe('LOCATION_INVALID');
    expect(await codeOf('/etc/passwd')).toBe('LOCATION_INVALID');
  });
});
