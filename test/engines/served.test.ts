import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disagreements, type EngineUnderTest, type Way } from './compare.ts';
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

/** Tables of some rows: what a cluster does to be fast costs more here than it saves. */
const smallQueries = {
  'spark.driver.memory': '1g',
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1',
  'spark.sql.catalogImplementation': 'in-memory',
  'spark.sql.shuffle.partitions': '1',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.codegen.wholeStage': 'false',
  'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
};

/** DuckDB writes Parquet files, and Spark reads them. */
const sparkTables = (submit: string): EngineUnderTest => ({
  engine: { spark: { submit, master: 'local[1]', conf: smallQueries } },
  async create(...made) {
    const fileOf = await duckdbTables.create(...made);
    return (...named) => `parquet.\`${fileOf(...named)}\``;
  },
});

/** Each table in one way of all: what an engine needs for a query is the cost of this. */
const ways: readonly Way[] = ['both', 'mixed', 'turned', 'apart'];

async function judge(under: EngineUnderTest, name: string): Promise<void> {
  const tables = Array.from({ length: count }, (_, at) => hostileTable(from + at));
  const waysOf = (_: unknown, at: number): readonly Way[] => [ways[at % ways.length]!];
  const how = { under, other: duckdbTables, waysOf, lists: [''] } as const;
  expect(await disagreements(tables, join(directory, name), how)).toStrictEqual([]);
}

const mostMs = 4 * 3_600_000;

test.runIf(trino !== undefined)(
  'Trino and keydrift judge hostile tables alike',
  () => judge(trinoTables(trino!, 'lake'), 'trino'),
  mostMs,
);

test.runIf(spark !== undefined)(
  'Spark and keydrift judge hostile tables alike',
  () => judge(sparkTables(spark!), 'spark'),
  mostMs,
);
