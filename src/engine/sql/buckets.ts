import type { UnreadKeys } from '../port.ts';
import { dialects } from './dialects/index.ts';
import { countKey, findingCounts, isBeyond, kindsOfKey, noKeys, type KeyFacts } from './facts.ts';
import { createFetched, type Fetched } from './fetched.ts';
import { md5, tupleText, wordPlaces } from './hash.ts';
import { rowsQuery } from './queries.ts';
import { noTotals, type EngineTotals, type HowToAsk } from './reduced.ts';
import { rowsSql, status, type RowsSql, type SqlSide } from './rows.ts';

/*
 * A table that is asked by itself, because what it is held against lies elsewhere: digests of buckets,
 * sums over all of its rows, and rows by the first digits of their keys' hashes.
 */

/** A table on its way. */
export interface Asking {
  readonly side: SqlSide;
  readonly sql: RowsSql;
  readonly how: HowToAsk;
  readonly fetched: Fetched;
}

export function askOf(side: SqlSide, how: HowToAsk): Asking {
  const sql = rowsSql(side, { compile: how.compileSql, salt: how.salt, hashes: 'hex' }, 'm');
  return { side, sql, how, fetched: createFetched(side.side, side.plan, sql, how) };
}

/** Words of sums, modulo. */
export const moduli: readonly [bigint, bigint, bigint] = [1n << 48n, 1n << 48n, 1n << 32n];
export type Sums = [bigint, bigint, bigint];

/** Pass 1: digests of buckets, and sums and counts of all, in one reading. */
export function bucketQuery(sql: RowsSql, dialect: string): string {
  const words = dialects[dialect]!;
  const sumOf = (text: string, word: number): string => {
    const [from, digits] = wordPlaces[word]!;
    return words.sum(words.fromHex(`SUBSTR(${text}, ${from}, ${digits})`));
  };
  const digests = ([0, 1] as const).map((at) => words.sum(words.packed.word('dh', at)));
  const whole = [sumOf('ch', 0), sumOf('ch', 1), sumOf('ch', 2), ...digests];
  const told = whole.map((sum) => `CASE WHEN GROUPING(b) = 1 THEN ${words.toText(sum)} END`);
  return `WITH ${sql.ctes.join(',\n')},
mb AS (SELECT CASE WHEN s = '' THEN SUBSTR(kh, 1, 4) ELSE s END AS b, ch, dh FROM ${sql.relation})
SELECT b, CASE WHEN GROUPING(b) = 1 OR b IN ('${status.invalid}', '${status.residual}') THEN ${words.toText('COUNT(*)')} END AS c, CASE WHEN GROUPING(b) = 0 THEN ${words.toText(`${sumOf('ch', 0)} % 281474976710656`)} END AS h, ${told.map((sum, at) => `${sum} AS t${at}`).join(', ')} FROM mb GROUP BY GROUPING SETS ((b), ())`;
}

export async function askBuckets({ side, sql }: Asking): Promise<{
  readonly buckets: Map<string, string>;
  readonly sums: Sums;
  readonly totals: EngineTotals;
}> {
  const buckets = new Map<string, string>();
  const totals = noTotals();
  let sums: Sums = [0n, 0n, 0n];
  for await (const [bucket = null, count, short, ...whole] of side.table.query(
    bucketQuery(sql, side.table.dialect),
  )) {
    if (bucket === null) {
      const [a, b, c, d0, d1] = whole.map((text) => BigInt(text ?? '0'));
      totals.rows = Number(count);
      totals.digest = [d0!, d1!];
      sums = [a! % moduli[0], b! % moduli[1], c! % moduli[2]];
    } else if (bucket === status.invalid) totals.invalid = Number(count);
    else if (bucket === status.residual) totals.residual = Number(count);
    else buckets.set(bucket, short ?? '0');
  }
  return { buckets, sums, totals };
}

/** What the engine left, and what is invalid there. */
export async function fetchOdd(
  { side, sql, how, fetched }: Asking,
  totals: EngineTotals,
): Promise<void> {
  const isRanked = totals.invalid > how.limit;
  const query = rowsQuery([{ ...side, sql }], {
    where: isRanked ? `s = '${status.residual}'` : `s <> '${status.judged}'`,
    firstInvalid: isRanked ? how.limit : null,
  });
  for await (const [, ...row] of side.table.query(query)) fetched.take(row);
}

/** Rows of these prefixes; null: naming them would make too long a query. */
export function within(
  { side }: Asking,
  prefixes: readonly string[],
  digits: number,
): string | null {
  if (prefixes.length * (digits + 6) > side.table.mostQueryBytes / 2) return null;
  if (prefixes.length === 0) return '1 = 0';
  return startsWith(side, digits, prefixes);
}

/** Rows that the engine judged. */
export const isJudged: string = `s = '${status.judged}'`;

/** Rows of keys whose hashes begin so: those that are not judged have none. */
function startsWith({ table }: SqlSide, digits: number, beginnings: readonly string[]): string {
  const literals = beginnings.map((one) => `'${one}'`);
  return dialects[table.dialect]!.isOneOf(`SUBSTR(kh, 1, ${digits})`, literals);
}

export function unlike(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name)).sort();
}

/** Rows of keys by the first sixteen digits of their hashes. */
export async function fetchNamed(
  { side, sql, fetched }: Asking,
  names: readonly string[],
): Promise<void> {
  const most = Math.max(1, Math.floor(side.table.mostQueryBytes / 2 / 20));
  for (let at = 0; at < names.length; at += most) {
    const where = startsWith(side, 16, names.slice(at, at + most));
    for await (const [, ...row] of side.table.query(rowsQuery([{ ...side, sql }], { where })))
      fetched.take(row);
  }
}

/** Keys that were counted and not chosen. */
export function leftUnread(
  facts: ReadonlyMap<string, KeyFacts>,
  chosen: { has(name: string): boolean },
): UnreadKeys {
  const counts = noKeys();
  for (const [name, one] of facts) if (!chosen.has(name)) countKey(counts, one, 'both', 1);
  return { counts: findingCounts(counts), differing: counts.differing, repeated: counts.repeated };
}

/** Keys in so many rows are asked for at once; more are split into smaller buckets first. */
export const mostUnsplit = 20_000;

/** Digests of the sixteenth parts of buckets. */
export async function splitBuckets(
  asking: Asking,
  buckets: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { side, sql } = asking;
  const wanted = new Set(buckets);
  const split = new Map<string, string>();
  const words = dialects[side.table.dialect]!;
  const [from, digits] = wordPlaces[0]!;
  const sum = words.sum(words.fromHex(`SUBSTR(ch, ${from}, ${digits})`));
  const query = `WITH ${sql.ctes.join(',\n')}\nSELECT b, ${words.toText(`${sum} % ${moduli[0]}`)} AS h FROM (SELECT SUBSTR(kh, 1, 5) AS b, ch FROM ${sql.relation} WHERE ${within(asking, buckets, 4) ?? isJudged}) GROUP BY b`;
  for await (const [bucket, short] of side.table.query(query)) {
    if (bucket !== null && bucket !== undefined && wanted.has(bucket.slice(0, 4)))
      split.set(bucket, short ?? '0');
  }
  return split;
}

/** Keys that are wanted whatever was counted, by the first digits of their hashes: of rows the engine left, and accepted ones. */
export function namedKeys({ how }: Asking, fetched: readonly Fetched[]): ReadonlySet<string> {
  const left = fetched.flatMap(({ rows }) =>
    rows.flatMap(({ byEngine, keyHash }) =>
      byEngine || keyHash === '' ? [] : [keyHash.slice(0, 16)],
    ),
  );
  const accepted = how.keys.map((key) => md5(how.salt + tupleText(key)).slice(0, 16));
  return new Set([...left, ...accepted]);
}

/** Of each sort the keys whose hashes without salt are the smallest; null: all are listed. */
export function chooseKeys(
  facts: ReadonlyMap<string, KeyFacts>,
  rankOf: (name: string) => string,
  limit: number,
): readonly string[] | null {
  const counts = noKeys();
  for (const one of facts.values()) countKey(counts, one, 'both', 1);
  if (!isBeyond(counts, limit)) return null;
  const bySort = new Map<number, string[]>();
  for (const [name, one] of facts) {
    const kinds = kindsOfKey(one, 'both');
    const same = bySort.get(kinds) ?? [];
    same.push(name);
    bySort.set(kinds, same);
  }
  return [...bySort].flatMap(([kinds, names]) => {
    if (kinds === 0) return [];
    return names.sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)).slice(0, limit);
  });
}
