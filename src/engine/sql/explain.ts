import type { CompileSql } from '../../model/index.ts';
import { bucketQuery } from './buckets.ts';
import { joinQueries } from './join.ts';
import { rowsSql, type SqlSide } from './rows.ts';

/** A query that an engine would be asked, and what for. */
export interface ExplainedQuery {
  readonly purpose: string;
  readonly sql: string;
}

/** What would be asked first of tables of one engine, of two, or of one that is held against a file. */
export function explainQueries(
  sides: readonly SqlSide[],
  compile: CompileSql,
  limit: number,
): readonly ExplainedQuery[] {
  const salt = 'a random text of each run';
  const asked = sides.map((side, at) => ({
    ...side,
    sql: rowsSql(side, { compile, salt }, 'ab'[at]!),
  }));
  const [first] = asked;
  if (first === undefined) return [];
  const isApart = asked.some(({ table }) => table.session !== first.table.session);
  if (asked.length === 1 || isApart) {
    const other = isApart ? 'other table' : 'file';
    return asked.map(({ side, sql, table }) => ({
      purpose: `pass 1: digests of buckets of the ${side} table; only those that differ from the ${other} are asked for again, then their keys, then their rows`,
      sql: bucketQuery(sql, table.dialect),
    }));
  }
  const queries = joinQueries(asked);
  return [
    { purpose: 'pass 1: keys of both tables by what they are, counted', sql: queries.summary },
    {
      purpose: 'pass 2: rows of keys that make findings, and of what the engine leaves to keydrift',
      sql: queries.rows({ keys: 'all', invalid: 'all', limit }),
    },
  ];
}
