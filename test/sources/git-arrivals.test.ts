import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { git, isolated, makeRepository, scratch, type Scratch } from './git-fixture.ts';
import type { TestRepository } from './git-fixture.ts';
import { failureOf } from './port-suite.ts';

let at: Scratch;
let repository: TestRepository;
let sources: GitSource[];
beforeEach(() => {
  at = scratch();
  repository = makeRepository(join(at.path, 'repository'));
  sources = [];
});
afterEach(async () => {
  await Promise.all(sources.map((source) => source.close()));
  at.remove();
});

/** `12:MM` of one day, as git reads it. */
const minute = (number: number): string =>
  `2026-01-01T12:${String(number).padStart(2, '0')}:00+00:00`;

function commit(content: string | null, minutes: number): string {
  if (content === null) rmSync(join(repository.root, 'a.csv'));
  else repository.write('a.csv', content);
  return repository.commit(`at ${minutes}`, minute(minutes));
}

/** The versions in force within so many minutes, as `content` commits. */
async function arrivals(
  minutes: number,
  ref = 'main',
  root = repository.root,
): Promise<readonly { commit: string; arrivedAt: string; blob: string }[]> {
  const source = openGitSource({
    ref,
    cacheDirectory: join(at.path, 'cache'),
    environment: isolated,
    directory: root,
  });
  sources.push(source);
  const location = { kind: 'git', repository: null, path: join(root, 'a.csv'), ref: null } as const;
  return source.arrivals(location, minutes * 60);
}

test('a version is in force until the next one arrives', async () => {
  const [one, two, three] = [commit('1', 0), commit('2', 10), commit('3', 40)];
  repository.write('b.csv', 'x');
  repository.commit('elsewhere', minute(50));
  const commits = async (minutes: number): Promise<string[]> =>
    (await arrivals(minutes)).map((arrival) => arrival.commit);
  expect(await commits(0)).toEqual([three]);
  expect(await commits(9)).toEqual([three]);
  expect(await commits(10)).toEqual([three, two]);
  expect(await commits(39)).toEqual([three, two]);
  expect(await commits(40)).toEqual([three, two, one]);
  expect(await commits(999)).toEqual([three, two, one]);
  expect(await arrivals(0)).toEqual([
    {
      commit: three,
      arrivedAt: '2026-01-01T12:40:00.000Z',
      blob: repository.git('rev-parse', 'main:a.csv'),
    },
  ]);
});

test('a change arrives with the merge, not when it was made on its branch', async () => {
  const one = commit('1', 0);
  repository.git('checkout', '--quiet', '-b', 'topic');
  commit('2', 5);
  commit('3', 6);
  repository.git('checkout', '--quiet', 'main');
  const date = minute(30);
  git(repository.root, ['merge', '--quiet', '--no-ff', '-m', 'merge', 'topic'], date);
  const merge = repository.git('rev-parse', 'main');
  const found = await arrivals(60);
  expect(found.map((arrival) => arrival.commit)).toEqual([merge, one]);
  expect(found[0]?.arrivedAt).toBe('2026-01-01T12:30:00.000Z');
});

test('a merge that keeps the first parent’s content brings no version', async () => {
  const one = commit('1', 0);
  repository.git('checkout', '--quiet', '-b', 'topic');
  commit('2', 5);
  repository.git('checkout', '--quiet', 'main');
  git(repository.root, ['merge', '--quiet', '-s', 'ours', '-m', 'merge', 'topic'], minute(30));
  expect((await arrivals(60)).map((arrival) => arrival.commit)).toEqual([one]);
});

test('without the file there was no version; a change of mode is none', async () => {
  const one = commit('1', 0);
  commit(null, 10);
  const back = commit('1', 20);
  repository.git('update-index', '--chmod=+x', 'a.csv');
  git(repository.root, ['commit', '--quiet', '-m', 'mode'], minute(25));
  expect((await arrivals(60)).map((arrival) => arrival.commit)).toEqual([back, one]);
  expect((await arrivals(2)).map((arrival) => arrival.commit)).toEqual([back]);
});

test('a shallow clone that does not tell is refused; one that does is as good as any', async () => {
  commit('1', 0);
  commit('2', 10);
  commit('3', 40);
  repository.write('b.csv', 'x');
  repository.commit('elsewhere', minute(50));
  const clone = (name: string, depth: string): string => {
    const root = join(at.path, name);
    const url = `file://${repository.root}`;
    git(at.path, ['clone', '--quiet', '--depth', depth, url, root]);
    return root;
  };
  const error = await failureOf(arrivals(5, 'main', clone('one', '2')));
  expect(error.code).toBe('GIT_HISTORY_CUT_OFF');
  expect(error.hint).toContain('fetch-depth: 0');
  expect(await arrivals(0, 'main', clone('two', '3'))).toEqual(await arrivals(0));
});
