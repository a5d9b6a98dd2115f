import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeydriftError, type PathContents } from '../../src/model/index.ts';
import { contentNames } from '../../src/sources/content-names.ts';
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

let place: Scratch;
let repository: TestRepository;
const sources: GitSource[] = [];

beforeEach(() => {
  place = scratch();
  repository = makeRepository(`${place.path}/repository`);
});

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  place.remove();
});

function open(directory: string = repository.root): GitSource {
  const source = openGitSource({
    userId,
    ref: 'HEAD',
    cacheDirectory: `${place.path}/cache`,
    environment: isolated,
    directory,
  });
  sources.push(source);
  return source;
}

function at(path: string, ref: string | null = null, root: string = repository.root) {
  return { kind: 'git', repository: null, path: `${root}/${path}`, ref } as const;
}

/** Of one file among several: each is told by itself. */
async function contentsOf(
  location: ReturnType<typeof at>,
  directory?: string,
): Promise<PathContents> {
  const [none, told] = await open(directory).contentsOf([
    { ...location, ref: 'no-such' },
    location,
  ]);
  if (told === undefined || told instanceof KeydriftError)
    throw told ?? new Error('nothing is told');
  expect(none).toHaveProperty('code');
  return told;
}

function blobId(content: string, algorithm = 'sha1'): string {
  const bytes = Buffer.from(content);
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

test('every content of a path counts: the first, the last, and those of merged side branches', async () => {
  repository.write('a.csv', 'one');
  repository.commit('one');
  repository.git('checkout', '--quiet', '-b', 'side');
  repository.write('a.csv', 'on the side');
  repository.commit('side');
  repository.write('a.csv', 'one');
  repository.commit('back');
  repository.git('checkout', '--quiet', 'main');
  repository.write('b.csv', 'another file');
  repository.commit('other');
  repository.git('merge', '--quiet', '--no-ff', '--no-edit', 'side');
  repository.write('a.csv', 'last');
  repository.commit('last');
  const { algorithm, blobs, history } = await contentsOf(at('a.csv'));
  expect({ algorithm, history }).toEqual({ algorithm: 'sha1', history: 'complete' });
  expect(blobs).toEqual(new Set(['one', 'on the side', 'last'].map((text) => blobId(text))));
});

test('a merge that holds what neither parent had counts', async () => {
  repository.write('a.csv', 'one');
  repository.commit('one');
  repository.git('checkout', '--quiet', '-b', 'side');
  repository.write('b.csv', 'x');
  repository.commit('side');
  repository.git('checkout', '--quiet', 'main');
  repository.write('c.csv', 'x');
  repository.commit('main');
  repository.git('merge', '--quiet', '--no-ff', '--no-commit', 'side');
  repository.write('a.csv', 'evil');
  repository.commit('merge');
  repository.write('a.csv', 'after');
  repository.commit('after');
  const { blobs } = await contentsOf(at('a.csv'));
  expect(blobs.has(blobId('evil'))).toBe(true);
});

test('earlier names of the file are followed', async () => {
  const long = 'id,mode\nP-1,full\nP-2,delta\nP-3,full\n';
  repository.write('old name.csv', 'first');
  repository.commit('first');
  repository.write('old name.csv', long);
  repository.commit('long');
  repository.git('mv', 'old name.csv', 'päth.csv');
  repository.commit('renamed');
  const { blobs } = await contentsOf(at('päth.csv'));
  expect(blobs).toEqual(new Set([blobId('first'), blobId(long)]));
});

test('what is only on a branch that was not merged is not reviewed; what is on HEAD is', async () => {
  repository.write('a.csv', 'one');
  const first = repository.commit('one');
  repository.write('a.csv', 'two');
  repository.commit('two');
  repository.git('checkout', '--quiet', '-b', 'draft');
  repository.write('a.csv', 'draft');
  repository.commit('draft');
  repository.git('checkout', '--quiet', 'main');
  const { blobs } = await contentsOf(at('a.csv', first));
  expect(blobs).toEqual(new Set([blobId('one'), blobId('two')]));
});

test('the file behind a Git LFS pointer counts by its SHA-256', async () => {
  const oid = 'a'.repeat(64);
  repository.write(
    'a.csv',
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12\n`,
  );
  repository.commit('pointer');
  repository.write('a.csv', 'plain');
  repository.commit('plain');
  expect((await contentsOf(at('a.csv'))).lfs).toEqual(new Set([oid]));
});

test('a repository of SHA-256 ids says so', async () => {
  const root = `${place.path}/sha256`;
  git(place.path, ['init', '--quiet', '--object-format=sha256', '--initial-branch=main', root]);
  const other = { ...repository, root };
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${other.root}/a.csv`, 'one');
  git(root, ['add', '--all']);
  git(root, ['commit', '--quiet', '--message', 'one']);
  const contents = await contentsOf(at('a.csv', null, root), root);
  expect(contents.algorithm).toBe('sha256');
  expect(contents.blobs).toEqual(new Set([blobId('one', 'sha256')]));
});

test('a shallow clone says that its history is cut off', async () => {
  repository.write('a.csv', 'one');
  repository.commit('one');
  repository.write('a.csv', 'two');
  repository.commit('two');
  const clone = `${place.path}/clone`;
  git(place.path, ['clone', '--quiet', '--depth=1', `file://${repository.root}`, clone]);
  const contents = await contentsOf(at('a.csv', null, clone), clone);
  expect(contents.history).toBe('shallow');
  expect(contents.blobs).toEqual(new Set([blobId('two')]));
});

test('where commits stand, seen from those of their files: all are told together', async () => {
  repository.write('a.csv', 'one');
  const first = repository.commit('one');
  repository.write('a.csv', 'two');
  const second = repository.commit('two');
  repository.git('checkout', '--quiet', '-b', 'side', first);
  repository.write('a.csv', 'side');
  const side = repository.commit('side');
  repository.git('checkout', '--quiet', '-b', 'next', 'main');
  repository.write('b.csv', 'other');
  repository.commit('another file');
  repository.git('merge', '--quiet', '--no-ff', '--no-edit', '--strategy', 'ours', 'side');
  const merged = repository.git('rev-parse', 'HEAD').trim();
  repository.write('a.csv', 'three');
  const third = repository.commit('three');
  const here = at('a.csv', 'main');
  const commits = [first, second, side, merged, third, 'f'.repeat(40)];
  const asked = commits.map((commit) => ({ location: here, commit }));
  const more = [
    { location: at('b.csv', 'main'), commit: third },
    { location: at('a.csv', 'no-such'), commit: third },
    { location: at('a.csv', first), commit: side },
  ];
  const told = await open().placesOf([...asked, ...more]);
  expect(
    told.map((one) => ('place' in one && typeof one.place === 'string' ? one : 'error')),
  ).toEqual([
    { place: 'earlier' },
    { place: 'earlier' },
    { place: 'beside' },
    { place: 'newer', changes: 1 },
    { place: 'newer', changes: 2 },
    { place: 'unknown' },
    { place: 'newer', changes: 1 },
    'error',
    { place: 'newer', changes: 1 },
  ]);
});

test('a commit is in the history of a ref, or not, or not there at all', async () => {
  repository.write('a.csv', 'one');
  const first = repository.commit('one');
  repository.git('checkout', '--quiet', '-b', 'draft');
  repository.write('a.csv', 'draft');
  const draft = repository.commit('draft');
  const source = open();
  expect(await source.isInHistory(at('a.csv', 'main'), first)).toBe(true);
  expect(await source.isInHistory(at('a.csv', 'main'), draft)).toBe(false);
  const error = await failureOf(source.isInHistory(at('a.csv', 'main'), 'f'.repeat(40)));
  expect(error.code).toBe('GIT_UNKNOWN_REF');
});

test('a file has the ids that git gives it, of SHA-1, of SHA-256 and as a Git LFS pointer', async () => {
  const bytes = Buffer.from('id,mode\r\nP-1,full\u00e9\n');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(bytes).digest('hex')}\nsize ${bytes.length}\n`;
  const { blobs: ids } = await contentNames({
    bytes: bytes.length,
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open() {
      yield bytes.subarray(0, 3);
      yield bytes.subarray(3);
    },
  });
  expect(ids).toHaveLength(4);
  for (const algorithm of ['sha1', 'sha256']) {
    expect(ids).toContain(blobId(bytes.toString(), algorithm));
    expect(ids).toContain(blobId(pointer, algorithm));
  }
  repository.write('a.csv', bytes.toString());
  repository.commit('one');
  expect(ids).toContain(repository.git('rev-parse', 'HEAD:a.csv').trim());
});
