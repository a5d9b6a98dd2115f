import type { Side } from '../../model/index.ts';
import type { UnreadKeys } from '../port.ts';
import { dialects } from './dialects/index.ts';
import { isBeyond, noKeys, type KeyCounts } from './facts.ts';
import { createFetched, otherwise, type Fetched } from './fetched.ts';
import { md5, tupleText, wordPlaces } from './hash.ts';
import {
  holdResidual,
  noTotals,
  reducedTable,
  unreadKeys,
  type EngineTotals,
  type HowToAsk,
  type ReducedTable,
} from './reduced.ts';
import { rowsSql, status, type RowsSql, type SqlSide } from './rows.ts';

/** Tables of one session, or one of them by itself, reduced by their engine. */
export interface ReducedTables {
  readonly tables: Partial<Readonly<Record<Side, ReducedTable>>>;
  readonly unread: UnreadKeys;
}

/** A side with its SQL. */
interface Asked extends SqlSide {
  readonly sql: RowsSql;
}

/** The queries of a reduction, for who asks them and for who reads them (`keydrift sql`). */
export interface JoinQueries {
  /** `[kind, keys, differing, repeated, rows …, digests …]`. */
  readonly summary: string;
  /** `[side, status, count, …raw]`. */
  rows(which: {
    readonly keys: 'all' | 'ranked';
    readonly invalid: 'all' | 'ranked';
    readonly limit: number;
  }): string;
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
    sql: rowsSql(side, { compile: compileSql, salt }, 'ab'[at]!),
  }));
  const queries = joinQueries(asked);
  const { table } = sides[0]!;
  const counted = noKeys();
  const totals = sides.map(() => noTotals());
  for await (const row of table.query(queries.summary)) takeSummary(row, counted, totals);
  for (const [at, { side, sql }] of asked.entries())
    await holdResidual(side, table, sql, totals[at]!.residual);
  const fetched = asked.map(({ side, plan, sql }) =>
    createFetched(side, plan, sql, { compile, salt }),
  );
  const hasKeys = [...counted.kinds].some(([kind, keys]) => kind !== 0 && keys > 0);
  const beyond = isBeyond(counted, limit);
  if (hasKeys || totals.some(({ invalid, residual }) => invalid + residual > 0)) {
    const invalid = totals.some((one) => one.invalid > limit) ? 'ranked' : 'all';
    // Keys of rows that the engine left look like findings to it: they take no other's place.
    const left = totals.reduce((sum, { residual }) => sum + residual, 0);
    const rows = queries.rows({ keys: beyond ? 'ranked' : 'all', invalid, limit: limit + left });
    for await (const [side, ...row] of table.query(rows)) fetched[side === 'a' ? 0 : 1]!.take(row);
  }
  await fetchKeys(asked, fetched, how);
  const bySide = Object.fromEntries(fetched.map((one) => [one.side, one]));
  const unread = unreadKeys(counted, bySide);
  if (!beyond && (unread.counts.length > 0 || unread.differing !== 0)) {
    for (const one of sides) await one.table.verify();
    throw otherwise(sides.at(-1)!.side);
  }
  const tables = asked.map(
    ({ side, plan, sql }, at) =>
      [side, reducedTable(plan, sql, totals[at]!, fetched[at]!)] as const,
  );
  return { tables: Object.fromEntries(tables), unread };
}

/** The rows of keys that are wanted whatever was counted: those of rows the engine left, and accepted ones. */
async function fetchKeys(
  asked: readonly Asked[],
  fetched: readonly Fetched[],
  { keys, salt }: HowToAsk,
): Promise<void> {
  const { table } = asked[0]!;
  const wanted = new Set(keys.map((key) => md5(salt + tupleText(key))));
  for (const { rows } of fetched) {
    for (const { byEngine, keyHash } of rows) if (!byEngine && keyHash !== '') wanted.add(keyHash);
  }
  const open = [...wanted].filter((key) => !fetched.some(({ facts }) => facts.has(key)));
  const most = Math.max(1, Math.floor(table.mostQueryBytes / 2 / 35));
  for (let at = 0; at < open.length; at += most) {
    const list = open
      .slice(at, at + most)
      .map((key) => `'${key}'`)
      .join(', ');
    const width = widthOf(asked);
    const selects = asked.map(({ sql }) => rowsOf(sql, `s = '' AND kh IN (${list})`, width, asked));
    const query = `WITH ${asked.flatMap(({ sql }) => sql.ctes).join(',\n')}\n${selects.join('\nUNION ALL\n')}`;
    for await (const [side, ...row] of table.query(query)) fetched[side === 'a' ? 0 : 1]!.take(row);
  }
}

function widthOf(asked: readonly Asked[]): number {
  return Math.max(...asked.map(({ sql }) => sql.raw.length));
}

/** Rows that are alike as one, with their number. */
function rowsOf(
  { relation, raw }: RowsSql,
  where: string,
  width: number,
  asked: readonly Asked[],
): string {
  const { toText } = dialects[asked[0]!.table.dialect]!;
  const names = raw.join(', ');
  const padded = [
    ...raw,
    ...Array.from({ length: width - raw.length }, (_, at) => `'' AS p${at}`),
  ].join(', ');
  return `SELECT '${relation}' AS side, s, ${toText('n')} AS n, ${padded} FROM (SELECT s, COUNT(*) AS n, ${names} FROM ${relation} WHERE ${where} GROUP BY s, ${names})`;
}

export function joinQueries(asked: readonly Asked[]): JoinQueries {
  const words = dialects[asked[0]!.table.dialect]!;
  const ctes = asked.flatMap(({ sql }) => sql.ctes);
  const number = (text: string, word: number): string => {
    const [from, digits] = wordPlaces[word]!;
    return words.sum(words.fromHex(`SUBSTR(${text}, ${from}, ${digits})`));
  };
  const group = ({ relation }: RowsSql, ranked: string): string =>
    `${relation}g AS (SELECT kh, COUNT(*) AS n, MIN(${words.compact('ch')}) AS lo, MAX(${words.compact('ch')}) AS hi, ${number('ch', 0)} AS su, ${number('dh', 0)} AS d0, ${number('dh', 1)} AS d1${ranked} FROM (SELECT *, ${words.md5('dt')} AS dh FROM ${relation}) GROUP BY kh)`;
  const both = asked.length === 2;
  const joined = both ? `ag FULL OUTER JOIN bg ON ag.kh = bg.kh` : 'ag';
  const key = both ? 'COALESCE(ag.kh, bg.kh)' : 'ag.kh';
  const sides = both ? ['ag', 'bg'] : ['ag'];
  const columns = sides.flatMap((name) =>
    ['n', 'lo', 'hi', 'su', 'd0', 'd1'].map((column) => `${name}.${column} AS ${name}_${column}`),
  );
  const bits = both ? bothBits : oneBits(asked[0]!.side);
  const keyed = (ranked: 'ranked' | ''): string => {
    const rank = ranked === '' ? '' : `, ${both ? 'COALESCE(ag.u, bg.u)' : 'ag.u'} AS u`;
    return `j AS (SELECT ${key} AS kh, ${columns.join(', ')}${rank} FROM ${joined})`;
  };
  const groups = (ranked: 'ranked' | ''): readonly string[] => {
    const rank = ranked === '' ? '' : `, MIN(${words.sha256('kt')}) AS u`;
    return [
      ...asked.map(({ sql }) => group(sql, rank)),
      keyed(ranked),
      `k AS (SELECT *, CASE WHEN kh = '${status.invalid}' THEN -1 WHEN kh = '${status.residual}' THEN -2 ELSE ${bits} END AS m FROM j)`,
    ];
  };
  const differs = both
    ? `CASE WHEN ag_n IS NULL OR bg_n IS NULL OR ag_n <> bg_n OR ag_lo <> bg_lo OR ag_hi <> bg_hi OR ag_su <> bg_su THEN 1 ELSE 0 END`
    : '0';
  const last = both ? 'bg_n' : 'ag_n';
  const repeats =
    both || asked[0]!.side === 'runtime' ? `CASE WHEN ${last} > 1 THEN 1 ELSE 0 END` : '0';
  const sums = sides.flatMap((name) => [
    `COUNT(${name}_n)`,
    `SUM(${name}_n)`,
    `SUM(${name}_d0)`,
    `SUM(${name}_d1)`,
  ]);
  const told = ['COUNT(*)', `SUM(${differs})`, `SUM(${repeats})`, ...sums].map((sum) =>
    words.toText(`COALESCE(${sum}, 0)`),
  );
  return {
    summary: `WITH ${[...ctes, ...groups('')].join(',\n')}\nSELECT ${words.toText('m')} AS kind, ${told.map((sum, at) => `${sum} AS t${at}`).join(', ')} FROM k GROUP BY m`,
    rows({ keys, invalid, limit }) {
      const width = widthOf(asked);
      const ranked = `SELECT kh FROM (SELECT kh, ROW_NUMBER() OVER (PARTITION BY m ORDER BY u) AS o FROM k WHERE m > 0) WHERE o <= ${limit}`;
      const chosen = `c AS (${keys === 'all' ? 'SELECT kh FROM k WHERE m > 0' : ranked})`;
      const selects = asked.flatMap(({ sql }) => {
        const wanted = `s = '' AND kh IN (SELECT kh FROM c)`;
        if (invalid === 'all') return [rowsOf(sql, `s <> '' OR (${wanted})`, width, asked)];
        return [
          rowsOf(sql, `s = '${status.residual}' OR (${wanted})`, width, asked),
          firstInvalid(sql, limit, width, asked),
        ];
      });
      return `WITH ${[...ctes, ...groups(keys === 'all' ? '' : 'ranked'), chosen].join(',\n')}\n${selects.join('\nUNION ALL\n')}`;
    },
  };
}

/** The invalid rows whose text has the smallest hashes. */
export function firstInvalid(
  sql: RowsSql,
  limit: number,
  width: number,
  asked: readonly Pick<Asked, 'table'>[],
): string {
  const words = dialects[asked[0]!.table.dialect]!;
  const names = sql.raw.join(', ');
  const padded = [
    ...sql.raw,
    ...Array.from({ length: width - sql.raw.length }, (_, at) => `'' AS p${at}`),
  ].join(', ');
  const text = words.concat(
    ...sql.raw.flatMap((name) => [
      words.toText(words.length(`COALESCE(${name}, '')`)),
      "':'",
      `COALESCE(${name}, '')`,
    ]),
  );
  return `SELECT '${sql.relation}' AS side, s, ${words.toText('n')} AS n, ${padded} FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY ${words.sha256(text)}) AS o FROM (SELECT s, COUNT(*) AS n, ${names} FROM ${sql.relation} WHERE s = '${status.invalid}' GROUP BY s, ${names})) WHERE o <= ${limit}`;
}

/** Kinds of a key as bits, as `kindsOfKey` has them. */
const bothBits = [
  'CASE WHEN ag_n IS NULL THEN 1 ELSE 0 END',
  'CASE WHEN bg_n IS NULL THEN 2 ELSE 0 END',
  'CASE WHEN ag_n > 1 THEN CASE WHEN ag_lo = ag_hi THEN 4 ELSE 16 END ELSE 0 END',
  'CASE WHEN bg_n > 1 THEN CASE WHEN bg_lo = bg_hi THEN 8 ELSE 32 END ELSE 0 END',
  'CASE WHEN ag_lo = ag_hi AND bg_lo = bg_hi AND ag_lo <> bg_lo THEN 64 ELSE 0 END',
].join(' + ');

function oneBits(side: Side): string {
  const [duplicated, conflict] = side === 'reviewed' ? [4, 16] : [8, 32];
  return `CASE WHEN ag_n > 1 THEN CASE WHEN ag_lo = ag_hi THEN ${duplicated} ELSE ${conflict} END ELSE 0 END`;
}

function takeSummary(
  row: readonly (string | null)[],
  counted: KeyCounts,
  totals: readonly EngineTotals[],
): void {
  const [kind = 0, keys = 0, differing = 0, repeated = 0] = row.slice(0, 4).map(Number);
  totals.forEach((side, at) => {
    const [units, rows, d0, d1] = row
      .slice(4 + 4 * at, 8 + 4 * at)
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
