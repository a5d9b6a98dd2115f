import type {
  Cells,
  Finding,
  InvalidRow,
  KeyGroup,
  KeyRows,
  Policy,
  Side,
  UnitBounds,
  Variant,
} from '../model/index.ts';
import { findBounds, type SideTotals } from './bounds.ts';
import { compareFindings } from './order.ts';
import { markRespelled } from './respelled.ts';

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
}

/** Every fact of drift in what was confirmed, in the order of reports (SPEC §2). */
export function findFindings(comparison: Comparison): Finding[] {
  const findings = [
    ...comparison.keys.flatMap((group) => findKeyFindings(group, comparison)),
    ...comparison.invalid.map((row) => invalidFinding(row, comparison.policy)),
    ...findBounds(comparison),
  ];
  findings.sort(compareFindings);
  return markRespelled(findings);
}

function findKeyFindings(group: KeyGroup, comparison: Comparison): Finding[] {
  const { reviewed, runtime } = group;
  const both = comparison.reviewed !== null && comparison.runtime !== null;
  const found: Finding[] = [];
  const add = (
    kind: 'added' | 'removed' | 'duplicated' | 'conflict',
    side: Finding['side'],
    variants: readonly Variant[] = [],
  ): void => {
    found.push({
      kind,
      side,
      severity: comparison.policy[kind],
      key: toCells(comparison.keyColumns, group.key),
      fields: differingColumns(comparison.consumedColumns, variants),
      reason: null,
      rowCount: { reviewed: reviewed.count, runtime: runtime.count },
      rows: [...reviewed.shown, ...runtime.shown],
      respelled: null,
    });
  };
  if (both && reviewed.count === 0) add('added', 'runtime');
  if (both && runtime.count === 0) add('removed', 'reviewed');
  const bySide: readonly (readonly [Side, KeyRows])[] = [
    ['reviewed', reviewed],
    ['runtime', runtime],
  ];
  for (const [side, rows] of bySide) {
    if (rows.variants.length > 1) add('conflict', side, rows.variants);
    else if (rows.count > 1) add('duplicated', side);
  }
  const [one, other] = [reviewed.variants, runtime.variants];
  if (one.length === 1 && other.length === 1 && !sameValues(one[0]!, other[0]!)) {
    add('conflict', 'across', [one[0]!, other[0]!]);
  }
  return found;
}

function invalidFinding({ row, reason }: InvalidRow, policy: Policy): Finding {
  return {
    kind: 'invalid',
    side: row.side,
    severity: policy.invalid,
    key: null,
    fields: [],
    reason,
    rowCount: {
      reviewed: row.side === 'reviewed' ? 1 : 0,
      runtime: row.side === 'runtime' ? 1 : 0,
    },
    rows: [row],
    respelled: null,
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
