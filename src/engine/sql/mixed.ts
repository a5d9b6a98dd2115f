import type { Side } from '../../model/index.ts';
import { KeydriftError } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import { dialects } from './dialects/index.ts';
import {
  countKey,
  findingCounts,
  isBeyond,
  noKeys,
  kindsOfKey,
  type KeyFacts,
  type SideFact,
} from './facts.ts';
import { createFetched, type Fetched } from './fetched.ts';
import type { FileDigest } from './file-digest.ts';
import { md5, sha256, tupleText, wordOf, wordPlaces } from './hash.ts';
import { firstInvalid } from './join.ts';
import {
  holdResidual,
  noTotals,
  reducedTable,
  type EngineTotals,
  type HowToAsk,
  type ReducedTable,
} from './reduced.ts';
import { rowsSql, status, type RowsSql, type SqlSide } from './rows.ts';

/** A file held against a table: what of each makes findings. */
export interface ReducedMixed {
  readonly table: ReducedTable;
  /** Rows of the file, ascending, the invalid ones among them. */
  readonly fileRows: readonly number[];
  readonly unread: UnreadKeys;
}

/** The file of such a pair, as it can be asked. */
export interface FileSide {
  readonly side: Side;
  readonly digest: FileDigest;
  /** The normalized keys of rows, in their order. */
  keysOf(rows: readonly number[]): Promise<readonly (readonly string[])[]>;
}

/** Words of sums, modulo. */
const moduli = [1n << 48n, 1n << 48n, 1n << 32n] as const;
type Sums = [bigint, bigint, bigint];

/** Keys in so many rows are asked for at once; more are split into smaller buckets first. */
const mostUnsplit = 20_000;

/** A key that may make a finding. */
interface Candidate {
  /** First row in the file; -1: it has none. */
  readonly first: number;
  /** On the table's side; null: not there, or not told yet. */
  fact: SideFact | null;
  inTable: boolean;
  sums: Sums | null;
  /** Its hash without salt, sixteen digits; null: not known yet. */
  rank: string | null;
}

/**
 * Digests of 65,536 buckets tell where a table differs from a file; those buckets are split by 16,
 * and then their keys and rows come back. Sums of 48 bits only search: that nothing else differs is
 * proven by sums of 128 bits over all other rows.
 */
export async function reduceMixed(
  side: SqlSide,
  file: FileSide,
  how: HowToAsk,
): Promise<ReducedMixed> {
  const { table, plan } = side;
  const sql = rowsSql(side, { compile: how.compileSql, salt: how.salt }, 'm');
  const fetched = createFetched(side.side, plan, sql, how);
  const asking: Asking = { side, sql, file, how, fetched };
  const { buckets, sums, totals } = await askBuckets(asking);
  await holdResidual(side.side, table, sql, totals.residual);
  if (totals.residual + totals.invalid > 0) await fetchOdd(asking, totals);
  const leaves = await differingLeaves(asking, buckets);
  const candidates = await findCandidates(asking, leaves);
  totals.units = totals.rows - totals.invalid - totals.residual - redundancy(file, candidates);
  const beyond = candidates.size > how.limit ? await completed(asking, leaves, candidates) : null;
  const chosen = beyond === null ? candidates : choose(beyond, candidates, how.limit);
  const wanted = [...chosen].flatMap(([name, { inTable }]) => (inTable ? [name] : []));
  await fetchNamed(asking, [...wanted, ...namedKeys(asking, candidates, chosen)]);
  prove(asking, sums, candidates, beyond === null ? 'fetched' : 'told');
  const fileRows = [...chosen.values()].flatMap(({ first }) =>
    first < 0 ? [] : file.digest.rowsOf(first),
  );
  for (let row = 0; row < file.digest.table.rows; row += 1) {
    if (!file.digest.table.isValid(row)) fileRows.push(row);
  }
  const unread = beyond === null ? noneUnread : leftUnread(beyond, chosen);
  return {
    table: reducedTable(plan, sql, totals, fetched),
    fileRows: fileRows.sort((a, b) => a - b),
    unread,
  };
}

interface Asking {
  readonly side: SqlSide;
  readonly sql: RowsSql;
  readonly file: FileSide;
  readonly how: HowToAsk;
  readonly fetched: Fetched;
}

const noneUnread: UnreadKeys = { counts: [], differing: 0, repeated: 0 };

/** Pass 1: digests of buckets, and sums and counts of all, in one reading. */
export function bucketQuery(sql: RowsSql, dialect: string): string {
  const words = dialects[dialect]!;
  const sumOf = (text: string, word: number): string => {
    const [from, digits] = wordPlaces[word]!;
    return words.sum(words.fromHex(`SUBSTR(${text}, ${from}, ${digits})`));
  };
  const whole = [sumOf('ch', 0), sumOf('ch', 1), sumOf('ch', 2), sumOf('dh', 0), sumOf('dh', 1)];
  const told = whole.map((sum) => `CASE WHEN GROUPING(b) = 1 THEN ${words.toText(sum)} END`);
  return `WITH ${sql.ctes.join(',\n')},
mb AS (SELECT CASE WHEN s = '' THEN SUBSTR(kh, 1, 4) ELSE s END AS b, ch, CASE WHEN s = '' THEN ${words.md5('dt')} END AS dh FROM ${sql.relation})
SELECT b, CASE WHEN GROUPING(b) = 1 OR b IN ('${status.invalid}', '${status.residual}') THEN ${words.toText('COUNT(*)')} END AS c, CASE WHEN GROUPING(b) = 0 THEN ${words.toText(`${sumOf('ch', 0)} % 281474976710656`)} END AS h, ${told.map((sum, at) => `${sum} AS t${at}`).join(', ')} FROM mb GROUP BY GROUPING SETS ((b), ())`;
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
  const rows = rowsQuery(
    sql,
    side.table.dialect,
    isRanked ? `s = '${status.residual}'` : "s <> ''",
  );
  const query = isRanked
    ? `${rows}\nUNION ALL\n${firstInvalid(sql, how.limit, sql.raw.length, [side])}`
    : rows;
  for await (const [, ...row] of side.table.query(query)) fetched.take(row);
}

function rowsQuery({ ctes, relation, raw }: RowsSql, dialect: string, where: string): string {
  const names = raw.join(', ');
  return `WITH ${ctes.join(',\n')}\nSELECT 'm' AS side, s, ${dialects[dialect]!.toText('n')} AS n, ${names} FROM (SELECT s, COUNT(*) AS n, ${names} FROM ${relation} WHERE ${where} GROUP BY s, ${names})`;
}

/** The prefixes of keys under which the two differ. */
async function differingLeaves(
  asking: Asking,
  buckets: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const { file, side } = asking;
  const own = sumsByPrefix(file.digest, 4, null);
  const differing = unlike(own.sums, buckets);
  const rows = differing.reduce((sum, bucket) => sum + (own.rows.get(bucket) ?? 0), 0);
  if (rows <= mostUnsplit) return differing;
  const wanted = new Set(differing);
  const split = new Map<string, string>();
  const words = dialects[side.table.dialect]!;
  const [from, digits] = wordPlaces[0]!;
  const sum = words.sum(words.fromHex(`SUBSTR(ch, ${from}, ${digits})`));
  const where = within(asking, differing, 4);
  const query = `WITH ${asking.sql.ctes.join(',\n')}\nSELECT b, ${words.toText(`${sum} % 281474976710656`)} AS h FROM (SELECT SUBSTR(kh, 1, 5) AS b, ch FROM ${asking.sql.relation} WHERE ${where}) GROUP BY b`;
  for await (const [bucket, short] of side.table.query(query)) {
    if (bucket !== null && bucket !== undefined && wanted.has(bucket.slice(0, 4)))
      split.set(bucket, short ?? '0');
  }
  return unlike(sumsByPrefix(file.digest, 5, wanted).sums, split);
}

/** Rows of these prefixes; of all, where naming them would make too long a query. */
function within({ side }: Asking, prefixes: readonly string[], digits: number): string {
  if (prefixes.length * (digits + 4) > side.table.mostQueryBytes / 2) return "s = ''";
  if (prefixes.length === 0) return '1 = 0';
  return `s = '' AND SUBSTR(kh, 1, ${digits}) IN (${prefixes.map((one) => `'${one}'`).join(', ')})`;
}

function sumsByPrefix(
  digest: FileDigest,
  digits: number,
  within4: ReadonlySet<string> | null,
): { readonly sums: ReadonlyMap<string, string>; readonly rows: ReadonlyMap<string, number> } {
  const sums = new Map<string, number>();
  const rows = new Map<string, number>();
  for (let row = 0; row < digest.table.rows; row += 1) {
    if (!digest.table.isValid(row)) continue;
    const prefix = digest.prefix(row, digits);
    if (within4 !== null && !within4.has(prefix.slice(0, 4))) continue;
    sums.set(prefix, ((sums.get(prefix) ?? 0) + digest.words(row)[0]) % 281474976710656);
    rows.set(prefix, (rows.get(prefix) ?? 0) + 1);
  }
  return { sums: new Map([...sums].map(([prefix, sum]) => [prefix, String(sum)])), rows };
}

function unlike(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name)).sort();
}

/** Keys of the differing buckets that differ, those that repeat, and those of rows the engine left. */
async function findCandidates(
  asking: Asking,
  leaves: readonly string[],
): Promise<Map<string, Candidate>> {
  const { side, sql, file, fetched, how } = asking;
  const { digest } = file;
  const candidates = new Map<string, Candidate>();
  const digits = leaves[0]?.length ?? 4;
  const wanted = new Set(leaves);
  const own = new Map<string, number>();
  const odd = new Set(
    fetched.rows.flatMap(({ keyHash }) => (keyHash === '' ? [] : [keyHash.slice(0, 16)])),
  );
  for (const key of how.keys) odd.add(md5(how.salt + tupleText(key)).slice(0, 16));
  for (const first of digest.firsts()) {
    const isRepeated = !digest.table.isSingle(first);
    if (wanted.has(digest.prefix(first, digits))) own.set(digest.name(first), first);
    else if (isRepeated) {
      // An equal bucket holds the same rows on both sides.
      candidates.set(digest.name(first), {
        first,
        fact: null,
        inTable: true,
        sums: null,
        rank: null,
      });
    } else if (odd.size > 0 && odd.has(digest.name(first))) {
      candidates.set(digest.name(first), {
        first,
        fact: null,
        inTable: true,
        sums: null,
        rank: null,
      });
    }
  }
  if (leaves.length === 0) return candidates;
  const words = dialects[side.table.dialect]!;
  const [from, length] = wordPlaces[0]!;
  const sum = words.sum(words.fromHex(`SUBSTR(ch, ${from}, ${length})`));
  const query = `WITH ${sql.ctes.join(',\n')}\nSELECT SUBSTR(kh, 1, 16) AS k, CASE WHEN COUNT(*) > 1 THEN ${words.toText('COUNT(*)')} END AS n, ${words.toText(`${sum} % 281474976710656`)} AS h FROM ${sql.relation} WHERE ${within(asking, leaves, digits)} GROUP BY kh`;
  for await (const [name, count, short] of side.table.query(query)) {
    if (name === null || name === undefined || !wanted.has(name.slice(0, digits))) continue;
    const first = own.get(name) ?? -1;
    own.delete(name);
    const rows = Number(count ?? '1');
    const isAlike =
      first >= 0 &&
      rows === 1 &&
      digest.table.isSingle(first) &&
      String(digest.words(first)[0]) === short;
    if (isAlike && !odd.has(name)) continue;
    const fact = { rows, least: '', greatest: '', sum: BigInt(short ?? '0') };
    candidates.set(name, { first, fact, inTable: true, sums: null, rank: null });
  }
  for (const [name, first] of own)
    candidates.set(name, { first, fact: null, inTable: false, sums: null, rank: null });
  return candidates;
}

/** Rows that repeat a key in the table. */
function redundancy({ digest }: FileSide, candidates: ReadonlyMap<string, Candidate>): number {
  let redundant = 0;
  for (const { first, fact, inTable } of candidates.values()) {
    if (!inTable) continue;
    redundant += (fact === null ? digest.rowsOf(first).length : fact.rows) - 1;
  }
  return redundant;
}

/** Where not all are listed: all facts of every candidate, so that they can be counted and chosen. */
async function completed(
  asking: Asking,
  leaves: readonly string[],
  candidates: Map<string, Candidate>,
): Promise<ReadonlyMap<string, KeyFacts>> {
  const { side, sql, file } = asking;
  const words = dialects[side.table.dialect]!;
  const digits = leaves[0]?.length ?? 4;
  const sums = wordPlaces.map(([from, length], word) => {
    const sum = words.sum(words.fromHex(`SUBSTR(ch, ${from}, ${length})`));
    return words.toText(`${sum} % ${moduli[word]}`);
  });
  if (leaves.length > 0) {
    const query = `WITH ${sql.ctes.join(',\n')}\nSELECT SUBSTR(kh, 1, 16) AS k, ${words.toText('COUNT(*)')} AS n, MIN(ch) AS lo, MAX(ch) AS hi, SUBSTR(MIN(${words.sha256('kt')}), 1, 16) AS u, ${sums.map((sum, at) => `${sum} AS w${at}`).join(', ')} FROM ${sql.relation} WHERE ${within(asking, leaves, digits)} GROUP BY kh`;
    for await (const [name, rows, least, greatest, rank, ...told] of side.table.query(query)) {
      const candidate = candidates.get(name ?? '');
      if (candidate === undefined) continue;
      const [a = 0n, b = 0n, c = 0n] = told.map((text) => BigInt(text ?? '0'));
      candidate.fact = { rows: Number(rows), least: least ?? '', greatest: greatest ?? '', sum: a };
      candidate.sums = [a, b, c];
      candidate.rank = rank ?? '';
    }
  }
  const unranked = [...candidates.values()].filter(({ rank }) => rank === null);
  const keys = await file.keysOf(unranked.map(({ first }) => first));
  unranked.forEach((candidate, at) => {
    candidate.rank = sha256(tupleText(keys[at] ?? [])).slice(0, 16);
  });
  const facts = new Map<string, KeyFacts>();
  for (const [name, { first, fact, inTable }] of candidates) {
    const own = first < 0 ? null : file.digest.fact(first);
    // What an equal bucket holds is alike on both sides.
    const other = inTable ? (fact ?? own) : null;
    facts.set(
      name,
      file.side === 'reviewed'
        ? { reviewed: own, runtime: other }
        : { reviewed: other, runtime: own },
    );
  }
  return facts;
}

/** Those of each sort whose hashes without salt are the smallest. */
function choose(
  facts: ReadonlyMap<string, KeyFacts>,
  candidates: ReadonlyMap<string, Candidate>,
  limit: number,
): Map<string, Candidate> {
  const counts = noKeys();
  for (const one of facts.values()) countKey(counts, one, 'both', 1);
  if (!isBeyond(counts, limit)) return new Map(candidates);
  const bySort = new Map<number, string[]>();
  for (const [name, one] of facts) {
    const kinds = kindsOfKey(one, 'both');
    const same = bySort.get(kinds) ?? [];
    same.push(name);
    bySort.set(kinds, same);
  }
  const chosen = new Map<string, Candidate>();
  for (const [kinds, names] of bySort) {
    if (kinds === 0) continue;
    names.sort((a, b) => (candidates.get(a)!.rank! < candidates.get(b)!.rank! ? -1 : 1));
    for (const name of names.slice(0, limit)) chosen.set(name, candidates.get(name)!);
  }
  return chosen;
}

/** Keys that are wanted whatever was counted, and are not chosen: of rows the engine left, and accepted ones. */
function namedKeys(
  { fetched, how }: Asking,
  candidates: ReadonlyMap<string, Candidate>,
  chosen: Map<string, Candidate>,
): readonly string[] {
  const names = new Set(
    fetched.rows.flatMap(({ keyHash }) => (keyHash === '' ? [] : [keyHash.slice(0, 16)])),
  );
  for (const key of how.keys) names.add(md5(how.salt + tupleText(key)).slice(0, 16));
  const more: string[] = [];
  for (const name of names) {
    if (chosen.has(name)) continue;
    const known = candidates.get(name);
    if (known !== undefined) chosen.set(name, known);
    if (known === undefined || known.inTable) more.push(name);
  }
  return more;
}

async function fetchNamed({ side, sql, fetched }: Asking, names: readonly string[]): Promise<void> {
  const most = Math.max(1, Math.floor(side.table.mostQueryBytes / 2 / 20));
  for (let at = 0; at < names.length; at += most) {
    const list = names.slice(at, at + most).map((name) => `'${name}'`);
    const where = `s = '' AND SUBSTR(kh, 1, 16) IN (${list.join(', ')})`;
    for await (const [, ...row] of side.table.query(rowsQuery(sql, side.table.dialect, where)))
      fetched.take(row);
  }
}

/** That all other rows are alike: their sums of 128 bits are. */
function prove(
  { file, fetched, side }: Asking,
  table: Sums,
  candidates: ReadonlyMap<string, Candidate>,
  by: 'fetched' | 'told',
): void {
  const left: Sums = [...table];
  const add = (words: readonly (bigint | number)[], times: bigint): void => {
    for (const word of [0, 1, 2] as const) {
      left[word] =
        (((left[word] + BigInt(words[word]!) * times) % moduli[word]) + moduli[word]) %
        moduli[word];
    }
  };
  const known = new Set<string>();
  for (const [name, { first, sums, inTable, fact }] of candidates) {
    known.add(name);
    if (by === 'told' && inTable) {
      if (sums !== null) add(sums, -1n);
      // Of an equal bucket: it stands in the file alike.
      else if (fact === null)
        for (const row of file.digest.rowsOf(first)) add(file.digest.words(row), -1n);
    }
  }
  for (const { byEngine, judged, keyHash, variantHash, rows } of fetched.rows) {
    if (!byEngine || !judged.valid) continue;
    const name = keyHash.slice(0, 16);
    if (by === 'told' && candidates.has(name)) continue;
    known.add(name);
    add(
      [0, 1, 2].map((word) => wordOf(variantHash, word)),
      BigInt(-rows),
    );
  }
  const { digest } = file;
  for (let row = 0; row < digest.table.rows; row += 1) {
    if (digest.table.isValid(row) && !known.has(digest.name(row))) add(digest.words(row), -1n);
  }
  if (left.every((sum) => sum === 0n)) return;
  throw new KeydriftError(
    'COPY_CHANGED',
    `the ${side.side} table is not what its first digests said`,
    {
      place: { side: side.side },
    },
  );
}

function leftUnread(
  facts: ReadonlyMap<string, KeyFacts>,
  chosen: ReadonlyMap<string, Candidate>,
): UnreadKeys {
  const counts = noKeys();
  for (const [name, one] of facts) if (!chosen.has(name)) countKey(counts, one, 'both', 1);
  return { counts: findingCounts(counts), differing: counts.differing, repeated: counts.repeated };
}
