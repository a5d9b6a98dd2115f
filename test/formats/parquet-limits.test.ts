import { describe, expect, test } from 'vitest';
import { parquet } from '../../src/formats/parquet/parquet.ts';
import {
  defaultLimits,
  KeydriftError,
  type ByteSource,
  type ReadLimits,
} from '../../src/model/index.ts';
import { packedRows, sourceOf } from './memory.ts';
import {
  DICTIONARY,
  levels,
  page,
  parquetFile,
  PLAIN,
  plainTexts,
  run,
  type Column,
} from './parquet-file.ts';

/* What a small file of Parquet says of itself may be large: a code, and no memory. */

const column = (given: Partial<Column>): Column => ({
  name: 'id',
  type: 6,
  repetition: 0,
  pages: [],
  ...given,
});

/** What reading it and packing it come to: both the same. */
async function outcome(bytes: Buffer, limits: Partial<ReadLimits> = {}): Promise<unknown> {
  const both = [];
  for (const how of ['read', 'pack'] as const) {
    const rows: unknown[] = [];
    both.push(
      await (async () => {
        const table = await parquet.open(
          sourceOf(bytes, 65_536),
          {},
          { ...defaultLimits, ...limits },
        );
        if (how === 'pack') return (await packedRows(table)).rows;
        await table.read((record) => {
          rows.push(table.columns.map((_, at) => (record.isNull!(at) ? null : record.text(at))));
        });
        return rows;
      })().catch((error: unknown) => {
        if (error instanceof KeydriftError) return error.code;
        throw error;
      }),
    );
  }
  expect(both[1]).toStrictEqual(both[0]);
  return both[0];
}

const texts = (...values: readonly string[]): Buffer =>
  parquetFile(values.length, [
    column({ pages: [page(0, values.length, PLAIN, plainTexts(...values))] }),
  ]);

test('a file of a test’s own is read: plain, of a dictionary, optional, nested', async () => {
  expect(await outcome(texts('P-1', 'ü', ''))).toStrictEqual([['P-1'], ['ü'], ['']]);
  const pages = [
    page(2, 2, PLAIN, plainTexts('x', 'y')),
    page(
      0,
      4,
      DICTIONARY,
      Buffer.concat([levels(run(3, 2), run(1, 1)), Buffer.from([1]), run(1, 1), run(2, 0)]),
    ),
  ];
  const nested = parquetFile(4, [column({ repetition: 1, pages })], ['at']);
  expect(await outcome(nested)).toStrictEqual([['y'], ['x'], ['x'], [null]]);
});

describe('what is too large', () => {
  const nulls = (rows: number): Buffer => page(0, rows, PLAIN, levels(run(rows, 0)));
  test.each<[string, Buffer, Partial<ReadLimits>]>([
    [
      'a row group of a billion rows',
      parquetFile(1e9, [column({ repetition: 1, pages: [nulls(1e9)] })]),
      {},
    ],
    ['more rows than there are numbers', parquetFile(3e9, [column({ pages: [] })]), {}],
    [
      'a dictionary that expands to 2 GiB, as its page says',
      parquetFile(1, [
        column({
          codec: 1,
          pages: [page(2, 1, PLAIN, Buffer.from([255, 255, 255, 127]), 2 ** 31 - 1)],
        }),
      ]),
      {},
    ],
    [
      'a page that expands to more than there is memory for',
      parquetFile(1, [
        column({ codec: 1, pages: [page(0, 1, PLAIN, Buffer.from([255, 255, 127]), 2 ** 20)] }),
      ]),
      { memory: 2 ** 19 },
    ],
    [
      'groups 100 deep',
      parquetFile(
        1,
        [column({ pages: [] })],
        Array.from({ length: 100 }, (_, at) => `g${at}`),
      ),
      {},
    ],
    [
      'groups 50,000 deep',
      parquetFile(
        1,
        [column({ pages: [] })],
        Array.from({ length: 50_000 }, () => 'g'),
      ),
      {},
    ],
    [
      'a list of 5,000, each of which is a column',
      parquetFile(1, [
        column({
          type: 1,
          repetition: 2,
          values: 5000,
          pages: [
            page(
              0,
              5000,
              PLAIN,
              Buffer.concat([
                levels(run(1, 0), run(4999, 1)),
                levels(run(5000, 1)),
                Buffer.alloc(20_000),
              ]),
            ),
          ],
        }),
      ]),
      {},
    ],
    ['a cell', texts('P-1', 'x'.repeat(60)), { cellBytes: 50 }],
    ['a record', texts('P-1', 'x'.repeat(60)), { recordBytes: 50 }],
    ['the whole of it', texts('P-1'), { memory: 100 }],
  ])('%s', async (_what, bytes, limits) => {
    expect(bytes.length).toBeLessThan(1_000_000);
    expect(await outcome(bytes, limits)).toBe('TOO_LARGE');
  });
});

describe('what says more than it holds', () => {
  const optional = (body: Buffer, values = 2): Buffer =>
    parquetFile(2, [column({ repetition: 1, pages: [page(0, values, PLAIN, body)] })]);
  const coded = (body: Buffer): Buffer =>
    parquetFile(2, [
      column({ pages: [page(2, 1, PLAIN, plainTexts('x')), page(0, 2, DICTIONARY, body)] }),
    ]);
  test.each<[string, Buffer]>([
    [
      'more values than its bytes have',
      parquetFile(2, [column({ pages: [page(0, 2, PLAIN, plainTexts('x'))] })]),
    ],
    [
      'a dictionary of as many as there are numbers',
      parquetFile(1, [column({ pages: [page(2, 2 ** 31 - 1, PLAIN, plainTexts('x'))] })]),
    ],
    [
      'fewer values than rows',
      parquetFile(2, [column({ pages: [page(0, 1, PLAIN, plainTexts('x'))] })]),
    ],
    ['a value that its dictionary lacks', coded(Buffer.concat([Buffer.from([1]), run(2, 1)]))],
    [
      'a text that goes on behind its page',
      parquetFile(1, [column({ pages: [page(0, 1, PLAIN, Buffer.from([9, 0, 0, 0, 65]))] })]),
    ],
    ['levels that end before their rows do', optional(levels(run(1, 0)))],
  ])('%s', async (_what, bytes) => {
    expect(await outcome(bytes)).toBe('PARQUET_INVALID');
  });

  test('text that is none is told where it stands', async () => {
    const bytes = texts('P-1', 'xx');
    bytes.set([0xc3, 0x28], bytes.indexOf('xx'));
    expect(await outcome(bytes)).toBe('INVALID_UTF8');
    // Two halves of one character, each of them a text.
    const halves = texts('a', 'b');
    const at = halves.indexOf('a');
    halves[at] = 0xc3;
    halves[halves.indexOf('b', at)] = 0xa9;
    expect(await outcome(halves)).toBe('INVALID_UTF8');
  });
});

test('where ranges can be read, only footers and the pages of shown rows are; judging reads all', async () => {
  const wide = (name: string): Column =>
    column({ name, pages: [page(0, 1, PLAIN, plainTexts('x'.repeat(700_000)))] });
  const id = column({ pages: [page(0, 1, PLAIN, plainTexts('P-1'))] });
  const bytes = parquetFile(1, [wide('note'), id, wide('more')]);
  const asked: (readonly [start: number, end: number])[] = [];
  const inner = sourceOf(bytes, 65_536);
  const source: ByteSource = {
    length: () => Promise.resolve(bytes.length),
    open(range = { start: 0, end: bytes.length }) {
      asked.push([range.start, range.end]);
      return inner.open(range);
    },
  };
  const sizes = (): number => asked.reduce((sum, [start, end]) => sum + end - start, 0);
  const table = await parquet.open(source, {});
  expect(sizes()).toBeLessThan(bytes.length / 2);
  asked.length = 0;
  await table.read(() => undefined, [1]);
  expect(asked).toStrictEqual([[0, bytes.length]]);
  await table.close();
  asked.length = 0;
  const found: string[] = [];
  await table.reread(Uint32Array.of(1), (record) => found.push(record.text(1)), [1]);
  expect(found).toStrictEqual(['P-1']);
  expect(asked).toHaveLength(1);
  expect(sizes()).toBeLessThan(1000);
});
