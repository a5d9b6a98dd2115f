import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { namesOf } from './fuzz.ts';
import { judgePair } from './judge.ts';

interface Recorded {
  readonly key: readonly string[];
  readonly consumed: readonly string[];
  readonly delimiter: string;
  /** Base64. */
  readonly reviewed: string;
  readonly files: readonly {
    readonly tricks: readonly string[];
    /** Readers that made something else of it than of the reviewed copy, when it was recorded. */
    readonly differing: readonly string[];
    readonly bytes: string;
  }[];
}

/** What the real readers made of some of the files of `npm run test:readers`. */
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('recorded.json', import.meta.url), 'utf8'),
);
const files = recorded.flatMap((table, at) =>
  table.files.map((file, number) => ({
    table,
    file,
    name: `${at}.${number} ${file.tricks.join(' + ')}`,
  })),
);

test('readers differ on many of the files, and agree on many', () => {
  const differing = files.filter(({ file }) => file.differing.length > 0);
  expect(files.length).toBeGreaterThan(100);
  expect(differing.length).toBeGreaterThan(40);
  expect(files.length - differing.length).toBeGreaterThan(20);
});

describe('where a reader differs, keydrift says so', () => {
  test.each(files)('$name', async ({ table, file: { differing, bytes } }) => {
    const found = await judgePair(table, fromBase64(table.reviewed), fromBase64(bytes));
    // Not in sync: nothing is promised.
    if (found === null) return expect(found).toBeNull();
    const flagged = new Set(found.flatMap(({ readers }) => readers));
    const missed = differing.filter((reader) => !namesOf(reader).some((name) => flagged.has(name)));
    return expect(missed).toStrictEqual([]);
  });
});

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
