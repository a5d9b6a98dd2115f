import { isUtf8 } from 'node:buffer';
import { cutLoosely, type PlacedCell, type Signs } from './loose.ts';
import type { Reading } from './readers.ts';
import type { LineEnd } from './scan.ts';

/** A record, or a header, as readers are tried on it. Latin-1. */
export interface ReadRecord {
  /** Without its line end. */
  readonly text: string;
  /** As this page reads it. */
  readonly cells: readonly PlacedCell[];
  readonly signs: Signs;
  readonly comment: string | null;
  /** Null at the end of the file, and where it is of no interest. */
  readonly end: LineEnd;
  readonly firstEnd: LineEnd;
  /** Whether a blank line that ends in CR alone follows it. */
  readonly blankReturn: boolean;
  readonly fileBytes: number;
}

/**
 * The rows that a reader makes of a record; `stops`: it refuses the file; `astray`: what it makes of
 * it is not said by the record alone.
 */
export function rowsOf(
  reading: Reading,
  record: ReadRecord,
): readonly (readonly string[])[] | 'stops' | 'astray' {
  const { text, cells, signs, end, firstEnd } = record;
  if (doesStop(reading, record)) return 'stops';
  if (goesAstray(reading, record)) return 'astray';
  const rows = reading.joinsLines
    ? joinedRows(reading, text, signs)
    : lineRows(reading, text, signs);
  if (rows === 'astray') return rows;
  // A line feed alone ends the lines of this file: the return before one is text.
  const keepsReturn = reading.otherLineEnds === 'text' && end === 'CRLF' && firstEnd === 'LF';
  if (!keepsReturn || cells.at(-1)?.quoted === true) return rows;
  return rows.map((row, at) =>
    at === rows.length - 1 ? [...row.slice(0, -1), `${row.at(-1)}\r`] : row,
  );
}

function doesStop(
  { stopsAt, longestField, otherLineEnds, longestFileOfBrokenLines }: Reading,
  { text, cells, end, firstEnd, fileBytes }: ReadRecord,
): boolean {
  if (stopsAt.has('INVALID_UTF8') && !isUtf8(Buffer.from(text, 'latin1'))) return true;
  if (stopsAt.has('NUL_BYTE') && text.includes('\0')) return true;
  if (cells.some(({ value }) => value.length > longestField)) return true;
  if (fileBytes > longestFileOfBrokenLines && /[\r\n]/.test(text)) return true;
  return otherLineEnds === 'a fault' && end !== null && end !== firstEnd;
}

function goesAstray(
  {
    strayQuotes,
    otherLineEnds,
    comments,
    guessedComment,
    losesBlankReturns,
    lines,
    quotes,
    sniffs,
  }: Reading,
  { text, cells, signs: { quote }, comment, end, firstEnd, blankReturn }: ReadRecord,
): boolean {
  if (losesBlankReturns && blankReturn) return true;
  if (guessedComment !== null && text.startsWith(guessedComment)) return true;
  if (strayQuotes === 'unknown' && quote !== null) {
    if (cells.some(({ raw, quoted }) => !quoted && raw.includes(quote))) return true;
  }
  if (otherLineEnds === 'CR is text' && end === 'CR' && firstEnd !== 'CR') return true;
  // It knows the first line end of a file, and LF.
  const isOther = end !== null && end !== firstEnd;
  if (otherLineEnds === 'text' && isOther && (end === 'CR' || firstEnd === 'CR')) return true;
  // A sniffer may take the backslash for the escape, and then another table for this one.
  if (sniffs && quote !== null && cells.some(({ raw }) => raw.includes(`\\${quote}`))) return true;
  // A quote that nothing escapes makes a value end where its line does.
  if (lines === null && quotes === 'escaped' && quote !== null) {
    const doubled = quote + quote;
    if (cells.some(({ raw, quoted }) => quoted && breaksAfter(raw, quote, doubled))) return true;
  }
  if (comment === null || comments !== 'anywhere') return false;
  return cells.some(({ raw }) => raw.includes(comment));
}

/** Whether a line breaks in a quoted value after a doubled quote. */
function breaksAfter(raw: string, quote: string, doubled: string): boolean {
  const at = raw.indexOf(doubled, quote.length);
  return at >= 0 && /[\r\n]/.test(raw.slice(at));
}

/** Rows of a reader that takes each line by itself; a quote that is open at its end is closed. */
function lineRows(
  reading: Reading,
  text: string,
  signs: Signs,
): readonly (readonly string[])[] | 'astray' {
  const rows: (readonly string[])[] = [];
  for (const line of reading.lines === null ? [text] : text.split(reading.lines)) {
    if (isDropped(reading, line)) continue;
    const row = cutLoosely(line, signs, reading.quotes, reading.escape);
    if (row.open && reading.lines === null) return 'astray';
    rows.push(row.cells);
  }
  return rows;
}

/** Rows of a reader that goes on with the next line while a quote is open, without the line end. */
function joinedRows(
  reading: Reading,
  text: string,
  signs: Signs,
): readonly (readonly string[])[] | 'astray' {
  const rows: (readonly string[])[] = [];
  let open = '';
  for (const line of reading.lines === null ? [text] : text.split(reading.lines)) {
    const row = cutLoosely(open + line, signs, reading.quotes, reading.escape);
    if (row.open) {
      open += line;
      continue;
    }
    open = '';
    if (!isDropped(reading, line)) rows.push(row.cells);
  }
  return open === '' ? rows : 'astray';
}

function isDropped({ dropsBlankLines }: Reading, line: string): boolean {
  if (dropsBlankLines === 'none') return false;
  if (dropsBlankLines !== 'all') return line === '';
  // oxlint-disable-next-line no-control-regex -- what Java and pandas take for blank
  return /^[\x00-\x20]*$/.test(line);
}
