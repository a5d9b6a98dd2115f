import {
  faultClass,
  KeydriftError,
  createRowReporter,
  shownRows,
  toKeydriftError,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type RawRecord,
  type ReportedRow,
  type ScanPlan,
  type Side,
  type Table,
  type Variant,
} from '../model/index.ts';
import { noGroup, type Chosen, type ChosenRows, type KeyGroups } from './groups.ts';
import type { RowTable } from './port.ts';
import type { JudgedRow, RowJudge } from './row.ts';

/** One side whose chosen rows are read again. */
export interface ConfirmedSide {
  readonly side: Side;
  readonly plan: ScanPlan;
  readonly rows: RowTable;
  readonly table: Table;
  readonly judge: RowJudge;
}

/** What was chosen, as the bytes have it. */
export interface Confirmed {
  readonly keys: readonly KeyGroup[];
  /** By side, then record. */
  readonly invalid: readonly InvalidRow[];
}

/** A chosen row as it was read again. */
interface LocatedRow {
  readonly group: number;
  readonly weight: number;
  readonly judged: JudgedRow;
  /** As it stands in the copy, with its key and consumed cells. */
  readonly reported: () => ReportedRow;
}

/**
 * Reads every chosen row again and groups it: what is reported of a row never rests on a hash. How
 * many rows a key or a variant has was counted by hashes. Throws `COPY_CHANGED` when a row is no
 * longer what was judged.
 */
export async function confirmChosen(
  groups: KeyGroups,
  chosen: Chosen,
  sides: readonly ConfirmedSide[],
): Promise<Confirmed> {
  const keys = new Map<number, OpenKey>();
  const invalid: InvalidRow[] = [];
  for (const side of sides) {
    await readChosen(side, chosen[side.side], (located) => {
      const { judged, group, weight } = located;
      if (!judged.valid) {
        invalid.push({ row: located.reported(), reason: judged.reason });
        return;
      }
      const key = openKey(keys, group, judged.key, groups, chosen);
      if (key.key.some((value, at) => value !== judged.key[at])) throw changed(side.side);
      const rows = key[side.side];
      if (weight > 0)
        rows.variants = withOne(rows.variants, { values: judged.consumed, rows: weight });
      if (rows.shown.length < shownRows) rows.shown = withOne(rows.shown, located.reported());
    });
  }
  return { keys: [...keys.values()], invalid };
}

/** Hands over the chosen rows of a side, each held against what was judged before. */
async function readChosen(
  { side, plan, rows, table, judge }: ConfirmedSide,
  chosen: ChosenRows,
  sink: (row: LocatedRow) => void,
): Promise<void> {
  const columns = [...plan.key, ...plan.consumed];
  const report = createRowReporter(side, columns);
  let next = 0;
  const take = (record: RawRecord): void => {
    const row = chosen.rows[next]!;
    const group = chosen.groups[next]!;
    const weight = chosen.weights[next]!;
    next += 1;
    const judged = judge(record);
    if (judged.valid !== (group !== noGroup)) throw changed(side);
    // A range of a stored object carries no checksum: rows are held against what was judged.
    if (judged.valid && !rows.hasValues(row, judged.key, judged.consumed)) throw changed(side);
    sink({ group, weight, judged, reported: () => report(record) });
  };
  try {
    await table.reread(
      chosen.rows.map((row) => rows.recordOf(row)),
      take,
      columns.map(({ index }) => index),
    );
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) === 'content') throw changed(side, thrown);
    throw thrown;
  }
  if (next !== chosen.rows.length) throw changed(side);
}

function changed(side: Side, cause?: unknown): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `the ${side} copy changed while it was read`, { cause });
}

/** One more in a list. Most have one, of a million: a list that grows takes room for seventeen. */
function withOne<T>(list: T[], one: T): T[] {
  if (list.length === 0) return [one];
  list.push(one);
  return list;
}

interface OpenRows extends KeyRows {
  variants: Variant[];
  shown: ReportedRow[];
}

interface OpenKey extends KeyGroup {
  readonly reviewed: OpenRows;
  readonly runtime: OpenRows;
}

/** What a list holds before its first one, which makes it a list of its own. */
const nothing: never[] = [];
/** A side that does not have a key: no row of it comes. */
const absent: OpenRows = { count: 0, variants: nothing, shown: nothing };

function openKey(
  keys: Map<number, OpenKey>,
  group: number,
  key: readonly string[],
  groups: KeyGroups,
  chosen: Chosen,
): OpenKey {
  const found = keys.get(group);
  if (found !== undefined) return found;
  const open = (side: Side): OpenRows => {
    const count = groups.rowCount(group, side);
    return count === 0 ? absent : { count, variants: nothing, shown: nothing };
  };
  const unlisted = chosen.unlisted(group);
  const opened = { key, reviewed: open('reviewed'), runtime: open('runtime') };
  const known = unlisted.length === 0 ? opened : { ...opened, unlisted };
  keys.set(group, known);
  return known;
}
