import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { EngineUnderTest } from './compare.ts';
import type { HostileColumn } from './hostile.ts';

const types: Readonly<Record<HostileColumn['type'], string>> = {
  text: 'VARCHAR',
  decimal: 'DECIMAL(38,10)',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  double: 'DOUBLE',
};

/** DuckDB on Parquet files that it writes itself. */
export const duckdbTables: EngineUnderTest = {
  engine: { duckdb: { memory: '2GB', threads: 1 } },
  async create(tables, directory) {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const { name, columns, ...copies } of tables) {
      for (const side of ['reviewed', 'runtime'] as const) {
        const declared = columns.map(
          (one) => `"${one.name.replaceAll('"', '""')}" ${types[one.type]}`,
        );
        await connection.run(`CREATE OR REPLACE TABLE t (${declared.join(', ')})`);
        const rows = copies[side].map(
          (row) => `(${row.map((cell, at) => literal(cell, columns[at]!.type)).join(', ')})`,
        );
        if (rows.length > 0) await connection.run(`INSERT INTO t VALUES ${rows.join(', ')}`);
        await connection.run(
          `COPY t TO '${join(directory, `${name}-${side}.parquet`)}' (FORMAT parquet)`,
        );
      }
    }
    connection.closeSync();
    instance.closeSync();
    return ({ name }, side) => join(directory, `${name}-${side}.parquet`);
  },
};

function literal(cell: string | null, type: HostileColumn['type']): string {
  if (cell === null) return 'NULL';
  if (type === 'binary') return `'${cell.replace(/../g, String.raw`\x$&`)}'::BLOB`;
  return `'${cell.replaceAll("'", "''")}'`;
}
