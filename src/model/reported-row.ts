import type { Side } from './kinds.ts';
import { createPool } from './pool.ts';
import type { ReportedRow } from './report.ts';
import type { RawRecord } from './table.ts';
import type { Cells } from './warning.ts';

/** Tells a record of a side as reports do. */
export type RowReporter = (
  record: Pick<RawRecord, 'record' | 'place' | 'shown'>,
  side: Side,
) => ReportedRow;

/** Tells records as reports do: these columns, in this order. */
export function createRowReporter(
  columns: readonly { readonly name: string; readonly index: number }[],
): RowReporter {
  const cells = columns.map(({ name, index }) => ({ index, of: createCells(name) }));
  return (record, side) => {
    const { line, text, numbered } = record.place;
    const values = cells.map(({ index, of }) => of(record.shown(index)));
    const row = { side, record: record.record, line, values };
    // Of most rows that is all, and there may be a million.
    if (text === `line ${line}` && numbered !== false) return row;
    return {
      ...row,
      ...(text === `line ${line}` ? {} : { place: text }),
      ...(numbered === false ? { numbered } : {}),
    };
  };
}

/** Cells of a column: a value that comes again is the cell that it was. */
function createCells(name: string): (value: string | null) => Cells[number] {
  const cellOf = createPool((value): Cells[number] => [name, value]);
  return (value) => (value === null ? [name, null] : cellOf(value));
}
