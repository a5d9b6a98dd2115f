import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/formats/parquet/columns.ts';
import { leafText } from '../../src/formats/parquet/values.ts';
import { parquet } from '../../src/formats/parquet/parquet.ts';
import { KeydriftError, type Table } from '../../src/model/index.ts';
import { cellsOf, packedRows, rereadCells, sourceOf } from './memory.ts';

const folder = new URL('./parquet/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
const bytesOf = (name: string): Buffer => readFileSync(new URL(name, folder));

/** What `make.py` wrote, as text by the rules of the contract. */
const rows = [
  {
    id: 'P-1',
    n: '1',
    u: '18446744073709551615',
    u32: '4294967295',
    i8: '-1',
    dec: '1.10',
    dec38: '12345678901234567890123456789012345.678',
    d: '2026-01-01',
    ts: '2026-01-01T00:00:00.123456Z',
    tsn: '2026-01-01T00:00:00.123456789',
    tsm: '2026-01-01T00:00:00.12',
    tm: '01:00:00.000001',
    b: 'true',
    f: '0.1',
    g: '0.1',
    i32: '1',
    bin: '00ff',
    fix: '00ff',
    's.a': '1',
    's.b.c': 'x',
    'l.0': '1',
    'l.1': '2',
    'll.0.0': '1',
    'll.1.0': '2',
    'll.1.1': '3',
    'ls.0.k': 'x',
    dic: 'x',
  },
  {
    id: 'P-2',
    n: '-5',
    u: '0',
    u32: '0',
    i8: '0',
    dec: '-0.05',
    dec38: '-0.001',
    d: '1969-12-31',
    ts: '1969-12-31T23:59:59.999999Z',
    tsn: '1969-12-31T23:59:59.999999999',
    tsm: '1969-12-31T23:59:59.999',
    tm: '00:00:00',
    b: 'false',
    f: '1e+30',
    g: '1e+300',
    i32: '2',
    fix: '6162',
    dic: 'y',
  },
  { dic: 'x' },
  {
    id: 'ü,"x"\n',
    n: '4611686018427387904',
    u: '5',
    u32: '5',
    i8: '5',
    dec: '99999999.99',
    dec38: '0.000',
    d: '0001-01-01',
    ts: '1970-01-01T00:00:00Z',
    tsn: '1970-01-01T00:00:00',
    tsm: '1970-01-01T00:00:00',
    tm: '23:59:59.999999',
    b: 'true',
    f: '-0',
    g: '5',
    i32: '3',
    bin: '616263',
    fix: '6364',
    's.a': '2',
    'l.0': '3',
    'll.0.0': '4',
    'ls.1.k': 'z',
  },
] as const;

const asObjects = (cells: readonly ReadonlyMap<string, string>[]): readonly unknown[] =>
  cells.map((one) => Object.fromEntries(one));

describe('what another writer wrote', () => {
  const compressed = files.filter((name) => !/^(?:int96|empty|map|hostile)/.test(name));

  test('there are files of every compression', () => expect(compressed).toHaveLength(6));

  test.for(compressed)(
    '%s is exact, each type by its rule, and read again row by row',
    async (name) => {
      const table = await parquet.open(sourceOf(bytesOf(name), 1000), {});
      expect(asObjects(await cellsOf(table))).toStrictEqual(rows);
      expect(asObjects(await rereadCells(table, [2, 4]))).toStrictEqual([rows[1], rows[3]]);
      expect([1, 3, 4].map((record) => table.place(record))).toStrictEqual([
        { line: 0, text: 'row 1 of row group 1' },
        { line: 0, text: 'row 3 of row group 1' },
        { line: 0, text: 'row 1 of row group 2' },
      ]);
    },
  );

  test.for(files)('%s is packed as it is read, each column by itself or all', async (name) => {
    const open = () => parquet.open(sourceOf(bytesOf(name), 1000), {});
    const { columns } = await open();
    const readable = columns.flatMap((column, at) => (column === 'm' ? [] : [at]));
    const alone = name === 'none.parquet' ? readable.map((column) => [column]) : [];
    for (const wanted of [readable, ...alone]) {
      const expected: (string | null)[][] = [];
      const table = await open();
      await table.read((record) => {
        expected.push(wanted.map((at) => (record.isNull!(at) ? null : record.text(at))));
      }, wanted);
      expect((await packedRows(table, wanted)).rows).toStrictEqual(expected);
    }
  });

  test('the old timestamps of twelve bytes are timestamps', async () => {
    const table = await parquet.open(sourceOf(bytesOf('int96.parquet'), 1000), {});
    const cells = await cellsOf(table);
    expect(cells.map((one) => one.get('tsn'))).toStrictEqual([
      '2026-01-01T00:00:00.123456789Z',
      '1969-12-31T23:59:59.999999999Z',
      undefined,
      '1970-01-01T00:00:00Z',
    ]);
  });

  test('a file without rows has its columns', async () => {
    const table = await parquet.open(sourceOf(bytesOf('empty.parquet'), 1000), {});
    expect(table.columns.slice(0, 3)).toStrictEqual(['id', 'n', 'u']);
    expect(await cellsOf(table)).toStrictEqual([]);
  });

  test('a column without a text to compare is a fault where it counts, and no other', async () => {
    const table = await parquet.open(sourceOf(bytesOf('map.parquet'), 1000), {});
    expect(table.columns).toStrictEqual(['m', 'id']);
    await table.read((record) => {
      expect(record.text(1)).toBe('P-1');
      expect(() => record.text(0)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_TYPE' }));
    });
  });

  test('only what is asked for is decoded', async () => {
    const bytes = bytesOf('snappy.parquet');
    const whole = await parquet.open(sourceOf(bytes, 1000), {});
    const wanted = whole.columns.indexOf('id');
    const ids: string[] = [];
    await whole.read((record) => ids.push(record.text(wanted)), [wanted]);
    expect(ids).toStrictEqual(['P-1', 'P-2', '', 'ü,"x"\n']);
  });
});

describe('what is damaged', () => {
  const bytes = bytesOf('snappy.parquet');
  const read = async (damaged: Buffer): Promise<unknown> => {
    try {
      const table = await parquet.open(sourceOf(damaged, 4096), {});
      return asObjects(await cellsOf(table));
    } catch (error) {
      return error;
    }
  };

  test('cut anywhere, it is refused', async () => {
    for (let cut = 0; cut < bytes.length; cut += 97) {
      const found = await read(bytes.subarray(0, cut));
      expect(found).toBeInstanceOf(KeydriftError);
      expect((found as KeydriftError).code).toMatch(/^(?:PARQUET_INVALID|TOO_LARGE)$/);
    }
  });

  test('flipped anywhere, it is refused by a code, or read', async () => {
    for (let at = 0; at < bytes.length; at += 89) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      const found = await read(damaged);
      expect(found instanceof KeydriftError || Array.isArray(found)).toBe(true);
    }
  });
});

test('a group that is no plain one, such as a VARIANT, has no text: it is never taken for empty', () => {
  const leaf = (name: string) => ({
    element: { name, type: 'BYTE_ARRAY' as const },
    children: [],
    count: 1,
    path: ['v', name],
  });
  const variant = {
    element: { name: 'v', logical_type: { type: 'VARIANT' as const } },
    children: [leaf('metadata'), leaf('value')],
    count: 3,
    path: ['v'],
  };
  const tree = { element: { name: 'root' }, children: [variant], count: 4, path: [] };
  expect(columnsOf(tree, new Map(), new Map(), 9)).toMatchObject([{ name: 'v', element: null }]);
});

test('a column whose two types contradict each other has no text', () => {
  const date = { name: 'd', type: 'INT32', converted_type: 'DATE' } as const;
  expect(leafText(date)?.(1n)).toBe('1970-01-02');
  expect(leafText({ ...date, logical_type: { type: 'DATE' } })?.(1n)).toBe('1970-01-02');
  const integer = { type: 'INTEGER', bitWidth: 32, isSigned: true } as const;
  expect(leafText({ ...date, logical_type: integer })).toBe(null);
});

test('a decimal of more digits than its bytes hold has no text', () => {
  const decimal = {
    name: 'd',
    type: 'FIXED_LEN_BYTE_ARRAY',
    converted_type: 'DECIMAL',
    scale: 2,
  } as const;
  const six = { ...decimal, type_length: 6, precision: 12 };
  expect(leafText(six)?.(Uint8Array.of(0, 0, 0, 0, 0, 10))).toBe('0.10');
  expect(leafText({ ...six, type_length: 2 })).toBe(null);
  expect(leafText({ ...six, type_length: 16, precision: 38 })).not.toBe(null);
});

test('whatever a bit of the footer says, it is packed as it is read', async () => {
  const whole = bytesOf('hostile.parquet');
  const outcome = async (
    bytes: Buffer,
    how: (table: Table) => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      return await how(await parquet.open(sourceOf(bytes, 4096), {}));
    } catch (error) {
      if (error instanceof KeydriftError) return error.code;
      throw error;
    }
  };
  // Each byte of the schema's root, of a group's and of the columns' own words: 7,048 flips were tried.
  for (let at = 383; at < whole.length - 8; at += 3) {
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ (1 << (at % 8));
    const read = await outcome(bytes, async (table) => {
      const found: unknown[] = [];
      await table.read((record) => {
        found.push(
          table.columns.map((_, column) => (record.isNull!(column) ? null : record.text(column))),
        );
      });
      return found;
    });
    const packed = await outcome(bytes, async (table) => (await packedRows(table)).rows);
    expect([at, packed]).toStrictEqual([at, read]);
  }
});
