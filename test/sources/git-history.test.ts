import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeydriftError, type ReviewedHistory } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { pathspecsOf } from '../../src/sources/git/walk.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
  userId,
} from './git-fixture.ts';
import { expectSameBytes, failureOf, readAll } from './port-suite.ts';

const now = new Date('2026-06-15T12:00:00Z');
let place: Scratch;
let repository: TestRepository;
const sources: GitSource[] = [];

beforeEach(() => {
  place = scratch();
  repository = makeRepository(join(place.path, 'repository'));
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  place.remove();
});

function open(directory = repository.root, environment = isolated): GitSource {
  const cacheDirectory = join(place.path, 'cache');
  const source = openGitSource({ userId, ref: 'main', cacheDirectory, environment, directory });
  sources.push(source);
  return source;
}

function at(path: string, ref: string | null = null, root = repository.root) {
  return { kind: 'git', repository: root, path, ref } as const;
}

function daysAgo(days: number): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString();
}

/** Writes a file and commits it. */
function edit(content: string, days: number, path = 'a.csv'): string {
  repository.write(path, content);
  return repository.commit(`say ${content.slice(0, 12).trim()}`, daysAgo(days));
}

function merge(branch: string, days: number, ...options: readonly string[]): string {
  const args = ['merge', '--quiet', '--no-ff', ...options, `--message=merge ${branch}`, branch];
  git(repository.root, args, daysAgo(days));
  return repository.git('rev-parse', 'HEAD');
}

async function historyOf(path: string, source = open()): Promise<ReviewedHistory> {
  const [history] = await source.reviewedHistories([at(path)], now);
  if (history === undefined || history instanceof KeydriftError) throw history;
  return history;
}

/** `subject` and content of each change, in force or `side`. */
async function told(path: string): Promise<readonly (readonly [string, string | null, string])[]> {
  const { changes } = await historyOf(path);
  const lines = changes.map(async ({ subject, copy, arrivedAt }) => {
    const content = copy === null ? null : Buffer.from(await readAll(copy)).toString();
    return [subject, content, arrivedAt === null ? 'side' : arrivedAt] as const;
  });
  return Promise.all(lines);
}

describe('a history', () => {
  test('every commit that changed the path, the newest first, with who, when and what', async () => {
    const first = edit('one', 30);
    edit('other', 25, 'b.csv');
    const second = edit('two', 20);
    const { changes, reach } = await historyOf('a.csv');
    expect(reach).toBe('complete');
    expect(changes).toMatchObject([
      {
        commit: second,
        author: 'A. Author',
        subject: 'say two',
        committedAt: daysAgo(20),
        arrivedAt: daysAgo(20),
        path: 'a.csv',
        copy: {
          location: `git:${second}:a.csv`,
          bytes: 3,
          revision: { facts: { commit: second, committedAt: daysAgo(20) } },
        },
      },
      { commit: first, copy: { bytes: 3 } },
    ]);
  });

  test('a copy is the very one that a pin of its commit gives', async () => {
    const id = edit('one', 30);
    edit('two', 20);
    const source = open();
    const { changes } = await historyOf('a.csv', source);
    const pinned = await source.pin(at('a.csv', id));
    const copy = changes[1]?.copy;
    expect(copy?.revision).toStrictEqual(pinned.revision);
    expect(copy?.location).toBe(pinned.location);
  });

  test('a path that was never there has none; a removal and a return are changes', async () => {
    edit('one', 30);
    repository.git('rm', '--quiet', 'a.csv');
    repository.commit('gone', daysAgo(20));
    edit('back', 10);
    expect(await told('a.csv')).toStrictEqual([
      ['say back', 'back', daysAgo(10)],
      ['gone', null, daysAgo(20)],
      ['say one', 'one', daysAgo(30)],
    ]);
    expect((await historyOf('none.csv')).changes).toStrictEqual([]);
  });

  test('permissions are no change; a link in its place is no file', async () => {
    edit('one', 30);
    chmodSync(join(repository.root, 'a.csv'), 0o755);
    repository.commit('executable', daysAgo(20));
    rmSync(join(repository.root, 'a.csv'));
    git(repository.root, ['update-index', '--force-remove', 'a.csv']);
    const id = repository.git('rev-parse', 'HEAD:a.csv');
    repository.git('update-index', '--add', '--cacheinfo', `120000,${id},a.csv`);
    git(repository.root, ['commit', '--quiet', '--message=link'], daysAgo(10));
    expect(await told('a.csv')).toStrictEqual([
      ['link', null, daysAgo(10)],
      ['say one', 'one', daysAgo(30)],
    ]);
  });

  test('a folder of that name has files of its own', async () => {
    edit('one', 30);
    repository.git('rm', '--quiet', 'a.csv');
    edit('inner', 20, 'a.csv/inner.csv');
    edit('inner again', 10, 'a.csv/inner.csv');
    expect((await told('a.csv')).map(([, content]) => content)).toStrictEqual([null, 'one']);
  });

  test('nothing arrives before what it builds on, whatever its clock said', async () => {
    edit('one', 10);
    edit('two', 20);
    const { changes } = await historyOf('a.csv');
    expect(changes).toMatchObject([
      { committedAt: daysAgo(20), arrivedAt: daysAgo(10) },
      { committedAt: daysAgo(10), arrivedAt: daysAgo(10) },
    ]);
  });

  test('of a shallow clone it says so', async () => {
    edit('one', 30);
    edit('two', 20);
    edit('three', 10);
    const clone = join(place.path, 'clone');
    git(place.path, ['clone', '--quiet', '--depth=2', `file://${repository.root}`, clone]);
    const [history] = await open().reviewedHistories([at('a.csv', null, clone)], now);
    expect(history).toMatchObject({
      reach: 'shallow',
      changes: [{ subject: 'say three' }, { subject: 'say two' }],
    });
  });

  test('in a repository of SHA-256 ids', async () => {
    rmSync(repository.root, { recursive: true });
    mkdirSync(repository.root);
    const format = ['--object-format=sha256', '--initial-branch=main'];
    repository.git('init', '--quiet', ...format);
    edit('one', 30);
    edit('two', 20);
    expect((await told('a.csv')).map(([, content]) => content)).toStrictEqual(['two', 'one']);
  });
});

describe('branches', () => {
  test('a merged side branch: its commits never were in force, the merge was', async () => {
    edit('one', 30);
    repository.git('switch', '--quiet', '-c', 'side');
    edit('draft', 25);
    edit('better', 20);
    repository.git('switch', '--quiet', 'main');
    edit('other', 15, 'b.csv');
    merge('side', 10);
    edit('last', 5);
    expect(await told('a.csv')).toStrictEqual([
      ['say last', 'last', daysAgo(5)],
      ['merge side', 'better', daysAgo(10)],
      ['say better', 'better', 'side'],
      ['say draft', 'draft', 'side'],
      ['say one', 'one', daysAgo(30)],
    ]);
  });

  test('what a side branch changed and took back is told', async () => {
    edit('one', 30);
    repository.git('switch', '--quiet', '-c', 'side');
    edit('on the side', 25);
    edit('one', 20);
    repository.git('switch', '--quiet', 'main');
    edit('other', 15, 'b.csv');
    merge('side', 10);
    expect((await told('a.csv')).map(([subject]) => subject)).toStrictEqual([
      'say one',
      'say on the side',
      'say one',
    ]);
  });

  test('a merge that brings the path nothing is no change; one that holds what no parent has is', async () => {
    edit('one', 30);
    repository.git('switch', '--quiet', '-c', 'side');
    edit('x', 25, 'b.csv');
    repository.git('switch', '--quiet', 'main');
    edit('two', 20);
    merge('side', 15);
    repository.git('switch', '--quiet', '-c', 'inner', 'side');
    edit('inner', 14, 'c.csv');
    repository.git('switch', '--quiet', 'side');
    edit('y', 13, 'b.csv');
    git(repository.root, ['merge', '--quiet', '--no-ff', '--no-commit', 'inner']);
    edit('evil', 12);
    repository.git('switch', '--quiet', 'main');
    merge('side', 10, '--strategy=ours');
    expect(await told('a.csv')).toStrictEqual([
      ['say evil', 'evil', 'side'],
      ['say two', 'two', daysAgo(20)],
      ['say one', 'one', daysAgo(30)],
    ]);
  });

  test('a merge on a side branch that takes over another branch is no change by itself', async () => {
    edit('one', 30);
    repository.git('switch', '--quiet', '-c', 'side');
    edit('x', 25, 'b.csv');
    repository.git('switch', '--quiet', 'main');
    edit('two', 20);
    repository.git('switch', '--quiet', 'side');
    merge('main', 15);
    edit('three', 12);
    repository.git('switch', '--quiet', 'main');
    merge('side', 10);
    expect(await told('a.csv')).toStrictEqual([
      ['merge side', 'three', daysAgo(10)],
      ['say three', 'three', 'side'],
      ['say two', 'two', daysAgo(20)],
      ['say one', 'one', daysAgo(30)],
    ]);
  });

  test('no commit stands before one that builds on it, whatever the clocks said', async () => {
    const ids = [edit('one', 1)];
    repository.git('switch', '--quiet', '-c', 'side');
    ids.push(edit('two', 400), edit('three', 3));
    repository.git('switch', '--quiet', 'main');
    ids.push(edit('x', 500), merge('side', 2, '--strategy-option=theirs'));
    ids.push(edit('four', 600));
    const { changes } = await historyOf('a.csv');
    const order = changes.map(({ commit }) => commit);
    expect([...order].sort()).toStrictEqual([...ids].sort());
    for (const [index, commit] of order.entries()) {
      for (const before of order.slice(0, index)) {
        const base = repository.git('merge-base', commit, before);
        expect(base).not.toBe(before);
      }
    }
  });
});

describe('renames', () => {
  const v1 = 'id,mode\nA,x\nB,x\nC,x\n';
  const v2 = v1.replace('C,x', 'C,y');
  const v3 = v2.replace('B,x', 'B,y');

  test('a file is followed through its names, on the chain and in time', async () => {
    edit(v1, 30, 'old.csv');
    repository.git('mv', 'old.csv', 'new name.csv');
    repository.write('new name.csv', v2);
    repository.commit('renamed', daysAgo(20));
    edit('unrelated', 15, 'old.csv');
    repository.git('mv', 'new name.csv', 'päth.csv');
    repository.commit('again', daysAgo(10));
    edit(v3, 5, 'päth.csv');
    const { changes } = await historyOf('päth.csv');
    expect(changes.map(({ path, arrivedAt }) => [path, arrivedAt])).toStrictEqual([
      ['päth.csv', daysAgo(5)],
      ['päth.csv', daysAgo(10)],
      ['new name.csv', daysAgo(20)],
      ['old.csv', daysAgo(30)],
    ]);
    expect((await told('päth.csv')).map(([, content]) => content)).toStrictEqual([v3, v2, v2, v1]);
  });

  test('a rename on a side branch: what the chain changed meanwhile under the old name is told', async () => {
    edit(v1, 40, 'old.csv');
    repository.git('switch', '--quiet', '-c', 'side');
    repository.git('mv', 'old.csv', 'new.csv');
    repository.commit('renamed', daysAgo(30));
    repository.git('switch', '--quiet', 'main');
    edit(v2, 20, 'old.csv');
    merge('side', 10);
    const { changes } = await historyOf('new.csv');
    expect(changes.map((one) => [one.subject, one.path, one.arrivedAt])).toStrictEqual([
      ['merge side', 'new.csv', daysAgo(10)],
      ['renamed', 'new.csv', null],
      ['say id,mode A,x', 'old.csv', daysAgo(20)],
      ['say id,mode A,x', 'old.csv', daysAgo(40)],
    ]);
  });

  test('an old branch that is merged makes no rename of what it lacks', async () => {
    edit(v1, 50, 'gone.csv');
    repository.git('switch', '--quiet', '-c', 'old-branch');
    edit('x', 45, 'b.csv');
    repository.git('switch', '--quiet', 'main');
    repository.git('rm', '--quiet', 'gone.csv');
    repository.commit('removed', daysAgo(40));
    edit(v2, 30, 'a.csv');
    merge('old-branch', 10);
    expect((await told('a.csv')).map(([, content]) => content)).toStrictEqual([v2]);
  });

  test('many files that one commit moved', async () => {
    const names = ['a.csv', 'b.csv', 'c.csv'];
    for (const name of names) edit(`${name}\n${v1}`, 30, `old/${name}`);
    repository.git('mv', 'old', 'new');
    repository.commit('moved', daysAgo(20));
    const locations = names.map((name) => at(`new/${name}`));
    const histories = await open().reviewedHistories(locations, now);
    for (const [index, name] of names.entries()) {
      expect(histories[index]).toMatchObject({
        changes: [{ path: `new/${name}` }, { path: `old/${name}`, arrivedAt: daysAgo(30) }],
      });
    }
  });
});

/** A `git` that notes each of its calls, and how often it was called since the last look. */
function countingGit(): { readonly environment: typeof isolated; calls(): readonly string[] } {
  const bin = join(place.path, 'bin');
  const log = join(place.path, 'calls');
  mkdirSync(bin);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const program = `#!/bin/sh\nprintf '%s\\n' "$3" >> '${log}'\nexec '${real}' "$@"\n`;
  writeFileSync(join(bin, 'git'), program, { mode: 0o755 });
  return {
    environment: { ...isolated, PATH: `${bin}${delimiter}${isolated['PATH']}` },
    calls() {
      const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
      writeFileSync(log, '');
      return lines;
    },
  };
}

describe('the cost', () => {
  test('files of one ref share their processes, whatever their number and history', async () => {
    const counting = countingGit();
    const processes = async (paths: readonly string[]): Promise<number> => {
      const source = open(repository.root, counting.environment);
      await source.pin(at(paths[0]!));
      counting.calls();
      const histories = await source.reviewedHistories(
        paths.map((path) => at(path)),
        now,
      );
      for (const history of histories) {
        if (history instanceof KeydriftError) throw history;
        for (const { copy } of history.changes) if (copy !== null) await readAll(copy);
      }
      return counting.calls().length;
    };
    edit('one', 30);
    edit('one', 29, 'b.csv');
    const few = await processes(['a.csv', 'b.csv']);
    for (let index = 0; index < 12; index++) {
      edit(`${index}`.repeat(2000), 20, 'a.csv');
      edit(`${index} `, 20, 'b.csv');
    }
    expect(await processes(['a.csv', 'b.csv', 'none.csv'])).toBe(few);
    expect(few).toBeLessThan(8);
  });

  test('the last change of many files is found without a walk of their history', async () => {
    edit('rare', 40, 'rare.csv');
    for (let index = 0; index < 40; index++) edit(`${index}`, 30, 'often.csv');
    const counting = countingGit();
    const source = open(repository.root, counting.environment);
    await source.pin(at('often.csv'));
    counting.calls();
    const found = await source.lastChanges([at('often.csv'), at('rare.csv'), at('none.csv')]);
    expect(found).toEqual([
      { commit: repository.git('rev-parse', 'HEAD'), committedAt: daysAgo(30) },
      { commit: repository.git('rev-list', '--max-parents=0', 'HEAD'), committedAt: daysAgo(40) },
      null,
    ]);
    expect(counting.calls().length).toBeLessThan(5);
    chmodSync(join(repository.root, 'rare.csv'), 0o755);
    repository.commit('a permission', daysAgo(10));
    expect(await open().lastChanges([at('rare.csv')])).toEqual([found[1]]);
  });

  test('where a clone is cut off, its oldest commit is not said to have changed a file', async () => {
    edit('one', 40);
    edit('two', 30, 'b.csv');
    const head = edit('three', 20, 'c.csv');
    const clone = join(place.path, 'shallow');
    git(place.path, ['clone', '--quiet', '--depth=2', `file://${repository.root}`, clone]);
    const files = ['a.csv', 'b.csv', 'c.csv'].map((path) => at(path, null, clone));
    expect(await open(clone).lastChanges(files)).toEqual([
      null,
      null,
      { commit: head, committedAt: daysAgo(20) },
    ]);
  });

  test('one that fails fails alone', async () => {
    edit('one', 30);
    const [good, noRef, noRepository, again] = await open().reviewedHistories(
      [at('a.csv'), at('a.csv', 'none'), at('a.csv', null, place.path), at('a.csv', 'HEAD')],
      now,
    );
    expect(good).toMatchObject({ changes: [{ subject: 'say one' }] });
    expect(again).toMatchObject({ changes: [{ subject: 'say one' }] });
    expect(noRef).toMatchObject({ code: 'GIT_UNKNOWN_REF' });
    expect(noRepository).toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
    expect(await open().reviewedHistories([], now)).toEqual([]);
  });
});

describe('what strangers wrote', () => {
  test('author and subject are text, whatever they hold', async () => {
    repository.write('a.csv', 'one');
    repository.git('add', '--all');
    const tree = repository.git('write-tree');
    const commit = (header: Buffer, message: Buffer): string => {
      const lines = ['author ', ' <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000000 +0000\n'];
      const [author, committer] = lines as [string, string];
      const object = Buffer.concat([
        Buffer.from(`tree ${tree}\n${author}`),
        header,
        Buffer.from(`${committer}\n`),
        message,
      ]);
      const args = ['-C', repository.root, 'hash-object', '-t', 'commit', '-w', '--stdin'];
      return execFileSync('git', [...args, '--literally'], { env: isolated, input: object })
        .toString()
        .trim();
    };
    const name = Buffer.from('\u202eEve\u001b[31m :100644 "x"');
    const subject = Buffer.concat([Buffer.from(':100644 100644 '), Buffer.from([0xff, 0xe9])]);
    const id = commit(name, Buffer.concat([subject, Buffer.from('\nand more\n\nbody')]));
    repository.git('update-ref', 'refs/heads/main', id);
    expect((await historyOf('a.csv')).changes).toMatchObject([
      {
        commit: id,
        author: '\u202eEve\u001b[31m :100644 "x"',
        subject: ':100644 100644 \ufffd\ufffd and more',
      },
    ]);
  });

  test('an author in another encoding, and an empty subject', async () => {
    repository.write('a.csv', 'one');
    repository.git('add', '--all');
    const args = ['-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet'];
    execFileSync('git', ['-C', repository.root, ...args, '--allow-empty-message', '--file=-'], {
      env: isolated,
      input: Buffer.from('caf\u00e9', 'latin1'),
    });
    repository.write('a.csv', 'two');
    repository.git('commit', '--quiet', '--all', '--allow-empty-message', '--message=');
    expect((await historyOf('a.csv')).changes.map(({ subject }) => subject)).toEqual([
      '',
      'caf\u00e9',
    ]);
  });

  test('the user’s configuration of logs changes nothing', async () => {
    edit('one', 30, 'old.csv');
    repository.git('mv', 'old.csv', 'a.csv');
    repository.commit('renamed', daysAgo(25));
    repository.git('switch', '--quiet', '-c', 'side');
    edit('two', 20);
    repository.git('switch', '--quiet', 'main');
    edit('x', 15, 'b.csv');
    merge('side', 10);
    const before = await historyOf('a.csv');
    const settings = {
      'log.follow': 'true',
      'log.showSignature': 'true',
      'log.diffMerges': 'off',
      'log.showRoot': 'false',
      'log.date': 'relative',
      'log.decorate': 'full',
      'log.mailmap': 'true',
      'color.ui': 'always',
      'diff.renames': 'copies',
      'diff.external': 'false',
      'diff.noprefix': 'true',
      'format.pretty': 'oneline',
      'i18n.logOutputEncoding': 'UTF-16',
      'core.quotePath': 'true',
    };
    for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
    const after = await historyOf('a.csv');
    const facts = ({ changes }: ReviewedHistory): unknown =>
      changes.map(({ copy, ...rest }) => ({ ...rest, revision: copy?.revision }));
    expect(facts(after)).toEqual(facts(before));
    expect(before.changes.map(({ subject }) => subject)).toEqual([
      'merge side',
      'say two',
      'renamed',
      'say one',
    ]);
  });
});

describe('what is not there', () => {
  test('of a file in Git LFS the length is known, and git-lfs missed when it is opened', async () => {
    const oid = createHash('sha256').update('hidden').digest('hex');
    edit(`version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 6\n`, 30);
    edit('plain', 20);
    const bin = join(place.path, 'no-lfs');
    mkdirSync(bin);
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    symlinkSync(real, join(bin, 'git'));
    writeFileSync(join(bin, 'git-lfs'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const source = open(repository.root, { ...isolated, PATH: bin });
    const { changes } = await historyOf('a.csv', source);
    expect(changes.map(({ copy }) => copy?.bytes)).toEqual([5, 6]);
    expect(Buffer.from(await readAll(changes[0]!.copy!)).toString()).toBe('plain');
    expect((await failureOf(readAll(changes[1]!.copy!))).code).toBe('GIT_LFS_UNAVAILABLE');
  });

  test('what a partial clone lacks is not fetched: the error says so', async () => {
    edit('one', 30);
    edit('two', 20);
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const clone = join(place.path, 'clone');
    const url = `file://${repository.root}`;
    git(place.path, ['clone', '--quiet', '--filter=blob:none', '--no-checkout', url, clone]);
    const [history] = await open().reviewedHistories([at('a.csv', null, clone)], now);
    // Git before 2.44 fails over a missing blob as soon as its size is asked for.
    const error =
      history instanceof KeydriftError
        ? history
        : await failureOf(readAll(history!.changes[1]!.copy!));
    expect(error.code).toBe('GIT_FAILED');
    expect(error.hint).toContain('git');
  });

  test('a copy of a closed source is not opened', async () => {
    edit('one', 30);
    const source = open();
    const { changes } = await historyOf('a.csv', source);
    await source.close();
    expect((await failureOf(readAll(changes[0]!.copy!))).code).toBe('INTERNAL');
  });

  test('a blob of several megabytes comes through the shared process', async () => {
    const content = 'id,mode\r\nP-1,full\r\n'.repeat(150_000);
    edit(content, 30);
    const { changes } = await historyOf('a.csv');
    expectSameBytes(await readAll(changes[0]!.copy!), Buffer.from(content));
  });
});

test('of more paths than git takes well their folders are asked for, and nothing less', () => {
  const few = Array.from({ length: 100 }, (_, number) => `a/${number}.csv`);
  expect(pathspecsOf(few)).toEqual(few);
  const deep = Array.from({ length: 150 }, (_, number) => `a/b${number % 3}/c/${number}.csv`);
  expect(pathspecsOf([...deep, 'z/one.csv'])).toEqual(['a/b0/c', 'a/b1/c', 'a/b2/c', 'z/one.csv']);
  const wide = Array.from({ length: 150 }, (_, number) => `a/b${number}/c.csv`);
  expect(pathspecsOf([...wide, 'top.csv'])).toEqual(['a', 'top.csv']);
  // Of the root's own files that is everything.
  expect(
    pathspecsOf([...few, 'one/more.csv', ...wide.map((path) => path.replaceAll('/', '-'))]),
  ).toEqual([]);
});
