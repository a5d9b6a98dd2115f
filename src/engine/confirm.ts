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
  type Variant,
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
    const show = createShow(side);
    await side.read(side.rows, (row, record) => {
      const judged = side.judge(record);
      if (judged.valid !== table.isValid(row)) throw changed(side.side);
      if (!judged.valid) {
        invalid.push({ row: show(row, record), reason: judged.reason });
        return;
      }
      // A range of a stored object carries no checksum: rows are held against what was judged.
      if (!table.hasValues(row, judged.key, judged.consumed)) throw changed(side.side);
      const rowsOfKey = openRows(openKey(keys, judged.key), side.side);
      rowsOfKey.count += 1;
      addVariant(rowsOfKey, judged.consumed);
      if (rowsOfKey.shown.length < shownRows) rowsOfKey.shown.push(show(row, record));
    });
  }
  return { keys: [...keys.values()], invalid };
}

function changed(side: Side): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `the ${side} copy changed while it was read`);
}

type OpenVariant = { -readonly [Field in keyof Variant]: Variant[Field] };

/** Rows of a key that is still read: mostly one or two, hence little is allocated for each. */
interface OpenRows extends KeyRows {
  count: number;
  readonly variants: OpenVariant[];
  /** By the JSON of their values, once there are many. */
  index: Map<string, OpenVariant> | null;
  readonly shown: ReportedRow[];
}

interface OpenKey extends KeyGroup {
  reviewed: KeyRows;
  runtime: KeyRows;
}

const noRows: KeyRows = { count: 0, variants: [], shown: [] };

function openKey(keys: Map<string, OpenKey>, key: readonly string[]): OpenKey {
  const id = JSON.stringify(key);
  const found = keys.get(id);
  if (found !== undefined) return found;
  const opened = { key, reviewed: noRows, runtime: noRows };
  keys.set(id, opened);
  return opened;
}

function openRows(key: OpenKey, side: Side): OpenRows {
  const found = key[side];
  if (isOpen(found)) return found;
  const opened: OpenRows = { count: 0, variants: [], index: null, shown: [] };
  key[side] = opened;
  return opened;
}

function isOpen(rows: KeyRows): rows is OpenRows {
  return rows !== noRows;
}

/** More variants than this are looked up, not walked through. */
const fewVariants = 16;

function addVariant(rows: OpenRows, values: readonly string[]): void {
  const { variants } = rows;
  if (variants.length >= fewVariants) {
    rows.index ??= new Map(variants.map((one) => [JSON.stringify(one.values), one]));
  }
  const id = rows.index === null ? '' : JSON.stringify(values);
  const found =
    rows.index === null
      ? variants.find((one) => one.values.every((value, index) => value === values[index]))
      : rows.index.get(id);
  if (found !== undefined) {
    found.rows += 1;
    return;
  }
  const variant = { values, rows: 1 };
  variants.push(variant);
  rows.index?.set(id, variant);
}

function createShow({
  side,
  plan,
  table,
}: CandidateSide): (row: number, record: RawRecord) => ReportedRow {
  const columns = [...plan.key, ...plan.consumed];
  return (row, record) => {
    const values: Cells = columns.map(({ name, index }) => [name, record.shown(index)] as const);
    return { side, record: row + 1, line: table.line(row), values };
  };
}
