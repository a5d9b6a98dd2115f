import { areComparable, type KeySet } from './keyset.ts';
import { probedRows, repeatedRows, TABLE, unlikeRows, type KernelKeySet } from './kernel/table.ts';
import type { ReferenceTable } from './table.ts';

/** Rows that a comparison must look at, ascending: candidates for findings, and invalid ones. */
export interface Candidates {
  readonly reviewed: Uint32Array;
  readonly runtime: Uint32Array;
}

/** The rows of every key that is not exactly one row on each side with the same variant. */
export function joinKeySets(reviewed: KeySet, runtime: KeySet): Candidates {
  if (!areComparable(reviewed, runtime)) throw new Error('keysets of two engines were joined');
  if (reviewed.engine === 'kernel') {
    const unlike = unlikeRows(reviewed.kernel);
    const probed = probedRows(reviewed.kernel);
    return reviewed.role === TABLE
      ? { reviewed: unlike, runtime: probed }
      : { reviewed: probed, runtime: unlike };
  }
  if (runtime.engine === 'kernel') throw new Error('keysets of two engines were joined');
  return {
    reviewed: rowsUnlike(reviewed.table, runtime.table),
    runtime: rowsUnlike(runtime.table, reviewed.table),
  };
}

/** The rows of every key that a copy repeats. */
export function repeatsOf(keyset: KeySet): Uint32Array {
  if (keyset.engine === 'kernel') return repeatedRows(tableOf(keyset));
  const { table } = keyset;
  return rowsOfKeys(table, (first) => !table.isSingle(first));
}

/** Every row of a copy, as where the other copy has none. */
export function allRowsOf({ table }: KeySet): Uint32Array {
  return Uint32Array.from({ length: table.rows }, (_, row) => row);
}

function tableOf({ kernel, role }: KernelKeySet): KernelKeySet['kernel'] {
  if (role !== TABLE) throw new Error('a copy that was held against another has no table');
  return kernel;
}

function rowsUnlike(table: ReferenceTable, other: ReferenceTable): Uint32Array {
  return rowsOfKeys(table, (first) => {
    const match = other.find(table, first);
    if (match < 0 || !table.isSingle(first) || !other.isSingle(match)) return true;
    return !table.sameVariant(first, other, match);
  });
}

/** The rows of chosen keys, named by their first row, and the invalid ones. */
function rowsOfKeys(table: ReferenceTable, isChosen: (first: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row += 1) {
    if (!table.isValid(row)) rows.push(row);
    else if (table.isFirst(row) && isChosen(row)) {
      for (const same of table.sameKey(row)) rows.push(same);
    }
  }
  return Uint32Array.from(rows).sort();
}
