import { movedUnits, type MovedUnit } from '../compare/index.ts';
import { createRowJudge, type CommonUnits } from '../engine/index.ts';
import {
  inSlices,
  KeydriftError,
  createRowReporter,
  sortInSlices,
  type ReportedRow,
  type Side,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import type { ScannedCopy } from './request.ts';

/** What stands in another order: all of it counted, as many units as are listed. */
export interface FoundOrder {
  readonly count: number;
  /** Those whose runtime row comes first. */
  readonly moved: readonly MovedUnit[];
}

/** The units that two copies have in another order; read by one engine. */
export async function findOrder(
  { reviewed, runtime }: Readonly<Record<Side, ScannedCopy>>,
  limit: number,
): Promise<FoundOrder> {
  const common = await reviewed.keyset.common(runtime.keyset);
  const moved = await movedUnits(common.runtime);
  const listed = await firstListed(moved, common, limit);
  const rows = {
    reviewed: await readRows(
      'reviewed',
      reviewed,
      listed.map((one) => one.reviewed),
    ),
    runtime: await readRows(
      'runtime',
      runtime,
      listed.map((one) => one.runtime),
    ),
  };
  return {
    count: moved.length,
    moved: listed.map((one) => {
      const first = rows.runtime.get(one.runtime)!;
      return {
        key: first.key,
        rowCount: {
          reviewed: common.rowCount('reviewed', one),
          runtime: common.rowCount('runtime', one),
        },
        rows: [rows.reviewed.get(one.reviewed)!.row, first.row],
      };
    }),
  };
}

/** Of the units that moved, those whose runtime row comes first, in its order. */
async function firstListed(
  moved: Uint32Array,
  common: CommonUnits,
  limit: number,
): Promise<readonly { readonly reviewed: number; readonly runtime: number }[]> {
  const rows = new Uint32Array(moved.length);
  await inSlices(moved.length, (from, to) => {
    for (let at = from; at < to; at += 1) rows[at] = common.runtime[moved[at]!]!;
  });
  const last = (await sortInSlices(rows))[Math.min(limit, rows.length) - 1] ?? -1;
  const listed: { reviewed: number; runtime: number }[] = [];
  await inSlices(moved.length, (from, to) => {
    for (const index of moved.subarray(from, to)) {
      const [reviewed, runtime] = [common.reviewed[index]!, common.runtime[index]!];
      if (runtime <= last) listed.push({ reviewed, runtime });
    }
  });
  return listed.sort((a, b) => a.runtime - b.runtime);
}

interface ReadRow {
  readonly key: readonly string[];
  readonly row: ReportedRow;
}

/** Rows of a copy again, by their place among those that count; held against what was judged. */
async function readRows(
  side: Side,
  { table, plan, keyset }: ScannedCopy,
  wanted: readonly number[],
): Promise<ReadonlyMap<number, ReadRow>> {
  const judge = createRowJudge(plan, compileSteps);
  const columns = [...plan.key, ...plan.consumed];
  const report = createRowReporter(columns);
  const ascending = Uint32Array.from(wanted).sort();
  const found = new Map<number, ReadRow>();
  let next = 0;
  await table.reread(
    ascending.map((row) => keyset.table.recordOf(row)),
    (record) => {
      const row = ascending[next]!;
      next += 1;
      const judged = judge(record);
      if (!judged.valid || !keyset.table.hasValues(row, judged.key, judged.consumed)) {
        throw new KeydriftError('COPY_CHANGED', `the ${side} copy changed while it was read`);
      }
      found.set(row, { key: judged.key, row: report(record, side) });
    },
    columns.map(({ index }) => index),
  );
  return found;
}
