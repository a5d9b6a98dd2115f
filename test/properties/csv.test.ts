import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBody, readBody } from '../../src/formats/csv/body.ts';
import type { Dialect } from '../../src/formats/csv/dialect.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { KeydriftError, type RawRecord } from '../../src/model/index.ts';
import { chunked, style, write, type Style, type Table } from './tables.ts';
import { scaled } from '../runs.ts';

interface SeenRecord {
  readonly record: number;
  readonly line: number;
  readonly start: number;
  readonly cells: readonly string[];
}

async function readTable(
  bytes: Uint8Array,
  size: number,
  dialect: Dialect,
): Promise<{ readonly header: readonly string[]; readonly records: readonly SeenRecord[] }> {
  const body = await openBody(chunked(bytes, size), dialect);
  const cells: string[][] = [];
  const { places } = await readBody(body, dialect, (record) => cells.push(cellsOf(record)));
  const records = cells.map((found, row) => ({
    record: row + 1,
    line: places.line(row),
    start: places.start(row),
    cells: found,
  }));
  return { header: body.columns, records };
}

function cellsOf(record: RawRecord): string[] {
  return Array.from({ length: record.width }, (_, column) => record.text(column));
}

async function faultOf(bytes: Uint8Array, size: number): Promise<KeydriftError> {
  const thrown: unknown = await readTable(bytes, size, rfc).catch((error: unknown) => error);
  if (thrown instanceof KeydriftError) return thrown;
  throw new Error('no fault was found', { cause: thrown });
}

const rfc: Dialect = { delimiter: ',', quote: '"', escape: null, comment: null, names: null };
const cell = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a',
    '"',
    '""',
    ',',
    '\n',
    '\r',
    '\r\n',
    '\n\r',
    'é',
    '😀',
    ';',
    '|',
    '#',
  ),
  fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '😀', ';', '\t', '\\', '#'),
    maxLength: 8,
  }),
);
const table: fc.Arbitrary<Table> = fc.record({
  header: fc.array(cell, { minLength: 1, maxLength: 4 }),
  rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
});
const dialects: fc.Arbitrary<string> = fc.constantFrom(',', ';', '\t', '|', '¦');

test('every record is read with its cells, number, line and byte, at every chunk size', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      style,
      dialects,
      fc.integer({ min: 1, max: 64 }),
      async (given, how, delimiter, size) => {
        const spelled: Style = { ...how, delimiter };
        const written = write(given, spelled);
        const dialect = { ...rfc, delimiter };
        const expected = given.rows.map((cells, index) => ({
          record: index + 1,
          line: written.lines[index],
          start: written.starts[index],
          cells,
        }));
        for (const chunk of [1, size, written.bytes.length]) {
          const read = await readTable(written.bytes, chunk, dialect);
          expect(read).toStrictEqual({ header: given.header, records: expected });
        }
      },
    ),
    { numRuns: scaled(200) },
  );
});

test('a row by itself is split as it was in its file', async () => {
  await fc.assert(
    fc.asyncProperty(table, style, dialects, fc.nat(64), async (given, how, delimiter, chunk) => {
      const size = chunk + 1;
      const { bytes, lines } = write(given, { ...how, delimiter });
      const csv = await openCsvTable(
        { open: (range) => chunked(bytes.subarray(range?.start, range?.end), size) },
        { ...rfc, delimiter },
      );
      await csv.read(() => undefined);
      const every = Uint32Array.from(given.rows, (_, index) => index + 1);
      const seen: number[] = [];
      await csv.reread(every, (row) => {
        const cells = given.rows[row.record - 1]!;
        seen.push(row.record);
        expect(cellsOf(row)).toStrictEqual(cells);
        expect(cells.map((_, column) => row.shown(column))).toStrictEqual(cells);
        expect(row.shown(cells.length)).toBeNull();
        expect(row.place).toStrictEqual(csv.place(row.record));
        expect(row.place.line).toBe(lines[row.record - 1]);
      });
      expect(seen).toStrictEqual([...every]);
    }),
    { numRuns: scaled(200) },
  );
});

test('without a header line the names are the dialect’s, and the first record is a record', async () => {
  await fc.assert(
    fc.asyncProperty(table, style, fc.integer({ min: 1, max: 64 }), async (given, how, size) => {
      const written = write(given, how);
      const { header, records } = await readTable(written.bytes, size, {
        ...rfc,
        names: ['x', 'y'],
      });
      expect(header).toStrictEqual(['x', 'y']);
      expect(records.map(({ cells }) => cells)).toStrictEqual([given.header, ...given.rows]);
    }),
    { numRuns: scaled(100) },
  );
});

test('a body read from any record on gives the same records', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      style,
      fc.nat(11),
      fc.integer({ min: 1, max: 64 }),
      async (given, how, from, size) => {
        const written = write(given, how);
        fc.pre(from < given.rows.length);
        const offset = written.starts[from]!;
        const line = written.lines[from]!;
        const found: string[][] = [];
        const chunks = chunked(written.bytes.subarray(offset), size);
        const { places } = await readBody({ chunks, offset, line }, rfc, (record) => {
          found.push(cellsOf(record));
        });
        const seen = found.map((row, at) => [places.line(at), places.start(at), row]);
        expect(seen).toStrictEqual(
          given.rows
            .slice(from)
            .map((cells, index) => [
              written.lines[from + index],
              written.starts[from + index],
              cells,
            ]),
        );
      },
    ),
    { numRuns: scaled(100) },
  );
});

test('comment lines are no records, wherever they stand, and count as lines', async () => {
  const plain = fc.constantFrom('a', 'b#', '1#e', ' #');
  const line = fc.oneof(
    fc.record({ comment: fc.constantFrom('#', '# "open', '#a,b', '#"') }),
    fc.record({ cells: fc.array(plain, { minLength: 2, maxLength: 3 }) }),
    fc.constant({ blank: true }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      async (lines, size) => {
        const text = [
          'x,y',
          ...lines.map((it) =>
            'comment' in it ? it.comment : 'cells' in it ? it.cells.join(',') : '',
          ),
        ].join('\n');
        const expected = lines.flatMap((it, index) =>
          'cells' in it ? [{ line: index + 2, cells: it.cells }] : [],
        );
        const { records } = await readTable(Buffer.from(text), size, { ...rfc, comment: '#' });
        expect(records.map((record) => ({ line: record.line, cells: record.cells }))).toStrictEqual(
          expected,
        );
      },
    ),
    { numRuns: scaled(200) },
  );
});

test('a quote that never closes is told at the line and byte where it opens, at every chunk size', async () => {
  await fc.assert(
    fc.asyncProperty(table, style, fc.integer({ min: 1, max: 64 }), async (given, how, size) => {
      const written = write(given, { ...how, lastLineEnd: true });
      const before = Buffer.concat([written.bytes, Buffer.from('x,"y\nz",')]);
      const bytes = Buffer.concat([before, Buffer.from('"open,\n\n1,2\r\n')]);
      const error = await faultOf(bytes, size);
      expect(error.code).toBe('CSV_UNCLOSED_QUOTE');
      const line = (before.toString().match(/\r\n|\n|\r/g) ?? []).length + 1;
      expect(error.place).toStrictEqual({ line, byte: before.length });
    }),
    { numRuns: scaled(100) },
  );
});

test('a byte that is no text is told at its line and byte, at every chunk size', async () => {
  const bad = fc.constantFrom([0], [0xff], [0xc3], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf5, 0x80]);
  await fc.assert(
    fc.asyncProperty(
      table,
      style,
      bad,
      fc.boolean(),
      fc.integer({ min: 1, max: 64 }),
      async (given, how, wrong, quoted, size) => {
        const written = write(given, { ...how, lastLineEnd: true });
        const before = Buffer.concat([
          written.bytes,
          Buffer.from(`"x\ny",${quoted ? '"é\r\n""' : 'é'}`),
        ]);
        const bytes = Buffer.concat([
          before,
          Buffer.from(wrong),
          Buffer.from(quoted ? '"\n' : ',z\n'),
        ]);
        const error = await faultOf(bytes, size);
        const code = wrong[0] === 0 ? 'NUL_BYTE' : 'INVALID_UTF8';
        const line = (before.toString().match(/\r\n|\n|\r/g) ?? []).length + 1;
        expect(error.code).toBe(code);
        expect(error.place).toStrictEqual({
          record: given.rows.length + 1,
          line,
          byte: before.length,
        });
      },
    ),
    { numRuns: scaled(100) },
  );
});
