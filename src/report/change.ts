import type { ChangedUnit, ChangeReport, ReportedRow, SideReport } from '../model/index.ts';
import { escapeTerminal, showCell } from './escape.ts';
import { valueOf } from './rows.ts';
import { shortRevision } from './revision.ts';
import { amplificationOf } from './sentences.ts';
import { times } from './wording.ts';

/** Units that a change touches. */
export function unitsOf({ added, removed, changed }: ChangeReport): number {
  return added + removed + changed;
}

/** What this change does to a unit: a reader of a pull request takes no side for the other. */
export const changeWords: Readonly<Record<ChangedUnit['change'], string>> = {
  added: 'adds',
  removed: 'removes',
  changed: 'changes',
};

/** ` (1 added, 2 changed)`; nothing where no unit is another. */
function countsText({ added, removed, changed }: ChangeReport): string {
  const told = [
    [added, 'added'],
    [removed, 'removed'],
    [changed, 'changed'],
  ] as const;
  const parts = told.filter(([number]) => number > 0).map((part) => part.join(' '));
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}

/** Units of a change that a list of `limit` leaves out. */
export function hiddenUnits(change: ChangeReport, limit: number): number {
  return unitsOf(change) - Math.min(change.units.length, limit);
}

/** `origin/main (commit 3f2a9c1)`. */
export function baseText({ base, baseRef }: ChangeReport): string {
  const ref = escapeTerminal(baseRef);
  if (base === null) return `${ref}, where the file does not exist`;
  const revision = shortRevision(base.revision);
  return revision === null ? ref : `${ref} (${revision})`;
}

/** The sums of a change, each as `before → after`. */
export function changeSums(
  change: ChangeReport,
  after: SideReport | null,
): readonly (readonly [label: string, value: string])[] {
  const { base } = change;
  const sum = (pick: (side: SideReport) => number): string =>
    `${base === null ? 0 : pick(base)} → ${after === null ? 'unknown' : pick(after)}`;
  const amplification = [base, after].map((side) =>
    times(side === null ? null : amplificationOf(side)),
  );
  return [
    ['units', sum((side) => side.units) + countsText(change)],
    ['rows', sum((side) => side.rows)],
    ['redundant rows', sum((side) => side.redundant)],
    ['amplification', amplification.join(' → ')],
  ];
}

/** Every value that a field had in rows of a unit, as people read it, with how often; in their order. */
export function variantsText(values: readonly (string | null)[], all: number): string {
  const counts = new Map<string, number>();
  for (const value of values) {
    const shown = showCell(value);
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  const told = [...counts].map(([shown, count]) => (count === 1 ? shown : `${shown} (${count}×)`));
  return [...told, ...(values.length < all ? ['…'] : [])].join(' | ');
}

/**
 * All that a field of a unit with several rows was and is, `a → a | b (2×)`; null where a row stands
 * on each side at most: those two values say it.
 */
export function variantsChange(
  { rows, rowCount }: ChangedUnit,
  field: string,
): readonly [before: string, after: string] | null {
  if (rows === undefined) return null;
  const of = (side: readonly ReportedRow[]): readonly (string | null)[] =>
    side.map((row) => valueOf(row, field));
  return [
    variantsText(of(rows.before), rowCount.before),
    variantsText(of(rows.after), rowCount.after),
  ];
}
