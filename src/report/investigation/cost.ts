import type { Cost } from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { paintLead } from '../style.ts';
import type { TextContext } from '../text-context.ts';
import { indent, keyedTable } from '../text-keys.ts';
import { wrap } from '../width.ts';
import { byteSize, more } from '../wording.ts';

/** What each repeated unit scans, and what of it in vain, as a table. */
export function costLines({ scans, units }: Cost, context: TextContext): readonly string[] {
  if (units.length === 0) return [];
  const lead = 'what is scanned again in each run';
  const template = scans === null ? '' : `, ${escapeTerminal(scans)}`;
  const shown = units.slice(0, context.limit);
  const rest = units.length - shown.length;
  const rows = shown.map(({ key, rows: number, objects, bytes, redundantBytes, reason }) => ({
    before: [],
    key,
    after: [
      String(number),
      objects === null ? '-' : String(objects),
      bytes === null ? '-' : byteSize(bytes),
      redundantBytes === null ? '-' : byteSize(redundantBytes),
    ],
    below: reason === null ? [] : wrap(`      ${escapeTerminal(reason)}`, context.width, 8),
  }));
  const heads = { before: [], after: ['rows', 'objects', 'one scan', 'again'] };
  return [
    ...paintLead(
      wrap(lead + template, context.width, indent.length),
      lead,
      context.paint('bold', lead),
    ),
    ...keyedTable(heads, rows, context),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}
