import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BlamedLine } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
  userId,
} from './git-fixture.ts';
import { failureOf } from './port-suite.ts';

const place: Scratch = scratch();
let repository: TestRepository;
let first: string;
let second: string;
const sources: GitSource[] = [];

beforeAll(() => {
  repository = makeRepository(join(place.path, 'repository'));
  repository.write('old.csv', 'id,mode\nA,x\nB,x\nC,x\n');
  first = repository.commit('first\nand more', '2026-01-01T10:00:00Z');
  repository.git('mv', '--', 'old.csv', '-a b.csv');
  repository.write('-a b.csv', 'id,mode\nA,x\nB,y\nC,x\nD,z\n');
  second = repository.commit('second', '2026-01-02T10:00:00Z');
  repository.write('.mailmap', 'Somebody Else <else@example.org> <author@example.org>\n');
  repository.commit('mailmap', '2026-01-03T10:00:00Z');
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
});
afterAll(() => place.remove());

function blame(
  lines: readonly number[],
  root = repository.root,
  path = '-a b.csv',
): Promise<readonly BlamedLine[]> {
  const cacheDirectory = join(place.path, 'cache');
  const source = openGitSource({ userId, ref: 'main', cacheDirectory, environment: isolated });
  sources.push(source);
  return source.blame({ kind: 'git', repository: root, path, ref: null }, lines);
}

test('who wrote each line last, across a rename, in the order asked', async () => {
  const author = 'A. Author';
  const one = { commit: first, author, subject: 'first and more', at: '2026-01-01T10:00:00.000Z' };
  const two = { commit: second, author, subject: 'second', at: '2026-01-02T10:00:00.000Z' };
  expect(await blame([5, 2, 3, 4, 2])).toEqual([
    { line: 5, ...two },
    { line: 2, ...one },
    { line: 3, ...two },
    { line: 4, ...one },
    { line: 2, ...one },
  ]);
  expect(await blame([])).toEqual([]);
});

test('lines that there are not', async () => {
  expect((await failureOf(blame([2, 6]))).code).toBe('GIT_FAILED');
  for (const line of [0, -1, 1.5, Number.NaN]) {
    expect((await failureOf(blame([line]))).code).toBe('INTERNAL');
  }
  expect((await failureOf(blame([1], repository.root, 'none.csv'))).code).toBe(
    'GIT_PATH_NOT_FOUND',
  );
});

test('neither revisions to be ignored nor programs of the configuration have a say', async () => {
  const clone = join(place.path, 'configured');
  git(place.path, ['clone', '--quiet', repository.root, clone]);
  const own = { ...repository, root: clone };
  const before = await blame([2, 3], clone);
  const ran = join(place.path, 'ran');
  const config = [
    ['blame.ignoreRevsFile', join(place.path, 'no-such-file')],
    ['blame.blankBoundary', 'true'],
    ['blame.date', 'relative'],
    ['diff.csv.textconv', `touch ${ran}; true`],
    ['diff.csv.command', `touch ${ran}; true`],
    ['diff.external', `touch ${ran}; true`],
  ] as const;
  for (const [name, value] of config) git(own.root, ['config', name, value]);
  const attributes = join(clone, '.git', 'info', 'attributes');
  writeFileSync(attributes, '*.csv diff=csv\n');
  expect(await blame([2, 3], clone)).toEqual(before);
  expect(existsSync(ran)).toBe(false);
});

test('of a shallow clone, the commit where it begins', async () => {
  const clone = join(place.path, 'shallow');
  git(place.path, ['clone', '--quiet', '--depth=2', `file://${repository.root}`, clone]);
  expect(await blame([2, 3], clone)).toMatchObject([{ commit: second }, { commit: second }]);
});

test('a file in Git LFS has no lines to blame', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`;
  repository.write('lfs.csv', pointer);
  repository.commit('lfs', '2026-01-04T10:00:00Z');
  expect((await failureOf(blame([1], repository.root, 'lfs.csv'))).code).toBe('NOT_SUPPORTED');
});
