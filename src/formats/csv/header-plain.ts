import { separatorEscape, type Dialect } from './dialect.ts';

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
