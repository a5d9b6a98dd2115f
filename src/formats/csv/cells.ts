import { type ByteRange } from '../../model/index.ts';
import { separatorEscape, type Dialect } from './dialect.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Text after the quote that closes a cell. */
export interface QuoteFault {
  /** 0-based. */
  readonly column: number;
  /** Index of the closing quote in the record's bytes. */
  readonly closing: number;
}

/** Walks the cells of a record's bytes, its line end among them or not. */
export interface CellWalker {
  /** Where cell `column` stands, quotes included; of a record with fewer cells the last one. */
  locate(this: void, raw: Uint8Array, column: number): ByteRange;
  /** The first text after a closing quote, or null. The parser takes it for a part of the cell. */
  findFault(this: void, raw: Uint8Array): QuoteFault | null;
}

export function createCellWalker(dialect: Dialect): CellWalker {
  const delimiter = Buffer.from(dialect.delimiter);
  const quote = dialect.quote === null ? null : Buffer.from(dialect.quote);
  const escape = dialect.escape === null ? quote : Buffer.from(dialect.escape);

  const outside = separatorEscape(dialect);
  const sign = outside === null ? null : Buffer.from(outside);

  /** Bytes of an escape sign and of what it stands before, where nothing is quoted; 0: none. */
  const escapedAt = (raw: Uint8Array, at: number): number => {
    if (sign === null || !isAt(raw, at, sign)) return 0;
    const next = at + sign.length;
    if (raw[next] === LF || raw[next] === CR) return sign.length + 1;
    const found = [delimiter, sign].find((one) => isAt(raw, next, one));
    return found === undefined ? 0 : sign.length + found.length;
  };

  /** Index of the quote that closes the cell which opens before `from`, or the bytes' end. */
  const closingOf = (raw: Uint8Array, from: number): number => {
    for (let at = from; at < raw.length; at += 1) {
      const next = at + (escape?.length ?? 0);
      if (
        isAt(raw, at, escape) &&
        (isAt(raw, next, quote) || (escape !== quote && isAt(raw, next, escape)))
      ) {
        at = next + quote!.length - 1;
      } else if (isAt(raw, at, quote)) return at;
    }
    return raw.length;
  };
  const walk = (
    raw: Uint8Array,
    see: (cell: ByteRange, column: number, closing: number | null) => boolean,
  ): void => {
    let at = 0;
    for (let column = 0; ; column += 1) {
      const start = at;
      let closing: number | null = null;
      if (isAt(raw, at, quote)) {
        closing = closingOf(raw, at + quote!.length);
        at = Math.min(raw.length, closing + quote!.length);
      }
      while (at < raw.length && !isAt(raw, at, delimiter) && raw[at] !== LF && raw[at] !== CR)
        at += escapedAt(raw, at) || 1;
      const isLast = !isAt(raw, at, delimiter);
      if (see({ start, end: at }, column, closing) || isLast) return;
      at += delimiter.length;
    }
  };
  return {
    locate(raw, wanted) {
      let found = { start: 0, end: raw.length };
      walk(raw, (cell, column) => {
        found = cell;
        return column === wanted;
      });
      return found;
    },
    findFault(raw) {
      let fault: QuoteFault | null = null;
      if (
        quote === null ||
        Buffer.from(raw.buffer, raw.byteOffset, raw.length).indexOf(quote) < 0
      ) {
        return fault;
      }
      walk(raw, ({ end }, column, closing) => {
        if (closing !== null && closing + quote.length < end) fault = { column, closing };
        return fault !== null;
      });
      return fault;
    },
  };
}

/** Whether a sign stands at `at`; null: there is no such sign. */
function isAt(raw: Uint8Array, at: number, sign: Uint8Array | null): boolean {
  return sign !== null && sign.every((byte, index) => raw[at + index] === byte);
}
