import { chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GitLocation } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
} from './git-fixture.ts';
import { binaryBytes, expectSameBytes, failureOf, readAll } from './port-suite.ts';

let at: Scratch;
let repository: TestRepository;
let source: GitSource;
const spawned: GitSource[] = [];

function open(ref = 'HEAD', environment = isolated, directory = at.path): GitSource {
  const cacheDirectory = join(at.path, 'cache');
  const opened = openGitSource({ ref, cacheDirectory, environment, directory });
  spawned.push(opened);
  return opened;
}

const around = (path: string, ref: string | null = null): GitLocation => ({
  kind: 'git',
  repository: null,
  path: join(repository.root, path),
  ref,
});
const inside = (directory: string, path: string, ref: string | null = null): GitLocation => ({
  kind: 'git',
  repository: directory,
  path,
  ref,
});

beforeAll(() => {
  at = scratch();
  repository = makeRepository(join(at.path, 'repository'));
  repository.write('support/participants.csv', 'id\nP-1\n');
  repository.commit('first', '2026-11-22T18:00:00+01:00');
  repository.git('tag', '--annotate', '--message', 'release', 'v1');
  source = open();
});
afterAll(async () => {
  await Promise.all(spawned.map((each) => each.close()));
  at.remove();
});

test('a copy tells its commit, the time of it in UTC, and its blob', async () => {
  const copy = await source.pin(around('support/participants.csv', 'v1'));
  expect(copy.location).toBe('git:v1:support/participants.csv');
  expect(copy.revision.facts).toEqual({
    commit: repository.git('rev-parse', 'v1^{commit}'),
    committedAt: '2026-11-22T17:00:00.000Z',
    blob: repository.git('rev-parse', 'v1:support/participants.csv'),
  });
  expect(copy.bytes).toBe(7);
});

describe('bytes', () => {
  test('are those of the blob: no line end conversion, no filter is run', async () => {
    const own = makeRepository(join(at.path, 'filters'));
    const bytes = Buffer.concat([Buffer.from('a,b\r\n1,\0\n$Id$\n'), binaryBytes(3000)]);
    own.write('lookup.csv', bytes);
    own.commit('bytes');
    const program = own.write('filter.sh', `#!/bin/sh\ntouch ${join(at.path, 'ran')}\ncat\n`);
    chmodSync(program, 0o755);
    own.write(
      '.gitattributes',
      '*.csv text eol=crlf filter=odd ident working-tree-encoding=UTF-16\n',
    );
    for (const key of ['clean', 'smudge', 'process'])
      own.git('config', `filter.odd.${key}`, program);
    own.git('config', 'core.autocrlf', 'true');
    own.git('add', '.gitattributes');
    own.git('commit', '--quiet', '--message', 'attributes');
    rmSync(join(at.path, 'ran'), { force: true });
    expectSameBytes(await readAll(await source.pin(inside(own.root, 'lookup.csv'))), bytes);
    expect(() => realpathSync(join(at.path, 'ran'))).toThrow();
  });

  test('of a large blob come in chunks, from a packed repository too', async () => {
    const own = makeRepository(join(at.path, 'large'));
    const bytes = binaryBytes(5 * 1024 * 1024);
    own.write('large.csv', bytes);
    own.commit('large');
    for (const arrange of [[], ['gc', '--quiet']]) {
      if (arrange.length > 0) own.git(...arrange);
      const copy = await source.pin(inside(own.root, 'large.csv'));
      let chunks = 0;
      for await (const chunk of copy.open()) chunks += chunk.length < bytes.length ? 1 : 0;
      expect(chunks).toBeGreaterThan(10);
      expectSameBytes(await readAll(copy), bytes);
      const range = { start: 3_000_001, end: 3_400_000 };
      expectSameBytes(await readAll(copy, range), bytes.subarray(range.start, range.end));
    }
  });

  test('are those of the commit, not of a replace ref, which never travels', async () => {
    const own = makeRepository(join(at.path, 'replaced'));
    own.write('a.csv', 'reviewed\n');
    own.write('b.csv', 'forged\n');
    own.commit('both');
    own.git('replace', own.git('rev-parse', 'HEAD:a.csv'), own.git('rev-parse', 'HEAD:b.csv'));
    const bytes = await readAll(await source.pin(inside(own.root, 'a.csv')));
    expect(bytes.toString()).toBe('reviewed\n');
  });

  test('stay those of the pin when the branch moves on', async () => {
    const own = makeRepository(join(at.path, 'moving'));
    own.write('a.csv', 'one\n');
    own.commit('one');
    const run = open();
    const copy = await run.pin(inside(own.root, 'a.csv'));
    own.write('a.csv', 'two\n');
    own.commit('two');
    expect((await readAll(copy)).toString()).toBe('one\n');
    // Within a run a ref means one commit.
    expect((await run.pin(inside(own.root, 'a.csv'))).revision.facts).toEqual(copy.revision.facts);
    expect((await readAll(await open().pin(inside(own.root, 'a.csv')))).toString()).toBe('two\n');
  });
});

test('a path may hold any character', async () => {
  const own = makeRepository(join(at.path, 'names'));
  const paths = [
    'a b/c d.csv',
    `"quotes' and \\ back.csv`,
    'line\nend/x\ny.csv',
    '-dash.csv',
    '--help',
    'ünïcode/日本.csv',
    ':(top)magic.csv',
    'glob*[a]?.csv',
  ];
  for (const path of paths) own.write(path, `at ${path}`);
  own.write('globXa1.csv', 'not this one');
  own.commit('names');
  for (const path of paths) {
    for (const location of [
      inside(own.root, path),
      { kind: 'git', repository: null, path: join(own.root, path), ref: null } as const,
      { kind: 'git', repository: own.root, path, ref: null, state: 'worktree' } as const,
    ]) {
      const bytes = await readAll(await source.pin(location));
      expect(bytes.toString()).toBe(`at ${path}`);
    }
  }
});

describe('the repository', () => {
  test('is found from a subdirectory, a bare clone, and a .git directory', async () => {
    const bare = join(at.path, 'bare.git');
    git(at.path, ['clone', '--quiet', '--bare', repository.root, bare]);
    for (const directory of [
      repository.root,
      join(repository.root, 'support'),
      bare,
      join(repository.root, '.git'),
    ]) {
      const copy = await source.pin(inside(directory, './support/participants.csv'));
      expect((await readAll(copy)).toString()).toBe('id\nP-1\n');
    }
  });

  test('is shown by a copy where it is not the run’s own', async () => {
    const location = inside(join(repository.root, 'support'), 'support/participants.csv', 'main');
    const foreign = await open('HEAD', isolated, at.path).pin(location);
    expect(foreign.location).toBe('git:main:support/participants.csv in repository');
    const own = await open('HEAD', isolated, join(repository.root, 'support')).pin(location);
    expect(own.location).toBe('git:main:support/participants.csv');
  });

  test('is found around a file whose folders are gone from the working tree, and behind links', async () => {
    const own = makeRepository(join(at.path, 'sparse'));
    own.write('deep/down/a.csv', 'here\n');
    own.commit('deep');
    own.git('rm', '-r', '--quiet', 'deep');
    symlinkSync(own.root, join(at.path, 'linked'));
    for (const root of [own.root, join(at.path, 'linked')]) {
      const path = join(root, 'deep/down/a.csv');
      const copy = await source.pin({ kind: 'git', repository: null, path, ref: null });
      expect(copy.location).toBe('git:HEAD:deep/down/a.csv');
    }
  });

  test('of a file in a submodule is the submodule', async () => {
    const own = makeRepository(join(at.path, 'super'));
    git(own.root, [
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      repository.root,
      'sub',
    ]);
    own.commit('with a submodule');
    const path = join(own.root, 'sub/support/participants.csv');
    const copy = await source.pin({ kind: 'git', repository: null, path, ref: null });
    expect(copy.revision.facts).toMatchObject({ commit: repository.git('rev-parse', 'HEAD') });
    const through = await source.pin(inside(own.root, 'sub/support/participants.csv'));
    expect(through.revision.facts).toEqual(copy.revision.facts);
    const error = await failureOf(source.pin(inside(own.root, 'sub')));
    expect(error.code).toBe('GIT_NOT_A_FILE');
    expect(error.message).toContain('submodule');
  });

  test('is not redirected by the variables that git sets for hooks', async () => {
    const other = makeRepository(join(at.path, 'other'));
    other.write('support/participants.csv', 'of another repository\n');
    other.commit('other');
    const hook = {
      ...isolated,
      GIT_DIR: join(other.root, '.git'),
      GIT_WORK_TREE: other.root,
      GIT_INDEX_FILE: join(other.root, '.git/index'),
      GIT_OBJECT_DIRECTORY: join(other.root, '.git/objects'),
      GIT_COMMON_DIR: join(other.root, '.git'),
      GIT_PREFIX: 'support/',
      GIT_ICASE_PATHSPECS: '1',
    };
    const run = open('HEAD', hook);
    const copy = await run.pin(around('support/participants.csv'));
    expect((await readAll(copy)).toString()).toBe('id\nP-1\n');
    const named = await run.pin(inside(repository.root, 'support/participants.csv'));
    expect(named.revision.facts).toEqual(copy.revision.facts);
  });

  test('that is none, or a bare one for an absolute path, is named', async () => {
    const outside = join(at.path, 'outside.csv');
    const error = await failureOf(
      source.pin({ kind: 'git', repository: null, path: outside, ref: null }),
    );
    expect(error.code).toBe('GIT_NOT_A_REPOSITORY');
    expect(error.message).toContain(at.path);
    expect(error.hint).toContain('file:PATH');
    for (const directory of [
      join(at.path, 'nowhere'),
      join(repository.root, 'support/participants.csv'),
    ]) {
      const { code } = await failureOf(source.pin(inside(directory, 'a.csv')));
      expect(code).toBe('GIT_NOT_A_REPOSITORY');
    }
  });

  test('of another owner is refused with git’s own advice, and read once it is trusted', async () => {
    const strange = { ...isolated, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' };
    const location = around('support/participants.csv');
    const error = await failureOf(open('HEAD', strange).pin(location));
    expect(error.code).toBe('GIT_DUBIOUS_OWNERSHIP');
    expect(error.hint).toContain(`git config --global --add safe.directory ${repository.root}`);
    const trusted = {
      ...strange,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    };
    expect((await open('HEAD', trusted).pin(location)).bytes).toBe(7);
  });

  test('without git is GIT_NOT_INSTALLED', async () => {
    const run = open('HEAD', { ...isolated, PATH: at.path });
    const { code } = await failureOf(run.pin(around('support/participants.csv')));
    expect(code).toBe('GIT_NOT_INSTALLED');
  });
});

describe('mergeBase', () => {
  test('is where the branch left the base', async () => {
    const own = makeRepository(join(at.path, 'branches'));
    own.write('a.csv', 'a\n');
    const fork = own.commit('fork');
    own.git('branch', 'feature');
    own.commit('on main');
    own.git('checkout', '--quiet', 'feature');
    own.commit('on feature');
    const location: GitLocation = {
      kind: 'git',
      repository: own.root,
      path: 'a.csv',
      ref: null,
      state: 'worktree',
    };
    expect(await source.mergeBase(location, 'main')).toStrictEqual({ commit: fork, isOther: true });
    expect(
      await open('main').mergeBase(inside(own.root, 'a.csv', 'feature'), 'main'),
    ).toMatchObject({ commit: fork });
    expect((await failureOf(source.mergeBase(location, 'mian'))).code).toBe('GIT_UNKNOWN_REF');
    expect((await failureOf(source.mergeBase(location, '--all'))).code).toBe('GIT_BAD_REF');
  });

  test('of histories that never met, or of a shallow clone, is GIT_NO_MERGE_BASE', async () => {
    const own = makeRepository(join(at.path, 'unrelated'));
    own.commit('one');
    own.git('checkout', '--quiet', '--orphan', 'alone');
    own.commit('two');
    const location = inside(own.root, 'a.csv', 'main');
    expect((await failureOf(source.mergeBase(location, 'alone'))).code).toBe('GIT_NO_MERGE_BASE');

    const long = makeRepository(join(at.path, 'long'));
    long.commit('root');
    long.git('branch', 'feature');
    long.commit('on main');
    long.git('checkout', '--quiet', 'feature');
    long.commit('on feature');
    const clone = join(at.path, 'shallow');
    git(at.path, [
      'clone',
      '--quiet',
      '--depth=1',
      '--no-single-branch',
      `file://${long.root}`,
      clone,
    ]);
    const error = await failureOf(source.mergeBase(inside(clone, 'a.csv'), 'origin/main'));
    expect(error.code).toBe('GIT_NO_MERGE_BASE');
    expect(error.message).toContain('shallow');
    expect(error.hint).toContain('fetch-depth: 0');
  });
});

test('a process is not kept alive by idle children, nor by a reader that was left', async () => {
  const own = makeRepository(join(at.path, 'idle'));
  own.write('small.csv', 'a\n');
  own.write('large.csv', binaryBytes(5 * 1024 * 1024));
  own.commit('both');
  const module = join(import.meta.dirname, '../../src/sources/git/git.ts');
  const script = `
    import { openGitSource } from ${JSON.stringify(module)};
    const source = openGitSource({ ref: 'HEAD', cacheDirectory: '/nonexistent' });
    const at = (path) => source.pin({ kind: 'git', repository: ${JSON.stringify(own.root)}, path, ref: null });
    for await (const chunk of (await at('small.csv')).open()) process.stdout.write(chunk);
    const reader = (await at('large.csv')).open()[Symbol.asyncIterator]();
    await reader.next();
    console.log('left');
  `;
  expect(await runScript(script)).toBe('a\nleft\n');
});

/** The output of an ES module that imports TypeScript, run in a process of its own. */
async function runScript(script: string): Promise<string> {
  const { build } = await import('esbuild');
  const folder = join(at.path, 'script');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'script.mjs');
  await build({
    stdin: { contents: script, resolveDir: folder, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent',
  });
  const { execFileSync } = await import('node:child_process');
  return execFileSync(process.execPath, [outfile], { encoding: 'utf8', env: { ...isolated } });
}
