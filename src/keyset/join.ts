import type { RowTable } from './table.ts';

/** The rows of one key hash on each side, in file order: candidates for findings. */
export interface RowGroup {
  readonly reviewed: readonly number[];
  readonly runtime: readonly number[];
}

/**
 * Every key that is not exactly one row on each side with the same variant. With one side alone:
 * every key that it repeats.
 */
export function joinTables(reviewed: RowTable | null, runtime: RowTable | null): RowGroup[] {
  if (reviewed !== null && runtime !== null) return joinBoth(reviewed, runtime);
  const groups: RowGroup[] = [];
  const table = reviewed ?? runtime;
  if (table === null) return groups;
  for (const first of firstRows(table)) {
    if (table.isSingle(first)) continue;
    const rows = table.sameKey(first);
    groups.push(
      reviewed === null ? { reviewed: [], runtime: rows } : { reviewed: rows, runtime: [] },
    );
  }
  return groups;
}

function joinBoth(reviewed: RowTable, runtime: RowTable): RowGroup[] {
  const groups: RowGroup[] = [];
  for (const first of firstRows(reviewed)) {
    const match = runtime.find(reviewed, first);
    if (match >= 0 && reviewed.isSingle(first) && runtime.isSingle(match)) {
      if (reviewed.sameVariant(first, runtime, match)) continue;
    }
    groups.push({
      reviewed: reviewed.sameKey(first),
      runtime: match < 0 ? [] : runtime.sameKey(match),
    });
  }
  for (const first of firstRows(runtime)) {
    if (reviewed.find(runtime, first) >= 0) continue;
    groups.push({ reviewed: [], runtime: runtime.sameKey(first) });
  }
  return groups;
}

function* firstRows(table: RowTable): Generator<number> {
  for (let row = 0; row < table.rows; row += 1) if (table.isFirst(row)) yield row;
}
