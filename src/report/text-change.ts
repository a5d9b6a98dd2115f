import type { ArtifactReport, ChangedUnit, ChangeReport } from '../model/index.ts';
import {
  baseText,
  changeSums,
  changeWords,
  fieldChanges,
  hiddenUnits,
  readingLines,
  readingNote,
  type FieldChange,
} from './change.ts';
import { lookOf } from './escape.ts';
import { paintLead } from './style.ts';
import type { TextContext } from './text-context.ts';
import { fieldLines, remarkLines } from './text-findings.ts';
import { indent, keyedTable } from './text-keys.ts';
import { linesAfter, unitRemarks } from './rows.ts';
import { showChange } from './text-values.ts';
import { padEnd, widthOf, wrap } from './width.ts';
import { more } from './wording.ts';

const lead = 'what this change does to the work';

/** What a change does to the work: its sums before and after, then the units it touches. */
export function changeLines(
  change: ChangeReport,
  artifact: ArtifactReport,
  context: TextContext,
): readonly string[] {
  const heading = wrap(`${lead}, against ${baseText(change)}`, context.width, indent.length);
  const sums = changeSums(change, artifact.reviewed).flatMap(([label, value]) =>
    wrap(`${indent}${padEnd(label, 14)}  ${value}`, context.width, indent.length * 2),
  );
  const reading = readingLines(change);
  const told = (reading.length === 0 ? [] : [...reading, readingNote(change), '']).flatMap((line) =>
    wrap(indent + line, context.width, indent.length * 2),
  );
  const rest = hiddenUnits(change, context.limit);
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...told,
    ...sums,
    ...changedUnits(change.units.slice(0, context.limit), context),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

function changedUnits(units: readonly ChangedUnit[], context: TextContext): readonly string[] {
  if (units.length === 0) return [];
  const rows = units.map((unit) => {
    const changes = new Map(fieldChanges(unit).map((change) => [change.field, change]));
    return {
      before: [changeWords[unit.change]],
      key: unit.key,
      after: [`${unit.rowCount.before} → ${unit.rowCount.after}`, linesAfter(unit)],
      below: [
        ...fieldLines(
          [...changes.keys()],
          (field, room) => changedField(changes.get(field), unit, room, context),
          context,
        ),
        ...remarkLines(unitRemarks(unit), context),
      ],
    };
  });
  return ['', ...keyedTable({ before: ['this change'], after: ['rows', 'now'] }, rows, context)];
}

/** Of one row cells, to be shown; of several rows what is shown already. */
function changedField(
  change: FieldChange | undefined,
  { rows }: ChangedUnit,
  room: number,
  context: TextContext,
): string {
  if (change === undefined) return '';
  const [before, after] = change.values;
  const whole = `${before ?? ''} → ${after ?? ''}`;
  const isAlike = lookOf(before ?? '') === lookOf(after ?? '');
  const fits = rows !== undefined && !isAlike && widthOf(whole) <= room;
  return fits ? whole : showChange(before, after, room, context, rows && 'shown');
}
