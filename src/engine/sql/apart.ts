import { KeydriftError, type Side } from '../../model/index.ts';
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
  type Told,
} from './buckets.ts';
import { dialects } from './dialects/index.ts';
import type { KeyFacts, SideFact } from './facts.ts';
import { otherwise } from './fetched.ts';
import { addWords, wordsOf, type Sums } from './hash.ts';
import type { ReducedTables } from './join.ts';
import { reducedTable, type HowToAsk } from './reduced.ts';
import type { SqlSide } from './rows.ts';

/** A key of one side, with the sums of its variants' hashes. */
interface ToldKey {
  readonly fact: SideFact;
  readonly sums: Sums;
}

/** More keys than this are no drift to look at. */
const mostTold = 4_000_000;

/**
 * Two tables that no engine reads both of: each gives digests of 65,536 buckets, then the keys of those
 * that differ and the keys that it repeats, then their rows. That nothing else differs is proven as for
 * a file: the sums of 128 bits over all other rows are equal.
 */
export async function reduceApart(
  sides: readonly [SqlSide, SqlSide],
  how: HowToAsk,
): Promise<ReducedTables> {
  const [one, other] = await Promise.all([askTable(sides[0], how), askTable(sides[1], how)]);
  const leaves = await differingLeaves(one, other);
  const keys = await Promise.all([askKeys(one.asking, leaves), askKeys(other.asking, leaves)]);
  prove([one, other], keys);
  const named = namedKeys(one.asking, [one.asking.fetched, other.asking.fetched]);
  const facts = factsOf([one, other], keys, named);
  const ranks = new Map<string, string>();
  const listed =
    chooseKeys(facts, () => '', how.limit) === null
      ? null
      : await askRanks([one, other], leaves, ranks).then(() =>
          chooseKeys(facts, (name) => ranks.get(name) ?? '', how.limit),
        );
  const chosen = new Set(listed ?? facts.keys());
  for (const [at, { asking }] of [one, other].entries()) {
    const known = [...chosen].filter((name) => keys[at]!.has(name));
    await fetchNamed(asking, [...known, ...named]);
    confirm(asking, keys[at]!, known);
  }
  const tables = [one, other].map(({ asking, totals }, at) => {
    const repeated = [...keys[at]!.values()].reduce((sum, { fact }) => sum + fact.rows - 1, 0);
    const units = totals.rows - totals.invalid - totals.residual - repeated;
    const { side, sql, fetched } = asking;
    return [side.side, reducedTable(side, sql, { ...totals, units }, fetched)] as const;
  });
  return { tables: Object.fromEntries(tables), unread: leftUnread(facts, chosen) };
}

/** Whether a key is asked for: it is under one of these prefixes, or it repeats. */
function having(asking: Asking, leaves: readonly string[]): string {
  if (leaves.length === 0) return 'COUNT(*) > 1';
  const where = within(asking, leaves, leaves[0]!.length);
  return where === null ? 'COUNT(*) > 0' : `COUNT(*) > 1 OR ${where}`;
}

function ifRepeated(value: string): string {
  return `CASE WHEN COUNT(*) > 1 THEN ${value} END`;
}

async function askKeys(
  asking: Asking,
  leaves: readonly string[],
): Promise<ReadonlyMap<string, ToldKey>> {
  const { side, sql } = asking;
  const words = dialects[side.table.dialect]!;
  const wanted = new Set(leaves);
  const sums = ([0, 1, 2] as const).map(
    (word) => `${ifRepeated(sumOfWord(words, word))} AS w${word}`,
  );
  const columns = [
    'SUBSTR(kh, 1, 16) AS k',
    `${ifRepeated(words.toText('COUNT(*)'))} AS n`,
    'MIN(ch) AS lo',
    `${ifRepeated('MAX(ch)')} AS hi`,
    ...sums,
  ];
  const query = `WITH ${sql.ctes.join(',\n')}\nSELECT ${columns.join(', ')} FROM ${sql.relation} WHERE ${isJudged} GROUP BY kh HAVING ${having(asking, leaves)}`;
  const keys = new Map<string, ToldKey>();
  for await (const [name, count = null, lo, hi, ...told] of side.table.query(query)) {
    if (name === null || name === undefined) continue;
    if (count === null && !wanted.has(name.slice(0, leaves[0]?.length ?? 0))) continue;
    if (keys.size >= mostTold) throw tooMany(side.side);
    const least = lo ?? '';
    const [a = 0n, b = 0n, c = 0n] =
      count === null ? wordsOf(least) : told.map((text) => BigInt(text ?? '0'));
    const fact = { rows: Number(count ?? '1'), least, greatest: hi ?? least, sum: a };
    keys.set(name, { fact, sums: [a, b, c] });
  }
  return keys;
}

/** What both sides tell of keys; those that are named are judged here in any case. */
function factsOf(
  [one]: readonly [Told, Told],
  keys: readonly [ReadonlyMap<string, ToldKey>, ReadonlyMap<string, ToldKey>],
  named: ReadonlySet<string>,
): ReadonlyMap<string, KeyFacts> {
  const isFirst = one.asking.side.side === 'reviewed';
  const facts = new Map<string, KeyFacts>();
  for (const name of new Set([...keys[0].keys(), ...keys[1].keys()])) {
    if (named.has(name)) continue;
    const [first, second] = keys.map((side) => side.get(name)?.fact ?? null);
    const both = isFirst
      ? { reviewed: first!, runtime: second! }
      : { reviewed: second!, runtime: first! };
    if (isAlike(both)) continue;
    facts.set(name, both);
  }
  return facts;
}

/** One row on each side, of one variant. */
function isAlike({ reviewed, runtime }: KeyFacts): boolean {
  return reviewed?.rows === 1 && runtime?.rows === 1 && reviewed.least === runtime.least;
}

/** The hashes without salt of the keys that were told. */
async function askRanks(
  told: readonly Told[],
  leaves: readonly string[],
  ranks: Map<string, string>,
): Promise<void> {
  for (const { asking } of told) {
    const { side, sql } = asking;
    const rank = dialects[side.table.dialect]!.sha256('kt');
    const query = `WITH ${sql.ctes.join(',\n')}\nSELECT SUBSTR(kh, 1, 16) AS k, SUBSTR(MIN(${rank}), 1, 16) AS u FROM ${sql.relation} WHERE ${isJudged} GROUP BY kh HAVING ${having(asking, leaves)}`;
    for await (const [name, found] of side.table.query(query)) ranks.set(name ?? '', found ?? '');
  }
}

/** That all other rows are alike: their sums of 128 bits are. */
function prove(
  told: readonly [Told, Told],
  keys: readonly [ReadonlyMap<string, ToldKey>, ReadonlyMap<string, ToldKey>],
): void {
  const [first, second] = told.map(({ sums }, at) => {
    const left: Sums = [...sums];
    for (const { sums: own } of keys[at]!.values()) addWords(left, own, -1n);
    return left;
  });
  if (first!.every((sum, word) => sum === second![word])) return;
  throw changed(told[1].asking.side.side);
}

/** That the rows which came are those that were told of. */
function confirm(
  { side, fetched }: Asking,
  keys: ReadonlyMap<string, ToldKey>,
  names: readonly string[],
): void {
  const found = new Map([...fetched.facts].map(([hash, fact]) => [hash.slice(0, 16), fact]));
  for (const name of names) {
    const { fact } = keys.get(name)!;
    const came = found.get(name);
    if (came === undefined || came.rows !== fact.rows) throw changed(side.side);
    if (came.least !== fact.least || came.greatest !== fact.greatest) throw otherwise(side.side);
  }
}

function tooMany(side: Side): KeydriftError {
  return new KeydriftError(
    'TOO_LARGE',
    `more than ${mostTold} keys of the ${side} table are drift`,
    {
      place: { side },
      hint: 'Judge a part of it (--scope), or let one engine read both tables.',
    },
  );
}
