import { readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeydriftError } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { smallBlob } from '../../src/sources/git/tree.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
} from './git-fixture.ts';
import { binaryBytes, failureOf, readAll } from './port-suite.ts';

let at: Scratch;
let repository: TestRepository;
let source: GitSource;
let removal: string;
let before: string;

beforeAll(() => {
  at = scratch();
  repository = makeRepository(join(at.path, 'repository'));
  repository.write('support/participants.csv', 'id\nP-1\n');
  repository.write('support/Routing.csv', 'id\n1\n');
  repository.write(
    'support/calendar.csv',
    Array.from({ length: 50 }, (_, day) => `${day}\n`).join(''),
  );
  repository.commit('first', '2026-01-01T12:00:00Z');
  repository.write('support/old.csv', 'to be removed\n');
  symlinkSync('participants.csv', join(repository.root, 'support/link.csv'));
  symlinkSync('support', join(repository.root, 'linked'));
  before = repository.commit('second', '2026-01-02T12:00:00Z');
  repository.git('rm', '--quiet', 'support/old.csv');
  removal = repository.commit('remove "old"', '2026-01-03T12:00:00Z');
  repository.git('mv', 'support/calendar.csv', 'support/days.csv');
  repository.commit('rename', '2026-01-04T12:00:00Z');
  repository.git('tag', 'v1.0');
  repository.git('tag', 'a-tree', 'HEAD^{tree}');
  repository.git('tag', 'a-blob', 'HEAD:support/days.csv');
  source = open();
});
afterAll(async () => {
  await source.close();
  at.remove();
});

function open(): GitSource {
  return openGitSource({
    ref: 'HEAD',
    cacheDirectory: join(at.path, 'cache'),
    environment: isolated,
    directory: at.path,
  });
}

async function failure(path: string, ref = 'HEAD', root = repository.root): Promise<KeydriftError> {
  return failureOf(source.pin({ kind: 'git', repository: root, path, ref }));
}

describe('a ref', () => {
  test.each([
    '--all',
    '-x',
    '--output=/tmp/x',
    '',
    '^HEAD',
    'HEAD..main',
    'HEAD:support',
    ':/first',
    'a b',
    'a\nb',
    'a\0b',
    'refs/*',
    'a-tree',
    'a-blob',
    'HEAD^{tree}',
  ])('%j names no commit', async (ref) => {
    expect((await failure('support/days.csv', ref)).code).toBe('GIT_BAD_REF');
  });

  test.each([
    ['maim', 'main'],
    ['V1.0', 'v1.0'],
  ])('%s is unknown, and %s is near', async (ref, near) => {
    const error = await failure('support/days.csv', ref);
    expect(error.code).toBe('GIT_UNKNOWN_REF');
    expect(error.message).toContain(ref);
    expect(error.hint).toBe(`Did you mean ${near}?`);
    expect(error.command).toBeNull();
  });

  test('is to be fetched where there is a remote that may have it, and it is no misspelling', async () => {
    const clone = join(at.path, 'whole');
    git(at.path, ['clone', '--quiet', `file://${repository.root}`, clone]);
    const fetch = `git -C ${clone} fetch --tags`;
    const told = async (ref: string, root?: string): Promise<unknown> =>
      (await failure('support/days.csv', ref, root)).command;
    expect(await told('v1.1', clone)).toBe(fetch);
    expect(await told('quite-another', clone)).toBe(fetch);
    expect(await told('maim', clone)).toBeNull();
    expect(await told('v1.1')).toBeNull();
    expect(await told('quite-another')).toBeNull();
  });

  test('is unknown for a commit that is not here', async () => {
    for (const id of ['1'.repeat(40), 'main~99', 'main@{upstream}']) {
      expect((await failure('support/days.csv', id)).code).toBe('GIT_UNKNOWN_REF');
    }
  });

  test('of the remote alone is suggested with its remote, and a shallow clone says so', async () => {
    const clone = join(at.path, 'clone');
    git(at.path, ['clone', '--quiet', '--depth=1', `file://${repository.root}`, clone]);
    git(clone, ['checkout', '--quiet', '--detach']);
    git(clone, ['branch', '-D', 'main']);
    const { hint } = await failure('support/days.csv', 'main', clone);
    expect(hint).toContain('origin/main');
    expect(hint).toContain('shallow');
  });

  test('may be an abbreviation, an ancestor, or a branch', async () => {
    for (const ref of [
      removal.slice(0, 10),
      'HEAD~1',
      'main^',
      'refs/heads/main^1',
      'HEAD^{/remove}',
    ]) {
      const copy = await source.pin({
        kind: 'git',
        repository: repository.root,
        path: 'support/calendar.csv',
        ref,
      });
      expect(copy.revision.facts).toMatchObject({ commit: removal });
    }
  });
});

test('a repository without commits says so', async () => {
  const empty = makeRepository(join(at.path, 'empty'));
  const error = await failure('a.csv', 'HEAD', empty.root);
  expect(error.code).toBe('GIT_UNKNOWN_REF');
  expect(error.message).toContain('no commits');
});

describe('a path', () => {
  test('that was removed says where it was last, and by what it went', async () => {
    const error = await failure('support/old.csv');
    expect(error.code).toBe('GIT_PATH_NOT_FOUND');
    expect(error.message).toContain(`last in ${before.slice(0, 7)} of 2026-01-02`);
    expect(error.message).toContain(`removed by ${removal.slice(0, 7)} "remove \\"old\\""`);
  });

  test('that was renamed says its new name', async () => {
    const error = await failure('support/calendar.csv');
    expect(error.message).toContain('support/days.csv');
    expect(error.hint).toContain('support/days.csv');
  });

  test('that was removed by a merge says so', async () => {
    const own = makeRepository(join(at.path, 'merges'));
    own.write('a.csv', 'a\n');
    own.commit('add');
    own.git('checkout', '--quiet', '-b', 'side');
    own.git('rm', '--quiet', 'a.csv');
    own.commit('on the side');
    own.git('checkout', '--quiet', 'main');
    own.commit('meanwhile');
    own.git('merge', '--quiet', '--no-ff', '--message', 'merge it', 'side');
    const merge = own.git('rev-parse', '--short=7', 'HEAD');
    expect((await failure('a.csv', 'HEAD', own.root)).message).toContain(`${merge} "merge it"`);
  });

  test.each([
    ['support/routing.csv', 'support/Routing.csv'],
    ['Routing.csv', 'support/Routing.csv'],
    ['support/participant.csv', 'support/participants.csv'],
  ])('%s was never there, and %s is near', async (path, near) => {
    const error = await failure(path);
    expect(error.code).toBe('GIT_PATH_NOT_FOUND');
    expect(error.message).toContain(path);
    expect(error.hint).toContain(near);
  });

  test('that is not committed yet says so', async () => {
    repository.write('support/fresh.csv', 'a\n');
    const { code, hint, command } = await failure('support/fresh.csv');
    expect(code).toBe('GIT_PATH_NOT_FOUND');
    expect(hint).toMatch(/ not committed. Commit it first: /);
    expect(command).toBe(
      `git -C ${repository.root} add -- support/fresh.csv && git -C ${repository.root} commit`,
    );
    repository.git('branch', 'without');
    repository.git('add', '.');
    repository.commit('fresh', '2026-01-05T12:00:00Z');
    expect(await failure('support/fresh.csv', 'without')).toMatchObject({
      hint: 'HEAD has it: bring it to without, or name another ref.',
    });
    repository.git('reset', '--quiet', '--hard', 'without');
    repository.git('branch', '-D', 'without');
  });

  test.each([
    ['support/participant.csv', 'Did you mean support/participants.csv?', null],
    ['nothing/alike.txt', 'See what there is', 'git -C ROOT ls-files --cached --others'],
    ['support/Routing.csv', /HEAD has it. If it was deleted/, 'git -C ROOT restore -- support/Routing.csv'], // prettier-ignore
  ])('%s is not in the working tree, and says what helps', async (path, hint, command) => {
    const own = repository.root;
    rmSync(join(own, 'support/Routing.csv'));
    const location = { kind: 'git', repository: own, path, ref: null, state: 'worktree' } as const;
    const error = await failureOf(source.pin(location));
    repository.git('checkout', '--quiet', '.');
    expect(error.code).toBe('GIT_PATH_NOT_FOUND');
    expect(error.hint).toMatch(hint);
    expect(error.command).toBe(command?.replace('ROOT', own) ?? null);
  });

  test('in a shallow clone says that the history is cut off', async () => {
    const clone = join(at.path, 'cut');
    git(at.path, ['clone', '--quiet', '--depth=1', `file://${repository.root}`, clone]);
    expect((await failure('support/old.csv', 'HEAD', clone)).hint).toContain('shallow');
  });

  test.each([
    ['support', 'directory'],
    ['support/', 'directory'],
    ['.', 'directory'],
    ['support/link.csv', 'symbolic link'],
    ['linked/participants.csv', 'symbolic link'],
  ])('%s is no file but a %s', async (path, what) => {
    const error = await failure(path);
    expect(error.code).toBe('GIT_NOT_A_FILE');
    expect(error.message).toContain(what);
  });

  test.each(['../x.csv', '/support/days.csv', 'support/../../x.csv'])(
    '%s leaves the repository',
    async (path) => {
      expect((await failure(path)).code).toBe('LOCATION_INVALID');
    },
  );
});

function objectFile(root: string, id: string): string {
  return join(root, '.git/objects', id.slice(0, 2), id.slice(2));
}

describe('a damaged or incomplete repository', () => {
  test.each([1000, 5 * 1024 * 1024])(
    'a blob of %i bytes that is missing or damaged gives GIT_FAILED',
    async (size) => {
      const own = makeRepository(join(at.path, `damaged-${size}`));
      own.write('a.csv', binaryBytes(size));
      own.write('b.csv', binaryBytes(size + 1));
      own.commit('both');
      const location = { kind: 'git', repository: own.root, path: 'a.csv', ref: null } as const;
      const copy = await source.pin(location);
      const id = own.git('rev-parse', 'HEAD:a.csv');
      rmSync(objectFile(own.root, id), { force: true });
      for (const damage of [null, 'no zlib stream']) {
        if (damage !== null) writeFileSync(objectFile(own.root, id), damage);
        // A small blob is read with its pin, a large one when it is opened.
        const read = size < smallBlob ? source.pin(location) : readAll(copy);
        const error = await failureOf(read);
        expect(error.code).toBe('GIT_FAILED');
        expect(error.message).toContain(id);
        expect((await failureOf(open().pin(location))).code).toBe('GIT_FAILED');
      }
      // The fault of one object is not the next one's.
      expect((await source.pin({ ...location, path: 'b.csv' })).bytes).toBe(size + 1);
      await expect(readAll(await source.pin({ ...location, path: 'b.csv' }))).resolves.toHaveLength(
        size + 1,
      );
    },
  );

  test('a blob whose bytes are not those of its id is not delivered whole', async () => {
    const own = makeRepository(join(at.path, 'swapped'));
    own.write('a.csv', 'reviewed\n');
    own.write('b.csv', 'forged!!\n');
    own.commit('both');
    const [a, b] = ['a', 'b'].map((name) =>
      objectFile(own.root, own.git('rev-parse', `HEAD:${name}.csv`)),
    );
    rmSync(a!, { force: true });
    symlinkSync(b!, a!);
    const copy = await source.pin({ kind: 'git', repository: own.root, path: 'a.csv', ref: null });
    expect((await failureOf(readAll(copy))).code).toBe('GIT_FAILED');
  });

  test('a partial clone is told how to complete itself, and is not written to', async () => {
    const clone = join(at.path, 'partial.git');
    repository.git('config', 'uploadpack.allowFilter', 'true');
    git(at.path, [
      'clone',
      '--quiet',
      '--bare',
      '--filter=blob:none',
      `file://${repository.root}`,
      clone,
    ]);
    const packs = (): string[] => readdirSync(join(clone, 'objects/pack'));
    const had = packs();
    const error = await failure('support/participants.csv', 'HEAD', clone);
    expect(error.code).toBe('GIT_FAILED');
    expect(error.message).toContain('partial clone');
    expect(error.hint).toContain('fetch');
    expect(packs()).toEqual(had);
  });
});

test('reading writes nothing to the repository', async () => {
  const own = makeRepository(join(at.path, 'untouched'));
  own.write('a.csv', 'a\n');
  own.commit('a');
  const changes = (): string[] =>
    readdirSync(own.root, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${name} ${statSync(join(own.root, name)).ctimeMs}`,
    );
  const had = changes();
  const run = open();
  await readAll(await run.pin({ kind: 'git', repository: own.root, path: 'a.csv', ref: null }));
  await readAll(
    await run.pin({
      kind: 'git',
      repository: own.root,
      path: 'a.csv',
      ref: null,
      state: 'worktree',
    }),
  );
  await failureOf(run.pin({ kind: 'git', repository: own.root, path: 'b.csv', ref: null }));
  await failureOf(run.pin({ kind: 'git', repository: own.root, path: 'a.csv', ref: 'nope' }));
  await run.close();
  expect(changes()).toEqual(had);
});
