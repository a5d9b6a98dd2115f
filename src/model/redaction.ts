import type { Cells } from './warning.ts';

/** Columns whose values are told as fingerprints only. */
export interface Redaction {
  /** By the contract's names. */
  readonly columns: ReadonlySet<string>;
  /** Those that the contract itself names: a copy has to have them. */
  readonly named: ReadonlySet<string>;
  /** What is told of a value: equal for equal values. */
  show(this: void, value: string): string;
}

/** Cells as they may be told; what is not there, and what is empty, is no secret. */
export function redactCells(cells: Cells, redaction: Redaction): Cells {
  return cells.map(([column, value]) =>
    value === null || value === '' || !redaction.columns.has(column)
      ? [column, value]
      : [column, redaction.show(value)],
  );
}
