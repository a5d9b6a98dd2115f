import type { Side } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import { dialects } from './dialects/index.ts';
import { isBeyond, noKeys, type KeyCounts } from './facts.ts';
import { createFetched, otherwise, type Fetched } from './fetched.ts';
import { md5, tupleText } from './hash.ts';
import {
  holdResidual,
  noTotals,
  reducedTable,
  unreadKeys,
  type EngineTotals,
  type HowToAsk,
  type ReducedTable,
} from './reduced.ts';
import { joinQueries, rowsQuery, type Asked } from './queries.ts';
import { rowsSql, type SqlSide } from './rows.ts';

/** Tables of one session, or one of them by itself, reduced by their engine. */
export interface ReducedTables {
  readonly tables: Partial<Readonly<Record<Side, ReducedTable>>>;
  readonly unread: UnreadKeys;
}

/**
 * Pass 1 counts keys by what they are, in one GROUP BY of each side and a full outer join; pass 2
 * fetches the rows of those that make findings, and of what the engine cannot judge; keydrift judges
 * those. Throws `TOO_LARGE`, `ENGINE_…`.
 */
export async function reduceTables(
  sides: readonly SqlSide[],
  how: HowToAsk,
): Promise<ReducedTables> {
  const { salt, compile, compileSql, limit } = how;
  const asked = sides.map((side, at): Asked => ({
    ...side,
    sql: rowsSql(side, { compile: compileSql, salt, hashes: 'packed' }, 'ab'[at]!),
  }));
  const queries = joinQueries(asked);
  const { table } = sides[0]!;
  const counted = noKeys();
  const totals = sides.map(() => noTotals());
  const told: string[] = [];
  for await (const [kind, names, ...row] of table.query(queries.summary)) {
    takeSummary(Number(kind), row, counted, totals);
    for (const name of names?.split(' ') ?? []) told.push(name);
  }
  for (const [at, { side, sql }] of asked.entries())
    await holdResidual(side, table, sql, totals[at]!.residual);
  const fetched = asked.map(({ side, plan, sql }) =>
    createFetched(side, plan, sql, { compile, salt }),
  );
  let keys = 0;
  for (const [kind, count] of counted.kinds) if (kind !== 0) keys += count;
  const named = namesOf(table, told, keys);
  const beyond = named === null && isBeyond(counted, limit);
  if (keys > 0 || totals.some(({ invalid, residual }) => invalid + residual > 0)) {
    const invalid = totals.some((one) => one.invalid > limit) ? 'ranked' : 'all';
    // Keys of rows that the engine left look like findings to it: they take no other's place.
    const left = totals.reduce((sum, { residual }) => sum + residual, 0);
    const which = named?.slice(0, mostNamed(table)) ?? (beyond ? 'ranked' : 'all');
    const rows = queries.rows({ keys: which, invalid, limit: limit + left });
    for await (const [side, ...row] of table.query(rows)) fetched[side === 'a' ? 0 : 1]!.take(row);
  }
  await fetchKeys(asked, fetched, how, named ?? []);
  const bySide = Object.fromEntries(fetched.map((one) => [one.side, one]));
  const unread = unreadKeys(counted, bySide);
  if (!beyond && (unread.counts.length > 0 || unread.differing !== 0)) {
    for (const one of sides) await one.table.verify();
    throw otherwise(sides.at(-1)!.side);
  }
  const tables = asked.map(
    ({ side, plan, sql }, at) =>
      [side, reducedTable({ plan, table }, sql, totals[at]!, fetched[at]!)] as const,
  );
  return { tables: Object.fromEntries(tables), unread };
}

/** So many keys are named in one query. */
function mostNamed({ mostQueryBytes }: SqlSide['table']): number {
  return Math.max(1, Math.floor(mostQueryBytes / 2 / 60));
}

/**
 * The hashes of all keys that make findings, where pass 1 told them and two readings fetch their rows:
 * finding them again is more. Null: it is not so.
 */
function namesOf(
  table: SqlSide['table'],
  told: readonly string[],
  keys: number,
): readonly string[] | null {
  if (told.length !== keys || keys > 2 * mostNamed(table)) return null;
  const { read } = dialects[table.dialect]!.packed;
  const names = told.flatMap((name) => read(name) ?? []);
  return names.length === keys ? names : null;
}

/**
 * The rows of keys that are not here yet: of those that are named, of those whose rows the engine left,
 * and of accepted ones, whatever was counted.
 */
async function fetchKeys(
  asked: readonly Asked[],
  fetched: readonly Fetched[],
  { keys, salt }: HowToAsk,
  named: readonly string[],
): Promise<void> {
  const { table } = asked[0]!;
  const { packed, isOneOf } = dialects[table.dialect]!;
  const wanted = new Set([...named, ...keys.map((key) => md5(salt + tupleText(key)))]);
  for (const { rows } of fetched) {
    for (const { byEngine, keyHash } of rows) if (!byEngine && keyHash !== '') wanted.add(keyHash);
  }
  const open = [...wanted].filter((key) => !fetched.some(({ facts }) => facts.has(key)));
  const most = mostNamed(table);
  for (let at = 0; at < open.length; at += most) {
    const list = open.slice(at, at + most).map((key) => packed.literal(key));
    const query = rowsQuery(asked, { where: isOneOf('kh', list) });
    for await (const [side, ...row] of table.query(query)) fetched[side === 'a' ? 0 : 1]!.take(row);
  }
}

function takeSummary(
  kind: number,
  row: readonly (string | null)[],
  counted: KeyCounts,
  totals: readonly EngineTotals[],
): void {
  const [keys = 0, differing = 0, repeated = 0] = row.slice(0, 3).map(Number);
  totals.forEach((side, at) => {
    const [units, rows, d0, d1] = row
      .slice(3 + 4 * at, 7 + 4 * at)
      .map((text) => BigInt(text ?? '0'));
    side.rows += Number(rows);
    if (kind === -1) side.invalid += Number(rows);
    else if (kind === -2) side.residual += Number(rows);
    else {
      side.units += Number(units);
      side.digest[0] += d0!;
      side.digest[1] += d1!;
    }
  });
  if (kind < 0) return;
  counted.kinds.set(kind, (counted.kinds.get(kind) ?? 0) + keys);
  counted.differing += differing;
  counted.repeated += repeated;
}
