import type { Side } from './kinds.ts';
import type { ReportedRow } from './report.ts';
import type { RawRecord } from './table.ts';
import type { Cells } from './warning.ts';

/** Tells records as reports do: these columns, in this order. */
export function createRowReporter(
  side: Side,
  columns: readonly { readonly name: string; readonly index: number }[],
): (record: Pick<RawRecord, 'record' | 'place' | 'shown'>) => ReportedRow {
  const cells = columns.map(({ name, index }) => ({ index, of: createCells(name) }));
  return (record) => {
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

/** So many values of a column are told apart: one with more is not taken for one of few. */
const fewValues = 512;

/** Cells of a column: a value that comes again is the cell that it was, where there are few. */
function createCells(name: string): (value: string | null) => Cell {
  const known = new Map<string, Cell>();
  let isOpen = true;
  return (value) => {
    if (value === null || !isOpen) return [name, value];
    const found = known.get(value);
    if (found !== undefined) return found;
    const cell: Cell = [name, value];
    known.set(value, cell);
    if (known.size > fewValues) {
      isOpen = false;
      known.clear();
    }
    return cell;
  };
}

type Cell = Cells[number];
