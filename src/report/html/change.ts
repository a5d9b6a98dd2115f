import type { ArtifactReport, ChangedUnit, ChangeReport } from '../../model/index.ts';
import { baseText, changeSums, changeWords, hiddenUnits, variantsChange } from '../change.ts';
import { showCell, showValue } from '../escape.ts';
import { unitRemarks, valueOf } from '../rows.ts';
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
  const table =
    units.length === 0
      ? nothing
      : staticTable(
          'Changed units',
          [{ head: 'this change' }, { head: 'key' }, { head: 'rows' }, { head: 'what it runs' }],
          units.map(unitCells),
        );
  return markup`${heading('What the change does to the work')}
<p>Against ${foreign(baseText(change))}, before &rarr; after:</p>
<dl class="facts">${sums.map(
    ([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
${table}${rest > 0 ? markup`<p class="note">${more(rest)}</p>` : null}`;
}

function unitCells(unit: ChangedUnit): readonly Markup[] {
  const { change, key, fields, rowCount, before, after } = unit;
  const values = fields.map((field) => {
    const [from, to] =
      variantsChange(unit, field) ??
      [before, after].map((row) => showCell(row && valueOf(row, field)));
    return markup`<div>${foreign(`${showValue(field)}: ${from ?? ''} → ${to ?? ''}`)}</div>`;
  });
  const remarks = unitRemarks(unit).map(
    ([what, parts]) => markup`<div>${what} ${foreign(parts.join(' '))}</div>`,
  );
  return [
    markup`<span class="kind ${change}">${changeWords[change]}</span>`,
    foreign(keyText(key)),
    markup`${rowCount.before} &rarr; ${rowCount.after}`,
    markup`${values}${remarks}`,
  ];
}
