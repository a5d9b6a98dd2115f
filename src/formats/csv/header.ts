import { KeydriftError, tooLarge, type ReadLimits } from '../../model/index.ts';
import { recordTooLarge } from '../measure.ts';
import { createCellWalker } from './cells.ts';
import { separatorEscape, type Dialect } from './dialect.ts';
import { csvError, textAfterQuote } from './faults.ts';
import { countLineEnds, followLines } from './lines.ts';
import type { CsvFault } from './parsing.ts';
import { cellText } from './record.ts';

/** A header is short and a chunk long: it is fed in small pieces, so that little is parsed twice. */
const pieceBytes = 256;

/** Reads what was read, and from an iterator, up to the first record that is neither blank nor a comment. */
export async function readHeader(
  read: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  offset: number,
  dialect: Dialect,
  limits: ReadLimits,
): Promise<Header> {
  const first: IteratorResult<Uint8Array> =
    read.length > 0 ? { value: read, done: false } : await iterator.next();
  const plain = first.done === true ? null : plainHeader(first.value, offset, dialect);
  return plain ?? parseHeader(first, iterator, offset, dialect, limits);
}

/** The same for whatever a header may be, from the first chunk on. */
async function parseHeader(
  first: IteratorResult<Uint8Array>,
  iterator: AsyncIterator<Uint8Array>,
  offset: number,
  dialect: Dialect,
  limits: ReadLimits,
): Promise<Header> {
  const { createCsvParser } = await import('./parser.ts');
  const follower = followLines(offset, 1, dialect);
  const pieces: Buffer[] = [];
  let header: Header | null = null;
  const parser = createCsvParser(dialect, (cells, ending) => {
    if (header !== null) return;
    const end = offset + ending;
    const { start, line } = follower.place(end);
    const raw = follower.bytes(start, end);
    const misquoted = createCellWalker(dialect).findFault(raw);
    if (misquoted !== null) throw textAfterQuote(misquoted, { start, line }, raw, dialect);
    const { length: width } = cells;
    const cell = (column: number): Buffer | undefined => cells[column];
    const record = { record: 0, line, start, width, cell, raw: () => raw };
    header = {
      columns: cells.map((_, column) => cellText(record, column, dialect)),
      end,
      line: line + countLineEnds(raw, 0, raw.length),
      raw: Buffer.concat(pieces).subarray(0, ending),
      unread: [follower.bytes(end).slice()],
    };
  });
  const check = (fault: CsvFault | null): Header | null => {
    if (header === null && fault !== null) throw csvError(fault, follower, dialect);
    return header;
  };
  for (let next = first; next.done !== true; next = await iterator.next()) {
    const chunk = next.value;
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      // The parser keeps what it has not read; a chunk may be lent.
      const piece = Buffer.from(chunk.subarray(at, at + pieceBytes));
      follower.push(piece);
      pieces.push(piece);
      const found = check(parser.write(piece));
      if (found !== null) return withUnread(found, chunk.subarray(at + pieceBytes));
      checkOpen(follower.open(), parser.openCells(), limits);
    }
  }
  const found = check(await parser.end());
  if (found === null) throw noHeader(follower.next().line);
  return found;
}

/** A header that does not end is held as records are. */
function checkOpen(
  { bytes, line }: { readonly bytes: number; readonly line: number },
  cells: number,
  limits: ReadLimits,
): void {
  const text = `the header (line ${line})`;
  if (bytes > limits.recordBytes) throw recordTooLarge(limits, { text, line });
  if (cells <= limits.columns) return;
  throw tooLarge('columns', limits.columns, `${text} has more than ${limits.columns} columns`, {
    line,
  });
}

function withUnread(header: Header, later: Uint8Array): Header {
  return { ...header, unread: [...header.unread, later] };
}

function noHeader(line: number): KeydriftError {
  return new KeydriftError('NO_HEADER', 'the file has no header: there is no record in it', {
    place: { line },
    hint: 'An empty support file still needs its header line; a file of zero bytes is a broken upload.',
  });
}

/** A header, and where the body after it begins. */
export interface Header {
  readonly columns: readonly string[];
  /** Byte offset and line of the byte after it. */
  readonly end: number;
  readonly line: number;
  /** The bytes up to there. */
  readonly raw: Uint8Array;
  /** What was read from there on; valid until the next chunk is asked for. */
  readonly unread: readonly Uint8Array[];
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * The header of a copy whose first line needs no parser: printable ASCII, no quote, its end in this
 * first chunk. Null for any other, which the parser reads; to start it takes longer than this.
 */
export function plainHeader(chunk: Uint8Array, offset: number, dialect: Dialect): Header | null {
  const { delimiter, quote, comment } = dialect;
  const quoteByte = quote === null ? -1 : quote.charCodeAt(0);
  const delimiterByte = delimiter.charCodeAt(0);
  if (comment !== null || delimiterByte > 0x7e || separatorEscape(dialect) !== null) return null;
  let at = 0;
  for (; at < chunk.length && chunk[at] !== LF && chunk[at] !== CR; at += 1) {
    const byte = chunk[at]!;
    const isPlain = byte === delimiterByte || (byte >= 0x20 && byte <= 0x7e);
    if (!isPlain || byte === quoteByte) return null;
  }
  // A blank line is no header; and whether LF comes after a CR, the next chunk may have to say.
  if (at === 0 || at + 1 >= chunk.length) return null;
  const end = at + (chunk[at] === CR && chunk[at + 1] === LF ? 2 : 1);
  return {
    columns: Buffer.from(chunk.buffer, chunk.byteOffset, at).toString('latin1').split(delimiter),
    end: offset + end,
    line: 2,
    // A chunk may be lent, and a Buffer's own slice is no copy.
    raw: Uint8Array.from(chunk.subarray(0, end)),
    unread: [chunk.subarray(end)],
  };
}
