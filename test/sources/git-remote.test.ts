import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GitLocation } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { checkUrl, isUrl, shownUrl, withoutCredentials } from '../../src/sources/git/url.ts';
import {
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
} from './git-fixture.ts';
import { failureOf, readAll } from './port-suite.ts';

let at: Scratch;
beforeAll(() => {
  at = scratch();
});
afterAll(() => at.remove());

const cacheDirectory = (): string => join(at.path, 'cache');

async function withSource<T>(
  use: (source: GitSource) => Promise<T>,
  environment = isolated,
): Promise<T> {
  const source = openGitSource({
    ref: 'HEAD',
    cacheDirectory: cacheDirectory(),
    environment,
    directory: at.path,
  });
  return use(source).finally(() => source.close());
}

function locationOf(repository: string, ref: string | null = null): GitLocation {
  return { kind: 'git', repository, path: 'a.csv', ref };
}

async function contentOf(location: GitLocation): Promise<string> {
  return withSource(async (source) => (await readAll(await source.pin(location))).toString());
}

function made(name: string): TestRepository {
  const repository = makeRepository(join(at.path, name));
  repository.write('a.csv', 'one\n');
  repository.commit('one');
  return repository;
}

describe('a remote repository', () => {
  test('is fetched at each run, pruned and forced; when it is gone the run fails, never stale', async () => {
    const remote = made('remote');
    remote.git('branch', 'short-lived');
    const location = locationOf(`file://${remote.root}`);
    expect(await contentOf(location)).toBe('one\n');
    remote.write('a.csv', 'two\n');
    remote.commit('two');
    remote.git('branch', '-D', 'short-lived');
    expect(await contentOf(location)).toBe('two\n');
    expect(await contentOf({ ...location, ref: 'HEAD~1' })).toBe('one\n');
    const { code } = await failureOf(contentOf({ ...location, ref: 'short-lived' }));
    expect(code).toBe('GIT_UNKNOWN_REF');
    remote.git('reset', '--quiet', '--hard', 'HEAD~1');
    remote.write('a.csv', 'rewritten\n');
    remote.commit('rewritten');
    expect(await contentOf({ ...location, ref: 'main' })).toBe('rewritten\n');
    renameSync(remote.root, `${remote.root}.gone`);
    expect((await failureOf(contentOf(location))).code).toBe('GIT_FETCH_FAILED');
  });

  test('is fetched once in a run', async () => {
    const remote = made('once');
    await withSource(async (source) => {
      const location = locationOf(`file://${remote.root}`);
      const copies = await Promise.all([1, 2, 3].map(() => source.pin(location)));
      remote.write('a.csv', 'two\n');
      remote.commit('two');
      copies.push(await source.pin({ ...location, ref: 'main' }));
      for (const copy of copies) expect((await readAll(copy)).toString()).toBe('one\n');
      expect(copies[0]?.location).toBe(`git:HEAD:a.csv in file://${remote.root}`);
    });
  });

  test('has the remote’s own HEAD, and its tags', async () => {
    const remote = made('trunk');
    remote.git('tag', '--annotate', '--message', 'release', 'v1');
    remote.git('checkout', '--quiet', '-b', 'trunk');
    remote.write('a.csv', 'trunk\n');
    remote.commit('trunk');
    expect(await contentOf(locationOf(`file://${remote.root}`))).toBe('trunk\n');
    expect(await contentOf(locationOf(`file://${remote.root}`, 'v1'))).toBe('one\n');
  });

  test('is fetched by several runs at once', async () => {
    const remote = made('busy');
    const location = locationOf(`file://${remote.root}`);
    for (let turn = 0; turn < 3; turn++) {
      remote.write('a.csv', `turn ${turn}\n`);
      remote.commit(`turn ${turn}`);
      const found = await Promise.all(Array.from({ length: 5 }, () => contentOf(location)));
      expect(new Set(found)).toEqual(new Set([`turn ${turn}\n`]));
    }
  });

  test('without commits says so', async () => {
    const remote = makeRepository(join(at.path, 'no-commits'));
    const error = await failureOf(contentOf(locationOf(`file://${remote.root}`)));
    expect(error.code).toBe('GIT_UNKNOWN_REF');
    expect(error.message).toContain('no commits');
  });

  test('downloads only what is new, and keeps nothing of a run but objects and known refs', async () => {
    const remote = made('growing');
    const location = locationOf(`file://${remote.root}`);
    const before = new Set(homes());
    await contentOf(location);
    const home = homes().find((name) => !before.has(name))!;
    expect(readdirSync(home).sort()).toEqual(['objects', 'packed-refs']);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    remote.write('a.csv', 'two\n');
    remote.commit('two');
    const had = objectsOf(home);
    await contentOf(location);
    expect(objectsOf(home) - had).toBe(3);
  });

  test('a fetch that is refused leaves the last one’s refs as they were', async () => {
    const remote = made('refused');
    const before = new Set(homes());
    await contentOf(locationOf(`file://${remote.root}`));
    const home = homes().find((name) => !before.has(name))!;
    const had = readFileSync(join(home, 'packed-refs'));
    renameSync(remote.root, `${remote.root}.gone`);
    await failureOf(contentOf(locationOf(`file://${remote.root}`)));
    expect(readFileSync(join(home, 'packed-refs'))).toEqual(had);
    expect(readdirSync(home).sort()).toEqual(['objects', 'packed-refs']);
  });

  test('credentials appear in no error, no location, no name and no file', async () => {
    const secret = 's3cr3t-token';
    const url = `https://user:${secret}@localhost:1/team/calendar.git`;
    const error = await failureOf(contentOf(locationOf(url)));
    expect(error.code).toBe('GIT_FETCH_FAILED');
    expect(`${error.message} ${error.hint}`).not.toContain(secret);
    expect(error.message).toContain('localhost:1/team/calendar.git');
    expect(filesHolding(cacheDirectory(), secret)).toEqual([]);
  });

  test('a URL rewritten to a transport helper runs nothing', async () => {
    const witness = join(at.path, 'helper-ran');
    const environment = {
      ...isolated,
      GIT_ALLOW_PROTOCOL: 'ext:file:https',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.ext::touch ${witness} .insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://rewritten.example.org/',
    };
    const location = locationOf('https://rewritten.example.org/x');
    const error = await failureOf(withSource((source) => source.pin(location), environment));
    expect(error.code).toBe('GIT_FETCH_FAILED');
    expect(existsSync(witness)).toBe(false);
  });
});

describe('a URL', () => {
  test.each([
    'ext::sh -c touch% /tmp/x',
    'fd::17',
    'http://example.org/x.git',
    'ftp://example.org/x.git',
    '--upload-pack=touch x://y',
    'ssh://example.org/with space',
    'transport::https://example.org/x.git',
  ])('%s is refused before git sees it', async (url) => {
    expect(isUrl(url)).toBe(true);
    expect((await failureOf(contentOf(locationOf(url)))).code).toBe('LOCATION_INVALID');
  });

  test.each([
    ['https://user:token@example.org/team/x.git?private=1#f', 'https://example.org/team/x.git'],
    ['https://token@example.org:8443/x.git', 'https://example.org:8443/x.git'],
    ['https://user:p@ss@example.org/x.git', 'https://example.org/x.git'],
    ['ssh://git:word@example.org/x.git', 'ssh://git@example.org/x.git'],
    ['git@example.org:team/x.git', 'git@example.org:team/x.git'],
    ['file:///srv/x.git', 'file:///srv/x.git'],
  ])('%s is shown as %s', (url, shown) => {
    expect(() => checkUrl(url)).not.toThrow();
    expect(shownUrl(url)).toBe(shown);
  });

  test('loses its credentials inside a text', () => {
    const text = "fatal: unable to access 'https://u:p@h/x/': x, ssh://git:q@h/y and a@b.c";
    expect(withoutCredentials(text)).toBe(
      "fatal: unable to access 'https://h/x/': x, ssh://git@h/y and a@b.c",
    );
  });

  test('is told from a directory', () => {
    for (const path of ['/srv/x.git', '../calendar', 'C:\\x', './a:b', 'a@b/c:d']) {
      expect(isUrl(path)).toBe(false);
    }
  });
});

function homes(): string[] {
  const folder = join(cacheDirectory(), 'git');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** How many objects a cache has; the few of a test are stored one by one. */
function objectsOf(home: string): number {
  const names = readdirSync(join(home, 'objects'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name)).length;
}

function filesHolding(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return name.includes(text) || (statSync(path).isFile() && readFileSync(path).includes(text));
  });
}
