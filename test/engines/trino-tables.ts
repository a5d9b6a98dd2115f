import { randomBytes } from 'node:crypto';
import { mapConcurrently } from '../../src/judge/concurrency.ts';
import { atOnce, type EngineUnderTest } from './compare.ts';
import type { HostileColumn } from './hostile.ts';

const types: Readonly<Record<HostileColumn['type'], string>> = {
  text: 'VARCHAR',
  decimal: 'DECIMAL(38,10)',
  timestamp: 'TIMESTAMP(6)',
  date: 'DATE',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  binary: 'VARBINARY',
  double: 'DOUBLE',
};

/** Trino on Iceberg tables of a catalog, which it makes. */
export function trinoTables(url: string, catalog: string): EngineUnderTest {
  return {
    engine: { trino: { url, user: 'keydrift' } },
    async create(tables) {
      const schema = `${catalog}.hostile${randomBytes(4).toString('hex')}`;
      await run(url, `CREATE SCHEMA ${schema}`);
      await mapConcurrently(tables, atOnce, async ({ name, columns, ...copies }) => {
        for (const side of ['reviewed', 'runtime'] as const) {
          const table = `${schema}.${name}_${side}`;
          const names = columns.map((one) => `"${one.name.replaceAll('"', '""')}"`);
          const declared = columns.map((one, at) => `${names[at]} ${types[one.type]}`);
          const rows = copies[side].map(
            (row) => `(${row.map((cell, at) => literal(cell, columns[at]!.type)).join(', ')})`,
          );
          // One statement for each table is half of what this costs.
          await run(
            url,
            rows.length === 0
              ? `CREATE TABLE ${table} (${declared.join(', ')})`
              : `CREATE TABLE ${table} AS SELECT * FROM (VALUES ${rows.join(', ')}) t(${names.join(', ')})`,
          );
        }
      });
      return ({ name }, side) => `${schema}.${name}_${side}`;
    },
  };
}

function literal(cell: string | null, type: HostileColumn['type']): string {
  if (cell === null) return `CAST(NULL AS ${types[type]})`;
  if (type === 'binary') return `X'${cell}'`;
  const text = type === 'timestamp' ? cell.replace('T', ' ') : cell;
  return `CAST(${quoted(text)} AS ${types[type]})`;
}

/** A text of any characters. */
function quoted(text: string): string {
  const escaped = Array.from(text, (one) =>
    /[ -&(-[\]-~]/.test(one)
      ? one
      : `\\+${one.codePointAt(0)!.toString(16).padStart(6, '0').toUpperCase()}`,
  );
  return `U&'${escaped.join('')}'`;
}

/** Runs a statement to its end. */
export async function run(url: string, sql: string): Promise<void> {
  const headers = { 'X-Trino-User': 'keydrift', 'X-Trino-Time-Zone': 'UTC' };
  let response = await fetch(`${url}/v1/statement`, { method: 'POST', body: sql, headers });
  for (;;) {
    const page = (await response.json()) as { nextUri?: string; error?: { message: string } };
    if (page.error !== undefined) throw new Error(`${page.error.message}\n${sql.slice(0, 500)}`);
    if (page.nextUri === undefined) return;
    response = await fetch(page.nextUri, { headers });
  }
}
