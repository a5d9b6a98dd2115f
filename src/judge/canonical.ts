import { plannedIndexes } from '../engine/index.ts';
import type { ScannedCopy } from './request.ts';

/** How the columns of a copy stand where it is written anew (SPEC §4, *canonical*). */
export interface CanonicalColumns {
  /** The copy's columns by the contract's names, in the copy's order. */
  readonly names: readonly string[];
  /** Their indexes, in the order in which they are written. */
  readonly order: readonly number[];
}

/** The reviewed copy's columns in its order, then the copy's others. */
export function canonicalColumns(
  { table, request: { rename } }: Pick<ScannedCopy, 'table' | 'request'>,
  reviewedColumns: readonly string[],
): CanonicalColumns {
  const inContract = new Map([...rename].map(([name, inFile]) => [inFile, name]));
  const names = table.columns.map((column) => inContract.get(column) ?? column);
  const known = reviewedColumns.map((name) => names.indexOf(name)).filter((index) => index !== -1);
  return { names, order: [...new Set([...known, ...names.keys()])] };
}

/** Whether each column that decides comes to the place that it has in the reviewed copy. */
export function comesToItsPlace(reviewed: ScannedCopy, runtime: ScannedCopy): boolean {
  const { order } = canonicalColumns(runtime, reviewed.table.columns);
  const before = plannedIndexes(reviewed.plan);
  return (
    order.length === reviewed.table.columns.length &&
    plannedIndexes(runtime.plan).every((index, at) => order.indexOf(index) === before[at])
  );
}
