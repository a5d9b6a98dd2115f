import type { RecordSink } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { createCellWalker } from './cells.ts';
import { csvError, textAfterQuote } from './faults.ts';
import { readHeader } from './header.ts';
import { followLines } from './lines.ts';
import { createCsvParser } from './parser.ts';
import { createPlaceIndex, type PlaceIndex } from '../places.ts';
import { createRecordView } from './record.ts';
import { readStart, resume } from './start.ts';

/** A copy read up to its body. */
export interface CsvBody {
  readonly columns: readonly string[];
  /** Byte offset, and 1-based line, at which the body starts. */
  readonly offset: number;
  readonly line: number;
  /** The bytes from `offset` on; whoever does not read them to the end calls `close`. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly head: CsvHead;
  /** The first bytes of the copy. */
  readonly start: Uint8Array;
  close(): Promise<void>;
}

/** What stands before a body. */
export interface CsvHead {
  readonly bom: boolean;
  /** The bytes after a byte order mark, up to the body. */
  readonly raw: Uint8Array;
}

/** Reads a copy up to its body; the header is the dialect's where it has names. */
export async function openBody(
  bytes: AsyncIterable<Uint8Array>,
  dialect: Dialect,
): Promise<CsvBody> {
  const { bom, start, rest } = await readStart(bytes);
  const offset = bom ? 3 : 0;
  const iterator = rest[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  if (dialect.names !== null) {
    const chunks = resume([], iterator);
    const head = { bom, raw: new Uint8Array() };
    return { columns: dialect.names, offset, line: 1, chunks, head, start, close };
  }
  try {
    const header = await readHeader(iterator, offset, dialect);
    const { columns, end, line, raw, unread } = header;
    const chunks = resume(unread, iterator);
    return { columns, offset: end, line, chunks, head: { bom, raw }, start, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a reading of a body found beside its records. */
export interface BodyFound {
  readonly places: PlaceIndex;
  /** Byte offset after the last byte. */
  readonly end: number;
}

/** Every record of a body, in file order. Chunks may be lent. */
export async function readBody(
  { offset, line, chunks }: Pick<CsvBody, 'offset' | 'line' | 'chunks'>,
  dialect: Dialect,
  sink: RecordSink,
): Promise<BodyFound> {
  const follower = followLines(offset, line, dialect);
  const { findFault } = createCellWalker(dialect);
  const view = createRecordView(dialect);
  const places = createPlaceIndex();
  const parser = createCsvParser(dialect, (cells, end) => {
    const place = follower.place(offset + end);
    const raw = (): Uint8Array => follower.bytes(place.start, offset + end);
    const misquoted = findFault(raw());
    if (misquoted !== null) throw textAfterQuote(misquoted, place, raw(), dialect);
    const { line: startLine, start } = place;
    places.add(start, startLine);
    const cell = (column: number): Buffer | undefined => cells[column];
    const { rows: record } = places;
    view.show({ record, line: startLine, start, width: cells.length, cell, raw });
    sink(view);
  });
  let end = offset;
  for await (const lent of chunks) {
    // The parser keeps what it has not read.
    const chunk = Buffer.from(lent);
    end += chunk.length;
    follower.push(chunk);
    const fault = parser.write(chunk);
    if (fault !== null) throw csvError(fault, follower, dialect);
  }
  const fault = await parser.end();
  if (fault !== null) throw csvError(fault, follower, dialect);
  return { places, end };
}
