import { KeydriftError, type Side, type SqlWords } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import { dialects } from './dialects/index.ts';
import { countKey, findingCounts, isBeyond, kindsOfKey, noKeys, type KeyFacts } from './facts.ts';
import { createFetched, type Fetched } from './fetched.ts';
import { md5, moduli, tupleText, wordPlaces, type Sums } from './hash.ts';
import { rowsQuery } from './queries.ts';
import { holdResidual, noTotals, type EngineTotals, type HowToAsk } from './reduced.ts';
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

/** One of two copies as its digests tell of it. */
export interface Digests {
  /** A short digest of each bucket. */
  readonly buckets: ReadonlyMap<string, string>;
  /** Rows in these buckets, about. */
  rowsIn(buckets: readonly string[]): number;
  /** Digests of their sixteenth parts. */
  split(buckets: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** A table as far as its engine told of it. */
export interface Told extends Digests {
  readonly asking: Asking;
  readonly sums: Sums;
  readonly totals: EngineTotals;
}

/** Asks for digests and counts of a table, and for the rows that its engine left or that are invalid. */
export async function askTable(side: SqlSide, how: HowToAsk): Promise<Told> {
  const sql = rowsSql(side, { compile: how.compileSql, salt: how.salt, hashes: 'hex' }, 'm');
  const asking = { side, sql, how, fetched: createFetched(side.side, side.plan, sql, how) };
  const told = await askBuckets(asking);
  const { rows, residual, invalid } = told.totals;
  await holdResidual(side.side, side.table, sql, residual);
  if (residual + invalid > 0) await fetchOdd(asking, told.totals);
  return {
    asking,
    ...told,
    rowsIn: ({ length }) => (rows * length) / 65_536,
    split: (buckets) => splitBuckets(asking, buckets),
  };
}

/** The first digits of keys' hashes under which two copies differ. */
export async function differingLeaves(one: Digests, other: Digests): Promise<readonly string[]> {
  const differing = unlike(one.buckets, other.buckets);
  if (Math.max(one.rowsIn(differing), other.rowsIn(differing)) <= mostUnsplit) return differing;
  const [first, second] = await Promise.all([one.split(differing), other.split(differing)]);
  return unlike(first, second);
}

/** A sum of one word of hashes, modulo, as text. */
export function sumOfWord(words: SqlWords, word: 0 | 1 | 2): string {
  return words.toText(`${wholeSum(words, word)} % ${moduli[word]}`);
}

function wholeSum(words: SqlWords, word: number): string {
  const [from, digits] = wordPlaces[word]!;
  return words.sum(words.fromHex(`SUBSTR(ch, ${from}, ${digits})`));
}

/** What was read later is not what was told first. */
export function changed(side: Side): KeydriftError {
  const message = `the ${side} table is not what its first digests said`;
  return new KeydriftError('COPY_CHANGED', message, { place: { side } });
}

/** Pass 1: digests of buckets, and sums and counts of all, in one reading. */
export function bucketQuery(sql: RowsSql, dialect: string): string {
  const words = dialects[dialect]!;
  const digests = ([0, 1] as const).map((at) => words.sum(words.packed.word('dh', at)));
  const whole = [0, 1, 2].map((word) => wholeSum(words, word)).concat(digests);
  const told = whole.map((sum) => `CASE WHEN GROUPING(b) = 1 THEN ${words.toText(sum)} END`);
  return `WITH ${sql.ctes.join(',\n')},
mb AS (SELECT CASE WHEN s = '' THEN SUBSTR(kh, 1, 4) ELSE s END AS b, ch, dh FROM ${sql.relation})
SELECT b, CASE WHEN GROUPING(b) = 1 OR b IN ('${status.invalid}', '${status.residual}') THEN ${words.toText('COUNT(*)')} END AS c, CASE WHEN GROUPING(b) = 0 THEN ${sumOfWord(words, 0)} END AS h, ${told.map((sum, at) => `${sum} AS t${at}`).join(', ')} FROM mb GROUP BY GROUPING SETS ((b), ())`;
}

async function askBuckets({ side, sql }: Asking): Promise<{
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
async function fetchOdd({ side, sql, how, fetched }: Asking, totals: EngineTotals): Promise<void> {
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

function unlike(
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
const mostUnsplit = 20_000;

/** Digests of the sixteenth parts of buckets. */
async function splitBuckets(
  asking: Asking,
  buckets: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { side, sql } = asking;
  const wanted = new Set(buckets);
  const split = new Map<string, string>();
  const words = dialects[side.table.dialect]!;
  const query = `WITH ${sql.ctes.join(',\n')}\nSELECT b, ${sumOfWord(words, 0)} AS h FROM (SELECT SUBSTR(kh, 1, 5) AS b, ch FROM ${sql.relation} WHERE ${within(asking, buckets, 4) ?? isJudged}) GROUP BY b`;
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
