import {
  count,
  nullCell,
  type PlannedColumn,
  type RawRecord,
  type RowPlace,
  type ScanPlan,
} from '../model/index.ts';

/** What a normalization of one column gives: the normal form, or what it expected instead. */
export type ColumnNormalizer = (value: string) => string | { readonly expected: string };

/** Turns a column's steps into one function; null where there are none. Owned by `normalize/`. */
export type CompileSteps = (steps: PlannedColumn['steps']) => ColumnNormalizer | null;

/** A record reduced to what decides: its functional key and consumed values, or why it has none. */
export type JudgedRow =
  | { readonly valid: true; readonly key: readonly string[]; readonly consumed: readonly string[] }
  | { readonly valid: false; readonly reason: string };

/** Judges records by a plan (SPEC §2, `invalid`). Throws content errors of the cells it reads. */
export type RowJudge = (record: RawRecord) => JudgedRow;

/** Sees every key value as it stands in the file. */
export type KeyObserver = (
  column: string,
  value: string,
  row: { readonly place: RowPlace },
) => void;

export function createRowJudge(
  plan: ScanPlan,
  compile: CompileSteps,
  observe: KeyObserver = () => undefined,
): RowJudge {
  const key = plan.key.map((column) => createCell(column, compile, observe));
  const { nulls } = plan;
  const consumed = plan.consumed.map((column) =>
    createCell(column, compile, () => undefined, nulls),
  );
  return (record) => {
    // Which cell is which column is unknown in such a record: nothing else is read from it.
    if (record.width !== plan.width) return { valid: false, reason: widthReason(record, plan) };
    const problems: string[] = [];
    const read = (cell: Cell): string => cell(record, problems);
    const row = { valid: true, key: key.map(read), consumed: consumed.map(read) } as const;
    return problems.length === 0 ? row : { valid: false, reason: problems.join('; ') };
  };
}

type Cell = (record: RawRecord, problems: string[]) => string;

function createCell(
  column: PlannedColumn,
  compile: CompileSteps,
  observe: KeyObserver,
  nulls?: ScanPlan['nulls'],
): Cell {
  const { name, index, role, optional, show = quoteValue } = column;
  const normalize = compile(column.steps);
  return (record, problems) => {
    const value = record.text(index);
    observe(name, value, record);
    if (value === '' && nulls === 'distinct' && record.isNull?.(index) === true) return nullCell;
    const normal = normalize === null || value === '' ? value : normalize(value);
    if (typeof normal !== 'string') {
      problems.push(`${name}: ${show(value)} is not ${normal.expected}`);
      return '';
    }
    if (normal === '' && role === 'key' && !optional) problems.push(`key column ${name} is empty`);
    return normal;
  };
}

function widthReason(record: RawRecord, plan: ScanPlan): string {
  return `${count(record.width, 'cell')}, the header has ${plan.width}`;
}

/** A reason quotes a value to be recognized, not to be read in full. */
function quoteValue(value: string): string {
  const clipped = Array.from(value.slice(0, 80)).slice(0, 40).join('');
  return JSON.stringify(clipped === value ? value : `${clipped}…`);
}
