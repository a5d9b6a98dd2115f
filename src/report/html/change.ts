import type { ArtifactReport, ChangedUnit, ChangeReport } from '../../model/index.ts';
import {
  baseText,
  changeSums,
  changeWords,
  fieldChanges,
  hiddenUnits,
  readingLines,
  readingNote,
} from '../change.ts';
import { showCell, showValue } from '../escape.ts';
import { unitRemarks } from '../rows.ts';
import { hasOtherKeys, namedKey } from '../text-keys.ts';
import { more } from '../wording.ts';
import { keyText } from './finding-facts.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

/** A heading of a level: an artifact stands under a page's title or under a part of it. */
export type Heading = (text: string) => Markup;

const unitsListed = 500;

/** What a change does to the work: its sums, then its units. */
export function changePart(
  change: ChangeReport,
  artifact: ArtifactReport,
  heading: Heading,
): Markup {
  const sums = changeSums(change, artifact.reviewed);
  const units = change.units.slice(0, unitsListed);
  const rest = hiddenUnits(change, unitsListed);
  const isNamed = hasOtherKeys(units);
  const reading = readingLines(change);
  const table =
    units.length === 0
      ? nothing
      : staticTable(
          'Changed units',
          [{ head: 'this change' }, { head: 'key' }, { head: 'rows' }, { head: 'what it runs' }],
          units.map((unit) => unitCells(unit, isNamed)),
        );
  return markup`${heading('What the change does to the work')}
<p>Against ${foreign(baseText(change))}, before &rarr; after:</p>
${
  reading.length === 0
    ? null
    : markup`<ul>${[...reading, readingNote(change)].map((line) => markup`<li>${foreign(line)}</li>`)}</ul>`
}
<dl class="facts">${sums.map(
    ([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
${table}${rest > 0 ? markup`<p class="note">${more(rest)}</p>` : null}`;
}

function unitCells(unit: ChangedUnit, isNamed: boolean): readonly Markup[] {
  const { change, key, rowCount, rows } = unit;
  const values = fieldChanges(unit).map(({ field, values: each }) => {
    const [from, to] = rows === undefined ? each.map(showCell) : each;
    return markup`<div>${foreign(`${showValue(field)}: ${from ?? ''} → ${to ?? ''}`)}</div>`;
  });
  const remarks = unitRemarks(unit).map(
    ([what, parts]) => markup`<div>${what} ${foreign(parts.join(' '))}</div>`,
  );
  return [
    markup`<span class="kind ${change}">${changeWords[change]}</span>`,
    foreign(isNamed ? namedKey(key) : keyText(key)),
    markup`${rowCount.before} &rarr; ${rowCount.after}`,
    markup`${values}${remarks}`,
  ];
}
