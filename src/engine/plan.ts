import {
  KeydriftError,
  nearestNames,
  type KeyColumn,
  type NormalizationStep,
  type PlannedColumn,
  type Redaction,
  type ScanPlan,
  type Side,
  type Table,
} from '../model/index.ts';

/** What the contract wants of a copy, before its header is known. */
export interface PlanRequest {
  readonly side: Side;
  readonly key: readonly KeyColumn[];
  /** Null: every column but the key and the descriptive ones. */
  readonly consumes: readonly string[] | null;
  readonly descriptive: readonly string[];
  /** Contract's column name → name in this copy's header. */
  readonly rename: ReadonlyMap<string, string>;
  readonly normalize: ReadonlyMap<string, readonly NormalizationStep[]>;
  /** Columns whose values are not told; left out: none. */
  readonly redact?: Redaction;
  /** Left out: no value is an empty one. */
  readonly nulls?: 'distinct' | 'empty';
  /** Consumed columns of the other side, which this one must have exactly; null: none known. */
  readonly counterpart: readonly string[] | null;
  /** The line of the contract that names each column; null, or left out: no contract does. */
  readonly lines?: ReadonlyMap<string, number> | null;
}

/** The last plan of a request, and the header that it was made for. */
const planned = new WeakMap<
  PlanRequest,
  { readonly columns: readonly string[]; readonly plan: ScanPlan }
>();

/**
 * Finds the contract's columns in a copy's header; `advise`: what the copy's format says to do where
 * it lacks some. Throws `COLUMN_MISSING`, `COLUMN_DOUBLED` or
 * `COLUMNS_DIFFER` for this side, naming every such column at once.
 */
export function planScan(
  columns: readonly string[],
  request: PlanRequest,
  advise?: Table['advise'],
): ScanPlan {
  const last = planned.get(request);
  const isSame =
    last?.columns.length === columns.length &&
    columns.every((column, at) => column === last.columns[at]);
  if (last !== undefined && isSame) return last.plan;
  const plan = findPlan(columns, request, advise);
  planned.set(request, { columns, plan });
  return plan;
}

function findPlan(
  columns: readonly string[],
  request: PlanRequest,
  advise: Table['advise'],
): ScanPlan {
  const { key, consumes, rename } = request;
  const nameInFile = (column: string): string => rename.get(column) ?? column;
  const implied = consumes === null ? impliedColumns(columns, request) : null;
  const hasKey = key.every(({ column }) => columns.includes(nameInFile(column)));
  // Without its key it is the wrong file, or a renamed column: that is said first.
  if (implied !== null && request.counterpart !== null && hasKey) {
    checkCounterpart(implied, ownColumns(columns, request), columns, request);
  }
  const consumed = consumes ?? request.counterpart ?? implied ?? [];
  const wanted = [...key.map(({ column }) => column), ...consumed];
  checkColumns(wanted.map(nameInFile), columns, request, advise);
  const columnOf = (column: string): PlannedColumn => ({
    name: column,
    index: columns.indexOf(nameInFile(column)),
    role: 'consumed',
    optional: true,
    steps: request.normalize.get(column) ?? [],
    ...(request.redact?.columns.has(column) === true ? { show: request.redact.show } : {}),
  });
  checkRedacted(columns, request);
  return {
    width: columns.length,
    key: key.map(({ column, optional }) => ({ ...columnOf(column), role: 'key', optional })),
    consumed: consumed.map(columnOf),
    ...(request.nulls === 'distinct' ? { nulls: 'distinct' } : {}),
  };
}

/** A column that is to be hidden and is not there is a typo: what it meant would be told. */
function checkRedacted(columns: readonly string[], { redact, rename, side }: PlanRequest): void {
  if (side !== 'reviewed') return;
  const missing = [...(redact?.named ?? [])].filter(
    (column) => !columns.includes(rename.get(column) ?? column),
  );
  if (missing.length === 0) return;
  throw new KeydriftError('COLUMN_MISSING', `the ${side} copy has no ${list(missing)}`, {
    place: { side, line: 1 },
    hint: '`redact` names it: nothing is told before all that is to be hidden is known.',
  });
}

/** The columns that a plan asks for, by their index. */
export function plannedIndexes({ key, consumed }: ScanPlan): readonly number[] {
  return [...key, ...consumed].map(({ index }) => index);
}

/**
 * The consumed columns of a request that a header names once, by the contract's names; null where it
 * does not so name every key column.
 */
export function presentColumns(
  columns: readonly string[],
  request: PlanRequest,
): readonly string[] | null {
  const { key, consumes, rename } = request;
  const isThere = (column: string): boolean => {
    const name = rename.get(column) ?? column;
    return columns.includes(name) && columns.indexOf(name) === columns.lastIndexOf(name);
  };
  if (!key.every(({ column }) => isThere(column))) return null;
  return [...new Set(consumes ?? impliedColumns(columns, request))].filter(isThere);
}

/** Every column of a header that is neither key nor descriptive, by the contract's names. */
function impliedColumns(
  columns: readonly string[],
  { key, descriptive, rename }: PlanRequest,
): readonly string[] {
  const contractName = new Map([...rename].map(([name, inFile]) => [inFile, name]));
  const others = new Set([...key.map(({ column }) => column), ...descriptive]);
  return columns
    .map((column) => contractName.get(column) ?? column)
    .filter((column) => !others.has(column));
}

/** Columns that only share their name with one of the contract's, which this copy calls otherwise. */
function ownColumns(
  columns: readonly string[],
  { descriptive, rename }: PlanRequest,
): readonly string[] {
  const renamed = new Set([...rename.values(), ...descriptive]);
  return columns.filter((column) => rename.has(column) && !renamed.has(column));
}

/** Refuses columns that the reviewed copy does not have; those that are missing come later. */
function checkCounterpart(
  consumed: readonly string[],
  own: readonly string[],
  columns: readonly string[],
  { counterpart, side }: PlanRequest,
): void {
  const known = new Set(counterpart);
  const missing = [...known].filter((column) => !consumed.includes(column));
  const extra = [...consumed.filter((column) => !known.has(column)), ...own];
  if (extra.length === 0) return;
  const lacks = missing.length === 0 ? '' : ` and lacks ${list(missing)}`;
  throw new KeydriftError(
    'COLUMNS_DIFFER',
    `the ${side} copy has ${listInHeader(extra, columns)}${lacks}, other than the reviewed copy`,
    {
      place: { side, line: 1 },
      hint: `${unnamedHint(columns)}${renamedHint(missing, extra)}Without \`consumes\`, every column counts on both sides: name the consumed columns in \`consumes\`, or these in \`descriptive\`.`,
    },
  );
}

/** What to say where one column only has another name in this copy. */
function renamedHint(missing: readonly string[], extra: readonly string[]): string {
  const named = extra.filter((column) => column !== '');
  const [column] = missing;
  if (column === undefined) return '';
  const isOnly = missing.length === 1 && named.length === 1;
  const other = isOnly ? named[0] : nearestNames(column, named)[0];
  if (other === undefined) return '';
  return `If ${inFlow(other)} is ${inFlow(column)} by another name, say \`columns: {${inFlow(column)}: ${inFlow(other)}}\` for this copy. `;
}

function checkColumns(
  wanted: readonly string[],
  columns: readonly string[],
  request: PlanRequest,
  advise: Table['advise'],
): void {
  const { side } = request;
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new KeydriftError('COLUMN_MISSING', `the ${side} copy has no ${list(missing)}`, {
      place: { side, line: 1 },
      hint: advise?.(missing) ?? missingHint(missing[0] ?? '', { columns, wanted }, request),
    });
  }
  const doubled = [...new Set(wanted)].filter(
    (column) => columns.indexOf(column) !== columns.lastIndexOf(column),
  );
  if (doubled.length > 0) {
    throw new KeydriftError(
      'COLUMN_DOUBLED',
      `the header of the ${side} copy names ${list(doubled)} more than once`,
      { place: { side, line: 1 }, hint: 'Which of them counts is unknown: rename or drop one.' },
    );
  }
}

/**
 * Of the reviewed copy it is what the contract names that is wrong: its line, and what may be meant. A
 * runtime copy may call a column otherwise, which the contract can say.
 */
function missingHint(
  column: string,
  { columns, wanted }: Readonly<Record<'columns' | 'wanted', readonly string[]>>,
  { side, lines = null }: PlanRequest,
): string {
  const has = `Its header has: ${columns.slice(0, 20).map(inFlow).join(', ')}${columns.length > 20 ? ', …' : ''}.`;
  if (side === 'reviewed') {
    const [nearest] = nearestNames(column, columns);
    const line = lines?.get(column);
    const where =
      line === undefined ? '' : `Line ${line} of the contract names ${inFlow(column)}. `;
    const meant = nearest === undefined ? '' : `Did you mean ${inFlow(nearest)}? `;
    return `${where}${meant}${has}`;
  }
  // One that is wanted by its own name is no other one.
  const free = columns.filter((one) => !wanted.includes(one));
  const [nearest] = nearestNames(column, free);
  if (nearest === undefined) return has;
  return `${has} If ${inFlow(nearest)} is meant, say \`columns: {${inFlow(column)}: ${inFlow(nearest)}}\` for this copy.`;
}

/** A name as YAML reads it between braces: ` id ` needs its quotes. */
function inFlow(name: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(name) ? name : JSON.stringify(name);
}

function list(columns: readonly string[]): string {
  return `${columns.length === 1 ? 'column' : 'columns'} ${columns.join(', ')}`;
}

/** Columns of a header; those without a name are told by their numbers. */
function listInHeader(names: readonly string[], columns: readonly string[]): string {
  const named = names.filter((name) => name !== '');
  const numbers = names.length === named.length ? [] : unnamedColumns(columns);
  const unnamed =
    numbers.length === 0
      ? []
      : [
          numbers.length === 1
            ? `a column "" (column ${numbers[0]})`
            : `${numbers.length} columns without a name (${numbers.slice(0, 20).join(', ')})`,
        ];
  return [...(named.length === 0 ? [] : [list(named)]), ...unnamed].join(' and ');
}

/** Whether two plans read and show records alike. */
export function isPlannedAlike(one: ScanPlan, other: ScanPlan): boolean {
  if (one === other) return true;
  const [columns, others] = [one, other].map(({ key, consumed }) => [...key, ...consumed]);
  return (
    JSON.stringify(one) === JSON.stringify(other) &&
    columns!.every(({ show }, at) => show === others![at]!.show)
  );
}

/** 1-based numbers of the columns without a name. */
function unnamedColumns(columns: readonly string[]): readonly number[] {
  return columns.flatMap((name, index) => (name === '' ? [index + 1] : []));
}

/** How a header comes by columns without a name, and what to say of them. */
function unnamedHint(columns: readonly string[]): string {
  const numbers = unnamedColumns(columns);
  if (numbers.length === 0) return '';
  const story =
    numbers[0] === 1 && numbers.length === 1
      ? "The first one is probably a data frame's index (pandas: index=False leaves it out)."
      : columns.at(-1) === ''
        ? 'Those at the end are probably separators that a spreadsheet left behind.'
        : '';
  return `${story}${story === '' ? '' : ' '}Where it means nothing, say \`descriptive: [""]\` (diff: --descriptive ''). `;
}
