import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { owners, thisOwner } from '../../../src/io/private/owner.ts';
import type { KnownBytes } from '../../../src/model/index.ts';
import { openDirectoryStore } from '../../../src/sources/bundle/directory.ts';
import type { BundleStore } from '../../../src/sources/bundle/place.ts';
import { scratch, type Scratch } from '../git-fixture.ts';
import { failureOf } from '../port-suite.ts';
import { hashOf } from './fixture.ts';

let at: Scratch;
let store: BundleStore;
beforeEach(async () => {
  at = scratch();
  store = await openDirectoryStore(at.path, 'build', owners);
});
afterEach(async () => {
  await store.close();
  at.remove();
});

function content(text: string): KnownBytes {
  return {
    sha256: hashOf(text),
    bytes: text.length,
    async *open() {
      yield Buffer.from(text);
    },
  };
}

async function write(manifest: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await store.put(content(text));
  await store.commit(Buffer.from(manifest), new Set(texts.map(hashOf)));
}

/** Everything in the directory but the lock. */
function found(): Record<string, string> {
  const names = readdirSync(at.path, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name !== 'files' && !name.endsWith('.lock')).toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(at.path, name), 'utf8')]));
}

test('contents stand under their hashes, the manifest beside them', async () => {
  await write('one', 'a', 'b');
  expect(found()).toEqual({
    'keydrift.bundle.json': 'one',
    [`files/${hashOf('a')}`]: 'a',
    [`files/${hashOf('b')}`]: 'b',
  });
});

test('until the manifest is in place the old bundle is whole; then what it alone had goes', async () => {
  await write('one', 'a', 'b');
  const before = found();
  await store.put(content('c'));
  expect(found()).toEqual({ ...before, [`files/${hashOf('c')}`]: 'c' });
  await write('two', 'b', 'c');
  expect(found()).toEqual({
    'keydrift.bundle.json': 'two',
    [`files/${hashOf('b')}`]: 'b',
    [`files/${hashOf('c')}`]: 'c',
  });
});

test('a content that breaks off, or is another than it says, leaves nothing behind', async () => {
  await write('one', 'a');
  const before = found();
  const broken: KnownBytes = {
    ...content('broken'),
    async *open() {
      yield Buffer.from('bro');
      throw new Error('the disk is full');
    },
  };
  expect((await failureOf(store.put(broken))).code).toBe('OUTPUT_NOT_WRITABLE');
  const other = { ...content('x'), sha256: hashOf('y') };
  expect((await failureOf(store.put(other))).code).toBe('COPY_CHANGED');
  expect(found()).toEqual(before);
});

test('a content that was spoilt in its place is put right', async () => {
  await write('one', 'a');
  writeFileSync(join(at.path, 'files', hashOf('a')), 'spoilt');
  await write('one', 'a');
  expect(found()).toMatchObject({ [`files/${hashOf('a')}`]: 'a' });
});

test('what a killed run left is removed by the next, and nothing that is not a bundle’s', async () => {
  await write('zero', 'z');
  await store.close();
  store = await openDirectoryStore(at.path, 'build', owners);
  expect(store.notes).toEqual([]);
  writeFileSync(join(at.path, 'files', `.${hashOf('a')}.123.tmp`), 'half');
  writeFileSync(join(at.path, 'files', hashOf('never named')), 'never named');
  writeFileSync(join(at.path, '.keydrift.bundle.json.123.tmp'), '{');
  writeFileSync(join(at.path, 'files', 'notes.txt'), 'mine');
  writeFileSync(join(at.path, 'README'), 'mine');
  await write('one', 'a');
  expect(found()).toEqual({
    README: 'mine',
    'files/notes.txt': 'mine',
    'keydrift.bundle.json': 'one',
    [`files/${hashOf('a')}`]: 'a',
  });
});

test('in a directory that was no bundle nothing is removed, and that is said', async () => {
  await store.close();
  const foreign = join('files', hashOf('somebody’s own'));
  writeFileSync(join(at.path, foreign), 'somebody’s own');
  writeFileSync(join(at.path, 'index.html'), '');
  store = await openDirectoryStore(at.path, 'build', owners);
  expect(store.notes).toEqual([expect.stringContaining('not empty')]);
  await write('one', 'a');
  expect(found()).toMatchObject({ [foreign]: 'somebody’s own', 'index.html': '' });
});

test('the manifest comes only after every file that it names was seen in its place', async () => {
  await write('one', 'a');
  const before = found();
  await store.put(content('b'));
  rmSync(join(at.path, 'files', hashOf('b')));
  const committed = store.commit(Buffer.from('two'), new Set(['a', 'b'].map(hashOf)));
  expect((await failureOf(committed)).code).toBe('BUNDLE_DAMAGED');
  expect(found()).toEqual(before);
});

test('one writer at a time; the lock of a process that is surely gone is taken over', async () => {
  const lock = join(at.path, '.keydrift.bundle.lock');
  const text = readFileSync(lock, 'utf8');
  const owner: object = JSON.parse(text.slice(text.indexOf(' ')));
  expect(owner).toMatchObject({ keydrift: { pid: process.pid } });
  const second = await failureOf(openDirectoryStore(at.path, 'build', owners));
  expect(second.code).toBe('BUNDLE_LOCKED');
  expect(second.hint).toContain(lock);
  await store.close();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const { space } = thisOwner();
  const gone = { space, keydrift: { pid, startedAt: '1' }, command: 'none' };
  // Of other containers, machines and boots nothing is known.
  for (const other of [
    { ...gone, space: { ...space, namespace: 'pid:[1]' } },
    { ...gone, space: { ...space, host: 'elsewhere' } },
    { ...gone, space: { ...space, boot: 'earlier' } },
    { ...gone, keydrift: { pid: process.ppid, startedAt: null } },
    null,
  ]) {
    writeFileSync(lock, `id ${JSON.stringify(other)}`);
    const error = await failureOf(openDirectoryStore(at.path, 'build', owners));
    expect(error.code).toBe('BUNDLE_LOCKED');
  }
  writeFileSync(lock, `id ${JSON.stringify(gone)}`);
  store = await openDirectoryStore(at.path, 'build', owners);
  await write('one', 'a');
});

test('a writer whose lock was taken away commits nothing, and leaves the other’s lock', async () => {
  const lock = join(at.path, '.keydrift.bundle.lock');
  await store.put(content('a'));
  writeFileSync(lock, 'another');
  const committed = store.commit(Buffer.from('one'), new Set([hashOf('a')]));
  expect((await failureOf(committed)).code).toBe('BUNDLE_LOCKED');
  await store.close();
  expect(readFileSync(lock, 'utf8')).toBe('another');
});

test('a place that is no directory is OUTPUT_NOT_WRITABLE', async () => {
  const file = join(at.path, 'file');
  writeFileSync(file, '');
  expect((await failureOf(openDirectoryStore(file, 'file', owners))).code).toBe(
    'OUTPUT_NOT_WRITABLE',
  );
  mkdirSync(join(at.path, 'keydrift.bundle.json'));
  const committed = store.commit(Buffer.from('one'), new Set());
  expect((await failureOf(committed)).code).toBe('OUTPUT_NOT_WRITABLE');
});
