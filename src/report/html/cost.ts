import type { Cost, UnitCost } from '../../model/index.ts';
import { escapeTerminal, showValue } from '../escape.ts';
import { costSentence } from '../investigation/sentences.ts';
import { byteSize, capitalized, more } from '../wording.ts';
import { keyText } from './finding-facts.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

const unitsListed = 200;

const columns = [
  { head: 'unit', look: 'short' as const },
  { head: 'rows', look: 'number' as const },
  { head: 'prefix' },
  { head: 'objects', look: 'number' as const },
  { head: 'one scan', look: 'number' as const },
  { head: 'scanned again', look: 'number' as const },
];

/** What the repetition of a run costs, the dearest unit first. */
export function costPart(cost: Cost | null): Markup {
  if (cost === null || cost.redundantRows === 0) return nothing;
  const sentence = costSentence(cost);
  const units = [...cost.units].sort((a, b) => (b.redundantBytes ?? -1) - (a.redundantBytes ?? -1));
  const rest = units.length - unitsListed;
  const scans =
    cost.scans === null
      ? markup`<p class="note">The contract does not say what a unit scans (<code>cost</code>), so the bytes are not known.</p>`
      : markup`<p class="note">What a unit scans: <code>${cost.scans}</code></p>`;
  const table =
    units.length === 0
      ? nothing
      : staticTable('Cost of the repeated units', columns, units.slice(0, unitsListed).map(cells));
  return markup`<section aria-labelledby="cost"><h2 id="cost">What it costs</h2>
${
  sentence === null
    ? null
    : markup`<p class="lead">${capitalized(sentence)}</p>
`
}${scans}
${table}${rest > 0 ? markup`<p class="note">${more(rest)}</p>` : null}</section>
`;
}

function cells(unit: UnitCost): readonly (Markup | string | number)[] {
  return [
    foreign(keyText(unit.key)),
    unit.rows,
    foreign(showValue(unit.prefix)),
    unit.objects ?? '',
    unit.bytes === null ? '' : byteSize(unit.bytes),
    unit.redundantBytes === null
      ? foreign(escapeTerminal(unit.reason ?? 'not known'))
      : byteSize(unit.redundantBytes),
  ];
}
