import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readlink,
  rename,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PinnedCopy } from '../../src/model/index.ts';
import { openFileSource } from '../../src/sources/file/file.ts';
import { scratch, type Scratch } from './git-fixture.ts';
import { binaryBytes, describeSource, expectSameBytes, failureOf, readAll } from './port-suite.ts';

describeSource('a plain file', async (bytes) => {
  const at = scratch();
  const path = join(at.path, 'participants.csv');
  await writeFile(path, bytes);
  return {
    source: openFileSource(),
    location: { kind: 'file', path },
    absent: { kind: 'file', path: join(at.path, 'participant.csv') },
    remove: async () => at.remove(),
  };
});

const source = openFileSource();
let at: Scratch;
beforeAll(() => {
  at = scratch();
});
afterAll(async () => {
  await source.close();
  at.remove();
});

const pin = (path: string): Promise<PinnedCopy> => source.pin({ kind: 'file', path });

async function made(name: string, content: string | Uint8Array = 'a,b\n1,2\n'): Promise<string> {
  const path = join(at.path, name);
  await writeFile(path, content);
  return path;
}

test('its location is the path as given, its revision the time of change', async () => {
  const path = await made('times.csv');
  await utimes(path, 0, new Date('2026-01-02T03:04:05.500Z'));
  const copy = await pin(path);
  expect(copy.location).toBe(`file:${path}`);
  expect(copy.revision.facts).toEqual({ modifiedAt: '2026-01-02T03:04:05.500Z' });
});

test('a symbolic link is followed', async () => {
  const path = await made('behind.csv', 'x');
  await symlink(path, join(at.path, 'link.csv'));
  expectSameBytes(await readAll(await pin(join(at.path, 'link.csv'))), Buffer.from('x'));
});

test('a file that is written to, replaced, or removed after the pin is COPY_CHANGED', async () => {
  const grown = await made('grown.csv');
  const replaced = await made('replaced.csv');
  const removed = await made('removed.csv');
  const copies = [await pin(grown), await pin(replaced), await pin(removed)];
  await appendFile(grown, 'x');
  await rename(await made('replaced.csv.new'), replaced);
  await rename(removed, `${removed}.away`);
  for (const copy of copies) expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
});

test('a file that changes while it is read does not end well', async () => {
  const path = await made('torn.csv', binaryBytes(3 * 256 * 1024));
  const copy = await pin(path);
  const reading = async (): Promise<void> => {
    let seen = 0;
    for await (const chunk of copy.open()) {
      if (seen === 0) await appendFile(path, 'more');
      seen += chunk.length;
    }
  };
  expect((await failureOf(reading())).code).toBe('COPY_CHANGED');
});

test('what is no regular file is refused, and nothing hangs', async () => {
  const folder = join(at.path, 'folder');
  const fifo = join(at.path, 'fifo');
  await mkdir(folder);
  execFileSync('mkfifo', [fifo]);
  for (const path of [folder, fifo, '/dev/null']) {
    expect((await failureOf(pin(path))).code).toBe('FILE_NOT_A_FILE');
  }
});

test('standard input is refused by name', async () => {
  for (const path of ['-', '/dev/stdin', '/dev/fd/0']) {
    const error = await failureOf(pin(path));
    expect(error.code).toBe('NOT_SUPPORTED');
    expect(error.message).toContain(path);
  }
});

test('a missing file names the nearest one, a file is no folder', async () => {
  const path = await made('routing.csv');
  const error = await failureOf(pin(join(at.path, 'Routng.csv')));
  expect(error.code).toBe('FILE_NOT_FOUND');
  expect(error.hint).toContain('routing.csv');
  expect((await failureOf(pin(join(path, 'below.csv')))).code).toBe('FILE_NOT_FOUND');
});

// Root may read everything: the check says nothing there.
test.skipIf(process.getuid?.() === 0)('an unreadable file is FILE_NOT_READABLE', async () => {
  const path = await made('secret.csv');
  await chmod(path, 0);
  expect((await failureOf(pin(path))).code).toBe('FILE_NOT_READABLE');
});

/** How often this process has a file open, as Linux tells it. */
async function timesOpen(path: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const links = await Promise.all(
    descriptors.map((name) => readlink(join('/proc/self/fd', name)).catch(() => null)),
  );
  return links.filter((link) => link === path).length;
}

test.runIf(process.platform === 'linux')(
  'a closed source holds no file open, however a reader left it',
  async () => {
    const path = join(at.path, 'paused.csv');
    await writeFile(path, binaryBytes(1024 * 1024));
    const own = openFileSource();
    const copy = await own.pin({ kind: 'file', path });
    const readers = [copy.open(), copy.lend!()].map((chunks) => chunks[Symbol.asyncIterator]());
    for (const reader of readers) await reader.next();
    expect(await timesOpen(path)).toBe(readers.length);
    await own.close();
    expect(await timesOpen(path)).toBe(0);
    for (const reader of readers) expect((await failureOf(reader.next())).code).toBe('INTERNAL');
  },
);
