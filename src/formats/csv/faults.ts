import { KeydriftError } from '../../model/index.ts';
import { delimiters, proposal } from './advice.ts';
import { createCellWalker, type QuoteFault } from './cells.ts';
import type { Dialect } from './dialect.ts';
import { countLineEnds, type LineFollower, type RecordStart } from './lines.ts';
import type { CsvFault } from './parsing.ts';

/** A parser's fault as an error that names the line and byte where the trouble begins. */
export function csvError(fault: CsvFault, follower: LineFollower, dialect: Dialect): KeydriftError {
  const { start, line } = follower.next();
  const raw = follower.bytes(start);
  const cell = createCellWalker(dialect).locate(raw, fault.column);
  const opening = { line: line + countLineEnds(raw, 0, cell.start), byte: start + cell.start };
  if (fault.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new KeydriftError(
      'CSV_UNCLOSED_QUOTE',
      `the quote that opens in line ${opening.line}, column ${fault.column + 1}, is never closed`,
      {
        place: opening,
        hint:
          escapeHint(raw, dialect) ??
          `Close the quote, or write ${quoteInCell(dialect)} where the value itself holds a quote.`,
      },
    );
  }
  return new KeydriftError(
    'INTERNAL',
    `the CSV parser stopped in line ${opening.line}: ${fault.code}`,
    { place: opening },
  );
}

/** The error of text after a closing quote in a record that starts somewhere. */
export function textAfterQuote(
  { column, closing }: QuoteFault,
  { start, line }: RecordStart,
  raw: Uint8Array,
  dialect: Dialect,
): KeydriftError {
  const closingLine = line + countLineEnds(raw, 0, closing);
  const after = String.fromCharCode(raw[closing + 1] ?? 0);
  const isOther = line === 1 && after !== dialect.delimiter && delimiters.includes(after);
  return new KeydriftError(
    'CSV_TEXT_AFTER_QUOTE',
    `text stands after the closing quote of column ${column + 1} in line ${closingLine}`,
    {
      place: { line: closingLine, byte: start + closing },
      hint: isOther
        ? proposal({ delimiter: after })
        : (escapeHint(raw, dialect) ??
          `Write ${quoteInCell(dialect)} for a quote inside a quoted value.`),
    },
  );
}

/**
 * What to say where a record's trouble may be that a backslash escapes its quotes; null: none stands
 * before one. Where a value ends in such a quote, the trouble is seen in a later value, or line.
 */
function escapeHint(raw: Uint8Array, { quote, escape }: Dialect): string | null {
  if (quote === null || escape !== null || !Buffer.from(raw).includes(`\\${quote}`)) return null;
  return 'A backslash escapes no quote in RFC 4180. Where it does in this file (Spark and MySQL write so), say `csv: {escape: "\\\\"}`.';
}

function quoteInCell({ quote, escape }: Dialect): string {
  return (escape ?? quote ?? '') + (quote ?? '"');
}
