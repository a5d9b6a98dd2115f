import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PinnedCopy } from '../../src/model/index.ts';
import { openFileSource } from '../../src/sources/index.ts';

let directory: string;
let path: string;
let copy: PinnedCopy;
const bytes = Buffer.from(
  Uint8Array.from({ length: 700_000 }, (_, at) => (at * 7 + (at >> 8)) & 255),
);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-lend-'));
  path = join(directory, 'copy.bin');
  await writeFile(path, bytes);
  copy = await openFileSource().pin({ kind: 'file', path });
});
afterEach(() => rm(directory, { recursive: true }));

async function lentBytes(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of copy.lend!()) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

test('lent chunks are the bytes of the pinned copy', async () => {
  expect((await lentBytes()).equals(bytes)).toBe(true);
});

test('ranges come one by one, in order', async () => {
  const ranges = [
    { start: 0, end: 1 },
    { start: 5, end: 5 },
    { start: 4000, end: 300_000 },
    { start: 699_999, end: 700_000 },
  ];
  const found: Buffer[] = [];
  await copy.readRanges!(ranges, (chunk, index) => (found[index] = Buffer.from(chunk)));
  ranges.forEach(({ start, end }, index) => {
    expect(found[index]?.equals(bytes.subarray(start, end))).toBe(true);
  });
});

test('many ranges come one by one, near ones and far ones', async () => {
  for (const apart of [1, 100, 9000, 70_000]) {
    const count = Math.floor(bytes.length / apart);
    const ranges = Array.from({ length: count }, (_, index) => ({
      start: index * apart,
      end: index * apart + ((index * 7) % (apart + 1)),
    }));
    const order: number[] = [];
    await copy.readRanges!(ranges, (chunk, index) => {
      order.push(index);
      const { start, end } = ranges[index]!;
      if (!bytes.subarray(start, end).equals(chunk)) throw new Error(`range ${index}`);
    });
    expect(order.every((index, at) => index === at)).toBe(true);
    expect(order).toHaveLength(count);
  }
});

test('a file that changed is told, and not lent', async () => {
  await appendFile(path, 'more');
  await expect(lentBytes()).rejects.toMatchObject({ code: 'COPY_CHANGED' });
  const read = copy.readRanges!([{ start: 0, end: 9 }], () => undefined);
  await expect(read).rejects.toMatchObject({ code: 'COPY_CHANGED' });
});
