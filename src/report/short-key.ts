import type { ArtifactReport, Cells, Finding } from '../model/index.ts';
import { count } from '../model/names.ts';
import { isFingerprint } from '../model/redaction.ts';

/** Columns that a key seems to lack. */
export interface ShortKey {
  /** Units of the reviewed copy with rows that disagree, and all of its units. */
  readonly units: number;
  readonly of: number;
  /** The key as it could be, the lacking columns last. */
  readonly columns: readonly string[];
  readonly lacking: readonly string[];
}

/** Fewer units, or a smaller share of them, are faults of rows. */
const leastUnits = 2;
const leastShare = 0.2;
/** What is looked at: of more the first tell as well. */
const mostUnits = 1000;
const mostColumns = 32;

/**
 * Whether what looks like faults of very many rows is one of the key: a column, or two, without which
 * rows of one unit disagree in the very copy that was reviewed, and with which none of the listed do.
 */
export function shortKeyOf(artifact: ArtifactReport): ShortKey | null {
  const { findings, reviewed } = artifact;
  const own = findings.filter(
    ({ kind, side, severity }) =>
      kind === 'conflict' && side === 'reviewed' && severity !== 'ignore',
  );
  const [first] = own;
  if (first?.key === undefined || first.key === null || reviewed === null) return null;
  if (own.length < Math.max(leastUnits, leastShare * reviewed.units)) return null;
  const looked = own.slice(0, mostUnits);
  const fields = first.fields
    .filter((field) => looked.every((one) => one.fields.includes(field)))
    .slice(0, mostColumns);
  const lacking = lackingAmong(looked, fields);
  if (lacking === null) return null;
  const columns = [...first.key.map(([column]) => column), ...lacking];
  return { units: own.length, of: reviewed.units, columns, lacking };
}

/** The same as a sentence; `show` makes a stranger's text safe. */
export function shortKeySentence(
  { units, of, columns, lacking }: ShortKey,
  show: (name: string) => string,
): string {
  const named = (names: readonly string[], between: string): string =>
    names.map(show).join(between);
  return `Is the key too short? Rows disagree in ${units} of the ${count(of, 'unit')} of the reviewed copy; with ${named(lacking, ' and ')} in it (${named(columns, ', ')}) none of those listed would.`;
}

/** The column that tells the variants of every unit apart, else two; those of the fewest values first. */
function lackingAmong(
  units: readonly Finding[],
  fields: readonly string[],
): readonly string[] | null {
  const ranked = fields
    .flatMap((field) => {
      const values = new Set(units.flatMap((unit) => rowsOf(unit).map((row) => cell(row, field))));
      return [...values].every(isMeasured) ? [] : [{ field, values: values.size }];
    })
    .toSorted((a, b) => a.values - b.values)
    .map(({ field }) => field);
  const tells = (set: readonly string[]): boolean => units.every((unit) => tellsApart(unit, set));
  const one = ranked.find((field) => tells([field]));
  if (one !== undefined) return [one];
  for (const [at, a] of ranked.entries()) {
    const b = ranked.slice(at + 1).find((other) => tells([a, other]));
    if (b !== undefined) return [a, b];
  }
  return null;
}

/** Whether rows of a unit that are alike in some columns are alike in all. */
function tellsApart(unit: Finding, columns: readonly string[]): boolean {
  const seen = new Map<string, string>();
  return rowsOf(unit).every(({ values }) => {
    const part = JSON.stringify(columns.map((column) => cell({ values }, column)));
    const whole = JSON.stringify(unit.fields.map((field) => cell({ values }, field)));
    const before = seen.get(part);
    seen.set(part, whole);
    return before === undefined || before === whole;
  });
}

function rowsOf({ rows }: Finding): readonly { readonly values: Cells }[] {
  return rows.filter(({ side }) => side === 'reviewed');
}

function cell({ values }: { readonly values: Cells }, field: string): string | null {
  return values.find(([column]) => column === field)?.[1] ?? null;
}

/** Decimals are measured, and name no unit. */
function isMeasured(value: string | null): boolean {
  return value !== null && !isFingerprint(value) && /^\s*[+-]?\d*[.,]\d+\s*$/.test(value);
}
