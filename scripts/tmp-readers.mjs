// Tries mutated files on the real readers: npm run test:readers [-- FILES [SPARK_FILES [SEED [SECONDS]]]].
// It installs pandas, Polars, DuckDB, pyarrow and PySpark from PyPI into an environment of its own;
// Spark needs Java 17 (a JDK: its parser is asked by itself as well). Exit codes: 0 no disagreement and few false alarms; 1 otherwise.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [files = '20000', sparkFiles = '2000', seed = '1', seconds = 'Infinity'] =
  process.argv.slice(2);
const environment = resolve('node_modules/.cache/keydrift-readers');
const python = join(environment, 'bin/python');
const packages = ['pandas', 'polars', 'duckdb', 'pyarrow', 'pyspark'];
install();
const directory = await mkdtemp(join(tmpdir(), 'keydrift-readers-'));
try {
  const outfile = join(directory, 'fuzz.mjs');
  await build({
    entryPoints: ['test/readers/fuzz.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@duckdb/node-api', '@aws-sdk/client-athena'],
    logLevel: 'error',
    banner: {
      js: "import{createRequire as keydriftRequire}from'node:module';const require=keydriftRequire(import.meta.url);",
    },
  });
  const { fuzz, summary } = await import(pathToFileURL(outfile).href);
  const drivers = resolve('test/readers/drivers');
  const options = { drivers, directory, tell: console.log, time: 1000 * Number(seconds) };
  const parser = ['java', '-XX:TieredStopAtLevel=1', '-cp', `${sparkJars()}/*`];
  const runs = [
    { driver: 'SparkParser.java', command: parser, files: Number(files), seed: Number(seed) },
    { driver: 'read.py', command: [python], files: Number(files), seed: Number(seed) },
    {
      driver: 'spark.py',
      command: [python],
      files: Number(sparkFiles),
      seed: Number(seed) + 1_000_000,
    },
  ];
  for (const run of runs.filter(({ driver }) => driver === process.env.ONLY)) {
    if (run.files === 0) continue;
    const counts = await fuzz({ ...options, ...run });
    console.log(`${run.driver}\n${summary(counts)}`);
    const most = counts.clean * 0.02;
    const isLoud = [...counts.cleanAlarms.values()].some((alarms) => alarms > most);
    if (counts.disagreements > 0 || isLoud) process.exitCode = 1;
  }
} finally {
  await rm(directory, { recursive: true });
}

/** Where PySpark has the parser that Spark reads CSV with. */
function sparkJars() {
  const where = ['-c', 'import os, pyspark; print(os.path.dirname(pyspark.__file__))'];
  return join(execFileSync(python, where, { encoding: 'utf8' }).trim(), 'jars');
}

/** The environment, once: it is complete when its mark is there. */
function install() {
  const mark = join(environment, 'complete');
  if (!existsSync(mark)) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '-q', ...packages], { stdio: 'inherit' });
    execFileSync('touch', [mark]);
  }
  const list = execFileSync(python, ['-m', 'pip', 'list', '--format=json'], { encoding: 'utf8' });
  const versions = JSON.parse(list).filter(({ name }) => packages.includes(name));
  console.log(versions.map(({ name, version }) => `${name} ${version}`).join(', '));
}
