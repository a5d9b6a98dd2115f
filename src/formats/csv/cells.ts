import type { Dialect } from './dialect.ts';

/** Half-open byte range in a record. */
export interface CellRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where cell `column` stands in a record's bytes, quotes included. It only walks what the parser
 * has read or refused, so that an error can name a byte; it decides nothing.
 */
export function locateCell(raw: Uint8Array, dialect: Dialect, column: number): CellRange {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const quote = dialect.quote === null ? -1 : dialect.quote.charCodeAt(0);
  let at = 0;
  for (let index = 0; ; index += 1) {
    const start = at;
    let quoted = raw[at] === quote;
    if (quoted) at += 1;
    for (; at < raw.length; at += 1) {
      const byte = raw[at];
      if (quoted && byte === quote) {
        if (raw[at + 1] === quote) at += 1;
        else quoted = false;
      } else if (!quoted && (byte === delimiter || byte === 0x0a || byte === 0x0d)) break;
    }
    if (index === column || raw[at] !== delimiter) return { start, end: at };
    at += 1;
  }
}
