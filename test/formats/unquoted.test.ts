import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { sourceOf } from './memory.ts';

/* Files without quotes whose escape sign makes characters of what separates (Redshift ESCAPE). */

const dialect = { delimiter: '|', quote: null, escape: '\\', comment: null, names: null };
const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '|', '\\', '\n', '\r', '"', 'N', ' ') });

/** As the exporter writes it, or with signs before others left as they are. */
const written = (value: string): string => value.replace(/[|\\\n\r]/g, '\\$&');

test('what was escaped is read, in any pieces, and read again; lines are those of the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (rows, end, piece, isEnded) => {
        // A line of zero bytes is no record.
        const lines = rows.map((cells) => cells.map(written).join('|'));
        const text = ['x|y', ...lines].join(end) + (isEnded ? end : '');
        const table = await openCsvTable(sourceOf(text, piece), dialect);
        const found: unknown[] = [];
        const places: number[] = [];
        await table.read((record) => {
          expect(record.width).toBe(2);
          found.push([record.text(0), record.text(1)]);
          places.push(record.place.line);
        });
        expect(found).toStrictEqual(rows);
        const breaks = (part: string): number => part.match(/\r\n|\n|\r/g)?.length ?? 0;
        const before = (at: number): string => ['x|y', ...lines.slice(0, at), ''].join(end);
        expect(places).toStrictEqual(rows.map((_, at) => 1 + breaks(before(at))));
        const again: unknown[] = [];
        await table.reread(
          Uint32Array.from(rows, (_, at) => at + 1),
          (record) => {
            again.push([record.text(0), record.text(1)]);
          },
        );
        expect(again).toStrictEqual(rows);
      },
    ),
  );
});

test('before any other sign it is text; at the end of the copy, too', async () => {
  const table = await openCsvTable(sourceOf('x|y\n\\N|\\"a\\\\\n\nb|c\\', 3), dialect);
  const found: unknown[] = [];
  await table.read(
    (record) => void found.push([record.text(0), record.text(1), record.place.line]),
  );
  expect(found).toStrictEqual([
    ['\\N', '\\"a\\', 2],
    ['b', 'c\\', 4],
  ]);
});
