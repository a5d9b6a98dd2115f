import type { CompileSql } from '../../model/index.ts';
import { bucketQuery } from './buckets.ts';
import { dialects } from './dialects/index.ts';
import { joinQueries } from './queries.ts';
import { rowsSql, type Hashing, type SqlSide } from './rows.ts';

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
  const [first] = sides;
  if (first === undefined) return [];
  const askedOf = (hashes: Hashing['hashes']) =>
    sides.map((side, at) => ({
      ...side,
      sql: rowsSql(side, { compile, salt, hashes }, 'ab'[at]!),
    }));
  const isApart = sides.some(({ table }) => table.session !== first.table.session);
  if (sides.length === 1 || isApart) {
    const other = isApart ? 'other table' : 'file';
    return askedOf('hex').map(({ side, sql, table }) => ({
      purpose: `pass 1: digests of buckets of the ${side} table; only those that differ from the ${other} are asked for again, then their keys, then their rows`,
      sql: bucketQuery(sql, table.dialect),
    }));
  }
  const queries = joinQueries(askedOf('packed'));
  const isNamed = dialects[first.table.dialect]!.packed.least !== undefined;
  const which = isNamed ? ' (pass 1 names their hashes; one that no key has stands here)' : '';
  return [
    { purpose: 'pass 1: keys of both tables by what they are, counted', sql: queries.summary },
    {
      purpose: `pass 2: rows of keys that make findings${which}, and of what the engine leaves to keydrift`,
      sql: queries.rows({ keys: isNamed ? [] : 'all', invalid: 'all', limit }),
    },
  ];
}
