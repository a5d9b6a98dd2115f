import type { ArtifactReport, ChangedUnit, ChangeReport } from '../model/index.ts';
import { baseText, changeSums, changeWords, hiddenUnits, variantsChange } from './change.ts';
import { paintLead } from './style.ts';
import type { TextContext } from './text-context.ts';
import { fieldLines, remarkLines } from './text-findings.ts';
import { indent, keyedTable } from './text-keys.ts';
import { linesAfter, unitRemarks, valueOf } from './rows.ts';
import { showChange } from './text-values.ts';
import { clipEnd, padEnd, wrap } from './width.ts';
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
  const rest = hiddenUnits(change, context.limit);
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...sums,
    ...changedUnits(change.units.slice(0, context.limit), context),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

function changedUnits(units: readonly ChangedUnit[], context: TextContext): readonly string[] {
  if (units.length === 0) return [];
  const rows = units.map((unit) => ({
    before: [changeWords[unit.change]],
    key: unit.key,
    after: [`${unit.rowCount.before} → ${unit.rowCount.after}`, linesAfter(unit)],
    below: [
      ...fieldLines(
        unit.fields,
        (field, room) => changedField(unit, field, room, context),
        context,
      ),
      ...remarkLines(unitRemarks(unit), context),
    ],
  }));
  return ['', ...keyedTable({ before: ['this change'], after: ['rows', 'now'] }, rows, context)];
}

function changedField(
  unit: ChangedUnit,
  field: string,
  room: number,
  context: TextContext,
): string {
  const variants = variantsChange(unit, field);
  if (variants !== null) return clipEnd(variants.join(' → '), room);
  const [before, after] = [unit.before, unit.after].map((row) =>
    row === null ? null : valueOf(row, field),
  );
  return showChange(before ?? null, after ?? null, room, context);
}
