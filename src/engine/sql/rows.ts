import type { CompileSql, LakeTable, PlannedColumn, ScanPlan, Side } from '../../model/index.ts';
import { KeydriftError } from '../../model/index.ts';
import { dialects } from './dialects/index.ts';
import { placeOfNull } from './hash.ts';
import { createLayers } from './layers.ts';

/** One side that its engine reads. */
export interface SqlSide {
  readonly side: Side;
  readonly table: LakeTable;
  readonly plan: ScanPlan;
  /** Normal values that are in scope, by key column; null: all are. */
  readonly scope: ReadonlyMap<string, ReadonlySet<string>> | null;
}

/** What makes rows comparable in one run. */
export interface Hashing {
  readonly compile: CompileSql;
  /** Before everything that is hashed: random for each run. */
  readonly salt: string;
  /** Hex digits, which have first ones; packed: what stays in one query and is only compared. */
  readonly hashes: 'hex' | 'packed';
}

/** The rows of a side, as relations of a query. */
export interface RowsSql {
  readonly ctes: readonly string[];
  /** Has the columns of `raw`, and for each row `s`, `kt`, `kh`, `ch` and `dh`. */
  readonly relation: string;
  /** Names of the planned columns' text as it stands. */
  readonly raw: readonly string[];
  /** Text as it stands of a value that its engine writes otherwise, by raw column. */
  readonly own: readonly (((text: string) => string) | null)[];
  /** Place of a planned column's text, by the plan's index. */
  readonly placeOf: ReadonlyMap<number, number>;
  /** What keeps the engine from reading rows exactly, and when it does. */
  readonly inexact: readonly {
    readonly column: string;
    readonly why: string;
    readonly when: string;
  }[];
}

/** Status of a row: judged by the engine, invalid there, or left to keydrift. */
export const status = { judged: '', invalid: 'i', residual: 'x' } as const;

/** What stands for the hash of a key where there is none, in 32 hex digits. */
export const noKey = {
  invalid: '00000000000000000000000000000000',
  residual: '00000000000000000000000000000001',
} as const;

/**
 * The rows of a side in SQL: the text of each planned column, and per row its status `s`, the text of
 * its key tuple `kt`, the salted hash of that `kh` and of key and consumed values `ch`, and without
 * salt `dh`, the packed hash that the engine's digest sums. Of rows that are not judged `kh` is their
 * status, or packed `noKey`, and the others are null.
 */
export function rowsSql(
  { side, table, plan, scope }: SqlSide,
  { compile, salt, hashes }: Hashing,
  prefix: string,
): RowsSql {
  const words = dialects[table.dialect]!;
  const layers = createLayers(words);
  const columns = [...plan.key, ...plan.consumed];
  const placeOf = new Map(
    [...new Set(columns.map(({ index }) => index))].map((index, at) => [index, at]),
  );
  const texts = [...placeOf.keys()].map((index) => {
    const column = table.columns[index]!;
    const text = words.columnText(column);
    if (text !== null) return { ...text, name: column.name };
    throw notComparable(side, column.name, column.type, table);
  });
  const raw = texts.map((_, at) => `r${at}`);
  const filled = raw.map((name) => layers.let(`COALESCE(${name}, '')`));
  const base = texts.flatMap(({ text, exact }, at) => [
    `${text} AS r${at}`,
    ...(exact === undefined ? [] : [`NOT COALESCE(${exact}, TRUE) AS x${at}`]),
  ]);
  const inexact = texts.flatMap(({ name, exact, form }, at) => [
    ...(exact === undefined ? [] : [{ column: name, why: 'its type', when: `x${at}` }]),
    ...(form === undefined
      ? [{ column: name, why: 'a NUL character', when: words.hasNul(filled[at]!) }]
      : []),
  ]);
  const normal = columns.map(({ name, index, steps }) => {
    const at = placeOf.get(index)!;
    const { value, inexact: of } = compile(steps, filled[at]!, layers, texts[at]!.form);
    for (const { step, when } of of) inexact.push({ column: name, why: `the step ${step}`, when });
    return value;
  });
  const keys = normal.slice(0, plan.key.length);
  const isResidual = layers.let(anyOf(inexact.map(({ when }) => when)));
  const isInvalid = layers.let(
    anyOf([
      ...normal.map((value) => `${value} IS NULL`),
      ...plan.key.flatMap(({ optional }, at) => (optional ? [] : [`${keys[at]} = ''`])),
    ]),
  );
  /** Consumed cells in this order, and which of them are none. */
  const consumed = (order: readonly number[]): string => {
    if (order.length === 0) return "''";
    const cells = words.tuple(...order.map((at) => normal[plan.key.length + at]!));
    if (plan.nulls !== 'distinct') return cells;
    const nulls = order.map((column, at) => {
      const isNull = `r${placeOf.get(plan.consumed[column]!.index)} IS NULL`;
      return `CASE WHEN ${isNull} THEN '${placeOfNull(at)}' ELSE '' END`;
    });
    return words.concat(cells, ...nulls);
  };
  const kt = layers.let(words.tuple(...keys));
  const rest = layers.let(consumed(plan.consumed.map((_, at) => at)));
  const byName = layers.let(consumed(nameOrder(plan.consumed)));
  const s = layers.let(
    `CASE WHEN ${isResidual} THEN '${status.residual}' WHEN ${isInvalid} THEN '${status.invalid}' ELSE '' END`,
  );
  const { packed } = words;
  const judged = (value: string): string => `CASE WHEN ${s} = '' THEN ${value} END`;
  const all = layers.let(words.concat(kt, rest));
  const salted = (text: string): string => words.concat(words.literal(salt), text);
  const none = `WHEN ${s} = '${status.invalid}' THEN ${packed.literal(noKey.invalid)} ELSE ${packed.literal(noKey.residual)}`;
  const [kh, ch] =
    hashes === 'hex'
      ? [
          layers.let(`CASE WHEN ${s} = '' THEN ${words.md5(salted(kt))} ELSE ${s} END`),
          layers.let(judged(words.md5(salted(all)))),
        ]
      : [
          layers.let(`CASE WHEN ${s} = '' THEN ${packed.of(salted(kt))} ${none} END`),
          layers.let(judged(packed.half(packed.of(salted(all))))),
        ];
  const dh = layers.let(judged(packed.of(byName === rest ? all : words.concat(kt, byName))));
  const { ctes, last } = layers.relations(prefix, `SELECT ${base.join(', ')} FROM ${table.from}`);
  const inScope = scopeSql(plan.key, keys, scope, (text) => words.literal(text));
  const final = `${prefix} AS (SELECT ${[...raw, `${s} AS s`, `${kt} AS kt`, `${kh} AS kh`, `${ch} AS ch`, `${dh} AS dh`].join(', ')} FROM ${last}${inScope === null ? '' : ` WHERE ${s} <> '' OR ${inScope}`})`;
  return {
    ctes: [...ctes, final],
    relation: prefix,
    raw,
    own: texts.map(({ own }) => own ?? null),
    placeOf,
    inexact,
  };
}

/** Places of columns, by the order of their names. */
export function nameOrder(columns: readonly { readonly name: string }[]): readonly number[] {
  const order = columns.map((_, index) => index);
  return order.sort((a, b) => (columns[a]!.name < columns[b]!.name ? -1 : 1));
}

function anyOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'FALSE' : conditions.map((one) => `(${one})`).join(' OR ');
}

function scopeSql(
  key: readonly PlannedColumn[],
  values: readonly string[],
  scope: SqlSide['scope'],
  literal: (text: string) => string,
): string | null {
  const terms = key.flatMap(({ name }, at) => {
    const wanted = scope?.get(name);
    return wanted === undefined
      ? []
      : [`${values[at]} IN (${[...wanted].map(literal).join(', ')})`];
  });
  return terms.length === 0 ? null : `(${terms.join(' AND ')})`;
}

function notComparable(
  side: Side,
  column: string,
  type: string,
  { engine }: LakeTable,
): KeydriftError {
  return new KeydriftError(
    'ENGINE_TYPE',
    `the ${side} table's column ${column} is ${type}: no text can be made of its values that could be compared`,
    {
      place: { side },
      hint: `Name it in \`descriptive\`, or let ${engine.name} read a view that casts it.`,
    },
  );
}
