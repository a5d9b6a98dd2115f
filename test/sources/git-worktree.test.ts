import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heardBy, type GitLocation, type Listener } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { readPointer } from '../../src/sources/git/lfs.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
  userId,
} from './git-fixture.ts';
import { binaryBytes, describeSource, expectSameBytes, failureOf, readAll } from './port-suite.ts';

let at: Scratch;
let repository: TestRepository;
let source: GitSource;

function open(where: Scratch, environment = isolated): GitSource {
  const cacheDirectory = join(where.path, 'cache');
  return openGitSource({ userId, ref: 'HEAD', cacheDirectory, environment, directory: where.path });
}

beforeAll(() => {
  at = scratch();
  repository = makeRepository(join(at.path, 'repository'));
  repository.write('support/participants.csv', 'committed\n');
  repository.commit('first');
  source = open(at);
});
afterAll(async () => {
  await source.close();
  at.remove();
});

function file(path: string): GitLocation {
  return {
    kind: 'git',
    repository: null,
    path: join(repository.root, path),
    ref: null,
    state: 'worktree',
  };
}

describe('a file of a working tree', () => {
  test('is what stands there now, not what was committed', async () => {
    repository.write('support/participants.csv', 'not yet committed\r\n');
    const copy = await source.pin(file('support/participants.csv'));
    expect(copy.location).toBe('support/participants.csv');
    expect(Object.keys(copy.revision.facts)).toEqual(['modifiedAt']);
    expect((await readAll(copy)).toString()).toBe('not yet committed\r\n');
    appendFileSync(join(repository.root, 'support/participants.csv'), 'x');
    expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
  });

  test('that is missing, a directory, or a symbolic link is refused', async () => {
    symlinkSync('participants.csv', join(repository.root, 'support/link.csv'));
    const missing = await failureOf(source.pin(file('support/participant.csv')));
    expect(missing.code).toBe('GIT_PATH_NOT_FOUND');
    expect(missing.hint).toContain('participants.csv');
    expect((await failureOf(source.pin(file('support')))).code).toBe('GIT_NOT_A_FILE');
    expect((await failureOf(source.pin(file('support/link.csv')))).code).toBe('GIT_NOT_A_FILE');
  });

  test('of a bare repository cannot be', async () => {
    const bare = join(at.path, 'bare.git');
    git(at.path, ['clone', '--quiet', '--bare', repository.root, bare]);
    const location: GitLocation = {
      kind: 'git',
      repository: bare,
      path: 'a.csv',
      ref: null,
      state: 'worktree',
    };
    expect((await failureOf(source.pin(location))).code).toBe('GIT_NOT_A_REPOSITORY');
  });
});

const pointerTo = (bytes: Uint8Array): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(bytes).digest('hex')}\nsize ${bytes.length}\n`;

function isPointer(text: string): boolean {
  return readPointer(Buffer.from(text)) !== null;
}

interface LfsMade {
  readonly repository: TestRepository;
  readonly environment: typeof isolated;
  /** What the fake `git lfs smudge` gives. */
  readonly content: string;
}

/** A repository whose `lookup.csv` is a pointer, and a `git-lfs` that gives `bytes` for it. */
function withLfs(where: Scratch, bytes: Uint8Array): LfsMade {
  const own = makeRepository(join(where.path, 'lfs'));
  own.write('lookup.csv', pointerTo(bytes));
  own.commit('pointer');
  const bin = join(where.path, 'bin');
  mkdirSync(bin, { recursive: true });
  const content = join(where.path, 'content');
  writeFileSync(content, bytes);
  const program = `#!/bin/sh
[ "$1" = version ] && echo 'git-lfs/0.0.0 (fake)' && exit 0
[ "$1" = smudge ] && [ -z "$GIT_LFS_SKIP_SMUDGE" ] || exit 9
grep -q '^version https://git-lfs' || exit 8
exec cat '${content}'
`;
  writeFileSync(join(bin, 'git-lfs'), program);
  chmodSync(join(bin, 'git-lfs'), 0o755);
  const environment = {
    ...isolated,
    PATH: `${bin}${delimiter}${isolated['PATH'] ?? ''}`,
    GIT_LFS_SKIP_SMUDGE: '1',
  };
  return { repository: own, environment, content };
}

describeSource<GitLocation>('a file in Git LFS', async (bytes) => {
  const where = scratch();
  const { repository: own, environment } = withLfs(where, bytes);
  const location = { kind: 'git', repository: own.root, path: 'lookup.csv', ref: null } as const;
  return {
    source: open(where, environment),
    location,
    absent: { ...location, path: 'gone.csv' },
    remove: async () => where.remove(),
  };
});

describe('Git LFS', () => {
  const bytes = binaryBytes(5000);

  test('the revision is the pointer’s blob; a pointer in the working tree is followed too', async () => {
    const where = scratch();
    const made = withLfs(where, bytes);
    const run = open(where, made.environment);
    const location = { repository: made.repository.root, path: 'lookup.csv' };
    const copy = await run.pin({ kind: 'git', ...location, ref: null });
    expect(copy.revision.facts).toMatchObject({
      blob: made.repository.git('rev-parse', 'HEAD:lookup.csv'),
    });
    const asked: string[] = [];
    const listener: Listener = {
      begin: (_kind, subject) => (asked.push(subject.split(' in ', 1)[0]!), () => undefined),
      advance: () => undefined,
    };
    await heardBy(listener, async () => {
      const worktree = await run.pin({ kind: 'git', ...location, ref: null, state: 'worktree' });
      expect(worktree.bytes).toBe(bytes.length);
      expectSameBytes(await readAll(worktree), bytes);
      expectSameBytes(await readAll(copy), bytes);
    });
    // That a git-lfs answers is known, and where objects are from is asked once.
    expect(asked).toEqual(['git config', 'git-lfs smudge', 'git-lfs smudge']);
    await run.close();
    where.remove();
  });

  test('other bytes than the pointer promises are not delivered whole', async () => {
    const where = scratch();
    const made = withLfs(where, bytes);
    const run = open(where, made.environment);
    const copy = await run.pin({
      kind: 'git',
      repository: made.repository.root,
      path: 'lookup.csv',
      ref: null,
    });
    const content = readFileSync(made.content);
    const wrong = [
      content.subarray(1),
      Buffer.concat([content, content]),
      content.map((byte) => byte ^ 1),
    ];
    for (const other of wrong) {
      writeFileSync(made.content, other);
      expect((await failureOf(readAll(copy))).code).toBe('GIT_FAILED');
    }
    rmSync(made.content);
    expect((await failureOf(readAll(copy))).code).toBe('GIT_FAILED');
    await run.close();
    where.remove();
  });

  test('without git-lfs a pointer is refused by name', async () => {
    const where = scratch();
    const made = withLfs(where, bytes);
    // A PATH that has git alone: this machine may have git-lfs.
    const bin = join(where.path, 'only-git');
    mkdirSync(bin);
    const found = (isolated['PATH'] ?? '')
      .split(delimiter)
      .find((each) => existsSync(join(each, 'git')));
    symlinkSync(join(found ?? '', 'git'), join(bin, 'git'));
    writeFileSync(join(bin, 'git-lfs'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const run = open(where, { ...isolated, PATH: bin });
    const location = { repository: made.repository.root, path: 'lookup.csv' };
    for (const each of [
      { kind: 'git', ...location, ref: null },
      { kind: 'git', ...location, ref: null, state: 'worktree' },
    ] as const) {
      const error = await failureOf(run.pin(each));
      expect(error.code).toBe('GIT_LFS_UNAVAILABLE');
      expect(error.message).toContain('lookup.csv');
      expect(error.hint).toContain('git-lfs');
    }
    await run.close();
    where.remove();
  });

  test('what only resembles a pointer is a file like any other', () => {
    const pointer = pointerTo(bytes);
    expect(isPointer(pointer)).toBe(true);
    expect(isPointer(pointer.replace('oid', 'ext-0-x sha256:00\noid'))).toBe(true);
    for (const text of [
      pointer.replace('v1', 'v2'),
      pointer.replace('size', 'length'),
      pointer.replace('sha256:', 'md5:'),
      ` ${pointer}`,
      pointer.padEnd(1024, '\n'),
      '',
    ]) {
      expect(isPointer(text)).toBe(false);
    }
  });
});

describe('a file of HEAD that was edited in the working tree', () => {
  const committed = `id,w\nA,1\nB,2\n`;
  const large = Buffer.alloc(5 * 1024 * 1024, 'id,w\n');

  beforeAll(() => {
    repository.write('.gitattributes', 'filtered.csv filter=some\n');
    repository.write('edited.csv', committed);
    repository.write('filtered.csv', committed);
    repository.write('large.csv', large);
    repository.commit('as reviewed');
  });

  test.each([
    ['as it was committed', (): unknown => repository.write('edited.csv', committed), false],
    ['with another size', (): unknown => repository.write('edited.csv', `${committed}C,3\n`), true],
    [
      'with the same size',
      (): unknown => repository.write('edited.csv', committed.replace('2', '3')),
      true,
    ],
    [
      'with line ends as Windows writes them',
      (): unknown => repository.write('edited.csv', committed.replaceAll('\n', '\r\n')),
      false,
    ],
    ['that is gone', (): unknown => rmSync(join(repository.root, 'edited.csv')), false],
    [
      'that a filter writes',
      (): unknown => repository.write('filtered.csv', 'otherwise\n'),
      false,
      'filtered.csv',
    ],
    [
      'that is large, with another size',
      (): unknown => repository.write('large.csv', large.subarray(1)),
      true,
      'large.csv',
    ],
  ])('%s', async (_how, edit, told, name = 'edited.csv') => {
    edit();
    const fresh = open(at);
    const { path } = file(name);
    const here = { kind: 'git', repository: null, path } as const;
    const copy = await fresh.pin({ ...here, ref: null });
    const codes = (copy.warnings ?? []).map(({ code }) => code);
    expect(codes).toEqual(told ? ['REVIEWED_UNCOMMITTED'] : []);
    // Who names a commit asks for that one.
    expect((await fresh.pin({ ...here, ref: 'main' })).warnings).toBeUndefined();
    await fresh.close();
  });

  test('is told of the first hundred that a run pins', async () => {
    repository.write('edited.csv', committed);
    const fresh = open(at);
    const here = file('edited.csv').path;
    const pin = (): ReturnType<GitSource['pin']> =>
      fresh.pin({ kind: 'git', repository: null, path: here, ref: null });
    for (let pinned = 0; pinned < 99; pinned += 1) await pin();
    repository.write('edited.csv', 'edited\n');
    expect((await pin()).warnings).toHaveLength(1);
    expect((await pin()).warnings).toBeUndefined();
    await fresh.close();
  });
});
