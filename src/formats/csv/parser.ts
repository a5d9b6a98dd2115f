import { Parser } from 'csv-parse';
import { finished } from 'node:stream/promises';
import { separatorEscape, type Dialect } from './dialect.ts';
import type { CellSink, CsvFault, CsvParser } from './parsing.ts';
import { createUnquotedParser } from './unquoted.ts';

/** Line ends are LF, CRLF and CR, also mixed: the library would guess one from the first record. */
const lineEnds = ['\r\n', '\n', '\r'];

export function createCsvParser(dialect: Dialect, sink: CellSink): CsvParser {
  // The library's escape sign has a meaning in quotes alone.
  if (separatorEscape(dialect) !== null) return createUnquotedParser(dialect, sink);
  const parser = new Parser({
    encoding: null,
    bom: false,
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    escape: dialect.escape ?? dialect.quote,
    // A quote inside a cell that does not start with one is a character like any other.
    relax_quotes: true,
    comment: dialect.comment,
    comment_no_infix: true,
    record_delimiter: lineEnds,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: (cells: unknown, context: { bytes: number }) => {
      // The library's types know only strings; without an encoding, cells are buffers.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      sink(cells as Buffer[], context.bytes);
      return null;
    },
  });
  // An error listener must exist, or the process ends; the fault itself is read from `errored`.
  let failed: Error | null = null;
  parser.on('error', (error: Error) => (failed = error));
  parser.resume();
  return {
    write(chunk) {
      parser.write(chunk);
      return toFault(parser.errored ?? failed);
    },
    openCells: () => openCellsOf(parser),
    async end() {
      parser.end();
      await finished(parser).catch(() => undefined);
      return toFault(parser.errored ?? failed);
    },
  };
}

function toFault(error: Error | null): CsvFault | null {
  if (error === null) return null;
  if (!('code' in error) || !('column' in error)) throw error;
  return { code: String(error.code), column: Number(error.column) };
}

/** The library's own list of cells: the only place that knows how many there are. */
function openCellsOf(parser: Parser): number {
  const state: unknown = Reflect.get(parser, 'state');
  const record: unknown =
    typeof state === 'object' && state !== null ? Reflect.get(state, 'record') : 0;
  return Array.isArray(record) ? record.length : 0;
}
