import { KeydriftError } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { locateCell } from './cells.ts';
import { countLineEnds, type LineFollower } from './lines.ts';
import type { CsvFault } from './parser.ts';

/** A parser's fault as an error that names the line and byte where the trouble begins. */
export function csvError(fault: CsvFault, follower: LineFollower, dialect: Dialect): KeydriftError {
  const { start, line } = follower.next();
  const raw = follower.bytes(start);
  const cell = locateCell(raw, dialect, fault.column);
  const opening = { line: line + countLineEnds(raw, 0, cell.start), byte: start + cell.start };
  const quote = dialect.quote ?? '"';
  switch (fault.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new KeydriftError(
        'CSV_UNCLOSED_QUOTE',
        `the quote that opens in line ${opening.line}, column ${fault.column + 1}, is never closed`,
        {
          place: opening,
          hint: `Close the quote, or write ${quote}${quote} where the value itself holds a quote.`,
        },
      );
    case 'CSV_INVALID_CLOSING_QUOTE': {
      const closing = closingQuote(raw, cell.start, quote.charCodeAt(0));
      const closingLine = line + countLineEnds(raw, 0, closing);
      return new KeydriftError(
        'CSV_TEXT_AFTER_QUOTE',
        `text stands after the closing quote of column ${fault.column + 1} in line ${closingLine}`,
        {
          place: { line: closingLine, byte: start + closing },
          hint: `Write ${quote}${quote} for a quote inside a quoted value (RFC 4180); a backslash does not escape it.`,
        },
      );
    }
    case 'INVALID_OPENING_QUOTE':
      return new KeydriftError(
        'CSV_STRAY_QUOTE',
        `a quote stands inside the unquoted value of column ${fault.column + 1} in line ${opening.line}`,
        {
          place: opening,
          hint: 'Quote the whole value and double the quotes in it, or say `csv: {quote: null}` in the contract if quotes mean nothing in this file.',
        },
      );
    default:
      return new KeydriftError(
        'INTERNAL',
        `the CSV parser stopped in line ${opening.line}: ${fault.code}`,
        { place: opening },
      );
  }
}

/** Index of the quote that closes the quoted cell which starts at `start`. */
function closingQuote(raw: Uint8Array, start: number, quote: number): number {
  let at = start + 1;
  while (at < raw.length && (raw[at] !== quote || raw[at + 1] === quote)) {
    at += raw[at] === quote ? 2 : 1;
  }
  return at;
}
