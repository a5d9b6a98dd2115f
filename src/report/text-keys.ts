import type { Cells } from '../model/index.ts';
import { showCell, showValue } from './escape.ts';
import { table, type TableColumn } from './table.ts';
import type { TextContext } from './text-context.ts';
import { clipEnd } from './width.ts';

/** A row about one unit: cells before its key, the key, cells after it, and lines below. */
export interface KeyedRow {
  readonly before: readonly string[];
  readonly key: Cells;
  readonly after: readonly string[];
  readonly below: readonly string[];
}

/** The heads of a keyed table's columns around the key. */
export interface KeyedHeads {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export const indent = '  ';

/**
 * A table of units with a column for each key column, columns without any cell left out. Where the
 * terminal is too narrow for so many, or units have keys of other columns, the key is one column of
 * `name=value`.
 */
export function keyedTable(
  heads: KeyedHeads,
  rows: readonly KeyedRow[],
  context: TextContext,
): readonly string[] {
  const room = context.width - indent.length;
  const byColumn = (): readonly string[] | null =>
    tableOf(
      heads,
      keyColumns(rows),
      (row) => row.key.map(([, value]) => showCell(value)),
      rows,
      room,
    );
  const lines =
    (hasOtherKeys(rows) ? null : byColumn()) ??
    tableOf(heads, [keyColumn('key')], (row) => [namedKey(row.key)], rows, room) ??
    [joinHeads(heads), ...rows.map(joinRow)].map((line) => clipEnd(line, room));
  return lines.flatMap((line, at) =>
    at === 0
      ? [indent + context.paint('dim', line)]
      : [indent + line, ...(rows[at - 1]?.below ?? [])],
  );
}

function tableOf(
  heads: KeyedHeads,
  keys: readonly TableColumn[],
  cellsOf: (row: KeyedRow) => readonly string[],
  rows: readonly KeyedRow[],
  room: number,
): readonly string[] | null {
  const columns = [...heads.before.map(plainColumn), ...keys, ...heads.after.map(plainColumn)];
  const cells = rows.map((row) => [...row.before, ...cellsOf(row), ...row.after]);
  const used = columns.map(
    (column, at) => keys.includes(column) || cells.some((row) => (row[at] ?? '') !== ''),
  );
  return table(
    columns.filter((_, at) => used[at]),
    cells.map((row) => row.filter((_, at) => used[at])),
    room,
  );
}

function keyColumns(rows: readonly KeyedRow[]): readonly TableColumn[] {
  return (rows[0]?.key ?? []).map(([column]) => keyColumn(showValue(column)));
}

function keyColumn(head: string): TableColumn {
  return { head, clip: 'middle', least: 6 };
}

function plainColumn(head: string): TableColumn {
  return { head, clip: 'end', least: 9 };
}

/** Whether units have keys of other columns: the key of the contract changed between them. */
export function hasOtherKeys(units: readonly { readonly key: Cells }[]): boolean {
  const columns = new Set(units.map(({ key }) => JSON.stringify(key.map(([column]) => column))));
  return columns.size > 1;
}

/** A key with the names of its columns: `id=P-1 region=EU`. */
export function namedKey(key: Cells): string {
  return key.map(([column, value]) => `${showValue(column)}=${showCell(value)}`).join(' ');
}

function joinHeads(heads: KeyedHeads): string {
  return [...heads.before, 'key', ...heads.after].join('  ');
}

function joinRow(row: KeyedRow): string {
  return [...row.before, namedKey(row.key), ...row.after].filter((cell) => cell !== '').join('  ');
}
