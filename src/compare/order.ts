import {
  byCodeUnits,
  findingKinds,
  type Cells,
  type Finding,
  type FindingSide,
} from '../model/index.ts';

const sides: Readonly<Record<FindingSide, number>> = { reviewed: 0, runtime: 1, across: 2 };

/**
 * The one order of findings (SPEC §2): kinds as in its table; keys element by element, by UTF-16
 * code units; sides reviewed, runtime, across; records without a key by side and record.
 */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    (a.kind === b.kind ? 0 : findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind)) ||
    compareKeys(a.key, b.key) ||
    sides[a.side] - sides[b.side] ||
    (a.rows[0]?.record ?? 0) - (b.rows[0]?.record ?? 0)
  );
}

/** Element by element; findings without a key are equal here. */
export function compareKeys(a: Cells | null, b: Cells | null): number {
  if (a === null || b === null) return 0;
  for (let index = 0; index < a.length; index += 1) {
    const order = byCodeUnits(a[index]?.[1] ?? '', b[index]?.[1] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** The same of the values of keys of the same columns. */
export function compareValues(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const order = byCodeUnits(a[index] ?? '', b[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}
