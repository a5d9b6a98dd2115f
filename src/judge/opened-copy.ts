import type { FormatWarning, Table } from '../model/index.ts';
import type { ScanRequest } from './request.ts';

/** A pinned copy, opened by its format. */
export interface OpenedCopy {
  readonly table: Table;
  /** SHA-256 of the bytes as they stand, hex; once they were read to their end. */
  readonly sha256: () => string;
  /** What others may make of how it is written, besides the table's; once it was read. */
  readonly warnings: () => readonly FormatWarning[];
  /** Ends the table, and a stream that was not read to its end. */
  readonly close: () => Promise<void>;
  /**
   * What a content error is worth: reads what is left of the stream in which it was found, so that the
   * store's checksum speaks first. Throws what that says; else gives the error back.
   */
  readonly verified: (error: unknown) => Promise<unknown>;
}

/** What of a request says how a copy becomes a table. */
export type TableRequest = Pick<ScanRequest, 'formats' | 'written' | 'decoding' | 'limits'>;

/** Whether a copy is read from its start, or first where its format wants to look. */
export type HowToOpen = 'streamed' | 'by range';
