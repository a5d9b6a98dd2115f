import { heldTo, type Limits, type Side, type Warning } from '../model/index.ts';

/**
 * Holds a size against a limit of the contract (SPEC §3): beyond it there is no verdict (`TOO_LARGE`),
 * and near it a warning. `what` is counted, `bytes` or `columns`.
 */
export function holdLimit(
  what: 'bytes' | 'columns',
  size: number,
  limit: Limits[typeof what],
  side: Side,
): readonly Warning[] {
  const message = heldTo(what, limit, size, `the copy has ${size} ${what}`, { side });
  return message === null ? [] : [{ code: 'NEAR_LIMIT', message, side, line: null }];
}

/** The names of its columns are cells as well. */
export function holdNames(columns: readonly string[], limit: number, side: Side): void {
  for (const name of columns) {
    const bytes = Buffer.byteLength(name);
    heldTo('cellBytes', limit, bytes, `the name of a column has ${bytes} bytes`, { side });
  }
}
