import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compressionByName, contentTypeOf, formatByName, stemOf } from '../../src/formats/index.ts';
import { defaults } from '../../src/judge/registries.ts';
import type { ByteSource, Format, RecordSink, Table } from '../../src/model/index.ts';
import { diffFiles } from '../judge/diff-files.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-toy-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A format in one module: words with blanks between them, a record each four, none has a line. */
const toy: Format = {
  name: 'toy',
  endings: { '.toy': { contentType: 'text/x-toy' } },
  async open(source): Promise<Table> {
    const cells = await wordsOf(source);
    const show = (record: number, sink: RecordSink): void => {
      const cell = (column: number): string | undefined => cells[2 * (record - 1) + column];
      sink({
        record,
        place: place(record),
        width: 2,
        text: (column) => cell(column) ?? '',
        shown: (column) => cell(column) ?? null,
      });
    };
    const place = (record: number): { line: number; text: string } => ({
      line: 0,
      text: `pair ${record}`,
    });
    return {
      columns: ['k', 'v'],
      warnings: [],
      async read(sink) {
        await wordsOf(source);
        for (let record = 1; 2 * record <= cells.length; record += 1) show(record, sink);
        return [{ code: 'TOY', message: 'it is a toy', line: null }];
      },
      reread(records, sink) {
        for (const record of records) show(record, sink);
        return Promise.resolve();
      },
      place,
      close: () => Promise.resolve(),
    };
  },
};

async function wordsOf(source: ByteSource): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').trim().split(/\s+/);
}

test('a format that is handed in is read, compared and told to the end', async () => {
  const [one, other] = [join(directory, 'reviewed.toy'), join(directory, 'runtime.csv')];
  await writeFile(one, 'a 1 b 2 b 2\nc 3');
  await writeFile(other, 'k,v\nc,3\na,9\nd,4\n');
  const { artifacts, exitCode } = await diffFiles(
    directory,
    [one, other],
    {},
    {
      ...defaults,
      formats: { ...defaults.formats, toy },
    },
  );
  const [artifact] = artifacts;
  expect(exitCode).toBe(1);
  expect(artifact?.error).toBeNull();
  expect(artifact?.reviewed).toMatchObject({ rows: 4, units: 3, redundant: 1, invalid: 0 });
  expect(artifact?.warnings).toMatchObject([{ code: 'TOY', side: 'reviewed' }]);
  const told = artifact?.findings.map(({ kind, side, key }) => [kind, side, key?.[0]?.[1]]);
  expect(told).toEqual([
    ['added', 'runtime', 'd'],
    ['removed', 'reviewed', 'b'],
    ['duplicated', 'reviewed', 'b'],
    ['conflict', 'across', 'a'],
  ]);
  // A table without lines words the places of its rows itself.
  expect(artifact?.findings[2]?.rows).toMatchObject([
    { side: 'reviewed', record: 2, line: 0, place: 'pair 2' },
    { side: 'reviewed', record: 3, line: 0, place: 'pair 3' },
  ]);
  expect(artifact?.findings[3]?.rows[1]).toMatchObject({ record: 2, line: 3 });
});

test('its ending, and that of a compression, are known wherever a name is looked at', () => {
  const all = { ...defaults.formats, toy };
  expect(formatByName(all, 'in/Words.TOY.gz')?.format).toBe(toy);
  expect(compressionByName('in/words.toy.ZST?versionId=a.gz')).toBe('zstd');
  expect(compressionByName('in/words.toy')).toBeNull();
  expect(stemOf(all, 'Routes.v2.toy.gzip')).toBe('Routes.v2');
  expect(stemOf(all, '.csv')).toBe('');
  expect(stemOf(all, 'routes.bak')).toBe('routes.bak');
});

const [gzip, zstd] = [
  [0x1f, 0x8b, 0x08],
  [0x28, 0xb5, 0x2f, 0xfd],
];

test.each([
  ['a.toy', 'text/x-toy'],
  ['A.CSV', 'text/csv'],
  ['a.parq', 'application/vnd.apache.parquet'],
  ['a.toy.gz', 'application/gzip', gzip],
  ['a.csv.zstd', 'application/zstd', zstd],
  // What is in it says it, whatever its name does.
  ['a.csv.gz', 'text/csv'],
  ['a.csv', 'application/gzip', gzip],
  ['a.sql', 'application/octet-stream'],
  ['csv', 'application/octet-stream'],
])('an object called %s is %s', (name, type, head: readonly number[] = [0x69, 0x64]) => {
  expect(contentTypeOf({ ...defaults.formats, toy }, name, Uint8Array.from(head))).toBe(type);
});
