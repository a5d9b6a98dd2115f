import type {
  Dialect,
  Format,
  FormatWarning,
  OpenedTable,
  RawRecord,
  RowOpener,
} from '../../model/index.ts';
import { csvError } from './faults.ts';
import { readHeader } from './header.ts';
import { followLines } from './lines.ts';
import { createCsvParser } from './parser.ts';
import { createRecordView } from './record.ts';
import { createRowSplitter } from './row.ts';
import { readStart, resume } from './start.ts';
import { bodyWarnings, createCsvWatch, headerWarnings, warning } from './warnings.ts';

/**
 * RFC 4180 CSV on csv-parse: UTF-8 with or without a BOM; LF, CRLF and CR, also mixed. A line of
 * zero bytes is no record. Stricter than most readers: a stray quote is an error, not a guess.
 */
export const csv: Format = {
  open: openCsv,
  read: readCsv,
  rowReader: readRows,
  warn: bodyWarnings,
};

async function openCsv(chunks: AsyncIterable<Uint8Array>, dialect: Dialect): Promise<OpenedTable> {
  const { bom, rest } = await readStart(chunks);
  const offset = bom ? 3 : 0;
  const warnings = bom ? [warning('BOM', 1)] : [];
  const iterator = rest[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  if (dialect.names !== null) {
    const body = resume([], iterator);
    return { columns: dialect.names, offset, line: 1, body, warnings, close };
  }
  try {
    const header = await readHeader(iterator, offset, dialect);
    for (const one of headerWarnings(header)) warnings.push(one);
    const { columns, end, line, unread } = header;
    return { columns, offset: end, line, body: resume(unread, iterator), warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readCsv(
  table: Pick<OpenedTable, 'body' | 'offset' | 'line'>,
  dialect: Dialect,
  sink: (record: RawRecord) => void,
): Promise<readonly FormatWarning[]> {
  const { offset, line, body } = table;
  const follower = followLines(offset, line, dialect);
  const watch = createCsvWatch(offset, dialect);
  const view = createRecordView(dialect);
  let record = 0;
  const parser = createCsvParser(dialect, (cells, end) => {
    const place = follower.place(offset + end);
    const raw = (): Uint8Array => follower.bytes(place.start, offset + end);
    record += 1;
    watch.record(place, offset + end, raw);
    const { line: startLine, start } = place;
    const cell = (column: number): Buffer | undefined => cells[column];
    view.show({ record, line: startLine, start, width: cells.length, cell, raw });
    sink(view);
  });
  for await (const chunk of body) {
    follower.push(chunk);
    watch.chunk(chunk);
    const fault = parser.write(chunk);
    if (fault !== null) throw csvError(fault, follower, dialect);
  }
  const fault = await parser.end();
  if (fault !== null) throw csvError(fault, follower, dialect);
  follower.next();
  return watch.warnings(follower.firstBlankLine);
}

function readRows(dialect: Dialect): RowOpener {
  const view = createRecordView(dialect);
  const split = createRowSplitter(dialect);
  return (bytes, { record, line, start }) => {
    const { width, cell, ascii } = split(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    view.show({ record, line, start, width, cell, ascii, raw: () => bytes });
    return view;
  };
}
