import type { Dialect } from './dialect.ts';
import { separatorEscape } from './dialect.ts';
import { quotedEnd, unescaped, unescapedOutside, unquotedCell } from './row.ts';

/**
 * Cells as other readers cut them. All text here is Latin-1: one character is one byte, so that
 * what is no UTF-8 can be told as well.
 */
export interface Signs {
  readonly delimiter: string;
  /** Null: quotes mean nothing. */
  readonly quote: string | null;
  /** What makes a quote in a quoted cell one of its characters; null: a quote before it. */
  readonly escape: string | null;
}

/** Signs as Latin-1. */
export function signsOf({ delimiter, quote, escape }: Dialect): Signs {
  const sign = (one: string | null): string | null => (one === null ? null : latin1(one));
  return { delimiter: latin1(delimiter), quote: sign(quote), escape: sign(escape) };
}

export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A cell as this page reads it, and as it stands. */
export interface PlacedCell {
  readonly raw: string;
  readonly value: string;
  readonly quoted: boolean;
}

/** Cuts a record by RFC 4180; a quote inside a cell that does not start with one is a character. */
export function cutCells(text: string, { delimiter, quote }: Signs): readonly PlacedCell[] {
  const cells: PlacedCell[] = [];
  for (let at = 0; ; at += delimiter.length) {
    const start = at;
    const quoted = quote !== null && text.startsWith(quote, at);
    if (quoted) at = closingQuote(text, at + quote.length, quote);
    const next = text.indexOf(delimiter, at);
    at = next < 0 ? text.length : next;
    const raw = text.slice(start, at);
    const value = quoted ? unquote(raw, quote) : raw;
    cells.push({ raw, value, quoted });
    if (next < 0) return cells;
  }
}

function unquote(raw: string, quote: string): string {
  const end = raw.endsWith(quote) ? -quote.length : undefined;
  return raw.slice(quote.length, end).replaceAll(quote + quote, quote);
}

/** Index after the quote that closes a cell whose text starts at `from`. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; ;) {
    const found = text.indexOf(quote, at);
    if (found < 0) return text.length;
    if (!text.startsWith(quote, found + quote.length)) return found + quote.length;
    at = found + 2 * quote.length;
  }
}

/** A record as it stands, with what follows it up to the next one: line ends, blank lines, comments. */
export interface CutRecord {
  readonly cells: readonly PlacedCell[];
  /** Characters up to its line end; a break in quotes ends nothing. */
  readonly length: number;
}

/** Cuts records as this page does, up to their line end. */
export function createRecordCutter(signs: Signs): (raw: string) => CutRecord {
  const { delimiter, quote, escape } = signs;
  const sign = escape ?? quote;
  const outside = separatorEscape(signs);
  const plain = unquotedCell(delimiter, outside);
  const unescapePlain = unescapedOutside(delimiter, outside);
  const unescape = unescaped(quote, sign);
  return (raw) => {
    const cells: PlacedCell[] = [];
    for (let at = 0; ; at += delimiter.length) {
      const start = at;
      const quoted = quote !== null && raw.startsWith(quote, at);
      const closed = quoted ? quotedEnd(raw, at, quote, sign!) : at;
      plain.lastIndex = closed;
      plain.test(raw);
      at = plain.lastIndex;
      const cell = raw.slice(start, at);
      const value = quoted ? unescape(inner(raw, start, closed, quote)) : unescapePlain(cell);
      cells.push({ raw: cell, value, quoted });
      if (!raw.startsWith(delimiter, at)) return { cells, length: at };
    }
  };
}

/** What stands between the quotes of a cell; one that is never closed has no last one. */
function inner(raw: string, start: number, closed: number, quote: string): string {
  const from = start + quote.length;
  return raw.slice(
    from,
    raw.endsWith(quote, closed) ? Math.max(from, closed - quote.length) : closed,
  );
}

/** A line as a reader cuts it. */
export interface LooseRow {
  readonly cells: readonly string[];
  /** Whether it ends inside quotes. */
  readonly open: boolean;
}

/**
 * Cuts a text that is one line to a reader as Python's csv module does: two quotes are one, and where
 * RFC 4180 has nothing to say, it goes on.
 */
export function cutLoosely(text: string, signs: Signs): LooseRow {
  const cells: string[] = [];
  const { delimiter, quote } = signs;
  for (let at = 0; ;) {
    if (quote === null || !text.startsWith(quote, at)) {
      const next = text.indexOf(delimiter, at);
      cells.push(text.slice(at, next < 0 ? undefined : next));
      if (next < 0) return { cells, open: false };
      at = next + delimiter.length;
      continue;
    }
    const cell = doubledCell(text, at, signs, quote);
    cells.push(cell.value);
    if (cell.end >= text.length) return { cells, open: cell.open };
    at = cell.end + delimiter.length;
  }
}

interface LooseCell {
  readonly value: string;
  /** Index of the delimiter after it, or the text's length. */
  readonly end: number;
  readonly open: boolean;
}

function doubledCell(text: string, start: number, { delimiter }: Signs, quote: string): LooseCell {
  let value = '';
  for (let at = start + quote.length; ;) {
    const found = text.indexOf(quote, at);
    if (found < 0) return { value: value + text.slice(at), end: text.length, open: true };
    value += text.slice(at, found);
    at = found + quote.length;
    if (text.startsWith(quote, at)) {
      value += quote;
      at += quote.length;
      continue;
    }
    const next = text.indexOf(delimiter, at);
    const end = next < 0 ? text.length : next;
    return { value: value + text.slice(at, end), end, open: false };
  }
}

/**
 * Cuts a record where an escape sign takes the meaning of any sign after it, in quotes or anywhere.
 * Null where it takes that of the record's end, or text follows a closing quote.
 */
export function cutEscaping(
  text: string,
  { delimiter, quote }: Signs,
  escape: string,
  where: 'anywhere' | 'in quotes',
): readonly string[] | null {
  const cells: string[] = [];
  let value = '';
  let state: 'start' | 'text' | 'quoted' | 'closed' = 'start';
  for (let at = 0; at < text.length; at += 1) {
    const isEscape = text.startsWith(escape, at);
    if (isEscape && (state === 'quoted' || (where === 'anywhere' && state !== 'closed'))) {
      at += escape.length;
      if (at >= text.length) return null;
      value += text[at]!;
      if (state === 'start') state = 'text';
    } else if (state === 'quoted') {
      if (quote !== null && text.startsWith(quote, at)) {
        state = 'closed';
        at += quote.length - 1;
      } else value += text[at]!;
    } else if (text.startsWith(delimiter, at)) {
      cells.push(value);
      value = '';
      state = 'start';
      at += delimiter.length - 1;
    } else if (state === 'closed') return null;
    else if (state === 'start' && quote !== null && text.startsWith(quote, at)) {
      state = 'quoted';
      at += quote.length - 1;
    } else {
      value += text[at]!;
      state = 'text';
    }
  }
  return state === 'quoted' ? null : [...cells, value];
}
