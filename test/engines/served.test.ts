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
  const how = { under, other: duckdbTables, waysOf, lists: [''] } as const;
  return disagreements(tables, join(directory, name), how);
}

const mostMs = 4 * 3_600_000;

test.runIf(trino !== undefined)(
  'Trino and keydrift judge hostile tables alike',
  async () => expect(await judge(trinoTables(trino!, 'lake'), 'trino')).toStrictEqual([]),
  mostMs,
);

test.runIf(trino !== undefined)(
  'Trino tells since which snapshot a table drifts, and restores the one before',
  async () => {
    const schema = `lake.past${randomBytes(4).toString('hex')}`;
    const said = [
      `CREATE SCHEMA ${schema}`,
      `CREATE TABLE ${schema}."ro""utes" AS SELECT * FROM (VALUES ('a', 1), ('b', 2)) t(id, weight)`,
      ...[3, 4, 5, 6].map((at) => `INSERT INTO ${schema}."ro""utes" VALUES ('${at}', ${at})`),
    ];
    for (const sql of said) await run(trino!, sql);
    const cwd = join(directory, 'past');
    mkdirSync(cwd);
    git(cwd, 'init', '--quiet', '--template=');
    writeFileSync(
      join(cwd, 'keydrift.yaml'),
      JSON.stringify({
        version: 1,
        engines: { lake: { trino: { url: trino, user: "o'hara" } } },
        artifacts: {
          slices: {
            reviewed: 'slices.csv',
            runtime: { table: `${schema}."ro""utes"` },
            key: ['id'],
          },
        },
      }),
    );
    await commitSlices(cwd, 5, 'id,weight\na,1\nb,2\n3,3\n4,4\n');
    const told = async (): Promise<JsonInvestigation> => {
      const words = ['investigate', 'slices', '--format', 'json', '--no-cache'];
      const { stdout } = await runInProcess({ words, cwd, environment: process.env });
      return JSON.parse(stdout) as JsonInvestigation;
    };
    const { error, onset, timeline, artifact } = await told();
    const lines = timeline.filter(({ side }) => side === 'runtime');
    expect([error, lines.length]).toStrictEqual([null, 5]);
    // The newest snapshot is the first, the one that brought 5 the second.
    expect(onset?.versionId).toBe(lines[1]?.versionId);
    const steps = artifact as unknown as { whatToDo: { kind: string; commands: string[] }[] };
    const [command = ''] = steps.whatToDo.find(({ kind }) => kind === 'restore')?.commands ?? [];
    expect(command).toContain(`rollback_to_snapshot(${lines[2]?.versionId})`);
    // As a shell takes it apart; the program itself is another one.
    const shown = execFileSync('sh', ['-c', command.replace('trino', `printf '%s\\n'`)]);
    const typed = shown.toString().trimEnd().split('\n');
    expect(typed.slice(0, 5)).toStrictEqual(['--server', trino, '--user', "o'hara", '--execute']);
    await run(trino!, typed[5]!);
    expect((await told()).verdict).toBe('in-sync');
  },
  mostMs,
);

test.runIf(spark !== undefined)(
  'Spark and keydrift judge hostile tables alike',
  async () => expect(await judge(sparkTables(spark!), 'spark')).toStrictEqual([]),
  mostMs,
);
