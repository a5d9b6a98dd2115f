import type { Dialect } from '../../model/index.ts';

const LF = 0x0a;
const CR = 0x0d;

/** The cells of one record, which are cut out when they are asked for. */
export interface SplitRow {
  readonly width: number;
  /** A cell's value, undefined where there is no cell. */
  readonly cell: (column: number) => Buffer | undefined;
}

/**
 * Splits the record that starts these bytes, which strict CSV was found in before: it judges
 * nothing, and takes a tenth of the parser's time for rows that are read again one by one.
 */
export function splitRow(bytes: Buffer, { delimiter, quote }: Dialect): SplitRow {
  const delimiterByte = delimiter.charCodeAt(0);
  const quoteByte = quote === null ? -1 : quote.charCodeAt(0);
  const ends: number[] = [];
  for (let at = 0; ; at += 1) {
    if (bytes[at] === quoteByte) at = quotedEnd(bytes, at, quoteByte);
    while (at < bytes.length && !endsCell(bytes[at]!, delimiterByte)) at += 1;
    ends.push(at);
    if (bytes[at] !== delimiterByte) break;
  }
  return {
    width: ends.length,
    cell(column) {
      const end = ends[column];
      if (end === undefined) return undefined;
      const start = column === 0 ? 0 : ends[column - 1]! + 1;
      return bytes[start] === quoteByte && start < end
        ? unquote(bytes.subarray(start + 1, end - 1), quoteByte)
        : bytes.subarray(start, end);
    },
  };
}

function endsCell(byte: number, delimiter: number): boolean {
  return byte === delimiter || byte === LF || byte === CR;
}

/** Index after the quote that closes the cell which opens at `at`. */
function quotedEnd(bytes: Buffer, at: number, quote: number): number {
  for (let from = at + 1; ;) {
    const found = bytes.indexOf(quote, from);
    if (found < 0) return bytes.length;
    if (bytes[found + 1] !== quote) return found + 1;
    from = found + 2;
  }
}

/** What stands between the quotes; two of them are one. */
function unquote(bytes: Buffer, quote: number): Buffer {
  if (!bytes.includes(quote)) return bytes;
  const plain = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    plain[length] = bytes[at]!;
    length += 1;
    if (bytes[at] === quote) at += 1;
  }
  return plain.subarray(0, length);
}
