import {
  defaultLimits,
  holdMemory,
  inSlices,
  sliceRows,
  sortInSlices,
  type FormatWarning,
  type ScanPlan,
} from '../../model/index.ts';
import { createDigest } from '../digest.ts';
import { createTupleEncoder } from '../encode.ts';
import { createKeyWatch } from '../key-watch.ts';
import { plannedIndexes } from '../plan.ts';
import type { Candidates, CommonUnits, Engine, KeySet } from '../port.ts';
import { createRowJudge } from '../row.ts';
import { hashConsumed, hashKey } from './hash.ts';
import { createRowTable, type ReferenceTable } from './table.ts';

/** The plain reference: it takes every table, and reads each record once. */
export const reference: Engine = {
  name: 'reference',
  start:
    (source, plan, { compile, keep, limits = defaultLimits }) =>
    async () => {
      const table = createRowTable();
      const digest = createDigest(plan);
      const watch = createKeyWatch();
      const judge = createRowJudge(plan, compile, watch.observe);
      const encodeKey = createTupleEncoder();
      const encodeConsumed = createTupleEncoder();
      const warnings = await source.read((record) => {
        if (keep?.(record) === false) return;
        if (table.rows % sliceRows === 0) holdMemory(table.rows * rowCost, limits.memory);
        const row = judge(record);
        if (!row.valid) {
          table.addInvalid(record.record);
          return;
        }
        const key = hashKey(encodeKey(row.key));
        table.addValid(record.record, key, hashConsumed(encodeConsumed(row.consumed)));
        digest.add(row.key, row.consumed);
      }, plannedIndexes(plan));
      const told = [...warnings, ...watch.warnings()];
      return referenceKeySet(plan, table, digest.hex(), told, limits.memory);
    },
};

/** Bytes of memory that a row takes: its hashes, its place in the index and in the copy. */
const rowCost = 64;

interface ReferenceKeySet extends KeySet {
  readonly table: ReferenceTable;
}

/** A table of rows as a keyset. */
export function referenceKeySet(
  plan: ScanPlan,
  table: ReferenceTable,
  digest: string,
  warnings: readonly FormatWarning[],
  memory: number = defaultLimits.memory,
): ReferenceKeySet {
  return {
    engine: reference.name,
    plan,
    table,
    digest,
    warnings,
    memory,
    mayBeRespelled: true,
    mayBeRespelledBeside: () => true,
    isComparable: isReference,
    async unlike(runtime): Promise<Candidates> {
      if (!isReference(runtime)) throw new Error('keysets of two engines were joined');
      return {
        reviewed: await rowsUnlike(table, runtime.table),
        runtime: await rowsUnlike(runtime.table, table),
      };
    },
    async common(runtime) {
      if (!isReference(runtime)) throw new Error('keysets of two engines were joined');
      return commonUnits(table, runtime.table);
    },
    repeats: () => rowsOfKeys(table, (first) => !table.isSingle(first)),
    release: () => undefined,
  };
}

function isReference(keyset: KeySet): keyset is ReferenceKeySet {
  return keyset.engine === reference.name;
}

async function commonUnits(
  reviewed: ReferenceTable,
  runtime: ReferenceTable,
): Promise<CommonUnits> {
  const firsts = new Uint32Array(reviewed.units);
  const matches = new Uint32Array(reviewed.units);
  let count = 0;
  await inSlices(reviewed.rows, (from, to) => {
    for (let row = from; row < to; row += 1) {
      const match = reviewed.isFirst(row) ? runtime.find(reviewed, row) : -1;
      if (match < 0) continue;
      firsts[count] = row;
      matches[count] = match;
      count += 1;
    }
  });
  const tables = { reviewed, runtime };
  return {
    reviewed: firsts.subarray(0, count),
    runtime: matches.subarray(0, count),
    rowCount(side, unit) {
      let rows = 0;
      for (let row = unit[side]; row >= 0; row = tables[side].nextOf(row)) rows += 1;
      return rows;
    },
  };
}

function rowsUnlike(table: ReferenceTable, other: ReferenceTable): Promise<Uint32Array> {
  return rowsOfKeys(table, (first) => {
    const match = other.find(table, first);
    if (match < 0 || !table.isSingle(first) || !other.isSingle(match)) return true;
    return !table.sameVariant(first, other, match);
  });
}

/** The rows of chosen keys, named by their first row, and the invalid ones; ascending. */
async function rowsOfKeys(
  table: ReferenceTable,
  isChosen: (first: number) => boolean,
): Promise<Uint32Array> {
  const rows = new Uint32Array(table.rows);
  let count = 0;
  /** What is left of the chain of a key: one may be as long as the table. */
  let chain = -1;
  let row = 0;
  // A slice takes as many steps as rows: along the table, or along a chain.
  await inSlices(2 * table.rows, (from, to) => {
    for (let step = from; step < to; step += 1) {
      if (chain >= 0) {
        rows[count++] = chain;
        chain = table.nextOf(chain);
        continue;
      }
      if (row === table.rows) return;
      if (!table.isValid(row)) rows[count++] = row;
      else if (table.isFirst(row) && isChosen(row)) chain = row;
      row += 1;
    }
  });
  return sortInSlices(rows.slice(0, count));
}
