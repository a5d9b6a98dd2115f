import fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimeWindow } from '../../src/model/index.ts';
import { datedArrivals } from '../../src/sources/git/chain.ts';
import { openGitSource } from '../../src/sources/git/git.ts';
import {
  git,
  isolated,
  makeRepository,
  scratch,
  type TestRepository,
  userId,
} from './git-fixture.ts';

const now = new Date('2026-06-15T12:00:00Z');
const place = scratch();
afterAll(() => place.remove());

function minutesAgo(minutes: number): string {
  return new Date(now.getTime() - minutes * 60_000).toISOString();
}

function last(minutes: number): TimeWindow {
  return { since: new Date(minutesAgo(minutes)), now };
}

interface Told {
  readonly content: string | null;
  readonly arrivedAt: string;
  readonly replacedAt: string | null;
}

/** The versions of `a.csv`, each with its content. */
async function versionsOf(
  root: string,
  window: TimeWindow,
  path = 'a.csv',
): Promise<{ readonly versions: readonly Told[]; readonly cutOff: boolean }> {
  const source = openGitSource({
    userId,
    ref: 'main',
    cacheDirectory: place.path,
    environment: isolated,
  });
  try {
    const location = { kind: 'git', repository: root, path, ref: null } as const;
    const { versions, cutOff } = await source.versionsInForce(location, window);
    const told: Told[] = [];
    for (const { copy, arrivedAt, replacedAt } of versions) {
      const chunks: Uint8Array[] = [];
      if (copy !== null) for await (const chunk of copy.open()) chunks.push(chunk);
      const content = copy === null ? null : Buffer.concat(chunks).toString();
      told.push({ content, arrivedAt, replacedAt });
    }
    return { versions: told, cutOff };
  } finally {
    await source.close();
  }
}

describe('a straight history', () => {
  let repository: TestRepository;
  beforeAll(() => {
    repository = makeRepository(join(place.path, 'straight'));
    const commit = (content: string, date: string): void => {
      repository.write('a.csv', content);
      repository.commit(content, date);
    };
    commit('v1', minutesAgo(600));
    commit('v2', minutesAgo(60));
    repository.write('other.csv', 'x');
    repository.commit('elsewhere', minutesAgo(40));
    commit('v3', minutesAgo(20));
    commit('v4', minutesAgo(10));
  });

  test.each([
    [5, ['v4']],
    [10, ['v4']],
    [15, ['v4', 'v3']],
    [20, ['v4', 'v3']],
    [21, ['v4', 'v3', 'v2']],
    [59, ['v4', 'v3', 'v2']],
    [60, ['v4', 'v3', 'v2']],
    [61, ['v4', 'v3', 'v2', 'v1']],
    [700, ['v4', 'v3', 'v2', 'v1', null]],
  ])('the last %i minutes', async (minutes, contents) => {
    const { versions, cutOff } = await versionsOf(repository.root, last(minutes));
    expect(versions.map(({ content }) => content)).toStrictEqual(contents);
    expect(versions.map(({ replacedAt }) => replacedAt)).toStrictEqual([
      null,
      ...versions.slice(0, -1).map(({ arrivedAt }) => arrivedAt),
    ]);
    expect(cutOff).toBe(false);
  });

  test('a version arrived when its commit did', async () => {
    const { versions } = await versionsOf(repository.root, last(15));
    expect(versions[0]).toMatchObject({ arrivedAt: minutesAgo(10), replacedAt: null });
    expect(versions[1]?.replacedAt).toBe(minutesAgo(10));
  });

  test('a path that was never there', async () => {
    const { versions } = await versionsOf(repository.root, last(15), 'none.csv');
    expect(versions).toMatchObject([{ content: null, replacedAt: null }]);
  });

  test('of a shallow clone: what is cut off is not guessed', async () => {
    const clone = join(place.path, 'shallow');
    git(place.path, ['clone', '--quiet', '--depth=2', `file://${repository.root}`, clone]);
    const contents = async (minutes: number): Promise<unknown> => {
      const { versions, cutOff } = await versionsOf(clone, last(minutes));
      return [...versions.map(({ content }) => content), cutOff];
    };
    expect(await contents(5)).toStrictEqual(['v4', false]);
    expect(await contents(15)).toStrictEqual(['v4', 'v3', false]);
    expect(await contents(30)).toStrictEqual(['v4', 'v3', true]);
  });
});

describe('other histories', () => {
  let repository: TestRepository;
  let count = 0;
  const fresh = (): void => {
    count += 1;
    repository = makeRepository(join(place.path, `other-${count}`));
    repository.write('a.csv', 'id,mode\nA,x\nB,x\nC,x\n');
    repository.commit('first', minutesAgo(600));
  };
  const contents = async (minutes: number, path = 'a.csv'): Promise<unknown> =>
    (await versionsOf(repository.root, last(minutes), path)).versions.map(({ content }) => content);

  test('a change arrives with the merge that brings it', async () => {
    fresh();
    repository.git('switch', '--quiet', '-c', 'side');
    repository.write('a.csv', 'draft');
    repository.commit('draft', minutesAgo(500));
    repository.write('a.csv', 'merged');
    repository.commit('change', minutesAgo(400));
    repository.git('switch', '--quiet', 'main');
    const merge = ['merge', '--quiet', '--no-ff', '--message=merge', 'side'];
    git(repository.root, merge, minutesAgo(10));
    const { versions } = await versionsOf(repository.root, last(30));
    expect(versions).toMatchObject([
      { content: 'merged', arrivedAt: minutesAgo(10) },
      { content: 'id,mode\nA,x\nB,x\nC,x\n', replacedAt: minutesAgo(10) },
    ]);
    expect(await contents(10)).toStrictEqual(['merged']);
  });

  test('a deleted file, and one that came back', async () => {
    fresh();
    repository.git('rm', '--quiet', 'a.csv');
    repository.commit('gone', minutesAgo(20));
    expect(await contents(30)).toStrictEqual([null, 'id,mode\nA,x\nB,x\nC,x\n']);
    expect(await contents(20)).toStrictEqual([null]);
    repository.write('a.csv', 'back');
    repository.commit('back', minutesAgo(10));
    expect(await contents(30)).toStrictEqual(['back', null, 'id,mode\nA,x\nB,x\nC,x\n']);
    expect(await contents(15)).toStrictEqual(['back', null]);
  });

  test('a renamed file is followed', async () => {
    fresh();
    repository.git('mv', 'a.csv', 'b.csv');
    repository.write('b.csv', 'id,mode\nA,x\nB,x\nC,y\n');
    repository.commit('renamed', minutesAgo(20));
    repository.write('b.csv', 'id,mode\nA,x\nB,y\nC,y\n');
    repository.commit('edited', minutesAgo(10));
    const [v1, v2, v3] = ['C,x', 'C,y', 'B,y\nC,y'].map(
      (end) => `id,mode\nA,x\n${end.startsWith('C') ? 'B,x\n' : ''}${end}\n`,
    );
    expect(await contents(15, 'b.csv')).toStrictEqual([v3, v2]);
    expect(await contents(30, 'b.csv')).toStrictEqual([v3, v2, v1]);
    repository.git('mv', 'b.csv', 'c.csv');
    repository.commit('again', minutesAgo(5));
    expect(await contents(30, 'c.csv')).toStrictEqual([v3, v3, v2, v1]);
  });

  test('what was no file is no version', async () => {
    fresh();
    repository.git('rm', '--quiet', 'a.csv');
    repository.write('a.csv/inner.csv', 'x');
    repository.commit('a directory', minutesAgo(20));
    repository.git('rm', '--quiet', '-r', 'a.csv');
    repository.write('a.csv', 'file');
    repository.commit('a file', minutesAgo(10));
    expect(await contents(30)).toStrictEqual(['file', 'id,mode\nA,x\nB,x\nC,x\n']);
  });
});

/** How many minutes ago commits arrived that say these, the newest first. */
function at(...minutes: readonly number[]): readonly number[] {
  const chain = minutes.map((ago, index) => ({
    id: String(index),
    committedAt: now.getTime() - ago * 60_000,
  }));
  return datedArrivals(chain, last(30)).map((one) => (now.getTime() - one.at) / 60_000);
}

describe('clocks', () => {
  test('nothing arrives before its parent did', () => {
    expect(at(50, 10, 20, 90)).toStrictEqual([10, 10, 20, 90]);
  });

  test('nothing arrives later than now', () => {
    expect(at(-5, 60)).toStrictEqual([0, 60]);
    expect(at(-30, 60)).toStrictEqual([0, 60]);
  });

  test('a clock far ahead is not believed', () => {
    expect(at(-31, 60)).toStrictEqual([60, 60]);
    expect(at(50, -5_000_000, 60)).toStrictEqual([50, 60, 60]);
  });

  test('arrivals never decrease, and are never later than now', () => {
    const chains = fc.array(fc.integer({ min: -100, max: 200 }), { minLength: 1 });
    fc.assert(
      fc.property(chains, (minutes) => {
        const chain = minutes.map((ago) => ({
          id: 'x',
          committedAt: now.getTime() - ago * 60_000,
        }));
        const times = datedArrivals(chain, last(30)).map((one) => one.at);
        expect(times.toSorted((a, b) => b - a)).toStrictEqual(times);
        expect(times[0]).toBeLessThanOrEqual(now.getTime());
      }),
    );
  });
});
