import type { Signs } from './loose.ts';

/** How a text is read by the parser that Spark reads CSV with, univocity-parsers 2.9. */
export interface SparkText {
  readonly signs: Signs;
  /** What takes a quote's meaning; it may be the quote. */
  readonly escape: string;
  /** The line end that was found in the file first; null: the text is one line. */
  readonly separator: '\n' | '\r\n' | '\r' | null;
  /** Whether the file ends with this text: else a value that goes on beyond it is not known. */
  readonly isLast: boolean;
  /** Columns whose values nobody asked for, and that Spark leaves out while it cuts a line. */
  readonly isLeftOut?: (column: number) => boolean;
}

/** Rows of a text; open where it ends in a quoted value. */
export interface SparkRows {
  readonly rows: readonly (readonly string[])[];
  readonly open: boolean;
}

/** A line feed that is no line end of the file; it stands nowhere in Latin-1. */
const bareFeed = '\u0100';

/**
 * Rows of a text that starts where a record does, as univocity's CsvParser cuts it by Spark's settings:
 * it stops at the delimiter where a quote is not escaped, and makes line ends of the file line feeds,
 * in quotes too. Lines of nothing are left out. Null: the last record goes on after the text.
 */
export function cutAsSpark(text: string, how: SparkText): SparkRows | null {
  const { signs, escape, separator, isLast, isLeftOut = () => false } = how;
  const { delimiter, quote } = signs;
  const normal =
    separator === null || separator === '\n'
      ? text
      : text.replaceAll(/\r\n|\n|\r/g, (end) =>
          end === separator
            ? '\n'
            : end === '\n'
              ? bareFeed
              : end === '\r\n'
                ? `\n${bareFeed}`
                : end,
        );
  const signsHere = [delimiter, ...(quote === null ? [] : [quote, escape])];
  const rows: (readonly string[])[] = [];
  let cells: string[] = [];
  let value = '';
  let at = 0;
  // The sign that is looked at and, in quotes, the one before it; empty: none.
  let sign = '';
  let before = '';
  let isStray = false;

  /** False at the text's end: the sign stays. */
  function next(): boolean {
    if (at >= normal.length) return false;
    sign = signsHere.find((one) => normal.startsWith(one, at)) ?? normal[at]!;
    at += sign.length;
    return true;
  }
  const isFeed = (): boolean => sign === '\n' || sign === bareFeed;
  const isEnd = (): boolean => sign === delimiter || isFeed();
  const isSign = (): boolean => sign === quote || sign === escape;
  const isBlank = (): boolean => sign <= ' ' || sign === bareFeed;
  const take = (taken: string): void => {
    value += taken;
  };
  const end = (): void => {
    cells.push(value.replaceAll(bareFeed, '\n'));
    value = '';
  };

  /** Takes signs as they stand up to one that ends them; at the text's end the first one stays. */
  function takeUntil(isOver: () => boolean): boolean {
    const first = sign;
    while (!isOver()) {
      take(sign);
      if (next()) continue;
      sign = first;
      return false;
    }
    return true;
  }

  /** What an escape sign or a quote is in a value. */
  function takeSign(): 'taken' | 'stray' {
    if (sign === escape && before === escape && escape !== quote) {
      take(escape);
      sign = '';
    } else if (before === escape) {
      if (sign === quote) {
        take(quote);
        sign = '';
      } else take(before);
    } else if (sign === quote && before === quote) take(quote);
    else if (before === quote) return 'stray';
    return 'taken';
  }

  /** After a quote that is followed by an escape sign, values are no longer told apart. */
  function takeEscaping(): boolean {
    let depth = 0;
    take(quote!);
    before = sign;
    for (;;) {
      if (isEnd()) {
        if (depth === 0) return true;
        depth -= 1;
      } else if (sign !== quote && sign !== escape) {
        if (before === quote) {
          take(quote);
          before = sign;
          continue;
        }
        take(sign);
      } else if (takeSign() === 'stray') {
        depth += 1;
        take(quote!);
        before = sign;
        continue;
      }
      before = sign;
      if (!next()) return false;
    }
  }

  /** Takes what stands after a quote that was no closing one, up to the delimiter, with that quote. */
  function takeStray(blanks: string): boolean {
    value = `${quote!}${value}${quote!}${blanks}${sign}`;
    before = sign;
    return next() && takeUntil(isEnd);
  }

  /** Takes a quoted value up to its end; false at the text's end. */
  function takeQuoted(): boolean {
    before = '';
    if (!next()) return false;
    while (!(before === quote && (isBlank() || sign === delimiter))) {
      if (sign !== quote && sign !== escape) {
        if (before === quote) {
          isStray = true;
          return takeStray('');
        }
        if (before === escape) take(escape);
        if (!takeUntil(isSign)) return false;
      } else if (takeSign() === 'stray' && !takeEscaping()) return false;
      before = sign;
      if (!next()) return false;
    }
    if (isEnd()) return true;
    let blanks = '';
    do {
      blanks += sign;
      if (!next()) return false;
      if (isFeed()) return true;
    } while (isBlank() && sign !== delimiter);
    return sign === delimiter ? true : takeStray(blanks);
  }

  /** Where a quoted value that is left out ends by a shorter look; -1: it is read as any other. */
  function endOfLeftOut(): number {
    for (let from = at; ; from += 1) {
      from = normal.indexOf(quote!, from);
      if (from < 0) return -1;
      if (normal.startsWith(escape, from - escape.length)) continue;
      const after = from + quote!.length;
      return normal.startsWith(delimiter, after) ? after : -1;
    }
  }

  /** Takes a value from its first sign on, up to the sign after it; false at the text's end. */
  function takeValue(): boolean | 'unknown' {
    before = '';
    isStray = false;
    if (quote !== null && sign === quote) {
      const after = isLeftOut(cells.length) ? endOfLeftOut() : -1;
      if (after < 0) return takeQuoted();
      at = after;
      return next();
    }
    // Whether a bare line feed ends a value depends on how the file was cut into buffers.
    if (!takeUntil(() => isEnd())) return false;
    return sign === bareFeed ? 'unknown' : true;
  }

  /** The rows where the text ends before a record does. */
  function endEarly(): SparkRows | null {
    if (!isLast && separator !== null) return null;
    const isClosed = sign === quote && before === quote;
    if (sign === quote && !isClosed && !isStray) take(sign);
    end();
    return { rows: [...rows, cells], open: !isClosed && before !== '' };
  }

  while (next()) {
    while (!isFeed()) {
      if (sign !== delimiter) {
        const taken = takeValue();
        if (taken === 'unknown') return null;
        if (!taken) return endEarly();
      }
      end();
      if (isFeed()) break;
      if (!next()) return endEarly();
      if (isFeed()) end();
    }
    if (cells.length > 0) rows.push(cells);
    cells = [];
  }
  return { rows, open: false };
}
