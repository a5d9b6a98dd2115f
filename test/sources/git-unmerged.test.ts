import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeydriftError, type UnmergedChange } from '../../src/model/index.ts';
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
import { readAll } from './port-suite.ts';

let place: Scratch;
let repository: TestRepository;
const sources: GitSource[] = [];

beforeEach(() => {
  place = scratch();
  repository = makeRepository(join(place.path, 'repository'));
  edit('reviewed', 30);
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  place.remove();
});

function daysAgo(days: number): string {
  return new Date(Date.UTC(2026, 5, 15) - days * 86_400_000).toISOString();
}

function edit(content: string, days: number, path = 'a.csv'): string {
  repository.write(path, content);
  return repository.commit(`say ${content.slice(0, 12).trim()}`, daysAgo(days));
}

function branch(name: string, from = 'main'): void {
  repository.git('switch', '--quiet', '-c', name, from);
}

async function changesOf(
  source: GitSource,
  path: string,
  root: string,
): Promise<readonly UnmergedChange[]> {
  const [changes] = await source.unmergedChanges([
    { kind: 'git', repository: root, path, ref: null },
  ]);
  if (changes === undefined || changes instanceof KeydriftError) throw changes;
  return changes;
}

/** Branch, subject and content of what is not merged. */
async function told(path = 'a.csv', root = repository.root): Promise<unknown> {
  const cacheDirectory = join(place.path, 'cache');
  const source = openGitSource({
    userId,
    ref: 'main',
    cacheDirectory,
    environment: isolated,
    directory: repository.root,
  });
  sources.push(source);
  const changes = await changesOf(source, path, root);
  const lines = changes.map(async (change) => [
    change.branch,
    change.subject,
    Buffer.from(await readAll(change.copy)).toString(),
  ]);
  return Promise.all(lines);
}

test('nothing beside the ref: nothing', async () => {
  expect(await told()).toEqual([]);
  branch('same');
  repository.git('switch', '--quiet', 'main');
  repository.git('tag', 'v1');
  edit('newer', 20);
  expect(await told()).toEqual([]);
});

test('what branches made of the file, the newest first; what they did elsewhere is not told', async () => {
  branch('fix');
  const draft = edit('draft', 20);
  edit('elsewhere', 19, 'b.csv');
  const final = edit('final', 18);
  branch('other', 'main');
  edit('another', 10);
  repository.git('rm', '--quiet', 'a.csv');
  repository.commit('removed', daysAgo(9));
  repository.git('switch', '--quiet', 'main');
  edit('newer', 5);
  expect(await told()).toEqual([
    ['other', 'say another', 'another'],
    ['fix', 'say final', 'final'],
    ['fix', 'say draft', 'draft'],
  ]);
  const changes = await changesOf(sources[0]!, 'a.csv', repository.root);
  expect(changes[1]).toMatchObject({
    commit: final,
    author: 'A. Author',
    committedAt: daysAgo(18),
    copy: { location: `git:${final}:a.csv`, bytes: 5, revision: { facts: { commit: final } } },
  });
  expect(changes[2]?.commit).toBe(draft);
});

test('a merged branch is no more; what was squashed is still only on its branch', async () => {
  branch('merged');
  edit('on the branch', 20);
  branch('squashed', 'main');
  edit('squashed', 15);
  repository.git('switch', '--quiet', 'main');
  repository.git('merge', '--quiet', '--no-ff', '--no-edit', 'merged');
  expect(await told()).toEqual([['squashed', 'say squashed', 'squashed']]);
});

test('the branch: local before remote before tag, then the shortest, then by code units', async () => {
  branch('long-name');
  edit('one', 20);
  repository.git('branch', 'zz');
  repository.git('branch', 'aa');
  repository.git('branch', 'a-name');
  repository.git('tag', 'v1');
  edit('two', 15);
  repository.git('update-ref', 'refs/remotes/origin/x', 'HEAD');
  repository.git('tag', '--annotate', '--message=tag', 'v2');
  edit('three', 14);
  repository.git('update-ref', 'refs/remotes/o/long', 'HEAD');
  repository.git('update-ref', 'refs/remotes/o/y', 'HEAD');
  repository.git('symbolic-ref', 'refs/remotes/o/HEAD', 'refs/remotes/o/y');
  repository.git('tag', 't');
  edit('four', 13);
  repository.git('tag', '--annotate', '--message=tag', 'v4');
  edit('five', 12);
  repository.git('switch', '--quiet', '--detach');
  repository.git('branch', '--force', 'long-name', 'HEAD~3');
  repository.git('switch', '--quiet', 'main');
  repository.git('switch', '--quiet', '--detach', 'long-name@{1}');
  expect(await told()).toEqual([
    ['HEAD', 'say five', 'five'],
    ['tags/v4', 'say four', 'four'],
    ['o/y', 'say three', 'three'],
    ['long-name', 'say two', 'two'],
    ['aa', 'say one', 'one'],
  ]);
});

test('a tag of a tree, an unborn HEAD and a dangling branch are no branches', async () => {
  branch('fix');
  edit('fixed', 20);
  repository.git('switch', '--quiet', 'main');
  repository.git('tag', 'tree', 'HEAD^{tree}');
  repository.git('tag', '--annotate', '--message=tree', 'annotated-tree', 'HEAD^{tree}');
  repository.git('symbolic-ref', 'HEAD', 'refs/heads/unborn');
  expect(await told()).toEqual([['fix', 'say fixed', 'fixed']]);
});

test('a branch without common history', async () => {
  repository.git('switch', '--quiet', '--orphan', 'orphan');
  edit('orphan', 20);
  repository.git('switch', '--quiet', 'main');
  expect(await told()).toEqual([['orphan', 'say orphan', 'orphan']]);
});

test('the file by its other names: renamed on the ref, and on the branch', async () => {
  const v1 = 'id,mode\nA,x\nB,x\nC,x\nD,x\n';
  edit(v1, 28, 'old.csv');
  branch('before');
  edit(`${v1}E,x\n`, 25, 'old.csv');
  repository.git('switch', '--quiet', 'main');
  repository.git('mv', 'old.csv', 'new.csv');
  repository.commit('renamed', daysAgo(20));
  branch('after');
  repository.git('mv', 'new.csv', 'newest.csv');
  repository.commit('renamed again', daysAgo(15));
  edit(`${v1}F,x\n`, 14, 'newest.csv');
  repository.git('switch', '--quiet', 'main');
  expect(await told('new.csv')).toEqual([
    ['after', 'say id,mode A,x', `${v1}F,x\n`],
    ['after', 'renamed again', v1],
    ['before', 'say id,mode A,x', `${v1}E,x\n`],
  ]);
});

test('branches of a clone and of a remote repository', async () => {
  branch('fix');
  edit('fixed', 20);
  repository.git('switch', '--quiet', 'main');
  const url = `file://${repository.root}`;
  const clone = join(place.path, 'clone');
  git(place.path, ['clone', '--quiet', url, clone]);
  expect(await told('a.csv', clone)).toEqual([['origin/fix', 'say fixed', 'fixed']]);
  expect(await told('a.csv', url)).toEqual([['fix', 'say fixed', 'fixed']]);
});
