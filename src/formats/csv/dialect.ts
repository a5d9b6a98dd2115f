import type { FormatOptions } from '../../model/index.ts';

/** How a CSV copy is written. */
export interface Dialect {
  /** One character. */
  readonly delimiter: string;
  /** One character; null: quotes mean nothing. */
  readonly quote: string | null;
  /**
   * What makes a quote in a quoted cell one of its characters; null: a quote before it. Without
   * quotes it makes characters of a delimiter, a line break and itself (Redshift's ESCAPE).
   */
  readonly escape: string | null;
  /** Lines that start with this character are no records; null: there are none. */
  readonly comment: string | null;
  /** Column names of a copy without a header line; null: the first record is the header. */
  readonly names: readonly string[] | null;
}

const rfc4180: Dialect = { delimiter: ',', quote: '"', escape: null, comment: null, names: null };

/** A dialect as a contract's `csv` says it, which was checked; what it leaves out is RFC 4180. */
export function dialectOf(options: FormatOptions): Dialect {
  const dialect: Dialect = { ...rfc4180, ...options };
  // A quote before a quote is what is usual.
  return dialect.escape === dialect.quote ? { ...dialect, escape: null } : dialect;
}

/** The byte of a sign that is one ASCII character, neither NUL nor a line end; else null. */
function plainByte(sign: string): number | null {
  const code = sign.length === 1 ? sign.charCodeAt(0) : 0;
  return code > 0 && code < 128 && code !== 0x0a && code !== 0x0d ? code : null;
}

function byteOf(sign: string | null): number | null {
  return sign === null ? -1 : plainByte(sign);
}

/** The signs of a dialect as bytes. */
export interface SignBytes {
  readonly delimiter: number;
  /** -1: quotes mean nothing. */
  readonly quote: number;
  /** -1: there are no comments. */
  readonly comment: number;
}

/**
 * The signs of a dialect whose records and cells can be told byte by byte: each is one ASCII byte,
 * no two are one, and a quote is escaped by a quote. Null for any other.
 */
export function signBytes({ delimiter, quote, escape, comment }: Dialect): SignBytes | null {
  const [separates, quotes, starts] = [byteOf(delimiter), byteOf(quote), byteOf(comment)];
  if (escape !== null || separates === null || quotes === null || starts === null) return null;
  if (separates === quotes || separates === starts) return null;
  if (starts >= 0 && starts === quotes) return null;
  return { delimiter: separates, quote: quotes, comment: starts };
}

/** The sign that takes the meaning of what separates, where nothing is quoted; null: none does. */
export function separatorEscape({
  quote,
  escape,
}: Pick<Dialect, 'quote' | 'escape'>): string | null {
  return quote === null ? escape : null;
}
