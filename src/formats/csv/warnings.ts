import type { FormatWarning, Oddities } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import type { Header } from './header.ts';
import { countLineEnds, type RecordPlace } from './lines.ts';

/** Collects what other CSV readers would read differently: the first place of each. */
export interface CsvWatch {
  /** Sees every chunk before its records are placed. */
  chunk(chunk: Uint8Array): void;
  /** Sees every record; `raw` gives its bytes. */
  record(place: RecordPlace, end: number, raw: () => Uint8Array): void;
  warnings(firstBlankLine: number | null): readonly FormatWarning[];
}

const BACKSLASH = 0x5c;

export function createCsvWatch(offset: number, dialect: Dialect): CsvWatch {
  let brokenLine: number | null = null;
  let backslashLine: number | null = null;
  /** Offset in the copy of the first backslash that stands before a quote. */
  let backslash: number | null = null;
  let seen = offset;
  let endsInBackslash = false;
  return {
    chunk(chunk) {
      if (dialect.quote === null || backslash !== null || chunk.length === 0) return;
      const quote = dialect.quote.charCodeAt(0);
      if (endsInBackslash && chunk[0] === quote) backslash = seen - 1;
      else {
        const at = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).indexOf(
          Buffer.from([BACKSLASH, quote]),
        );
        if (at >= 0) backslash = seen + at;
      }
      endsInBackslash = chunk.at(-1) === BACKSLASH;
      seen += chunk.length;
    },
    record(place, end, raw) {
      if (place.broken) brokenLine ??= place.line;
      if (backslash !== null && backslashLine === null && backslash < end) {
        // One in a comment line stands before the record: it is nobody's value.
        if (backslash < place.start) backslash = null;
        else backslashLine = place.line + countLineEnds(raw(), 0, backslash - place.start);
      }
    },
    warnings: (blankLine) =>
      bodyWarnings({ quotedLineBreak: brokenLine, backslashQuote: backslashLine, blankLine }),
  };
}

/** What a body's oddities say to other readers. */
export function bodyWarnings(oddities: Oddities): readonly FormatWarning[] {
  const { quotedLineBreak, backslashQuote, blankLine } = oddities;
  const found: FormatWarning[] = [];
  if (quotedLineBreak !== null) found.push(warning('QUOTED_LINE_BREAK', quotedLineBreak));
  if (backslashQuote !== null) found.push(warning('BACKSLASH_QUOTE', backslashQuote));
  if (blankLine !== null) found.push(warning('BLANK_LINE', blankLine));
  return found;
}

const messages = {
  BOM: 'the file starts with a byte order mark, which some readers take for part of the first column name',
  QUOTED_LINE_BREAK:
    'a quoted value holds a line break: Spark without multiLine, and line-based tools, see more rows',
  BACKSLASH_QUOTE:
    'a backslash stands before a quote: Spark and others read it as an escape, RFC 4180 does not',
  BLANK_LINE: 'a blank line is no record here, but an empty row to some readers',
  HEADER_CASE: 'column names that differ only by case are one column to Spark and SQL engines',
} as const;

/** A warning in the words of this format. */
export function warning(code: keyof typeof messages, line: number): FormatWarning {
  return { code, message: messages[code], line };
}

/** Warnings that the header alone gives. */
export function headerWarnings({
  columns,
  startLine,
  blankLine,
}: Pick<Header, 'columns' | 'startLine' | 'blankLine'>): readonly FormatWarning[] {
  const names = new Set(columns);
  const folded = new Set([...names].map((name) => name.toLowerCase()));
  const found = folded.size < names.size ? [warning('HEADER_CASE', startLine)] : [];
  return blankLine === null ? found : [...found, warning('BLANK_LINE', blankLine)];
}
