import {
  KeydriftError,
  defaultLimits,
  type FormatWarning,
  type ReadLimits,
  type RecordSink,
} from '../../model/index.ts';
import { kindBytes, refuseOtherKinds } from '../kind.ts';
import {
  createMeasure,
  mostCells,
  recordTooLarge,
  tooManyCells,
  type Measure,
  type MeasuredPlace,
} from '../measure.ts';
import { createPlaceIndex, type PlaceIndex } from '../places.ts';
import { resume } from '../resume.ts';
import { createCellWalker } from './cells.ts';
import type { Dialect } from './dialect.ts';
import { csvError, textAfterQuote } from './faults.ts';
import { readHeader } from './header.ts';
import { followLines } from './lines.ts';
import { createRecordView } from './record.ts';

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

/** Bytes of a copy's start that are kept, for what could be said of its header. */
const keptBytes = 4096;

/** The start of a copy, its byte order mark taken off. */
export interface CopyStart {
  readonly bom: boolean;
  /** The first bytes of the copy, the mark among them; a copy of them. */
  readonly start: Uint8Array;
  /** What was read of the bytes after the mark; what follows, the iterator has. */
  readonly read: Uint8Array;
}

/**
 * Looks at a copy's first bytes. Throws `INVALID_UTF8` for UTF-16, which is a wrong file; then the
 * iterator was ended.
 */
export async function readStart(iterator: AsyncIterator<Uint8Array>): Promise<CopyStart> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < kindBytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    // A chunk may be lent: it stands until the next one is asked for.
    head =
      head.length === 0 && value.length >= kindBytes ? viewOf(value) : Buffer.concat([head, value]);
  }
  if (isUtf16(head)) {
    await iterator.return?.();
    throw new KeydriftError('INVALID_UTF8', 'the file is UTF-16, not UTF-8 (its first two bytes)', {
      place: { line: 1, byte: 0 },
      hint: 'Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE',
    });
  }
  const start = Uint8Array.from(head.subarray(0, keptBytes));
  try {
    refuseOtherKinds(start);
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  const bom = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return { bom, start, read: bom ? head.subarray(3) : head };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function isUtf16(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
