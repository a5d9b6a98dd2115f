import type { Cells, Finding, Side } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { escapeCharacter, escapeTerminal, head, showCell, showValue, tail } from '../escape.ts';
import { disagreement, linesOf, valueOf } from '../rows.ts';
import { more, severityWords } from '../wording.ts';

const fieldsListed = 3;
const longestValue = 48;
const longestKey = 100;

/** The heads of a table of findings, but those of its key columns. */
export const findingHeads = {
  kind: 'kind',
  side: 'side',
  severity: 'severity',
  reviewed: 'reviewed rows',
  runtime: 'runtime rows',
  what: 'what differs',
} as const;

/** The key columns of an artifact's findings, those of the first that has a key. */
export function keyColumns(findings: readonly Finding[]): readonly string[] {
  const keyed = findings.find(({ key }) => key !== null);
  return (keyed?.key ?? []).map(([column]) => column);
}

/** The normalized value of a key column as people read it; nothing where a finding has no key. */
export function keyValue({ key }: Finding, column: string): string {
  const cell = key?.find(([name]) => name === column);
  return cell === undefined ? '' : clip(showCell(cell[1]), longestKey);
}

/**
 * A cell beside another: where the two look alike and are not, all that is not ASCII is shown as
 * escapes.
 */
export function showApart(value: string | null, other: string | null): string {
  const shown = showCell(value);
  const isAlike = value !== other && value?.normalize('NFKC') === other?.normalize('NFKC');
  return isAlike ? shown.replace(/[^ -~]/gu, escapeCharacter) : shown;
}

/** `P-1 EU`. */
export function keyText(key: Cells): string {
  return key.map(([, value]) => showCell(value)).join(' ');
}

/** What a finding weighs, in one word. */
export function severityText({ severity }: Finding): string {
  return severityWords[severity] === '' ? 'fail' : severityWords[severity];
}

/** Where a finding's rows stand on a side: `lines 3, 9`; nothing where there is none. */
export function placeText(finding: Finding, side: Side): string {
  const isThere = finding.rows.some((row) => row.side === side);
  return isThere ? linesOf(finding, side) : '';
}

/** What is wrong or differs, in a line. */
export function whatText(finding: Finding): string {
  const { kind, reason, fields, respelled } = finding;
  if (reason !== null) return escapeTerminal(reason);
  if (respelled !== null) {
    const there = kind === 'added' ? 'reviewed' : 'runtime';
    return `same unit as ${keyText(respelled)} (${there}), respelled`;
  }
  const listed = fields.slice(0, fieldsListed).map((field) => fieldText(finding, field));
  const rest = fields.length - listed.length;
  return [...listed, ...(rest > 0 ? [more(rest)] : [])].join(', ');
}

/** How many rows of a finding are not listed on a side; null: all are. */
export function hiddenRows({ rows, rowCount }: Finding, side: Side): string | null {
  const hidden = rowCount[side] - rows.filter((row) => row.side === side).length;
  return hidden > 0 ? `${count(hidden, 'more row')} on the ${side} side` : null;
}

function fieldText(finding: Finding, field: string): string {
  const { first, second } = disagreement(finding, field);
  const name = clip(showValue(field), longestValue);
  if (first === null) return name;
  const [from, to] = [valueOf(first, field), second && valueOf(second, field)];
  if (second === null) return `${name}: ${clip(showCell(from), longestValue)} and other values`;
  const [left, right] = [showApart(from, to), showApart(to, from)];
  return `${name}: ${clip(left, longestValue)} → ${clip(right, longestValue)}`;
}

/** A shown value with its middle left out where it is long: values differ at their ends. */
function clip(shown: string, most: number): string {
  if (shown.length <= most) return shown;
  return `${head(shown, most / 2)}…${tail(shown, shown.length - most / 2)}`;
}
