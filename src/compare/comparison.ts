import type { Cells, InvalidRow, KeyGroup, Policy, UnitBounds, Variant } from '../model/index.ts';
import type { AmbiguousRows } from './ambiguous.ts';
import type { SideTotals } from './bounds.ts';
import type { MovedUnit } from './moved.ts';

/** What the comparison judges: confirmed keys and records, and the contract's words about them. */
export interface Comparison {
  /** Names in contract order. */
  readonly keyColumns: readonly string[];
  readonly consumedColumns: readonly string[];
  readonly keys: readonly KeyGroup[];
  readonly invalid: readonly InvalidRow[];
  /** Null: this side is not judged, and the other one by itself alone. */
  readonly reviewed: SideTotals | null;
  readonly runtime: SideTotals | null;
  readonly units: UnitBounds;
  readonly maxAmplification: number | null;
  readonly policy: Policy;
  /** Units in another order, as many as are listed; left out: the order does not count. */
  readonly moved?: readonly MovedUnit[];
  /** What readers of the runtime copy take otherwise; left out: none was named. */
  readonly ambiguous?: {
    readonly hazards: readonly AmbiguousRows[];
    /** Readers that were named themselves, and not by `all`. */
    readonly named: readonly string[];
  };
}

/** Names paired with values. */
export function toCells(columns: readonly string[], values: readonly string[]): Cells {
  return columns.map((column, index) => [column, values[index] ?? null] as const);
}

/** The columns in which some of these variants differ, in contract order. */
export function differingColumns(
  columns: readonly string[],
  variants: readonly Variant[],
): readonly string[] {
  const [first, ...others] = variants;
  if (first === undefined) return [];
  return columns.filter((_, index) =>
    others.some(({ values }) => values[index] !== first.values[index]),
  );
}

export function sameValues(a: Variant, b: Variant): boolean {
  return a.values.every((value, index) => value === b.values[index]);
}
