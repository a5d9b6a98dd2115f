/** Which column rows are sorted by; none: the report's own order. */
export interface Sort {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}

/** What choosing a column leads to: ascending, then descending, then the report's order again. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, direction: 'ascending' };
  return sort.direction === 'ascending' ? { column, direction: 'descending' } : null;
}

/** The rows by a column; equal ones stay in the report's order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly {
    readonly id: string;
    readonly compare: (a: Row, b: Row) => number;
  }[],
  sort: Sort | null,
): readonly Row[] {
  const column = columns.find(({ id }) => id === sort?.column);
  if (sort === null || column === undefined) return rows;
  const turn = sort.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => turn * column.compare(a, b));
}
