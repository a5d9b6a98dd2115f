import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disagreements, type EngineUnderTest, type Way } from './compare.ts';
import { hostileTable } from './hostile.ts';
import { duckdbTables } from './duckdb-tables.ts';
import { run, trinoTables } from './trino-tables.ts';
import { git } from '../integration/cli.ts';
import { commitSlices, type JsonInvestigation } from '../integration/history-stage.ts';
import { runInProcess } from '../integration/in-process.ts';

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

async function judge(under: EngineUnderTest, name: string): Promise<readonly string[]> {
  const tables = Array.from({ length: count }, (_, at) => hostileTable(from + at));
  const waysOf = (_: unknown, at: number): readonly Way[] => [ways[at % ways.length]!];
  const how = { under, other: duckdbTables, waysOf, listsOf: () => [''] as const };
  return disagreements(tables, join(directory, name), how);
}

const mostMs = 4 * 3_600_000;

test.runIf(trino !== undefined)(
  'Trino and keydrift judge hostile tables alike',
  async () => expect(await judge(trinoTables(trino!, 'lake'), 'trino')).toStrictEqual([]),
  mostMs,
);

/** A table with a past, on an engine that keeps it. */
interface Lake {
  readonly engine: Readonly<Record<string, unknown>>;
  readonly table: string;
  /** Statements that make it, each a snapshot: `a` and `b`, then 3, 4, 5, 6. */
  make(): Promise<void>;
  /** Runs the command that is printed. */
  restore(command: string): Promise<void>;
}

const past = randomBytes(4).toString('hex');
const added = [3, 4, 5, 6];

const trinoLake = (url: string): Lake => {
  const table = `lake.past${past}."ro""utes"`;
  return {
    engine: { trino: { url, user: "o'hara" } },
    table,
    async make() {
      await run(url, `CREATE SCHEMA lake.past${past}`);
      await run(
        url,
        `CREATE TABLE ${table} AS SELECT * FROM (VALUES ('a', 1), ('b', 2)) t(id, weight)`,
      );
      for (const at of added) await run(url, `INSERT INTO ${table} VALUES ('${at}', ${at})`);
    },
    async restore(command) {
      // As a shell takes it apart; the program itself is not here.
      const shown = execFileSync('sh', ['-c', command.replace('trino', `printf '%s\\n'`)]);
      const typed = shown.toString().trimEnd().split('\n');
      expect(typed.slice(0, 5)).toStrictEqual(['--server', url, '--user', "o'hara", '--execute']);
      await run(url, typed[5]!);
    },
  };
};

const sparkLake = (submit: string, format: 'iceberg' | 'delta'): Lake => {
  const home = join(directory, `spark-${format}`);
  const conf = {
    ...smallQueries,
    'spark.jars': process.env['KEYDRIFT_TEST_SPARK_JARS']!,
    'spark.sql.extensions':
      'io.delta.sql.DeltaSparkSessionExtension,org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.sql.catalog.ice': 'org.apache.iceberg.spark.SparkCatalog',
    'spark.sql.catalog.ice.type': 'hadoop',
    'spark.sql.catalog.ice.warehouse': home,
  };
  const table = format === 'iceberg' ? 'ice.support.`ro``utes`' : `delta.\`${home}\``;
  return {
    engine: { spark: { submit, master: 'local[1]', conf } },
    table,
    make() {
      const statements = [
        `CREATE TABLE ${table} USING ${format} AS SELECT * FROM VALUES ('a', 1), ('b', 2) AS t(id, weight)`,
        ...added.map((at) => `INSERT INTO ${table} VALUES ('${at}', ${at})`),
      ];
      const words = Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
      execFileSync(submit, ['--master', 'local[1]', ...words, '-S', '-e', statements.join(';\n')]);
      return Promise.resolve();
    },
    restore(command) {
      execFileSync('sh', ['-c', command]);
      return Promise.resolve();
    },
  };
};

const hasFormats = spark !== undefined && process.env['KEYDRIFT_TEST_SPARK_JARS'] !== undefined;
const lakes: readonly (readonly [name: string, lake: Lake])[] = [
  ...(trino === undefined ? [] : [['Trino on Iceberg', trinoLake(trino)] as const]),
  ...(hasFormats
    ? (['iceberg', 'delta'] as const).map(
        (format) => [`Spark on ${format}`, sparkLake(spark, format)] as const,
      )
    : []),
];

test.runIf(lakes.length > 0).each(lakes)(
  '%s tells since which snapshot a table drifts, and restores the one before',
  async (name, lake) => {
    const { engine, table } = lake;
    await lake.make();
    const cwd = join(directory, `past of ${name}`);
    mkdirSync(cwd);
    git(cwd, 'init', '--quiet', '--template=');
    const contract = (snapshot?: string): void =>
      writeFileSync(
        join(cwd, 'keydrift.yaml'),
        JSON.stringify({
          version: 1,
          engines: { lake: engine },
          artifacts: {
            slices: { reviewed: 'slices.csv', runtime: { table, snapshot }, key: ['id'] },
          },
        }),
      );
    contract();
    await commitSlices(cwd, 5, 'id,weight\na,1\nb,2\n3,3\n4,4\n');
    const environment = process.env;
    const told = async (): Promise<JsonInvestigation> => {
      const words = ['investigate', 'slices', '--format', 'json', '--no-cache'];
      const { stdout } = await runInProcess({ words, cwd, environment });
      return JSON.parse(stdout) as JsonInvestigation;
    };
    const { error, onset, timeline, artifact } = await told();
    const lines = timeline.filter(({ side }) => side === 'runtime');
    expect([error, lines.length]).toStrictEqual([null, 5]);
    // The newest snapshot is the first, the one that brought 5 the second.
    expect(onset?.versionId).toBe(lines[1]?.versionId);
    const steps = artifact as unknown as { whatToDo: { kind: string; commands: string[] }[] };
    const [command = ''] = steps.whatToDo.find(({ kind }) => kind === 'restore')?.commands ?? [];
    contract(lines[2]!.versionId!);
    const words = ['audit', '--format', 'json'];
    const { code, stdout } = await runInProcess({ words, cwd, environment });
    expect([code, JSON.parse(stdout).artifacts[0].runtime.snapshot]).toStrictEqual([
      0,
      lines[2]!.versionId,
    ]);
    contract();
    await lake.restore(command);
    expect((await told()).verdict).toBe('in-sync');
  },
  mostMs,
);

test.runIf(spark !== undefined)(
  'Spark and keydrift judge hostile tables alike',
  async () => expect(await judge(sparkTables(spark!), 'spark')).toStrictEqual([]),
  mostMs,
);
