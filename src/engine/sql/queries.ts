import type { Side, SqlWords } from '../../model/index.ts';
import { dialects } from './dialects/index.ts';
import { noKey, status, type RowsSql, type SqlSide } from './rows.ts';

/** A side with its SQL. */
export interface Asked extends SqlSide {
  readonly sql: RowsSql;
}

/** The queries of a reduction, for who asks them and for who reads them (`keydrift sql`). */
export interface JoinQueries {
  /** `[kind, names of keys, keys, differing, repeated, …of each side: units, rows, digest]`. */
  readonly summary: string;
  /** `[side, status, count, …raw]`; of keys by their names, or of those that pass 1 finds again. */
  rows(which: {
    readonly keys: readonly string[] | 'all' | 'ranked';
    readonly invalid: 'all' | 'ranked';
    readonly limit: number;
  }): string;
}

export function joinQueries(asked: readonly Asked[]): JoinQueries {
  const words = dialects[asked[0]!.table.dialect]!;
  const { packed } = words;
  const ctes = asked.flatMap(({ sql }) => sql.ctes);
  const digest = (at: 0 | 1): string => words.sum(packed.word('dh', at));
  const group = ({ relation }: RowsSql, ranked: string): string =>
    `${relation}g AS (SELECT kh, COUNT(*) AS n, MIN(ch) AS lo, MAX(ch) AS hi, ${digest(0)} AS d0, ${digest(1)} AS d1${ranked} FROM ${relation} GROUP BY kh)`;
  const both = asked.length === 2;
  const joined = both ? `ag FULL OUTER JOIN bg ON ag.kh = bg.kh` : 'ag';
  const key = both ? 'COALESCE(ag.kh, bg.kh)' : 'ag.kh';
  const sides = both ? ['ag', 'bg'] : ['ag'];
  const columns = sides.flatMap((name) =>
    ['n', 'lo', 'hi', 'd0', 'd1'].map((column) => `${name}.${column} AS ${name}_${column}`),
  );
  const bits = both ? bothBits : oneBits(asked[0]!.side);
  const keyed = (ranked: 'ranked' | 'all'): string => {
    const rank = ranked === 'all' ? '' : `, ${both ? 'COALESCE(ag.u, bg.u)' : 'ag.u'} AS u`;
    return `j AS (SELECT ${key} AS kh, ${columns.join(', ')}${rank} FROM ${joined})`;
  };
  const groups = (ranked: 'ranked' | 'all'): readonly string[] => {
    // Its first sixty bits as a number: a text for each key is more than an engine can hold.
    const hash = `SUBSTR(${words.sha256('kt')}, 1, 15)`;
    const rank = ranked === 'all' ? '' : `, MIN(${words.fromHex(hash)}) AS u`;
    return [
      ...asked.map(({ sql }) => group(sql, rank)),
      keyed(ranked),
      `k AS (SELECT *, CASE WHEN kh = ${packed.literal(noKey.invalid)} THEN -1 WHEN kh = ${packed.literal(noKey.residual)} THEN -2 ELSE ${bits} END AS m FROM j)`,
    ];
  };
  const differs = both
    ? `CASE WHEN ag_n IS NULL OR bg_n IS NULL OR ag_n <> bg_n OR ag_lo <> bg_lo OR ag_hi <> bg_hi OR ag_d0 <> bg_d0 OR ag_d1 <> bg_d1 THEN 1 ELSE 0 END`
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
  const names = packed.least === undefined ? "''" : packed.least.of('kh', 'm > 0');
  return {
    summary: `WITH ${[...ctes, ...groups('all')].join(',\n')}\nSELECT ${words.toText('m')} AS kind, ${names} AS names, ${told.map((sum, at) => `${sum} AS t${at}`).join(', ')} FROM k GROUP BY m`,
    rows({ keys, invalid, limit }) {
      const kept = invalid === 'all' ? [noKey.invalid, noKey.residual] : [noKey.residual];
      const odd = kept.map((hex) => packed.literal(hex));
      const more = invalid === 'all' ? null : limit;
      if (typeof keys !== 'string')
        return rowsQuery(asked, {
          where: words.isOneOf('kh', [...odd, ...keys.map((hex) => packed.literal(hex))]),
          firstInvalid: more,
        });
      const ranked = `SELECT kh FROM (SELECT kh, ROW_NUMBER() OVER (PARTITION BY m ORDER BY u) AS o FROM k WHERE m > 0) WHERE o <= ${limit}`;
      const chosen = [
        keys === 'ranked' ? ranked : 'SELECT kh FROM k WHERE m > 0',
        ...odd.map((one) => `SELECT ${one}`),
      ];
      const found = [...groups(keys), `c AS (${chosen.join(' UNION ALL ')})`];
      return rowsQuery(asked, { where: 'kh IN (SELECT kh FROM c)', found, firstInvalid: more });
    },
  };
}

/** Rows where something holds, those that are alike as one: `[side, status, count, …raw]`. */
export function rowsQuery(
  asked: readonly Pick<Asked, 'table' | 'sql'>[],
  {
    where,
    found = [],
    firstInvalid = null,
  }: {
    readonly where: string;
    /** Relations that it speaks of. */
    readonly found?: readonly string[];
    /** Besides, so many of the invalid rows. */
    readonly firstInvalid?: number | null;
  },
): string {
  const words = dialects[asked[0]!.table.dialect]!;
  const ctes = asked.flatMap(({ sql }) => sql.ctes);
  const width = Math.max(...asked.map(({ sql }) => sql.raw.length));
  const selects = asked.flatMap(({ sql }) => [
    selectRows(sql, words, { where, width }),
    ...(firstInvalid === null ? [] : [selectFirst(sql, words, { limit: firstInvalid, width })]),
  ]);
  return `WITH ${[...ctes, ...found].join(',\n')}\n${selects.join('\nUNION ALL\n')}`;
}

function selectRows(
  sql: RowsSql,
  words: SqlWords,
  { where, width }: { readonly where: string; readonly width: number },
): string {
  return `${selected(sql, words, width)} FROM (${countedRows(sql, where)})`;
}

/** The invalid rows whose text has the smallest hashes. */
function selectFirst(
  sql: RowsSql,
  words: SqlWords,
  { limit, width }: { readonly limit: number; readonly width: number },
): string {
  const text = words.tuple(...sql.raw.map((name) => `COALESCE(${name}, '')`));
  const rows = countedRows(sql, `s = '${status.invalid}'`);
  return `${selected(sql, words, width)} FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY ${words.sha256(text)}) AS o FROM (${rows})) WHERE o <= ${limit}`;
}

function selected({ relation, raw }: RowsSql, words: SqlWords, width: number): string {
  return `SELECT '${relation}' AS side, s, ${words.toText('n')} AS n, ${filled(raw, width)}`;
}

/** Equal raw rows once, with how often each stands there. */
function countedRows({ relation, raw }: RowsSql, where: string): string {
  const names = raw.join(', ');
  return `SELECT s, COUNT(*) AS n, ${names} FROM ${relation} WHERE ${where} GROUP BY s, ${names}`;
}

/** Columns, and empty ones up to as many as the other side has. */
function filled(raw: readonly string[], width: number): string {
  const more = Array.from({ length: width - raw.length }, (_, at) => `'' AS p${at}`);
  return [...raw, ...more].join(', ');
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
