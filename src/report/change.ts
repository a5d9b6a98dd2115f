import type { ChangedUnit, ChangeReport, ReportedRow, SideReport } from '../model/index.ts';
import { count } from '../model/names.ts';
import { briefChange } from './enforcement.ts';
import { escapeTerminal, showCell } from './escape.ts';
import { valueOf } from './rows.ts';
import { shortRevision } from './revision.ts';
import { amplificationOf } from './sentences.ts';
import { times } from './wording.ts';

/** Units that a change touches. */
export function unitsOf({ added, removed, changed }: ChangeReport): number {
  return added + removed + changed;
}

/** Whether a change touches units, or how they are read. */
export function isTouched(change: ChangeReport): boolean {
  return unitsOf(change) > 0 || change.reading !== undefined;
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

/** `origin/main (3f2a9c1)`; where that went on since, `the merge base of origin/main (3f2a9c1)`. */
export function baseText({ base, baseRef, mergeBase = false }: ChangeReport): string {
  const ref = `${mergeBase ? 'the merge base of ' : ''}${escapeTerminal(baseRef)}`;
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

/** Every shown value that rows of a unit had, with how often; in their order. */
export function variantsText(shown: readonly string[], all: number): string {
  const counts = new Map<string, number>();
  for (const value of shown) counts.set(value, (counts.get(value) ?? 0) + 1);
  const told = [...counts].map(([value, often]) => (often === 1 ? value : `${value} (${often}×)`));
  return [...told, ...(shown.length < all ? ['…'] : [])].join(' | ');
}

/** What a field of a changed unit was and is. */
export interface FieldChange {
  readonly field: string;
  /** A cell; of a unit with several rows all that it was and is, `a` and `a | b (2×)`. */
  readonly values: readonly [before: string | null, after: string | null];
}

/**
 * The fields of a changed unit that are told otherwise after it; where no field by itself is, all of
 * them together.
 */
export function fieldChanges(unit: ChangedUnit): readonly FieldChange[] {
  const { fields, rows, before, after } = unit;
  if (rows === undefined) {
    return fields.map((field) => ({
      field,
      values: [before && valueOf(before, field), after && valueOf(after, field)],
    }));
  }
  const each = fields.map((field) => variantsChange(unit, [field]));
  const told = each.filter(({ values: [was, is] }) => was !== is);
  return told.length > 0 || fields.length === 0 ? told : [variantsChange(unit, fields)];
}

function variantsChange({ rows, rowCount }: ChangedUnit, fields: readonly string[]): FieldChange {
  const of = (side: readonly ReportedRow[] = [], all: number): string =>
    variantsText(
      side.map((row) => fields.map((field) => showCell(valueOf(row, field))).join(' ')),
      all,
    );
  return {
    field: fields.join(' '),
    values: [of(rows?.before, rowCount.before), of(rows?.after, rowCount.after)],
  };
}

/** What a reading that changed means for what is counted and listed. */
export function readingNote({ renamed, base }: ChangeReport): string {
  if (renamed === undefined) return 'Both sides are compared as their values are read now.';
  const all = base?.units ?? 0;
  if (renamed === null) {
    return `The base cannot be read by the key of now: what it had (${count(all, 'unit')}) is told as removed, by its old names, and what is there now as added.`;
  }
  const units =
    renamed === all ? `all ${count(all, 'unit')}` : `${renamed} of ${count(all, 'unit')}`;
  return `By the key of now ${units} of the base ${renamed === 1 ? 'has another name' : 'have other names'}: both sides are compared by the names and values of now.`;
}

/** By what rows are read otherwise than at the base, a line for each word; empty: by nothing. */
export function readingLines({ reading = [] }: ChangeReport): readonly string[] {
  return reading.map(({ word, before, after }) => {
    const [was, is] = briefChange(before, after);
    return `read otherwise by ${escapeTerminal(word)}: ${was ?? 'none'} → ${is ?? 'none'}`;
  });
}
