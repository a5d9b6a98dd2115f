import type {
  Cells,
  InvalidRow,
  KeyGroup,
  Policy,
  UnitBounds,
  ReportedRow,
  RowCount,
  SingleUnits,
} from '../model/index.ts';
import type { AmbiguousRows } from './ambiguous.ts';

/** A unit that both copies have and that stands in another order. */
export interface MovedUnit {
  /** Normalized, in contract order. */
  readonly key: readonly string[];
  readonly rowCount: RowCount;
  /** Its first row on each side. */
  readonly rows: readonly ReportedRow[];
}

/** What a side holds; rows = units + redundant + invalid (SPEC §2). */
export interface SideTotals {
  readonly rows: number;
  readonly units: number;
  readonly invalid: number;
}

/** What the comparison judges: confirmed keys and records, and the contract's words about them. */
export interface Comparison {
  /** Names in contract order. */
  readonly keyColumns: readonly string[];
  readonly consumedColumns: readonly string[];
  readonly keys: readonly KeyGroup[];
  /** Units beside these that one copy alone has; left out or null: none were packed. */
  readonly singles?: SingleUnits | null;
  readonly invalid: readonly InvalidRow[];
  /** Null: this side is not judged, and the other one by itself alone. */
  readonly reviewed: SideTotals | null;
  readonly runtime: SideTotals | null;
  readonly units: UnitBounds;
  readonly maxAmplification: number | null;
  readonly policy: Policy;
  /** Whether an added key may be a removed one spelled otherwise; left out: it may. */
  readonly mayBeRespelled?: boolean;
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
