import fc from 'fast-check';
import { findFindings } from '../../src/compare/findings.ts';
import {
  strictPolicy,
  type Finding,
  type KeyGroup,
  type KeyRows,
  type Policy,
} from '../../src/model/index.ts';

/** A row of a small table: its key and its one consumed value. */
export type Row = readonly [key: string, mode: string];

/** Few keys and values, so that every kind of finding comes up. */
export const tables: fc.Arbitrary<readonly Row[]> = fc.array(
  fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('x', 'y')),
  { maxLength: 7 },
);

export const keyColumns: readonly string[] = ['id'];
export const consumedColumns: readonly string[] = ['mode'];

/** Every key of two tables, as the keyset confirms them. */
export function groupsOf(reviewed: readonly Row[], runtime: readonly Row[]): readonly KeyGroup[] {
  const keys = [...new Set([...reviewed, ...runtime].map(([key]) => key))].toSorted();
  return keys.map((key) => ({
    key: [key],
    reviewed: rowsOf(reviewed, key),
    runtime: rowsOf(runtime, key),
  }));
}

function rowsOf(rows: readonly Row[], key: string): KeyRows {
  const modes = rows.filter(([id]) => id === key).map(([, mode]) => mode);
  const variants = [...new Set(modes)].map((mode) => ({
    values: [mode],
    rows: modes.filter((other) => other === mode).length,
  }));
  return { count: modes.length, variants, shown: [] };
}

/** The findings of two tables. */
export function findingsOf(
  keys: readonly KeyGroup[],
  policy: Policy = strictPolicy,
): Promise<readonly Finding[]> {
  const totals = { rows: 1, units: 1, invalid: 0 };
  return findFindings({
    keyColumns,
    consumedColumns,
    keys,
    invalid: [],
    reviewed: totals,
    runtime: totals,
    units: { min: 0, max: null },
    maxAmplification: null,
    policy,
  });
}
