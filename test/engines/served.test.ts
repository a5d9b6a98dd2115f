import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disagreements } from './compare.ts';
import { hostileTable } from './hostile.ts';
import { duckdbTables } from './duckdb-tables.ts';
import { trinoTables } from './trino-tables.ts';

/* Engines that have to be started first: scripts/test-engines.mjs does, and says where they are. */

const directory = mkdtempSync(join(tmpdir(), 'keydrift-engines-'));
afterAll(() => rmSync(directory, { recursive: true }));

const from = Number(process.env['KEYDRIFT_TEST_SEED'] ?? '1');
const count = Number(process.env['KEYDRIFT_TEST_TABLES'] ?? '6');
const spark = process.env['KEYDRIFT_TEST_SPARK'];
const trino = process.env['KEYDRIFT_TEST_TRINO'];

test.runIf(trino !== undefined)(
  'Trino and keydrift judge hostile tables alike',
  async () => {
    const tables = Array.from({ length: count }, (_, at) => hostileTable(from + at));
    const under = trinoTables(trino!, 'lake');
    expect(await disagreements(tables, directory, under, [''])).toStrictEqual([]);
  },
  3_600_000,
);

test.runIf(spark !== undefined)(
  'Spark and keydrift judge hostile tables alike',
  async () => {
    const tables = Array.from({ length: count }, (_, at) => hostileTable(from + at));
    const under = {
      engine: {
        spark: { submit: spark!, master: 'local[1]', conf: { 'spark.driver.memory': '1g' } },
      },
      // DuckDB writes Parquet files, and Spark reads them.
      async create(...made: Parameters<typeof duckdbTables.create>) {
        const fileOf = await duckdbTables.create(...made);
        return (...named: Parameters<typeof fileOf>) => `parquet.\`${fileOf(...named)}\``;
      },
    };
    expect(await disagreements(tables, directory, under, [''])).toStrictEqual([]);
  },
  3_600_000,
);
