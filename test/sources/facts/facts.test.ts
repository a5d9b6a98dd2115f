import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFactsCache, type FactsCacheOptions } from '../../../src/sources/facts/cache.ts';
import type { FactsFile } from '../../../src/sources/facts/file.ts';
import { factsIn, lineOf } from '../../../src/sources/facts/lines.ts';
import { scratch, type Scratch } from '../git-fixture.ts';

const name = 'c0ffee00';
let place: Scratch;
let path: string;

beforeEach(() => {
  place = scratch();
  path = join(place.path, 'facts', `${name}.jsonl`);
});
afterEach(() => place.remove());

/** One run: what it does with a file of facts, and the warning that it ends with. */
async function run(
  use: (file: FactsFile) => void,
  options: FactsCacheOptions = {},
  directory: string | null = place.path,
): Promise<string | null> {
  const cache = openFactsCache(directory, options);
  use(await cache.load(name));
  return cache.close();
}

/** What another run finds. */
async function found(...keys: readonly string[]): Promise<readonly unknown[]> {
  let values: readonly unknown[] = [];
  await run((file) => {
    values = keys.map((key) => file.get(key));
  });
  return values;
}

const lines = (): number => [...factsIn(readFileSync(path))].length;
const mode = (at: string): number => statSync(at).mode & 0o777;

test('what one run puts another finds; the newest counts', async () => {
  expect(await run((file) => file.put('a', { rows: 4, digest: 'é\n"' }))).toBeNull();
  await run((file) => {
    expect(file.get('a')).toEqual({ rows: 4, digest: 'é\n"' });
    file.put('a', 5);
    expect(file.get('a')).toBe(5);
    file.put('__proto__', { __proto__: null, x: 1 });
  });
  expect(await found('a', '__proto__', 'b')).toEqual([5, { x: 1 }, undefined]);
});

test('what is known already is not written again; what JSON cannot say is not kept', async () => {
  await run((file) => file.put('a', { rows: 4 }));
  await run((file) => {
    file.put('a', { rows: 4 });
    file.put('b', undefined);
    file.put('c', 1n);
    file.put('d', 'x'.repeat(2 * 1024 * 1024));
  });
  expect(lines()).toBe(1);
});

test('a fact is within a run what it is in the next', async () => {
  await run((file) => {
    file.put('a', { gone: undefined, at: new Date(0) });
    expect(file.get('a')).toStrictEqual({ at: '1970-01-01T00:00:00.000Z' });
  });
});

test('folder and file are the user’s alone, also where they were not', async () => {
  await run((file) => file.put('a', 1));
  expect([mode(join(place.path, 'facts')), mode(path)]).toEqual([0o700, 0o600]);
  chmodSync(join(place.path, 'facts'), 0o755);
  chmodSync(path, 0o644);
  await run((file) => file.put('b', 1));
  expect([mode(join(place.path, 'facts')), mode(path)]).toEqual([0o700, 0o600]);
});

test('a symbolic link is neither read nor written', async () => {
  const other = join(place.path, 'other');
  writeFileSync(other, lineOf('a', 1) ?? '');
  mkdirSync(join(place.path, 'facts'));
  symlinkSync(other, path);
  const before = readFileSync(other);
  const warning = await run((file) => {
    expect(file.get('a')).toBeUndefined();
    file.put('b', 1);
    expect(file.get('b')).toBe(1);
  });
  expect(warning).not.toBeNull();
  expect(readFileSync(other)).toEqual(before);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});

test('a folder that is a symbolic link is not used', async () => {
  const other = join(place.path, 'other');
  mkdirSync(other);
  symlinkSync(other, join(place.path, 'facts'));
  expect(await run((file) => file.put('a', 1))).not.toBeNull();
  expect(readdirSync(other)).toEqual([]);
});

test('a place that cannot be written is a warning, and no more', async () => {
  const file = join(place.path, 'file');
  writeFileSync(file, '');
  const warning = await run((facts) => facts.put('a', 1), {}, file);
  expect(warning).toContain(file);
  mkdirSync(path, { recursive: true });
  expect(await run((facts) => facts.put('a', 1))).not.toBeNull();
});

test('without a directory facts last for the run', async () => {
  const cache = openFactsCache(null);
  (await cache.load(name)).put('a', 1);
  expect((await cache.load(name)).get('a')).toBe(1);
  expect(await cache.close()).toBeNull();
  expect(readdirSync(place.path)).toEqual([]);
});

test('only hexadecimal names', async () => {
  const cache = openFactsCache(place.path);
  for (const bad of ['../../x', '', 'c0ffee', 'C0FFEE00', `${name}.`]) {
    await expect(cache.load(bad)).rejects.toMatchObject({ code: 'INTERNAL' });
  }
});

test('a torn line costs itself alone', async () => {
  await run((file) => {
    file.put('a', 1);
    file.put('b', 2);
  });
  truncateSync(path, statSync(path).size - 3);
  await run((file) => file.put('c', 3));
  expect(await found('a', 'b', 'c')).toEqual([1, undefined, 3]);
});

test('whatever stands between them, whole lines are found, and nothing else', () => {
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const fact = fc.tuple(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, fact)), (parts) => {
      const bytes = parts.flatMap(([dirt, [key, value]]) => [
        dirt,
        Buffer.from(`\n${lineOf(key, value) ?? ''}`),
      ]);
      const read = Array.from(factsIn(Buffer.concat(bytes)), ({ key, value }) => [key, value]);
      // `-0` is no JSON.
      expect(read).toEqual(parts.map(([, told]) => JSON.parse(JSON.stringify(told)) as unknown));
    }),
  );
});

test('a line with another content than its checksum says is none', () => {
  const line = lineOf('a', { rows: 123 }) ?? '';
  expect([...factsIn(Buffer.from(line.replace('123', '124')))]).toEqual([]);
  expect([...factsIn(Buffer.from(line.slice(9)))]).toEqual([]);
});

test('dead lines go once they outweigh', async () => {
  await run((file) => {
    for (let turn = 0; turn < 400; turn++) file.put('a', turn);
    file.put('b', 'kept');
  });
  expect(lines()).toBe(2);
  expect(await found('a', 'b')).toEqual([399, 'kept']);
  expect(readdirSync(join(place.path, 'facts'))).toEqual([`${name}.jsonl`]);
  expect(mode(path)).toBe(0o600);
});

test('a file that grew too large keeps its newest facts', async () => {
  const mostBytes = 10_000;
  for (let turn = 0; turn < 4; turn++) {
    await run(
      (file) => {
        for (let at = 0; at < 100; at++) file.put(`${turn}-${at}`, 'x'.repeat(30));
      },
      { mostBytes },
    );
    expect(statSync(path).size).toBeLessThanOrEqual(mostBytes);
  }
  expect(await found('3-99', '3-50', '0-0')).toEqual(['x'.repeat(30), 'x'.repeat(30), undefined]);
  // One that another version let grow is read from its end.
  appendFileSync(path, 'x'.repeat(3 * mostBytes) + (lineOf('late', 1) ?? '').repeat(300));
  await run((file) => expect(file.get('3-99')).toBeUndefined(), { mostBytes });
});

test('files that nobody added to for long are removed', async () => {
  await run((file) => file.put('a', 1));
  const old = join(place.path, 'facts', 'dead0000.jsonl');
  writeFileSync(old, '');
  const then = new Date(Date.now() - 100 * 24 * 3600 * 1000);
  utimesSync(old, then, then);
  await run((file) => file.put('b', 1));
  expect([existsSync(old), existsSync(path)]).toEqual([false, true]);
});

test('a lock that was left behind does not last', async () => {
  await run((file) => file.put('a', 1));
  const then = new Date(Date.now() - 3600 * 1000);
  const fill = (file: FactsFile): void => {
    for (let turn = 0; turn < 600; turn++) file.put('a', turn);
  };
  writeFileSync(`${path}.lock`, '');
  await run(fill);
  expect(lines()).toBeGreaterThan(500);
  utimesSync(`${path}.lock`, then, then);
  await run(fill);
  await run(fill);
  expect(lines()).toBe(1);
});

test('processes that append and compact at the same time lose nothing', async () => {
  const program = join(place.path, 'writer.mjs');
  await build({
    stdin: {
      contents: `import { openFactsCache } from './src/sources/facts/cache.ts';
        const [directory, me] = process.argv.slice(2);
        for (let turn = 0; turn < 12; turn++) {
          const cache = openFactsCache(directory);
          const file = await cache.load('${name}');
          for (let at = 0; at < 60; at++) file.put(me + '-' + turn + '-' + at, at);
          // What makes a compaction worth it, and lines that are longer than a page.
          for (let at = 0; at < 400; at++) file.put('shared', me + at + 'x'.repeat(at % 50 === 0 ? 9000 : 9));
          const warning = await cache.close();
          if (warning !== null) throw new Error(warning);
        }`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const writers = ['p', 'q', 'r', 's'].map((me) =>
    spawn(process.execPath, [program, place.path, me], { stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  const ends = await Promise.all(writers.map((writer) => once(writer, 'exit')));
  expect(ends.map(([code]) => code as unknown)).toEqual([0, 0, 0, 0]);
  const keys = ['p', 'q', 'r', 's'].flatMap((me) =>
    Array.from({ length: 12 * 60 }, (_, at) => `${me}-${Math.floor(at / 60)}-${at % 60}`),
  );
  const lost = (await found(...keys)).flatMap((value, at) =>
    value === undefined ? keys[at]! : [],
  );
  expect(lost).toEqual([]);
  expect(readdirSync(join(place.path, 'facts')).filter((file) => file.endsWith('.tmp'))).toEqual(
    [],
  );
});
