import type { Cells, ChangedUnit, Finding, ReportedRow, Side } from '../model/index.ts';
import { count } from '../model/names.ts';
import { escapeTerminal, head, showCell, showValue } from './escape.ts';
import { more } from './wording.ts';

const linesListed = 5;
const longestPlace = 120;

/**
 * Where the rows of a finding stand on a side: `line 3`, `lines 3, 9 +4 more`, `/records/6`, `-` for
 * none.
 */
export function linesOf({ rowCount, rows }: Finding, side: Side): string {
  const own = rows.filter((row) => row.side === side);
  return linesOfRows(own, Math.max(rowCount[side], own.length));
}

/** Where the rows of a unit stand after a change; nothing where it has none. */
export function linesAfter({ after, rows, rowCount }: ChangedUnit): string {
  if (after === null) return '';
  return linesOfRows(rows === undefined ? [after] : rows.after, rowCount.after);
}

function linesOfRows(own: readonly ReportedRow[], total: number): string {
  if (total === 0) return '-';
  const [first] = own;
  if (first === undefined) return count(total, 'row');
  const rest = (listed: number): string => (total > listed ? ` ${more(total - listed)}` : '');
  if (first.place !== undefined) return placeOf(first) + rest(1);
  const listed = own.slice(0, linesListed).map(({ line }) => line);
  return `${total === 1 ? 'line' : 'lines'} ${listed.join(', ')}${rest(listed.length)}`;
}

/** Where a row stands: `line 3`, or its format's own words. */
export function placeOf({ place, line }: Pick<ReportedRow, 'place' | 'line'>): string {
  return place === undefined ? `line ${line}` : escapeTerminal(head(place, longestPlace));
}

/** The two rows that show a disagreement, and how many further values the listed rows have. */
export function disagreement(
  { side, rows }: Finding,
  field: string,
): { first: ReportedRow | null; second: ReportedRow | null; others: number } {
  const candidates = side === 'across' ? rows : rows.filter((row) => row.side === side);
  const [first = null] = candidates;
  const second =
    side === 'across'
      ? candidates.find((row) => row.side === 'runtime')
      : candidates.find((row) => first !== null && valueOf(row, field) !== valueOf(first, field));
  const distinct = new Set(candidates.map((row) => valueOf(row, field)));
  return {
    first,
    second: second ?? null,
    others: side === 'across' ? 0 : Math.max(0, distinct.size - 2),
  };
}

/** The cell of a column in a row; null where the record has none. */
export function valueOf(row: ReportedRow, field: string): string | null {
  return row.values.find(([column]) => column === field)?.[1] ?? null;
}

const valuesListed = 8;

/** What is to be said of a finding beside its key: what, and the parts of it. */
export type Remark = readonly [what: string, parts: readonly string[]];

/** What an added unit would run, who accepts what. */
export function remarksOf(finding: Finding): readonly Remark[] {
  const { accepted } = finding;
  const values = finding.kind === 'added' ? consumedOf(finding) : [];
  const remarks: readonly Remark[] = [
    ['would run:', values],
    accepted === undefined
      ? ['', []]
      : [`accepted until ${escapeTerminal(accepted.until)}:`, wordsOf(accepted.reason)],
  ];
  return remarks.filter(([, parts]) => parts.length > 0);
}

function wordsOf(text: string): readonly string[] {
  return escapeTerminal(text).split(' ');
}

/** What a unit that a change adds will run, and what ran of one that it removes: each variant once. */
export function unitRemarks({ change, key, before, after, rows }: ChangedUnit): readonly Remark[] {
  if (change === 'changed') return [];
  const [what, row, all] =
    change === 'added' ? ['will run:', after, rows?.after] : ['ran:', before, rows?.before];
  const variants = (all ?? (row === null ? [] : [row])).map((one) => consumedIn(key, one));
  const distinct = new Map(variants.map((parts) => [parts.join('\n'), parts]));
  return [...distinct.values()].filter((parts) => parts.length > 0).map((parts) => [what, parts]);
}

/** The consumed values of a finding's first row: `run_mode=full`, `weight=1.10`. */
function consumedOf({ key, rows }: Finding): readonly string[] {
  const [first] = rows;
  return first === undefined ? [] : consumedIn(key ?? [], first);
}

function consumedIn(key: Cells, { values }: ReportedRow): readonly string[] {
  const named = new Set(key.map(([column]) => column));
  const consumed = values.filter(([column]) => !named.has(column));
  const told = consumed
    .slice(0, valuesListed)
    .map(
      ([column, value]) =>
        `${showValue(head(column, 60))}=${showCell(value === null ? null : head(value, 200))}`,
    );
  const rest = consumed.length - told.length;
  return [...told, ...(rest > 0 ? [more(rest)] : [])];
}
