import { mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bareEnvironment,
  cliPath,
  git,
  makeRepository,
  runCli,
  runJson,
  temporaryDirectory,
  writeFiles,
  type Files,
} from './cli.ts';

const contract = `version: 1
artifacts:
  participants:
    reviewed: support/participants.csv
    runtime: s3://\${BUCKET}/participants.csv
    key: [id]
    consumes: [mode]
  calendar:
    reviewed: support/calendar.csv
    runtime: {eu: "s3://\${BUCKET}/cal.csv", us: {url: "\${US_URL}", endpoint: "\${US}", ref: release}}
    key: [day]
    policy: {duplicated: warn}
`;
const good: Files = {
  'keydrift.yaml': contract,
  'support/participants.csv': 'id,mode,note\r\nP-1,full,"a\r\nb"\r\nP-2,delta,\r\n',
  'support/calendar.csv': 'day,open\n2026-01-01,no\n2026-01-02,yes\n',
};

/** A repository with two commits; `release` is at the first. */
async function madeRepository(): Promise<string> {
  const directory = await makeRepository({ ...good, 'support/calendar.csv': 'day,open\n1,no\n' });
  git(directory, 'branch', 'release');
  await writeFiles(directory, good);
  git(directory, 'commit', '--quiet', '--all', '--message', 'second');
  return directory;
}

interface Manifest {
  readonly contract: Readonly<Record<string, unknown>>;
  readonly historySeconds: number | null;
  readonly artifacts: readonly (Readonly<Record<string, unknown>> & {
    readonly artifact: string;
    readonly copy: string | null;
    readonly file: string;
    readonly versions: readonly { readonly commit: string; readonly file: string }[];
  })[];
}

function manifestIn(directory: string): Manifest {
  const manifest: Manifest = JSON.parse(
    readFileSync(join(directory, 'keydrift.bundle.json'), 'utf8'),
  );
  return manifest;
}

/** Every file of a directory and its content. */
function treeOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .toSorted()
      .map((path) => [path.slice(directory.length + 1), readFileSync(path, 'latin1')]),
  );
}

/** Runs `bundle --out build`, and kills it at a change in that directory. */
async function killedAfter(cwd: string, changes: number): Promise<void> {
  const child = spawn(process.execPath, [cliPath, 'bundle', '--out', 'build'], {
    cwd,
    env: bareEnvironment(cwd),
    stdio: 'ignore',
  });
  let seen = 0;
  const see = (): void => {
    seen += 1;
    if (seen === changes) child.kill('SIGKILL');
  };
  const watchers = ['build', 'build/files'].map((name) => watch(join(cwd, name), see));
  await once(child, 'exit');
  for (const watcher of watchers) watcher.close();
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('keydrift bundle', () => {
  test('writes reviewed files byte for byte, and what they are', async () => {
    const cwd = await madeRepository();
    const result = await runCli(['bundle', '--out', 'build/bundle', '--format', 'json'], { cwd });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const manifest = manifestIn(join(cwd, 'build/bundle'));
    expect(JSON.parse(result.stdout)).toEqual(manifest);
    const head = git(cwd, 'rev-parse', 'HEAD');
    const committedAt = new Date(git(cwd, 'show', '-s', '--format=%cI', 'HEAD')).toISOString();
    expect(manifest.contract).toEqual({
      commit: head,
      committedAt,
      path: 'keydrift.yaml',
      blob: git(cwd, 'rev-parse', 'HEAD:keydrift.yaml'),
      bytes: contract.length,
      sha256: sha256(contract),
      text: contract,
    });
    const [eu, us, participants] = manifest.artifacts;
    const content = String(good['support/participants.csv']);
    expect(participants).toMatchObject({
      artifact: 'participants',
      copy: null,
      commit: head,
      committedAt,
      path: 'support/participants.csv',
      blob: git(cwd, 'rev-parse', 'HEAD:support/participants.csv'),
      bytes: content.length,
      sha256: sha256(content),
      file: `files/${sha256(content)}`,
      rows: 2,
      units: 2,
      redundant: 0,
      invalid: 0,
      versions: [],
    });
    // A copy with a ref of its own has its own reviewed copy, and its own commit.
    expect(eu).toMatchObject({ artifact: 'calendar', copy: null, commit: head, rows: 2 });
    expect(us).toMatchObject({ artifact: 'calendar', copy: 'us', rows: 1 });
    expect(us?.['commit']).toBe(git(cwd, 'rev-parse', 'release'));
    expect(treeOf(join(cwd, 'build/bundle'))).toMatchObject({
      [`files/${sha256(content)}`]: content,
      [`files/${sha256('day,open\n1,no\n')}`]: 'day,open\n1,no\n',
    });
  });

  test('the same commit gives the same bytes: from another clone, place, ref and working tree', async () => {
    const cwd = await madeRepository();
    const clone = join(await temporaryDirectory(), 'elsewhere');
    git(cwd, 'clone', '--quiet', cwd, clone);
    git(clone, 'branch', 'release', 'origin/release');
    await writeFiles(clone, { 'keydrift.yaml': 'not a contract', 'support/calendar.csv': 'x' });
    const head = git(cwd, 'rev-parse', 'HEAD');
    const runs = [
      await runCli(['bundle', '--out', 'a'], { cwd }),
      await runCli(['bundle', '--out', 'a'], { cwd }),
      await runCli(['bundle', '--out', '../../b', '--ref', head], {
        cwd: join(clone, 'support'),
        env: { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', KEYDRIFT_VAR_BUCKET: 'prod' },
      }),
    ];
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
    const tree = treeOf(join(cwd, 'a'));
    expect(treeOf(join(clone, '../b'))).toEqual(tree);
    const text = tree['keydrift.bundle.json'] ?? '';
    expect(text).not.toContain(cwd);
    expect(text).not.toContain('prod/');
  });

  test('it is made of the commit, never of the working tree', async () => {
    const cwd = await makeRepository({ 'README.md': 'x' });
    await writeFiles(cwd, good);
    const uncommitted = await runJson(['bundle', '--out', 'build'], { cwd });
    expect(uncommitted.code).toBe(2);
    expect(uncommitted.report.error).toMatchObject({ code: 'CONTRACT_NOT_FOUND' });
    expect(uncommitted.report.error?.hint).toContain('commit it');
    git(cwd, 'add', 'keydrift.yaml', 'support/participants.csv');
    git(cwd, 'commit', '--quiet', '--message', 'without the calendar');
    const lacking = await runJson(['bundle', '--out', 'build'], { cwd });
    expect(lacking.code).toBe(2);
    expect(readdirSync(cwd)).not.toContain('build');
    const chosen = await runCli(['bundle', 'participants', '--out', 'build'], { cwd });
    expect(chosen.code).toBe(0);
    expect(manifestIn(join(cwd, 'build')).artifacts.map(({ artifact }) => artifact)).toEqual([
      'participants',
    ]);
  });

  test('a reviewed copy that breaks its contract is refused: 1, named, nothing written', async () => {
    const broken: Files = {
      ...good,
      'support/participants.csv': 'id,mode\nP-1,full\nP-1,full\nP-2,a\nP-2,b\n,x\n',
      // This one is allowed to.
      'support/calendar.csv': 'day,open\n1,no\n1,no\n',
    };
    const cwd = await makeRepository(broken);
    git(cwd, 'branch', 'release');
    const { code, report, stderr } = await runJson(['bundle', '--out', 'build'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('nothing was written');
    expect(report.artifacts.map(({ name, copy, verdict }) => [name, copy, verdict])).toEqual([
      ['participants', null, 'drifted'],
      ['calendar', null, 'in-sync'],
      ['calendar', 'us', 'in-sync'],
    ]);
    expect(report.artifacts[0]?.counts).toMatchObject({ duplicated: 1, conflict: 1, invalid: 1 });
    const text = await runCli(['bundle', '--out', 'build'], { cwd });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('participants');
    expect(text.stdout).toContain('keydrift lint participants --ref');
    expect(readdirSync(cwd)).not.toContain('build');
    const warned = await runCli(['bundle', 'calendar', '--out', 'build'], { cwd });
    expect(warned.code).toBe(0);
    expect(manifestIn(join(cwd, 'build')).artifacts[0]).toMatchObject({ rows: 2, redundant: 1 });
  });

  test.each([
    ['unreadable content', 'id,mode\n"P-1,full\n'],
    ['an empty list', 'id,mode\n'],
  ])('%s is refused, and with it what cannot be read: 1', async (_name, content) => {
    const cwd = await makeRepository({ ...good, 'support/participants.csv': content });
    // There is no release: the second copy of the calendar has no verdict.
    expect((await runCli(['bundle', '--out', 'build'], { cwd })).code).toBe(1);
    expect(readdirSync(cwd)).not.toContain('build');
  });

  test('a refused or failed run leaves the old bundle whole', async () => {
    const cwd = await madeRepository();
    await runCli(['bundle', '--out', 'build'], { cwd });
    const before = treeOf(join(cwd, 'build'));
    await writeFiles(cwd, { 'support/participants.csv': 'id,mode\nP-1,a\nP-1,a\n' });
    git(cwd, 'commit', '--quiet', '--all', '--message', 'broken');
    expect((await runCli(['bundle', '--out', 'build'], { cwd })).code).toBe(1);
    expect(treeOf(join(cwd, 'build'))).toEqual(before);
    const rows = Array.from({ length: 5000 }, (_, id) => `P-${id},full`);
    const large = ['id,mode', ...rows, ''].join('\n');
    await writeFiles(cwd, { 'support/participants.csv': large });
    git(cwd, 'commit', '--quiet', '--all', '--message', 'large');
    // No file may grow beyond 8 KiB: the write fails (or is killed) in the middle of a content.
    const limited = spawnSync(
      'bash',
      ['-c', `ulimit -f 8; exec "${process.execPath}" "${cliPath}" bundle --out build`],
      { cwd, env: bareEnvironment(cwd), encoding: 'utf8' },
    );
    expect(limited.status).not.toBe(0);
    const after = treeOf(join(cwd, 'build'));
    expect(after).toMatchObject(before);
    expect(after['keydrift.bundle.json']).toBe(before['keydrift.bundle.json']);
    // The next run makes good of whatever was left.
    expect((await runCli(['bundle', '--out', 'build'], { cwd })).code).toBe(0);
    const files = readdirSync(join(cwd, 'build'), { recursive: true, encoding: 'utf8' });
    const { artifacts } = manifestIn(join(cwd, 'build'));
    expect(files.toSorted()).toEqual(
      ['files', 'keydrift.bundle.json', ...artifacts.map(({ file }) => file)].toSorted(),
    );
  });

  test('killed at any moment, the bundle there is an old or a new one, whole', async () => {
    const cwd = await madeRepository();
    await runCli(['bundle', '--out', 'build'], { cwd });
    const old = manifestIn(join(cwd, 'build'));
    await writeFiles(cwd, { 'support/calendar.csv': 'day,open\n7,no\n' });
    git(cwd, 'commit', '--quiet', '--all', '--message', 'third');
    for (const steps of [1, 2, 3, 5, 8, 12]) {
      await killedAfter(cwd, steps);
      const now = manifestIn(join(cwd, 'build'));
      expect([old.contract['commit'], git(cwd, 'rev-parse', 'HEAD')]).toContain(
        now.contract['commit'],
      );
      for (const { file } of now.artifacts) {
        const content = readFileSync(join(cwd, 'build', file));
        expect(`files/${createHash('sha256').update(content).digest('hex')}`).toBe(file);
      }
    }
    expect((await runCli(['bundle', '--out', 'build'], { cwd })).code).toBe(0);
    expect(treeOf(join(cwd, 'build'))['.keydrift.bundle.lock']).toBeUndefined();
  });

  test('--history carries the versions in force then, measured from the commit’s own time', async () => {
    const cwd = await makeRepository({ 'README.md': 'x' });
    const commits = [0, 10, 40].map((minutes) => {
      const id = `P-${minutes}`;
      writeFileSync(join(cwd, 'keydrift.yaml'), contract.replace(/ {2}calendar:[^]*/, ''));
      mkdirSync(join(cwd, 'support'), { recursive: true });
      writeFileSync(join(cwd, 'support/participants.csv'), `id,mode\n${id},full\n`);
      git(cwd, 'add', '--all');
      const date = `2026-01-01T12:${String(minutes).padStart(2, '0')}:00Z`;
      const env = { ...bareEnvironment(cwd), GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
      const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
      spawnSync('git', [...identity, 'commit', '-qm', id], { cwd, env });
      return git(cwd, 'rev-parse', 'HEAD');
    });
    const versions = async (history: string): Promise<unknown> => {
      const { code } = await runCli(['bundle', '--out', 'build', '--history', history], { cwd });
      expect(code).toBe(0);
      return manifestIn(join(cwd, 'build')).artifacts[0]?.versions.map(({ commit }) => commit);
    };
    expect(await versions('29m')).toEqual([commits[2], commits[1]]);
    expect(await versions('1h')).toEqual(commits.toReversed());
    const manifest = manifestIn(join(cwd, 'build'));
    expect(manifest.historySeconds).toBe(3600);
    const oldest = manifest.artifacts[0]?.versions.at(-1);
    expect(oldest).toMatchObject({ arrivedAt: '2026-01-01T12:00:00.000Z' });
    expect(readFileSync(join(cwd, 'build', String(oldest?.file)), 'utf8')).toContain('P-0');
  });

  test.each([
    [['--out'], 'USAGE'],
    [[], 'USAGE'],
    [['--out', 'build', '--history', 'soon'], 'USAGE'],
    [['--out', 'build', '--format', 'markdown'], 'USAGE'],
    [['--out', 'gs://bucket/x'], 'LOCATION_INVALID'],
    [['--out', 's3:/bucket/x'], 'LOCATION_INVALID'],
    [['partcipants', '--out', 'build'], 'UNKNOWN_ARTIFACT'],
    [['--out', 'build', '--ref', 'mian'], 'GIT_UNKNOWN_REF'],
    [['--out', 'build', '--config', 'keydrft.yaml'], 'GIT_PATH_NOT_FOUND'],
    [['--out', 'README.md/x'], 'OUTPUT_NOT_WRITABLE'],
  ])('bundle %j is %s: 2, and nothing is written', async (args, code) => {
    const cwd = await makeRepository({ ...good, 'README.md': 'x' });
    git(cwd, 'branch', 'release');
    const result = await runCli(['bundle', ...args], { cwd });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(code);
    expect(readdirSync(cwd)).not.toContain('build');
  });

  test('what is in no commit is refused by name', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': contract.replace('support/participants.csv', 'file:support/x.csv'),
    });
    const { code, report } = await runJson(['bundle', 'participants', '--out', 'b'], { cwd });
    expect(code).toBe(2);
    expect(report.artifacts[0]?.error).toMatchObject({ code: 'NOT_SUPPORTED' });
    const outside = await temporaryDirectory();
    const none = await runCli(['bundle', '--out', 'b'], { cwd: outside });
    expect(none).toMatchObject({ code: 2, stdout: '' });
  });

  test('its summary fits 80 columns, and ends with the command that reads it', async () => {
    const cwd = await madeRepository();
    const words = ['bundle', '--out', 'build/', '--history', '1h'];
    const { stdout } = await runCli(words, { cwd });
    for (const line of stdout.split('\n')) {
      if (!/^(?:sha256|next) /.test(line)) expect([line, line.length <= 80]).toEqual([line, true]);
    }
    expect(stdout).toContain('history   1 hour before the commit\n');
    expect(stdout).toContain('support/participants.csv');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'next      keydrift audit --against bundle:build',
    );
  });
});
