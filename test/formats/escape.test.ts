import { describe, expect, test } from 'vitest';
import { findAmbiguities } from '../../src/compare/index.ts';
import { createRecordCutter } from '../../src/formats/csv/loose.ts';
import { createReaders } from '../../src/formats/csv/read-as.ts';
import { readingsOf } from '../../src/formats/csv/readers.ts';
import { createSuspectScan } from '../../src/formats/csv/scan.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { allReaders } from '../../src/model/index.ts';

const dialect = { delimiter: ',', quote: '"', comment: null, names: null, escape: '\\' };
const signs = { delimiter: ',', quote: '"', escape: '\\' };
const named = ['python-csv', 'pandas', 'polars', 'pyarrow', 'duckdb'] as const;

/**
 * What csv (`escapechar`), pandas, pyarrow (`escape_char`), DuckDB (`escapechar`) and Polars, which
 * has none, made of a cell between two others, by Python 3.11 and the versions of the README.
 */
const measured: readonly {
  readonly cell: string;
  /** By RFC 4180 with the escape sign. */
  readonly ours: string;
  /** csv, pandas, pyarrow; null: no row of three cells. */
  readonly anywhere: string | null;
  readonly duckdb: string | null;
  /** Null: it stops, or loses its way. */
  readonly polars: string | null;
}[] = [
  { cell: String.raw`"a\"b"`, ours: 'a"b', anywhere: 'a"b', duckdb: 'a"b', polars: null },
  {
    cell: String.raw`"a\\b"`,
    ours: 'a\\b',
    anywhere: 'a\\b',
    duckdb: 'a\\b',
    polars: 'a\\\\b',
  },
  { cell: String.raw`"a\nb"`, ours: 'a\\nb', anywhere: 'anb', duckdb: 'anb', polars: 'a\\nb' },
  { cell: String.raw`a\b`, ours: 'a\\b', anywhere: 'ab', duckdb: 'a\\b', polars: 'a\\b' },
  { cell: String.raw`"x\\"`, ours: 'x\\', anywhere: 'x\\', duckdb: 'x\\', polars: 'x\\\\' },
  { cell: String.raw`a\\b`, ours: 'a\\\\b', anywhere: 'a\\b', duckdb: 'a\\\\b', polars: 'a\\\\b' },
  { cell: String.raw`"a\,b"`, ours: 'a\\,b', anywhere: 'a,b', duckdb: 'a,b', polars: 'a\\,b' },
  { cell: '"a\\\nb"', ours: 'a\\\nb', anywhere: 'a\nb', duckdb: 'a\nb', polars: 'a\\\nb' },
  { cell: 'a\\', ours: 'a\\', anywhere: null, duckdb: 'a\\', polars: 'a\\' },
  { cell: String.raw`"a\ "`, ours: 'a\\ ', anywhere: 'a ', duckdb: 'a ', polars: 'a\\ ' },
  { cell: String.raw`"\"x\""`, ours: '"x"', anywhere: '"x"', duckdb: '"x"', polars: null },
  { cell: String.raw`"a\x\"b"`, ours: 'a\\x"b', anywhere: 'ax"b', duckdb: 'ax"b', polars: null },
  { cell: String.raw`"a\\\"b"`, ours: 'a\\"b', anywhere: 'a\\"b', duckdb: 'a\\"b', polars: null },
];

describe('readers with an escape sign read as they were measured', () => {
  test.each(measured)('$cell', ({ cell, ours, anywhere, duckdb, polars }) => {
    const text = `P-1,${cell},5`;
    const { cells } = createRecordCutter(signs)(`${text}\n`);
    expect(cells.map(({ value }) => value)).toStrictEqual(['P-1', ours, '5']);
    const readings = readingsOf(named.map((name) => ({ name, options: {} })));
    const places = { end: 'LF', firstEnd: 'LF', after: '\n', separator: '\n' } as const;
    const other = { comment: null, isNeeded: () => true, fileBytes: 100 };
    const made = createReaders(readings)({ text, cells, signs, ...other, ...places });
    const said = made.map((one) => {
      if (one === 'alike') return ours;
      if (typeof one === 'string' || one.length !== 1) return null;
      return one[0]!.length === 3 ? one[0]![1]! : null;
    });
    const wanted = { pandas: anywhere, pyarrow: anywhere, duckdb, polars };
    expect(said).toStrictEqual(
      named.map((name) => (name === 'python-csv' ? anywhere : wanted[name])),
    );
  });
});

async function told(rows: string): Promise<readonly unknown[]> {
  const bytes = Buffer.from(`id,note,w\n${rows}`);
  async function* open(
    { start, end } = { start: 0, end: bytes.length },
  ): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes.subarray(start, end));
  }
  const table = await openCsvTable({ open }, dialect);
  await table.read(() => undefined);
  const needed = [0, 2].map((index) => ({
    name: `${index}`,
    nameInFile: ['id', '', 'w'][index]!,
    index,
  }));
  const effects = await table.effects!({
    readers: allReaders,
    form: 'stored',
    needed,
    say: (record) => JSON.stringify(needed.map(({ index }) => record.text(index))),
  });
  return findAmbiguities(null, effects).map(({ hazard, readers }) => [hazard, readers]);
}

test('what a reader cannot do with an escape sign is its hazard', async () => {
  // Polars and Redshift know no escape sign; the others read the record as it is.
  expect(await told('P-1,"a\\"b",5\n')).toStrictEqual([['ESCAPE_SIGN', ['polars', 'redshift']]]);
  // A value that decides: whoever drops the sign has another one.
  expect(await told('P-1,a,x\\y\n')).toStrictEqual([
    ['ESCAPE_SIGN', ['python-csv', 'python-csv (splitlines)', 'pandas', 'pyarrow', 'athena']],
  ]);
  // In a column that nobody needs, it changes nothing.
  expect(await told('P-1,"x\\ny",5\n')).toStrictEqual([['ESCAPE_SIGN', ['athena']]]);
  expect(await told('P-1,"a, b",5\n')).toStrictEqual([]);
});

test('quotes are followed past escaped ones: what comes later is found', () => {
  const body = 'P-1,"a\\"b, c",1\nP-2,"d\ne",2\nP-3,f,3\n#4,g,4\n'.repeat(20);
  const scan = createSuspectScan({ dialect, offset: 0, headerEnd: 'LF', width: 3, wanted: 'all' });
  scan.push(Buffer.from(body));
  const found = scan.end();
  const at = (text: string, by: number): number[] =>
    Array.from(body.matchAll(new RegExp(text, 'g')), ({ index }) => index + by);
  const wanted = [...at('a\\\\"', 1), ...at('d\\n', 1), ...at('#', 0)].sort((a, b) => a - b);
  expect([...found.places]).toStrictEqual(wanted);
  expect(found.blankLines).toBe(0);
});
