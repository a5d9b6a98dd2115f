import type { Side } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import {
  askTable,
  changed,
  chooseKeys,
  differingLeaves,
  fetchNamed,
  isJudged,
  leftUnread,
  namedKeys,
  sumOfWord,
  within,
  type Asking,
  type Digests,
} from './buckets.ts';
import { dialects } from './dialects/index.ts';
import type { KeyFacts, SideFact } from './facts.ts';
import type { FileDigest } from './file-digest.ts';
import { addWords, sha256, tupleText, wordsOf, type Sums } from './hash.ts';
import { reducedTable, type HowToAsk, type ReducedTable } from './reduced.ts';
import type { SqlSide } from './rows.ts';

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
  const told = await askTable(side, how);
  const { sums, totals } = told;
  const asking: AskingFile = { ...told.asking, file };
  const { sql, fetched } = asking;
  const leaves = await differingLeaves(digestsOf(file), told);
  const candidates = await findCandidates(asking, leaves);
  totals.units = totals.rows - totals.invalid - totals.residual - redundancy(file, candidates);
  const beyond = candidates.size > how.limit ? await completed(asking, leaves, candidates) : null;
  const chosen = beyond === null ? candidates : choose(beyond, candidates, how.limit);
  const wanted = [...chosen].flatMap(([name, { inTable }]) => (inTable ? [name] : []));
  await fetchNamed(asking, [...wanted, ...withNamed(asking, candidates, chosen)]);
  prove(asking, sums, candidates, beyond === null ? 'fetched' : 'told');
  const fileRows = [...chosen.values()].flatMap(({ first }) =>
    first < 0 ? [] : file.digest.rowsOf(first),
  );
  for (let row = 0; row < file.digest.table.rows; row += 1) {
    if (!file.digest.table.isValid(row)) fileRows.push(row);
  }
  const unread = beyond === null ? noneUnread : leftUnread(beyond, chosen);
  return {
    table: reducedTable(side, sql, totals, fetched),
    fileRows: fileRows.sort((a, b) => a - b),
    unread,
  };
}

interface AskingFile extends Asking {
  readonly file: FileSide;
}

const noneUnread: UnreadKeys = { counts: [], differing: 0, repeated: 0 };

function digestsOf({ digest }: FileSide): Digests {
  const own = sumsByPrefix(digest, 4, null);
  return {
    buckets: own.sums,
    rowsIn: (buckets) => buckets.reduce((sum, bucket) => sum + (own.rows.get(bucket) ?? 0), 0),
    split: (buckets) => Promise.resolve(sumsByPrefix(digest, 5, new Set(buckets)).sums),
  };
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

/** Keys of the differing buckets that differ, those that repeat, and those of rows the engine left. */
async function findCandidates(
  asking: AskingFile,
  leaves: readonly string[],
): Promise<Map<string, Candidate>> {
  const { side, sql, file, fetched } = asking;
  const { digest } = file;
  const candidates = new Map<string, Candidate>();
  const digits = leaves[0]?.length ?? 4;
  const wanted = new Set(leaves);
  const own = new Map<string, number>();
  const odd = namedKeys(asking, [fetched]);
  for (const first of digest.firsts()) {
    const isRepeated = !digest.table.isSingle(first);
    if (wanted.has(digest.prefix(first, digits))) own.set(digest.name(first), first);
    else if (isRepeated || (odd.size > 0 && odd.has(digest.name(first)))) {
      // An equal bucket holds the same rows on both sides.
      const candidate = { first, fact: null, inTable: true, sums: null, rank: null };
      candidates.set(digest.name(first), candidate);
    }
  }
  if (leaves.length === 0) return candidates;
  const words = dialects[side.table.dialect]!;
  const query = `WITH ${sql.ctes.join(',\n')}\nSELECT SUBSTR(kh, 1, 16) AS k, CASE WHEN COUNT(*) > 1 THEN ${words.toText('COUNT(*)')} END AS n, ${sumOfWord(words, 0)} AS h FROM ${sql.relation} WHERE ${within(asking, leaves, digits) ?? isJudged} GROUP BY kh`;
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
  asking: AskingFile,
  leaves: readonly string[],
  candidates: Map<string, Candidate>,
): Promise<ReadonlyMap<string, KeyFacts>> {
  const { side, sql, file } = asking;
  const words = dialects[side.table.dialect]!;
  const digits = leaves[0]?.length ?? 4;
  const sums = ([0, 1, 2] as const).map((word) => sumOfWord(words, word));
  if (leaves.length > 0) {
    const query = `WITH ${sql.ctes.join(',\n')}\nSELECT SUBSTR(kh, 1, 16) AS k, ${words.toText('COUNT(*)')} AS n, MIN(ch) AS lo, MAX(ch) AS hi, SUBSTR(MIN(${words.sha256('kt')}), 1, 16) AS u, ${sums.map((sum, at) => `${sum} AS w${at}`).join(', ')} FROM ${sql.relation} WHERE ${within(asking, leaves, digits) ?? isJudged} GROUP BY kh`;
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
  // A key of a row that the engine left is judged here: it takes no other's place in the list.
  const named = namedKeys(asking, [asking.fetched]);
  for (const [name, { first, fact, inTable }] of candidates) {
    if (named.has(name)) continue;
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

/** Those that are listed. */
function choose(
  facts: ReadonlyMap<string, KeyFacts>,
  candidates: ReadonlyMap<string, Candidate>,
  limit: number,
): Map<string, Candidate> {
  const names = chooseKeys(facts, (name) => candidates.get(name)!.rank!, limit);
  if (names === null) return new Map(candidates);
  return new Map(names.map((name) => [name, candidates.get(name)!]));
}

/** Adds keys that are wanted whatever was counted; gives those that are to be asked for besides. */
function withNamed(
  asking: AskingFile,
  candidates: ReadonlyMap<string, Candidate>,
  chosen: Map<string, Candidate>,
): readonly string[] {
  const more: string[] = [];
  for (const name of namedKeys(asking, [asking.fetched])) {
    if (chosen.has(name)) continue;
    const known = candidates.get(name);
    if (known !== undefined) chosen.set(name, known);
    if (known === undefined || known.inTable) more.push(name);
  }
  return more;
}

/** That all other rows are alike: their sums of 128 bits are. */
function prove(
  { file, fetched, side }: AskingFile,
  table: Sums,
  candidates: ReadonlyMap<string, Candidate>,
  by: 'fetched' | 'told',
): void {
  const left: Sums = [...table];
  const known = new Set<string>();
  for (const [name, { first, sums, inTable, fact }] of candidates) {
    known.add(name);
    if (by === 'told' && inTable) {
      if (sums !== null) addWords(left, sums, -1n);
      // Of an equal bucket: it stands in the file alike.
      else if (fact === null)
        for (const row of file.digest.rowsOf(first)) addWords(left, file.digest.words(row), -1n);
    }
  }
  for (const { byEngine, judged, keyHash, variantHash, rows } of fetched.rows) {
    if (!byEngine || !judged.valid) continue;
    const name = keyHash.slice(0, 16);
    if (by === 'told' && candidates.has(name)) continue;
    known.add(name);
    addWords(left, wordsOf(variantHash), BigInt(-rows));
  }
  const { digest } = file;
  for (let row = 0; row < digest.table.rows; row += 1) {
    if (digest.table.isValid(row) && !known.has(digest.name(row)))
      addWords(left, digest.words(row), -1n);
  }
  if (left.some((sum) => sum !== 0n)) throw changed(side.side);
}
