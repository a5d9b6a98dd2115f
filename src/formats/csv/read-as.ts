import { isUtf8 } from 'node:buffer';
import { cutEscaping, cutLoosely, type LooseRow, type PlacedCell, type Signs } from './loose.ts';
import { anyLines, type Reading } from './readers.ts';
import type { LineEnd } from './scan.ts';
import { lineEnds, type Separator } from './line-ends.ts';
import { cutAsSpark } from './univocity.ts';

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
  /** What follows it up to the next one: line ends, blank lines, comments; none at the file's end. */
  readonly after: string;
  /** The first line end of the file, wherever it stands. */
  readonly separator: Separator;
  /** Whether a column decides. */
  readonly isNeeded: (column: number) => boolean;
  readonly fileBytes: number;
}

/**
 * What a reader makes of a record: rows; `alike`: one, of this page's cells; `stops`: it refuses the
 * file; `astray`: what it makes of it is not said by the record alone.
 */
export type Made = readonly (readonly string[])[] | 'alike' | 'stops' | 'astray';

/** What each of these readings makes of a record. Those that cut it alike, cut it once. */
export function createReaders(
  readings: readonly Reading[],
): (record: ReadRecord) => readonly Made[] {
  const names = readings.map(cutName);
  const firsts = names.map((name) => names.indexOf(name));
  return (record) => {
    const seen = lookAt(record);
    const rows: Made[] = [];
    return readings.map((reading, at): Made => {
      if (doesStop(reading, record, seen)) return 'stops';
      if (goesAstray(reading, record, seen)) return 'astray';
      return (rows[firsts[at]!] ??= oneOf(rows, rowsOf(reading, record, seen)));
    });
  };
}

/** The same as it stands among others, where it does: equal ones are one. */
function oneOf(others: readonly Made[], made: Made): Made {
  if (typeof made === 'string') return made;
  return others.find((other) => typeof other === 'object' && isSame(other, made)) ?? made;
}

function isSame(
  one: readonly (readonly string[])[],
  other: readonly (readonly string[])[],
): boolean {
  return (
    one.length === other.length &&
    one.every((row, at) => {
      const same = other[at]!;
      return row.length === same.length && row.every((cell, place) => cell === same[place]);
    })
  );
}

/** Names all that decides how a reading cuts a record into rows: see `rowsOf`. */
function cutName(reading: Reading): string {
  const known = cutNames.get(reading);
  if (known !== undefined) return known;
  const { lines, joinsLines, quotes, escape, escapes, dropsBlankLines, streams } = reading;
  const cut = [lines?.source, joinsLines, quotes, escape, escapes];
  const name = JSON.stringify([...cut, dropsBlankLines, streams]);
  cutNames.set(reading, name);
  return name;
}

const cutNames = new WeakMap<Reading, string>();

/** What stands in a record, as far as readings ask for it. */
interface Seen {
  readonly isText: boolean;
  readonly hasNul: boolean;
  /** Characters of the longest value. */
  readonly longest: number;
  readonly breaks: boolean;
  readonly strayQuote: boolean;
  readonly escapedQuote: boolean;
  readonly comment: boolean;
}

const isAscii = /^[^\x80-\xff]*$/;

/** Whether bytes are UTF-8. */
export function isUtf8Text(text: string): boolean {
  return isAscii.test(text) || isUtf8(Buffer.from(text, 'latin1'));
}

function lookAt({ text, cells, signs: { quote }, comment }: ReadRecord): Seen {
  const breaks = /[\r\n]/.test(text);
  const quotes = quote !== null && text.includes(quote);
  const some = (test: (cell: PlacedCell) => boolean): boolean => cells.some(test);
  return {
    isText: isUtf8Text(text),
    hasNul: text.includes('\0'),
    longest: cells.reduce((most, { value }) => Math.max(most, value.length), 0),
    breaks,
    strayQuote: quotes && some(({ raw, quoted }) => !quoted && raw.includes(quote)),
    escapedQuote: quotes && some(({ raw }) => raw.includes(`\\${quote}`)),
    comment: comment !== null && some(({ raw }) => raw.includes(comment)),
  };
}

function doesStop(
  { stopsAt, longestField, longestRecord, otherLineEnds, longestFileOfBrokenLines }: Reading,
  { text, end, firstEnd, fileBytes }: ReadRecord,
  seen: Seen,
): boolean {
  if (!seen.isText && stopsAt.has('INVALID_UTF8')) return true;
  if (seen.hasNul && stopsAt.has('NUL_BYTE')) return true;
  if (seen.longest > longestField || text.length > longestRecord) return true;
  if (seen.breaks && fileBytes > longestFileOfBrokenLines) return true;
  return otherLineEnds === 'a fault' && end !== null && end !== firstEnd;
}

function goesAstray(reading: Reading, record: ReadRecord, seen: Seen): boolean {
  const { otherLineEnds, guessedComment } = reading;
  const { text, end, firstEnd } = record;
  if (reading.losesBlankReturns && /[\r\n]\r(?!\n)/.test(record.after)) return true;
  if (guessedComment !== null && text.startsWith(guessedComment)) return true;
  if (seen.strayQuote && reading.strayQuotes === 'unknown') return true;
  if (otherLineEnds === 'CR is text' && end === 'CR' && firstEnd !== 'CR') return true;
  // A sniffer may take the backslash for the escape, and then another table for this one.
  if (reading.sniffs && seen.escapedQuote && record.signs.escape === null) return true;
  return seen.comment && reading.comments === 'anywhere';
}

function rowsOf(reading: Reading, record: ReadRecord, seen: Seen): Made {
  const { text, cells, signs } = record;
  const { lines } = reading;
  if (reading.quotes === 'escaped') return sparkRows(reading, record, seen);
  const { escape } = signs;
  const isWhole = lines === null || (lines === anyLines ? !seen.breaks : !lines.test(text));
  if (escape !== null) {
    const escaping = escapingRows(reading, record, escape, isWhole);
    if (escaping !== null) return escaping;
  } else if (isWhole) {
    return isDropped(reading, text) ? [] : 'alike';
  }
  if (escape === null && !isWhole && reading.joinsLines) {
    const isIn = ({ quoted, raw }: PlacedCell): boolean => quoted || !lines.test(raw);
    // Breaks in quotes alone are left out of their values.
    if (cells.every(isIn) && !lines.test(signs.delimiter)) {
      return [cells.map(({ quoted, value }) => (quoted ? value.split(lines).join('') : value))];
    }
  }
  return joinedRows(reading, isWhole ? [text] : text.split(lines), signs);
}

/** Rows of a reader with Spark's parser; a dialect's escape sign is its own one. */
function sparkRows(reading: Reading, record: ReadRecord, seen: Seen): Made {
  const { text, cells, signs, comment, after, separator, isNeeded } = record;
  const escape = signs.escape ?? reading.escape;
  if (!seen.breaks && isPlain(reading, record, escape)) {
    return isDropped(reading, text) ? [] : 'alike';
  }
  if (reading.escapes === 'as here, or unknown' && signs.escape !== null) {
    if (!cells.every((cell) => isPaired(cell, signs, escape))) return 'astray';
  }
  if (reading.streams) {
    // Where all lines end alike, it leaves comments out.
    if (comment !== null && record.end !== record.firstEnd) return 'astray';
    const rest = comment === null ? after : lineEnds[record.firstEnd ?? 'LF'];
    const isLast = after === '';
    return cutAsSpark(text + rest, { signs, escape, separator, isLast })?.rows ?? 'astray';
  }
  const rows: (readonly string[])[] = [];
  for (const line of text.split(anyLines)) {
    if (isDropped(reading, line)) continue;
    const how = { signs, escape, separator: null, isLast: true };
    const isLeftOut = (column: number): boolean => reading.leavesOut && !isNeeded(column);
    rows.push(cutAsSpark(line, { ...how, isLeftOut })!.rows[0] ?? ['']);
  }
  return rows;
}

/** Whether nothing stands in a record of one line that Spark's parser could take otherwise. */
function isPlain(
  { streams, leavesOut }: Reading,
  { text, cells, signs: { delimiter, quote }, after, separator }: ReadRecord,
  escape: string,
): boolean {
  if (streams && after !== '' && after !== separator) return false;
  const doubles = escape === quote;
  if (quote === null) return true;
  if (!doubles && text.includes(escape)) return false;
  return cells.every(({ raw, value, quoted }) => {
    if (!doubles) return !quoted || !value.includes(quote);
    // A quote before the delimiter, where it closes nothing, is taken for the end of a value that is left out.
    return !leavesOut || !(quoted ? value.startsWith(delimiter) : raw.endsWith(quote));
  });
}

/**
 * The same by a dialect with an escape sign; null: as the reader cuts a text where `escape` is its
 * own. What it makes of a text whose lines it cuts first is not said.
 */
function escapingRows(
  reading: Reading,
  { text, cells, signs }: ReadRecord,
  escape: string,
  isWhole: boolean,
): Made | null {
  if (isWhole && isDropped(reading, text)) return [];
  if (!text.includes(escape)) return isWhole ? 'alike' : null;
  switch (reading.escapes) {
    case 'as here':
      return isWhole ? 'alike' : null;
    case 'as here, or unknown':
      return cells.every((cell) => isPaired(cell, signs, escape)) ? null : 'astray';
    case 'nothing':
      // It ends a value at a quote that is escaped.
      return cells.some((cell) => cell.quoted && cell.value.includes(signs.quote!))
        ? 'astray'
        : [cells.map((cell) => asItStands(cell, signs))];
    case 'anywhere':
    case 'in quotes': {
      const row = isWhole ? cutEscaping(text, signs, escape, reading.escapes) : null;
      return row === null ? 'astray' : [row];
    }
  }
}

/** A cell's value with its escape signs as text. */
function asItStands({ raw, quoted }: PlacedCell, { quote }: Signs): string {
  return quoted && quote !== null ? raw.slice(quote.length, -quote.length) : raw;
}

/** Whether every escape sign of a cell stands in quotes, before a quote or another one. */
function isPaired({ raw, quoted }: PlacedCell, { quote }: Signs, escape: string): boolean {
  if (!raw.includes(escape)) return true;
  const pairs = raw.replaceAll(escape + escape, '').replaceAll(`${escape}${quote}`, '');
  return quoted && !pairs.includes(escape);
}

/** Rows of a reader that goes on with the next line while a quote is open, without the line end. */
function joinedRows(
  reading: Reading,
  lines: readonly string[],
  signs: Signs,
): readonly (readonly string[])[] | 'astray' {
  const rows: (readonly string[])[] = [];
  let open = '';
  for (const line of lines) {
    const row = cutLine(open + line, signs);
    if (row.open) {
      open += line;
      continue;
    }
    open = '';
    if (!isDropped(reading, line)) rows.push(row.cells);
  }
  return open === '' ? rows : 'astray';
}

/** A line as a reader cuts it; a dialect's escape sign is that of every reader that has one. */
function cutLine(line: string, signs: Signs): LooseRow {
  if (signs.escape === null) return cutLoosely(line, signs);
  const { rows, open } = cutAsSpark(line, {
    signs,
    escape: signs.escape,
    separator: null,
    isLast: true,
  })!;
  return { cells: rows[0] ?? [''], open };
}

function isDropped({ dropsBlankLines }: Reading, line: string): boolean {
  if (dropsBlankLines === 'none') return false;
  if (dropsBlankLines !== 'all') return line === '';
  // oxlint-disable-next-line no-control-regex -- what Java and pandas take for blank
  return /^[\x00-\x20]*$/.test(line);
}
