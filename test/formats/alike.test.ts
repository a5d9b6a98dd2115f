import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ndjson } from '../../src/formats/json/ndjson.ts';
import { KeydriftError, type Table } from '../../src/model/index.ts';
import { scaled } from '../runs.ts';
import { packedRows, sourceOf } from './memory.ts';

/* Lines that are written alike are read by another road than odd ones: both say the same. */

const scalar = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'a"b\\c/d\n\t\r\b\f', '\u0000', '\u2028', 'ü'.repeat(40), 'x'.repeat(70)),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
/** Records of few shapes: the members of one that are there, in one order. */
const record = fc.tuple(
  fc.constantFrom(
    ['id', 'mode'],
    ['id', 'mode', 'weight'],
    ['mode', 'id'],
    ['a.b', 'id', 'with "quotes"'],
    [],
  ),
  fc.constantFrom('flat', 'nested', 'listed'),
  fc.tuple(scalar, scalar, scalar),
);
const line = record.map(([names, how, values]) => {
  const flat = Object.fromEntries(names.map((name, at) => [name, values[at]]));
  if (how === 'nested') return JSON.stringify({ ...flat, at: { zone: values[2], of: {} } });
  return JSON.stringify(how === 'listed' ? { ...flat, tags: [values[1], [values[2]], []] } : flat);
});

/** One byte of a line is another, or one more stands there; -1: none. */
const change = fc.tuple(
  fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(80) }),
  fc.constantFrom(...Buffer.from('"\\,:[]{}0.e-+utn \r\t\n\u0001'), 0, 0x80, 0xc3, 0xff),
  fc.boolean(),
);

function changed(text: string, [at, byte, insert]: readonly [number, number, boolean]): Buffer {
  const bytes = Buffer.from(text);
  if (at < 0 || at >= bytes.length) return bytes;
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from([byte]),
    bytes.subarray(insert ? at : at + 1),
  ]);
}

/** What a table holds, or where it is at fault; places are lines, of which both files have the same. */
async function outcome(
  bytes: Uint8Array,
  piece: number,
  readRows: (table: Table) => Promise<unknown>,
): Promise<unknown> {
  try {
    const table = await ndjson.open(sourceOf(bytes, piece), {});
    const rows = await readRows(table);
    return { columns: table.columns, rows, warnings: table.warnings };
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    return { code: error.code, line: error.place?.line, record: error.place?.record };
  }
}

async function byPacking(table: Table): Promise<unknown[][]> {
  const columns = table.columns.map((_, at) => at).toReversed();
  const { rows } = await packedRows(table, columns);
  return rows.map((cells, at) => [table.place(at + 1).line, ...cells.toReversed()]);
}

async function byReading(table: Table): Promise<unknown> {
  const rows: unknown[] = [];
  await table.read((one) => {
    const cells = table.columns.map((_, at) => (one.isNull!(at) ? null : one.text(at)));
    rows.push([one.place.line, ...cells]);
  });
  return rows;
}

test('lines written alike are read as each of them is by itself, whatever was done to a byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(line, change), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', ' \n', '\n\n'),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      async (given, end, piece, ended) => {
        const lines = given.map(([text, how]) => changed(text, how));
        const written = (before: (at: number) => string): Buffer =>
          Buffer.concat(
            lines.flatMap((one, at) => [
              Buffer.from(before(at)),
              one,
              Buffer.from(ended || at + 1 < lines.length ? end : ''),
            ]),
          );
        // No two lines that begin with another number of blanks are written alike.
        const odd = written((at) => ' '.repeat(at));
        expect(
          await outcome(
            written(() => ''),
            piece,
            byPacking,
          ),
        ).toStrictEqual(await outcome(odd, 4096, byReading));
      },
    ),
    { numRuns: scaled(400) },
  );
});

test('lines are taken many at once, odd ones among them one by one, of two copies in turn', async () => {
  const lines = Array.from({ length: 5000 }, (_, at) =>
    at % 1000 === 999 ? `{"b":"\\u00fc","a":${at}}` : `{"a":${at},"b":"x${at}"}`,
  );
  const text = `${lines.join('\n')}\n`;
  const expected = lines.map((one) => {
    const { a, b } = JSON.parse(one) as { a: number; b: string };
    return [String(a), b];
  });
  const tables = [
    await ndjson.open(sourceOf(text, 1000), {}),
    await ndjson.open(sourceOf(text.replaceAll('"a"', '"c"'), 777), {}),
  ];
  const found = await Promise.all(tables.map((table) => packedRows(table, [0, 1])));
  for (const { rows, calls } of found) {
    expect(rows).toStrictEqual(expected);
    expect(calls.length).toBeLessThan(1000);
  }
});

test('as many shapes as lines are read all the same', async () => {
  const lines = Array.from(
    { length: 700 },
    (_, at) => `{${' '.repeat(at % 97)}"n${at % 50}":${at}, "id":null}`,
  );
  const table = await ndjson.open(sourceOf(`${lines.join('\n')}\n`, 5000), {});
  const rows = await byPacking(table);
  expect(rows.map(([, ...cells]) => cells.find((cell) => cell !== null))).toStrictEqual(
    lines.map((_, at) => String(at)),
  );
});
