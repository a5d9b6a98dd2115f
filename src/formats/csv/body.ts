import {
  defaultLimits,
  type FormatWarning,
  type ReadLimits,
  type RecordSink,
} from '../../model/index.ts';
import {
  createMeasure,
  mostCells,
  recordTooLarge,
  tooManyCells,
  type Measure,
  type MeasuredPlace,
} from '../measure.ts';
import type { Dialect } from './dialect.ts';
import { createCellWalker } from './cells.ts';
import { csvError, textAfterQuote } from './faults.ts';
import { readHeader } from './header.ts';
import { followLines } from './lines.ts';
import { createPlaceIndex, type PlaceIndex } from '../places.ts';
import { createRecordView } from './record.ts';
import { resume } from '../resume.ts';
import { readStart } from './start.ts';

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
  limits: ReadLimits = defaultLimits,
): Promise<CsvBody> {
  const iterator = bytes[Symbol.asyncIterator]();
  const { bom, start, read } = await readStart(iterator);
  const offset = bom ? 3 : 0;
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  if (dialect.names !== null) {
    const chunks = resume([read], iterator);
    const head = { bom, raw: new Uint8Array() };
    return { columns: dialect.names, offset, line: 1, chunks, head, start, close };
  }
  try {
    const header = await readHeader(read, iterator, offset, dialect, limits);
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
  readonly warnings: readonly FormatWarning[];
}

/** Every record of a body, in file order. Chunks may be lent. */
export async function readBody(
  { offset, line, chunks }: Pick<CsvBody, 'offset' | 'line' | 'chunks'>,
  dialect: Dialect,
  sink: RecordSink,
  limits: ReadLimits = defaultLimits,
): Promise<BodyFound> {
  const { createCsvParser } = await import('./parser.ts');
  const follower = followLines(offset, line, dialect);
  const { findFault } = createCellWalker(dialect);
  const view = createRecordView(dialect);
  const places = createPlaceIndex();
  const measure = createMeasure(limits);
  const most = mostCells(limits);
  const parser = createCsvParser(dialect, (cells, end) => {
    const place = follower.place(offset + end);
    const raw = (): Uint8Array => follower.bytes(place.start, offset + end);
    const misquoted = findFault(raw());
    if (misquoted !== null) throw textAfterQuote(misquoted, place, raw(), dialect);
    const { line: startLine, start } = place;
    places.add(start, startLine);
    const size = offset + end - start;
    if (cells.length > most) throw tooManyCells(limits, placed(places.rows, startLine));
    if (size >= measure.nearRecord || size >= measure.nearCell) {
      measureRecord(measure, cells, size, placed(places.rows, startLine));
    }
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
    // What has no end yet is held as well: a quote that is never closed would take all memory.
    const { bytes, line: openLine } = follower.open();
    if (bytes > limits.recordBytes) {
      throw recordTooLarge(limits, placed(places.rows + 1, openLine));
    }
    if (parser.openCells() > most) throw tooManyCells(limits, placed(places.rows + 1, openLine));
  }
  const fault = await parser.end();
  if (fault !== null) throw csvError(fault, follower, dialect);
  return { places, end, warnings: measure.warnings() };
}

function placed(record: number, line: number): MeasuredPlace {
  return { text: `record ${record} (line ${line})`, record, line };
}

/** A record that may be near a limit, and the largest of its cells. */
function measureRecord(
  measure: Measure,
  cells: readonly Buffer[],
  size: number,
  at: MeasuredPlace,
): void {
  if (size >= measure.nearRecord) measure.record(size, at);
  for (const { length } of cells) if (length >= measure.nearCell) measure.cell(length, at);
}
