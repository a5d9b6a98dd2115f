// npm run bench:engines [-- --rows 50000000 --mixed 5000000 --memory 4GB]
// Parquet that DuckDB writes into a private directory, judged by keydrift through DuckDB: two tables
// within 5 GB, and a reviewed CSV file against a table, with what came back of it. Trino and Spark are
// judged for being right and not for speed: npm run test:engines. Exit codes: 0 as wanted, 1 otherwise.
import { statfsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { measure } from './measure.mjs';
import { buildProgram } from './program.mjs';

const { values: options } = parseArgs({
  options: {
    /** Of each table; 0: left out. */
    rows: { type: 'string', default: '50000000' },
    /** Of the file, and of the table that it is held against; 0: left out. */
    mixed: { type: 'string', default: '5000000' },
    memory: { type: 'string', default: '4GB' },
    threads: { type: 'string', default: '2' },
  },
});
const [rows, mixed] = [options.rows, options.mixed].map(Number);
const mostMebibytes = 5e9 / 2 ** 20;
const mostReturned = 0.02;
const program = await buildProgram();
const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-lake-'));
try {
  requireRoom(60 * rows * 2 + 120 * mixed);
  if (mixed > 0) await benchMixed();
  if (rows > 0) await benchTables();
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** Files, and what DuckDB spills beside them. */
function requireRoom(bytes) {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize > 2 * bytes) return;
  throw new Error(
    `${directory} has too little room: ${(bytes / 1e9).toFixed(0)} GB are needed twice`,
  );
}

/**
 * Rows as SQL; of the drifted copy one in a thousand differs: a quarter of them are gone, a quarter
 * repeated, and half have another value.
 */
function rowsSql(count, copy) {
  const from = (where) => `SELECT 'route-' || LPAD(CAST(i AS VARCHAR), 9, '0') AS route_id,
    DATE '2020-01-01' + CAST(i % 1000 AS INTEGER) AS valid_from, 'partition/' || (i % 977) AS prefix,
    ${copy === 'drifted' ? `CASE WHEN i % 2000 = 7 THEN 'off' ELSE 'full' END` : `'full'`} AS run_mode,
    CAST((i % 100000) / 100 AS DECIMAL(12,2)) AS weight FROM range(${count}) t(i) WHERE ${where}`;
  if (copy !== 'drifted') return from('TRUE');
  return `${from('i % 4000 <> 11')} UNION ALL ${from('i % 4000 = 13')}`;
}

/** What such copies of so many rows must be found to be. */
function expected(count) {
  const every = (step, first) => (count <= first ? 0 : Math.floor((count - 1 - first) / step) + 1);
  return {
    removed: every(4000, 11),
    duplicated: every(4000, 13),
    conflict: every(2000, 7),
    added: 0,
    invalid: 0,
  };
}

async function write(sql) {
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: directory,
    memory_limit: '3GB',
  });
  const connection = await instance.connect();
  try {
    const answer = await connection.runAndReadAll(sql);
    return answer.getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function judge(reviewed, runtime) {
  const contract = {
    version: 1,
    engines: {
      here: { duckdb: { memory: options.memory, threads: Number(options.threads) } },
    },
    artifacts: {
      routes: {
        reviewed,
        runtime,
        key: ['route_id', 'valid_from'],
        normalize: { weight: [{ decimal: 2 }], route_id: ['trim'] },
      },
    },
  };
  const config = join(directory, 'keydrift.json');
  await writeFile(config, JSON.stringify(contract));
  const words = [program, 'audit', '--config', config, '--format', 'json', '--timeout', '2h'];
  const run = await measure(process.execPath, words, {
    env: { ...process.env, KEYDRIFT_TMPDIR: directory },
  });
  const [artifact] = JSON.parse(run.stdout).artifacts;
  if (artifact.error !== null) throw new Error(JSON.stringify(artifact.error));
  return { ...run, artifact };
}

function isRight({ artifact }, count) {
  const wrong = Object.entries(expected(count)).filter(
    ([kind, wanted]) => artifact.counts[kind] !== wanted,
  );
  for (const [kind, wanted] of wrong)
    console.log(`WRONG: ${kind} ${artifact.counts[kind]}, and not ${wanted}`);
  return wrong.length === 0;
}

function hold(isMet, what) {
  console.log(`${isMet ? 'met' : 'MISSED'}: ${what}`);
  if (!isMet) process.exitCode = 1;
}

/** Two tables of one engine, drifted and alike. */
async function benchTables() {
  const [reviewed, runtime] = ['reviewed', 'runtime'].map((name) =>
    join(directory, `${name}.parquet`),
  );
  await write(`COPY (${rowsSql(rows, 'reviewed')}) TO '${reviewed}'`);
  await write(`COPY (${rowsSql(rows, 'drifted')}) TO '${runtime}'`);
  const bytes = (await stat(reviewed)).size + (await stat(runtime)).size;
  console.log(
    `\n## ${rows} × ${rows} rows of Parquet on DuckDB, ${(bytes / 1e9).toFixed(2)} GB, ${options.memory} and ${options.threads} threads\n`,
  );
  const run = await judge({ table: reviewed }, { table: runtime });
  const { queries, bytesReturned } = run.artifact.runtime.engine;
  console.log(
    `${(run.wall / 1000).toFixed(1)} s, ${(run.cpu / 1000).toFixed(1)} CPU s, ${run.rss.toFixed(0)} MiB at most, ${queries.length} queries, ${bytesReturned} bytes came back`,
  );
  hold(isRight(run, rows), 'the findings are right');
  hold(run.rss <= mostMebibytes, 'the whole process stays within 5 GB');
}

/** A file against a table: what came back, all answers counted, of the text of the planned columns. */
async function benchMixed() {
  const [reviewed, runtime] = ['routes.csv', 'routes.parquet'].map((name) => join(directory, name));
  await write(`COPY (${rowsSql(mixed, 'reviewed')}) TO '${reviewed}' (HEADER)`);
  await write(`COPY (${rowsSql(mixed, 'drifted')}) TO '${runtime}'`);
  const columns = ['route_id', 'valid_from', 'prefix', 'run_mode', 'weight'];
  const lengths = columns.map((name) => `STRLEN(CAST(${name} AS VARCHAR))`).join(' + ');
  const [[sum]] = await write(`SELECT SUM(${lengths}) FROM '${runtime}'`);
  const text = Number(sum);
  console.log(`\n## A file against a table, ${mixed} rows each, 0.1 % drift\n`);
  const run = await judge(`file:${reviewed}`, { table: runtime });
  const { queries, bytesReturned } = run.artifact.runtime.engine;
  const share = bytesReturned / text;
  console.log(
    `${(run.wall / 1000).toFixed(1)} s, ${(run.cpu / 1000).toFixed(1)} CPU s, ${run.rss.toFixed(0)} MiB at most, ${queries.length} queries`,
  );
  console.log(
    `${bytesReturned} bytes came back of ${text} bytes of text in the planned columns: ${(100 * share).toFixed(2)} %`,
  );
  hold(isRight(run, mixed), 'the findings are right');
  hold(share <= mostReturned, `at most ${100 * mostReturned} % came back`);
}
