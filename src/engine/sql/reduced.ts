import type { CompileSql, LakeTable, ScanPlan, Side } from '../../model/index.ts';
import { KeydriftError } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import type { CompileSteps } from '../row.ts';
import { countKey, findingCounts, type KeyCounts } from './facts.ts';
import { sortFetched, type Fetched, type FetchedRow } from './fetched.ts';
import { digestValue, md5, tupleText } from './hash.ts';
import { nameOrder, type RowsSql, type SqlSide } from './rows.ts';
import { dialects } from './dialects/index.ts';

/** How tables are reduced by their engines. */
export interface HowToAsk {
  readonly compile: CompileSteps;
  readonly compileSql: CompileSql;
  /** Findings of each kind and side that are listed at most. */
  readonly limit: number;
  /** Normalized keys that are read wherever they stand. */
  readonly keys: readonly (readonly string[])[];
  /** Random text before everything that is hashed. */
  readonly salt: string;
}

/** A table as far as it was read, and all that was counted of it. */
export interface ReducedTable {
  readonly plan: ScanPlan;
  /** In the order in which findings are listed. */
  readonly rows: readonly FetchedRow[];
  readonly placeOf: ReadonlyMap<number, number>;
  readonly totals: { readonly rows: number; readonly units: number; readonly invalid: number };
  readonly digest: { readonly algorithm: string; readonly value: string };
}

/** What an engine counted of a side. */
export interface EngineTotals {
  rows: number;
  units: number;
  invalid: number;
  residual: number;
  digest: [bigint, bigint];
}

export function noTotals(): EngineTotals {
  return { rows: 0, units: 0, invalid: 0, residual: 0, digest: [0n, 0n] };
}

/** A side with what its engine counted, and what keydrift judged of it. */
export function reducedTable(
  { plan, table }: Pick<SqlSide, 'plan' | 'table'>,
  sql: Pick<RowsSql, 'placeOf'>,
  totals: EngineTotals,
  fetched: Fetched,
): ReducedTable {
  const { algorithm, wordOf } = dialects[table.dialect]!.packed;
  let { units, invalid } = totals;
  const digest: [bigint, bigint] = [...totals.digest];
  const own = new Set<string>();
  for (const { byEngine, judged, keyHash, rows } of fetched.rows) {
    if (byEngine) continue;
    if (!judged.valid) {
      invalid += rows;
      continue;
    }
    if (!fetched.facts.has(keyHash) && !own.has(keyHash)) units += 1;
    own.add(keyHash);
    const ordered = nameOrder(plan.consumed).map((at) => judged.consumed[at]!);
    const hashed = md5(tupleText(judged.key) + tupleText(ordered));
    for (const word of [0, 1] as const) digest[word] += wordOf(hashed, word) * BigInt(rows);
  }
  return {
    plan,
    rows: sortFetched(fetched.rows),
    placeOf: sql.placeOf,
    totals: { rows: totals.rows, units, invalid },
    digest: { algorithm, value: digestValue(digest) },
  };
}

/** The keys that were counted and are not among those that were read. */
export function unreadKeys(
  counted: KeyCounts,
  fetched: Partial<Readonly<Record<Side, Fetched>>>,
): UnreadKeys {
  const { reviewed, runtime } = fetched;
  const sides = reviewed === undefined || runtime === undefined ? 'one' : 'both';
  const left = { ...counted, kinds: new Map(counted.kinds) };
  const keys = new Set([...(reviewed?.facts.keys() ?? []), ...(runtime?.facts.keys() ?? [])]);
  for (const key of keys) {
    const facts = {
      reviewed: reviewed?.facts.get(key) ?? null,
      runtime: runtime?.facts.get(key) ?? null,
    };
    countKey(left, facts, sides, -1);
  }
  return { counts: findingCounts(left), differing: left.differing, repeated: left.repeated };
}

/** So many rows that an engine cannot read exactly are judged here at most. */
const mostResidual = 20_000;

/** Refuses what would come back whole, naming the column and step that is the reason. */
export async function holdResidual(
  side: Side,
  table: LakeTable,
  sql: RowsSql,
  count: number,
): Promise<void> {
  if (count <= mostResidual) return;
  const counts = sql.inexact.map(({ when }) => `COUNT(CASE WHEN ${when} THEN 1 END)`);
  const { toText } = dialects[table.dialect]!;
  // The last relation before the result has all that the reasons speak of.
  const before = sql.ctes.at(-2)!.split(' ')[0]!;
  const query = `WITH ${sql.ctes.slice(0, -1).join(',\n')}\nSELECT ${counts.map((one, at) => `${toText(one)} AS c${at}`).join(', ')} FROM ${before}`;
  let worst = { column: '', why: '', rows: 0 };
  for await (const row of table.query(query)) {
    row.forEach((text, at) => {
      const rows = Number(text ?? '0');
      if (rows > worst.rows) worst = { ...sql.inexact[at]!, rows };
    });
  }
  throw new KeydriftError(
    'TOO_LARGE',
    `${count} rows of the ${side} table are beyond what ${table.engine.name} reads exactly, most of them (${worst.rows}) for ${worst.why} of column ${worst.column}; at most ${mostResidual} are read here`,
    {
      place: { side },
      hint: 'Drop the step where it changes nothing, let the table hold the normal form, or compare a file export of it.',
    },
  );
}
