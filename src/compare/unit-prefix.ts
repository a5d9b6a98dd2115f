import type { UnitScan } from '../model/index.ts';

/**
 * The prefix that a row of a unit scans: the template's columns replaced by their normalized
 * values. Null where there is no such column: another prefix would be the price of something else.
 */
export function unitPrefix(
  { prefix }: Pick<UnitScan, 'prefix'>,
  values: ReadonlyMap<string, string | null>,
): string | null {
  let filled = '';
  for (const piece of prefix) {
    const text = typeof piece === 'string' ? piece : values.get(piece.column);
    if (text === undefined || text === null) return null;
    filled += text;
  }
  return filled;
}
