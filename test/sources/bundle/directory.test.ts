import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KnownBytes } from '../../../src/model/index.ts';
import { openDirectoryStore } from '../../../src/sources/bundle/directory.ts';
import type { BundleStore } from '../../../src/sources/bundle/store.ts';
import { scratch, type Scratch } from '../git-fixture.ts';
import { failureOf } from '../port-suite.ts';
import { hashOf } from './fixture.ts';

let at: Scratch;
let store: BundleStore;
beforeEach(async () => {
  at = scratch();
  store = await openDirectoryStore(at.path, 'build');
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

test('one writer at a time; the lock of a process that is gone is taken over', async () => {
  const lock = join(at.path, '.keydrift.bundle.lock');
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  await store.close();
  // The parent of this process is alive, and not this process.
  writeFileSync(lock, String(process.ppid));
  expect((await failureOf(openDirectoryStore(at.path, 'build'))).code).toBe('BUNDLE_LOCKED');
  writeFileSync(lock, String(spawnSync(process.execPath, ['--version']).pid));
  store = await openDirectoryStore(at.path, 'build');
  await write('one', 'a');
});

test('a place that is no directory is OUTPUT_NOT_WRITABLE', async () => {
  const file = join(at.path, 'file');
  writeFileSync(file, '');
  expect((await failureOf(openDirectoryStore(file, 'file'))).code).toBe('OUTPUT_NOT_WRITABLE');
  mkdirSync(join(at.path, 'keydrift.bundle.json'));
  const committed = store.commit(Buffer.from('one'), new Set());
  expect((await failureOf(committed)).code).toBe('OUTPUT_NOT_WRITABLE');
});
