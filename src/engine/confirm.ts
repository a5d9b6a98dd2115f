import {
  faultClass,
  KeydriftError,
  createRowReporter,
  inSlices,
  shownRows,
  toKeydriftError,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type PackedUnits,
  type RawRecord,
  type ReportedRow,
  type RowReporter,
  type ScanPlan,
  type Side,
  type SingleUnits,
  type Table,
  type Variant,
} from '../model/index.ts';
import type { Chosen, ChosenRows } from './choose.ts';
import { noGroup } from './gather.ts';
import type { KeyGroups } from './groups.ts';
import { isPlannedAlike } from './plan.ts';
import type { RowTable } from './port.ts';
import type { RowJudge } from './row.ts';
import { createSingleRows, type SingleRows } from './singles.ts';

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
  /** Units beside `keys`; null: none were packed. */
  readonly singles: SingleUnits | null;
}

/**
 * Reads every chosen row again and groups it: what is reported of a row never rests on a hash. How
 * many rows a key or a variant has was counted by hashes. Throws `COPY_CHANGED` when a row is no
 * longer what was judged. One function takes the rows of both sides: V8 compiles it once. `packed`:
 * units that one of the two copies alone has, in one row, are no groups of objects.
 */
export async function confirmChosen(
  groups: KeyGroups,
  chosen: Chosen,
  sides: readonly ConfirmedSide[],
  singles: 'packed' | 'as groups' = 'as groups',
): Promise<Confirmed> {
  const keys = new Map<number, OpenKey>();
  const invalid: InvalidRow[] = [];
  let now: SideAgain | null = null;
  const take = (record: RawRecord): void => {
    const { side, rows, judge, report, wanted, packed, next } = now!;
    now!.next += 1;
    const group = wanted.groups[next]!;
    const judged = judge(record);
    if (judged.valid !== (group !== noGroup)) throw changed(side);
    if (!judged.valid) {
      invalid.push({ row: report(record, side), reason: judged.reason });
      return;
    }
    // A range of a stored object carries no checksum: rows are held against what was judged.
    const { key, consumed } = judged;
    if (!rows.hasValues(wanted.rows[next]!, key, consumed)) throw changed(side);
    if (packed !== null && isSingle(groups, chosen, group, side)) {
      packed.add(key, consumed, record);
      return;
    }
    const open = openKey(keys, group, key, groups, chosen);
    if (open.key.some((value, at) => value !== key[at])) throw changed(side);
    const known = open[side];
    const weight = wanted.weights[next]!;
    if (weight > 0) known.variants = withOne(known.variants, { values: consumed, rows: weight });
    if (known.shown.length < shownRows) known.shown = withOne(known.shown, report(record, side));
  };
  const sorted: Partial<Record<Side, PackedUnits>> = {};
  for (const side of sides) {
    now = againOf(side, chosen[side.side], now, singles);
    await readAgain(now, take);
    if (now.packed !== null) sorted[side.side] = await now.packed.sorted();
  }
  const { reviewed, runtime } = sorted;
  return {
    keys: [...keys.values()],
    invalid,
    singles: reviewed && runtime ? { reviewed, runtime } : null,
  };
}

/** Of how many chosen rows no other one of their group is to come. */
export async function countSingles(groups: KeyGroups, chosen: Chosen): Promise<number> {
  let singles = 0;
  for (const side of ['reviewed', 'runtime'] as const) {
    const of = chosen[side].groups;
    await inSlices(of.length, (from, to) => {
      for (let at = from; at < to; at += 1) {
        const group = of[at]!;
        if (group !== noGroup && isSingle(groups, chosen, group, side)) singles += 1;
      }
    });
  }
  return singles;
}

function isSingle(groups: KeyGroups, chosen: Chosen, group: number, side: Side): boolean {
  const other = side === 'reviewed' ? 'runtime' : 'reviewed';
  return (
    groups.rowCount(group, side) === 1 &&
    groups.rowCount(group, other) === 0 &&
    chosen.unlisted(group).length === 0
  );
}

/** A side whose rows are read again. */
interface SideAgain extends ConfirmedSide {
  readonly wanted: ChosenRows;
  readonly report: RowReporter;
  readonly packed: SingleRows | null;
  /** How many of them were read. */
  next: number;
}

/** With what tells its rows: what told those of the other side, where that has the same columns. */
function againOf(
  side: ConfirmedSide,
  wanted: ChosenRows,
  before: SideAgain | null,
  singles: 'packed' | 'as groups',
): SideAgain {
  const isAlike = before !== null && isPlannedAlike(before.plan, side.plan);
  const report = isAlike
    ? before.report
    : createRowReporter([...side.plan.key, ...side.plan.consumed]);
  const most = wanted.rows.length;
  const packed = singles === 'packed' ? createSingleRows(side.side, side.plan, most) : null;
  return { ...side, wanted, report, packed, next: 0 };
}

/** Hands over the chosen rows of a side. */
async function readAgain(now: SideAgain, take: (record: RawRecord) => void): Promise<void> {
  const { side, plan, rows, table, wanted } = now;
  try {
    await table.reread(
      wanted.rows.map((row) => rows.recordOf(row)),
      take,
      [...plan.key, ...plan.consumed].map(({ index }) => index),
    );
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) === 'content') throw changed(side, thrown);
    throw thrown;
  }
  if (now.next !== wanted.rows.length) throw changed(side);
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
