import type { Dialect } from './plan.ts';
import type { Warning } from './report.ts';

/** One data record as it stands in a copy. Valid during the sink's call only. */
export interface RawRecord {
  /** 1-based number, the header not counted. */
  readonly record: number;
  /** 1-based physical line at which it starts. */
  readonly line: number;
  /** Byte offset at which it starts in the copy. */
  readonly start: number;
  /** How many cells it has. */
  readonly width: number;
  /** A cell's value. Throws `INVALID_UTF8` or `NUL_BYTE` with line and byte offset. */
  text(column: number): string;
  /** A cell to show to a person: what is no UTF-8 becomes U+FFFD; null where there is no cell. */
  shown(column: number): string | null;
}

/** What other readers of a file read differently; the side is the caller's to add. */
export type FormatWarning = Omit<Warning, 'side'>;

/** First lines of what other readers of a body read differently; null where it is nowhere. */
export interface Oddities {
  readonly quotedLineBreak: number | null;
  readonly backslashQuote: number | null;
  readonly blankLine: number | null;
}

/** A copy read up to its header. */
export interface OpenedTable {
  readonly columns: readonly string[];
  /** Byte offset, and 1-based line, at which the body starts. */
  readonly offset: number;
  readonly line: number;
  /** The bytes from `offset` on; whoever does not read it to the end calls `close`. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly warnings: readonly FormatWarning[];
  close(): Promise<void>;
}

/** Opens the row that starts a piece of bytes, which was read before; valid until the next one. */
export type RowOpener = (
  bytes: Uint8Array,
  place: Pick<RawRecord, 'record' | 'line' | 'start'>,
) => RawRecord;

/** A file format: bytes → records. Content faults are thrown as KeydriftErrors with their place. */
export interface Format {
  /** Reads up to the header, whose names are the dialect's where it has some. */
  open(chunks: AsyncIterable<Uint8Array>, dialect: Dialect): Promise<OpenedTable>;
  /** Every record of a body, in file order; resolves to what other readers read differently. */
  read(
    table: Pick<OpenedTable, 'body' | 'offset' | 'line'>,
    dialect: Dialect,
    sink: (record: RawRecord) => void,
  ): Promise<readonly FormatWarning[]>;
  /** Reads single rows of a body that was read without a fault. */
  rowReader(dialect: Dialect): RowOpener;
  /** The warnings of a body that another reader of this format has read. */
  warn(oddities: Oddities): readonly FormatWarning[];
}
