import { KeydriftError, type RawRecord } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { decodeText, findTextFault } from '../text.ts';
import { createCellWalker } from './cells.ts';
import { countLineEnds, type RecordStart } from './lines.ts';

/** A record's cells with its place and, for errors, its bytes. */
export interface CsvRecord extends RecordStart {
  readonly record: number;
  readonly width: number;
  /** A cell's value; undefined where there is no cell. */
  readonly cell: (column: number) => Buffer | undefined;
  /** The same as text, where that is known to be ASCII without NUL. */
  readonly ascii?: (column: number) => string | undefined;
  readonly raw: () => Uint8Array;
}

/** What a view shows that shows none: it holds nobody's. */
export const noRecord: CsvRecord = {
  record: 0,
  line: 0,
  start: 0,
  width: 0,
  cell: () => undefined,
  raw: () => new Uint8Array(),
};

/** The record that a sink is shown: one object for a whole file, moved from record to record. */
export function createRecordView(dialect: Dialect): RawRecord & { show(record: CsvRecord): void } {
  let current = noRecord;
  return {
    show(record) {
      current = record;
    },
    get record() {
      return current.record;
    },
    get place() {
      return { line: current.line, text: `line ${current.line}` };
    },
    get width() {
      return current.width;
    },
    text: (column) => current.ascii?.(column) ?? cellText(current, column, dialect),
    shown: (column) => current.ascii?.(column) ?? current.cell(column)?.toString('utf8') ?? null,
  };
}

/** A cell's text. Throws with the line and byte of the first byte that is none. */
export function cellText(record: CsvRecord, column: number, dialect: Dialect): string {
  const text = decodeText(record.cell(column) ?? Buffer.alloc(0));
  if (text !== null) return text;
  const raw = record.raw();
  const range = createCellWalker(dialect).locate(raw, column);
  const fault = findTextFault(raw.subarray(range.start, range.end)) ?? {
    code: 'INVALID_UTF8',
    at: 0,
  };
  const at = range.start + fault.at;
  const line = record.line + countLineEnds(raw, 0, at);
  const what = fault.code === 'NUL_BYTE' ? 'a NUL byte' : 'a byte that is no UTF-8';
  const where = record.record === 0 ? 'the header' : `record ${record.record}`;
  throw new KeydriftError(
    fault.code,
    `${what} stands in line ${line} (${where}, column ${column + 1}), at byte ${record.start + at}`,
    {
      place: { record: record.record, line, byte: record.start + at },
      hint:
        fault.code === 'NUL_BYTE'
          ? 'The file may be UTF-16, binary or a broken upload.'
          : 'Save the file as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 FILE',
    },
  );
}
