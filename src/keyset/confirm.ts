import {
  KeydriftError,
  shownRows,
  type Cells,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type RawRecord,
  type ReportedRow,
  type ScanPlan,
  type Side,
} from '../model/index.ts';
import type { RowJudge } from './row.ts';
import type { RowTable } from './table.ts';

/** Reads rows of a copy again, by ascending index, each exactly once. */
export type RowReader = (
  rows: Uint32Array,
  sink: (row: number, record: RawRecord) => void,
) => Promise<void>;

/** One side whose candidates are to be confirmed. */
export interface CandidateSide {
  readonly side: Side;
  readonly plan: ScanPlan;
  readonly table: RowTable;
  readonly judge: RowJudge;
  readonly read: RowReader;
  /** What the join gave, invalid ones included. */
  readonly rows: Uint32Array;
}

/** What the join proposed, as the bytes have it. */
export interface Confirmed {
  readonly keys: readonly KeyGroup[];
  /** By side, then record. */
  readonly invalid: readonly InvalidRow[];
}

/**
 * Reads every candidate row again and groups it by its values: what is reported never rests on a
 * hash. Throws `COPY_CHANGED` when a row is no longer what was judged.
 */
export async function confirmCandidates(sides: readonly CandidateSide[]): Promise<Confirmed> {
  const keys = new Map<string, OpenKey>();
  const invalid: InvalidRow[] = [];
  for (const side of sides) {
    const { table } = side;
    await side.read(side.rows, (row, record) => {
      const judged = side.judge(record);
      if (judged.valid !== table.isValid(row)) throw changed(side.side);
      if (!judged.valid) {
        invalid.push({ row: showRow(side, row, record), reason: judged.reason });
        return;
      }
      // A range of a stored object carries no checksum: rows are held against what was judged.
      if (!table.hasValues(row, judged.key, judged.consumed)) throw changed(side.side);
      const rowsOfKey = openKey(keys, judged.key)[side.side];
      addVariant(rowsOfKey, judged.consumed);
      if (rowsOfKey.shown.length < shownRows) rowsOfKey.shown.push(showRow(side, row, record));
    });
  }
  return { keys: [...keys.values()].map(closeKey), invalid };
}

function changed(side: Side): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `the ${side} copy changed while it was read`);
}

interface OpenRows {
  count: number;
  readonly variants: Map<string, { readonly values: readonly string[]; rows: number }>;
  readonly shown: ReportedRow[];
}

interface OpenKey {
  readonly key: readonly string[];
  readonly reviewed: OpenRows;
  readonly runtime: OpenRows;
}

function openKey(keys: Map<string, OpenKey>, key: readonly string[]): OpenKey {
  const id = JSON.stringify(key);
  const found = keys.get(id) ?? { key, reviewed: openRows(), runtime: openRows() };
  keys.set(id, found);
  return found;
}

function openRows(): OpenRows {
  return { count: 0, variants: new Map(), shown: [] };
}

function addVariant(rows: OpenRows, values: readonly string[]): void {
  rows.count += 1;
  const id = JSON.stringify(values);
  const variant = rows.variants.get(id);
  if (variant === undefined) rows.variants.set(id, { values, rows: 1 });
  else variant.rows += 1;
}

function closeKey({ key, reviewed, runtime }: OpenKey): KeyGroup {
  return { key, reviewed: closeRows(reviewed), runtime: closeRows(runtime) };
}

function closeRows({ count, variants, shown }: OpenRows): KeyRows {
  return { count, variants: [...variants.values()], shown };
}

function showRow(
  { side, plan, table }: CandidateSide,
  row: number,
  record: RawRecord,
): ReportedRow {
  const values: Cells = [...plan.key, ...plan.consumed].map(
    ({ name, index }) => [name, record.shown(index)] as const,
  );
  return { side, record: row + 1, line: table.line(row), values };
}
