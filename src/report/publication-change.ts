import type { PlannedChange, PlannedCopy, PlannedRow, PlannedUnit } from '../model/index.ts';
import { count } from '../model/names.ts';
import { otherColumns } from './summary.ts';
import { variantsText } from './change.ts';
import { quoteValue, showCell } from './escape.ts';
import type { TextContext } from './text-context.ts';
import { fieldLines } from './text-findings.ts';
import { indent, keyedTable } from './text-keys.ts';
import { showChange } from './text-values.ts';
import { clipEnd } from './width.ts';
import { more } from './wording.ts';

/** At most `most` of some units, the same share of each change, in their order. */
export function fairShare<Unit extends { readonly change: string }>(
  units: readonly Unit[],
  most: number,
): readonly Unit[] {
  if (units.length <= most) return units;
  const places = new Map<string, number>();
  const ranked = units.map((unit, at) => {
    const place = places.get(unit.change) ?? 0;
    places.set(unit.change, place + 1);
    return { unit, at, place };
  });
  return ranked
    .sort((a, b) => a.place - b.place || a.at - b.at)
    .slice(0, most)
    .sort((a, b) => a.at - b.at)
    .map(({ unit }) => unit);
}

/**
 * Units told before and after, in numbers: `1 unit added, 2 changed`; what only runs another number of
 * times as that; or that nothing changes.
 */
export function changeSentence({ added, removed, changed: all, units }: PlannedChange): string {
  const repeated = units.filter(isRepeated);
  const changed = all - repeated.length;
  const numbers = [
    [added, 'added'],
    [removed, 'removed'],
    [changed, 'changed'],
  ] as const;
  const told = numbers.flatMap(([number, word]) => (number === 0 ? [] : [{ number, word }]));
  const [first, ...others] = told;
  if (first === undefined && repeated.length === 0) return 'no unit of work changes';
  return [
    ...(first === undefined ? [] : [`${count(first.number, 'unit')} ${first.word}`]),
    ...others.map(({ number, word }) => `${number} ${word}`),
    ...(repeated.length === 0 ? [] : [repeatedSentence(repeated)]),
  ].join(', ');
}

/** Whether a unit is the same before and after, but for how often it runs. */
function isRepeated({ change, fields }: PlannedUnit): boolean {
  return change === 'changed' && fields.length === 0;
}

/** `1 unit runs once instead of twice`. */
function repeatedSentence(units: readonly PlannedUnit[]): string {
  const many = `${count(units.length, 'unit')} ${units.length === 1 ? 'runs' : 'run'}`;
  const [first, ...others] = units.map(({ rowCount }) => rowCount);
  const isAlike = others.every(
    ({ before, after }) => before === first?.before && after === first.after,
  );
  return first === undefined || !isAlike
    ? `${many} another number of times`
    : `${many} ${timesWord(first.after)} instead of ${timesWord(first.before)}`;
}

function timesWord(number: number): string {
  return ['never', 'once', 'twice'][number] ?? `${number} times`;
}

/** What a publication does to the work; null: nothing is known of it, or nothing is written. */
export function changeOf(copy: PlannedCopy): string | null {
  const { change, state, reviewed, action } = copy;
  if (change !== null) return changeSentence(change);
  if (state !== 'unreadable' || reviewed === null || action === 'none') return null;
  const what = hasOtherColumns(copy) ? 'a table of other columns' : 'what cannot be read';
  return `${count(reviewed.units, 'unit')} in place of ${what}`;
}

/** Whether what is there can be read, and has not the columns that the contract names. */
export function hasOtherColumns({
  state,
  warnings,
}: Pick<PlannedCopy, 'state' | 'warnings'>): boolean {
  return state === 'unreadable' && warnings.some(({ code }) => otherColumns.has(code));
}

/** Units that are not shown where `limit` are. */
export function hiddenOf({ added, removed, changed, units }: PlannedChange, limit: number): number {
  return added + removed + changed - Math.min(units.length, limit);
}

/** The units that a publication changes, with their values, as a table. */
export function changeLines(change: PlannedChange, context: TextContext): readonly string[] {
  const units = fairShare(change.units, context.limit);
  if (units.length === 0) return [];
  const rows = units.map((unit) => ({
    before: [unit.change],
    key: Object.entries(unit.key),
    after: [`${unit.rowCount.before} → ${unit.rowCount.after}`],
    below: fieldLines(
      shownFields(unit),
      (field, room) => shown(unit, field, room, context),
      context,
    ).concat(remarkOf(unit, context)),
  }));
  const rest = hiddenOf(change, context.limit);
  return [
    ...keyedTable({ before: ['change'], after: ['rows'] }, rows, context),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

function remarkOf(unit: PlannedUnit, { width }: TextContext): readonly string[] {
  const text = respelledText(unit);
  return text === null ? [] : [clipEnd(indent.repeat(3) + text, width)];
}

/** Of a changed unit what differs; of one that comes or goes all that it consumes. */
export function shownFields(unit: PlannedUnit): readonly string[] {
  const { fields, key, before, after } = unit;
  if (before !== null && after !== null) {
    // Rows of a unit that hold the same values of a field differ by others.
    const told = fields.filter((field) => {
      const [was, is] = variantsOf(unit, field) ?? [];
      return was === undefined || was !== is;
    });
    return told.length > 0 ? told : fields;
  }
  const { values = {} } = before ?? after ?? {};
  return Object.keys(values).filter((name) => !Object.hasOwn(key, name));
}

function shown(unit: PlannedUnit, field: string, room: number, context: TextContext): string {
  const { before, after } = unit;
  const variants = plannedVariants(unit, field);
  if (variants !== null) return clipEnd(variants, room);
  if (before === null || after === null)
    return clipEnd(showCell(cellOf(before ?? after, field)), room);
  return showChange(cellOf(before, field), cellOf(after, field), room, context);
}

/** All that a field of a unit with several rows was and becomes, `30 | 31 → 35`; null: it has none such. */
export function plannedVariants(unit: PlannedUnit, field: string): string | null {
  return variantsOf(unit, field)?.join(' → ') ?? null;
}

function variantsOf({ rows, rowCount }: PlannedUnit, field: string): readonly string[] | null {
  if (rows === undefined) return null;
  return (['before', 'after'] as const).flatMap((side) => {
    const values = rows[side].map((row) => showCell(cellOf(row, field)));
    return rowCount[side] === 0 ? [] : [variantsText(values, rowCount[side])];
  });
}

/** That a unit only changes its name, `"42"`; null: it does not. */
export function respelledText({ change, respelled }: PlannedUnit): string | null {
  if (respelled === undefined) return null;
  const other = Object.values(respelled).map((value) => quoteValue(value ?? ''));
  return `same unit, respelled: ${other.join(', ')} ${change === 'added' ? 'goes' : 'comes'}`;
}

/** A cell of a row; null where it has none. */
export function cellOf(row: PlannedRow | null, field: string): string | null {
  return row === null || !Object.hasOwn(row.values, field) ? null : (row.values[field] ?? null);
}
