import {
  inSlices,
  KeydriftError,
  type FormatWarning,
  type RawRecord,
  type RecordSink,
  type RowPlace,
  type Table,
} from '../model/index.ts';

/** Records that a format can give by their number, one at a time. */
export interface NumberedRecords {
  readonly columns: readonly string[];
  readonly warnings: readonly FormatWarning[];
  /** How many there are. */
  readonly rows: number;
  /** Makes the record of a 1-based number the one whose cells are asked for. */
  select(record: number): void;
  /** A cell's text; null: it is null or absent; undefined: it is no text. */
  text(column: number): string | null | undefined;
  place(record: number): RowPlace;
  /** Called when nothing more is asked but single rows. */
  release?(): void;
}

/** The records of a copy that is at hand as a whole, as a table. */
export function tableOfRecords(records: NumberedRecords): Table {
  const view = createView(records);
  const read = (count: number, recordAt: (index: number) => number, sink: RecordSink) =>
    inSlices(
      count,
      (from, to) => {
        for (let index = from; index < to; index += 1) {
          view.select(recordAt(index));
          sink(view.record);
        }
      },
      recordsATurn,
    );
  return {
    columns: records.columns,
    warnings: records.warnings,
    lacking: 'empty',
    async read(sink) {
      await read(records.rows, (index) => index + 1, sink);
      return [];
    },
    reread: (wanted, sink) => read(wanted.length, (index) => wanted[index]!, sink),
    place: (record) => records.place(record),
    close() {
      records.release?.();
      return Promise.resolve();
    },
  };
}

/** Records that are given between two turns of the event loop. */
export const recordsATurn: number = 1 << 12;

/** The record that a sink is shown: one object for a whole copy, moved from record to record. */
export function createView(
  records: Pick<NumberedRecords, 'columns' | 'select' | 'text' | 'place'>,
): { readonly record: RawRecord; select(record: number): void } {
  let current = 0;
  const { columns } = records;
  const record: RawRecord = {
    get record() {
      return current;
    },
    get place() {
      return records.place(current);
    },
    width: columns.length,
    text(column) {
      const text = records.text(column);
      if (text === undefined) throw noText(records.place(current), current, columns[column] ?? '');
      return text ?? '';
    },
    isNull: (column) => records.text(column) === null,
    shown(column) {
      const text = records.text(column);
      return text === undefined ? '\uFFFD' : text;
    },
  };
  return {
    record,
    select(next) {
      current = next;
      records.select(next);
    },
  };
}

function noText(place: RowPlace, record: number, column: string): KeydriftError {
  return new KeydriftError(
    'INVALID_UTF8',
    `the value of ${JSON.stringify(column)} at ${place.text} is no text: it holds a NUL, half a character, or bytes that are no UTF-8`,
    {
      place: { record, ...(place.line === 0 ? {} : { line: place.line }) },
      hint: 'Save the file as UTF-8; a value that is no text cannot be compared.',
    },
  );
}

/**
 * The columns of flattened records that count. A member that is null in one record and nested in
 * another is no column of its own beside those of what is nested in it.
 */
export function countedColumns(
  columns: readonly string[],
  hasValue: (column: number) => boolean,
): readonly number[] {
  const parents = new Set<string>();
  for (const name of columns) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      parents.add(name.slice(0, dot));
    }
  }
  return columns.flatMap((name, column) =>
    hasValue(column) || !parents.has(name) ? [column] : [],
  );
}
