import type { ChangedUnit, KeyGroup, KeyRows, ReportedRow } from '../model/index.ts';
import { toCells } from './input.ts';
import { compareKeys } from './order.ts';
import { differingColumns } from './variant.ts';

/** What a change does to the units, sorted by key: `reviewed` of a group is before, `runtime` after. */
export function findChanges(
  keyColumns: readonly string[],
  consumedColumns: readonly string[],
  groups: readonly KeyGroup[],
): ChangedUnit[] {
  const changes: ChangedUnit[] = [];
  for (const { key, reviewed: before, runtime: after } of groups) {
    const change = changeOf(before, after);
    if (change === null) continue;
    changes.push({
      change,
      key: toCells(keyColumns, key),
      fields:
        change === 'changed'
          ? differingColumns(consumedColumns, [...before.variants, ...after.variants])
          : [],
      rowCount: { before: before.count, after: after.count },
      before: firstRow(before),
      after: firstRow(after),
      ...(Math.max(before.count, after.count) < 2 ? {} : { rows: rowsOf(before, after) }),
    });
  }
  return changes.sort((a, b) => compareKeys(a.key, b.key));
}

/** A unit changed when its variants did, or how often it runs. */
function changeOf(before: KeyRows, after: KeyRows): ChangedUnit['change'] | null {
  if (before.count === 0) return 'added';
  if (after.count === 0) return 'removed';
  const known = new Map(before.variants.map(({ values, rows }) => [JSON.stringify(values), rows]));
  const same =
    before.count === after.count &&
    before.variants.length === after.variants.length &&
    after.variants.every(({ values, rows }) => known.get(JSON.stringify(values)) === rows);
  return same ? null : 'changed';
}

function rowsOf(before: KeyRows, after: KeyRows): NonNullable<ChangedUnit['rows']> {
  const [from, to] = [before, after].map(({ shown }) =>
    shown.map((row) => ({ ...row, side: 'reviewed' as const })),
  );
  return { before: from ?? [], after: to ?? [] };
}

function firstRow(rows: KeyRows): ReportedRow | null {
  const [row] = rows.shown;
  return row === undefined ? null : { ...row, side: 'reviewed' };
}
