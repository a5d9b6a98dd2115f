import type { CanonicalColumns } from '../model/index.ts';
import type { ScannedCopy } from './request.ts';

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
