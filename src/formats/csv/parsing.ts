/** Takes a record's cells and the number of bytes from the parser's start to the record's end. */
export type CellSink = (cells: readonly Buffer[], end: number) => void;

/** What a parser stopped at, as far as it tells. */
export interface CsvFault {
  readonly code: string;
  /** 0-based column that was being read. */
  readonly column: number;
}

/**
 * A parser for a dialect that hands records over while bytes are written to it.
 * Cells stay bytes (`encoding: null`): decoding is fatal, and only for the columns that decide.
 */
export interface CsvParser {
  /** Parses a chunk before it returns; a fault to come back from, or null. */
  write(chunk: Uint8Array): CsvFault | null;
  end(): Promise<CsvFault | null>;
  /** Cells of the record whose end was not seen yet. */
  openCells(): number;
}
