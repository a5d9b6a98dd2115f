import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  KeydriftError,
  type EngineSettings,
  type LakeColumn,
  type LakeRow,
  type SourceContext,
  type TableLocation,
} from '../../../model/index.ts';
import { allRows, type Asking, type Driver, type PinnedTable, type Session } from '../driver.ts';
import { engineError, notInstalled } from '../errors.ts';
import { isoOf, snapshotRevision, toldListing } from '../revision.ts';
import { mapSetting, textSetting } from '../settings.ts';

/** Spark: each query is a file of SQL that spark-sql, or spark-submit, runs. */
export const spark: Driver = { dialect: 'spark', connect };

interface Client {
  readonly engine: EngineSettings;
  readonly environment: SourceContext['environment'];
  readonly program: string;
  /** Private, and where Spark keeps what it makes for itself. */
  readonly directory: string;
  readonly running: Set<ChildProcess>;
}

async function connect(engine: EngineSettings, { environment }: SourceContext): Promise<Session> {
  const own = environment['KEYDRIFT_TMPDIR'] ?? '';
  const directory = await mkdtemp(join(own === '' ? tmpdir() : own, 'keydrift-spark-'));
  const client = {
    engine,
    environment,
    program: programOf(engine, environment),
    directory,
    running: new Set<ChildProcess>(),
  };
  let number = 0;
  return {
    mostQueryBytes: 4 * 1024 * 1024,
    query({ sql, note }: Asking) {
      number += 1;
      const id = `${engine.name}-${number}`;
      note({ id });
      return ask(client, sql, id);
    },
    pin: (location) => pin(client, location),
    async close() {
      for (const child of client.running) child.kill('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function programOf(engine: EngineSettings, environment: SourceContext['environment']): string {
  const name = textSetting(engine, 'submit') ?? 'spark-sql';
  const home = environment['SPARK_HOME'] ?? '';
  return name.includes('/') || home === '' ? name : join(home, 'bin', name);
}

/** What makes Spark read values as every other engine does. */
const settled: readonly (readonly [string, string])[] = [
  ['spark.sql.session.timeZone', 'UTC'],
  ['spark.sql.ansi.enabled', 'true'],
  ['spark.sql.parser.escapedStringLiterals', 'false'],
  ['spark.sql.cli.print.header', 'false'],
  ['spark.ui.enabled', 'false'],
];

/** What stands before an answer's row: Spark may say more on stdout. */
const mark = 'keydrift:';

/** Each row comes as one line of JSON, whatever stands in its cells. */
async function* ask(
  client: Client,
  sql: string,
  id: string | null = null,
): AsyncGenerator<LakeRow> {
  const wrapped = `SELECT CONCAT('${mark}', TO_JSON(STRUCT(*), MAP('ignoreNullFields', 'false'))) FROM (${sql});`;
  for await (const line of lines(client, wrapped, id)) {
    if (!line.startsWith(mark)) continue;
    const row: unknown = JSON.parse(line.slice(mark.length));
    if (typeof row !== 'object' || row === null) continue;
    yield Object.values(row).map((cell: unknown) =>
      cell === null || typeof cell === 'string' ? cell : JSON.stringify(cell),
    );
  }
}

/** Runs statements; gives what is printed. Throws `ENGINE_…` by what Spark says. */
async function* lines(client: Client, sql: string, id: string | null): AsyncGenerator<string> {
  const { engine, environment, program, directory, running } = client;
  const folder = await mkdtemp(join(directory, 'query-'));
  const file = join(folder, 'query.sql');
  await writeFile(file, sql, { mode: 0o600 });
  const submit = basename(program).startsWith('spark-submit')
    ? ['--class', 'org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver']
    : [];
  const master = textSetting(engine, 'master');
  const conf = [...mapSetting(engine, 'conf'), ...settled].flatMap(([name, value]) => [
    '--conf',
    `${name}=${value}`,
  ]);
  const words = [...submit, ...(master === null ? [] : ['--master', master]), ...conf];
  const child = spawn(program, [...words, '-S', '-f', file], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.push(text);
    while (said.length > 200) said.shift();
  });
  const ended = new Promise<number | Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code) => resolve(code ?? -1));
  });
  try {
    yield* createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    const end = await ended;
    if (end instanceof Error) throw notInstalled(engine, program, end);
    if (end !== 0) throw engineError(engine, reasonOf(said.join('')), { query: id });
  } finally {
    running.delete(child);
    child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

/** The line of a long log that says what was wrong. */
function reasonOf(log: string): string {
  const all = log.split('\n').map((line) => line.trim());
  const found = all.find((line) =>
    /^(?:Error|\[[A-Z_.]+\]|Caused by|org\.apache|java\.)/.test(line),
  );
  return found ?? all.findLast((line) => line !== '') ?? 'it ended without a word';
}

const exactProviders = /^(?:parquet|orc|delta|iceberg)$/i;

async function pin(client: Client, location: TableLocation): Promise<PinnedTable> {
  const [, ofPath] = /^(parquet|orc|delta|iceberg)\.`[^`]+`$/i.exec(location.table) ?? [];
  const from = ofPath === undefined ? quoted(location.table) : location.table;
  const described: (readonly string[])[] = [];
  const about =
    ofPath === undefined
      ? `DESCRIBE TABLE EXTENDED ${from}`
      : `DESCRIBE QUERY SELECT * FROM ${from}`;
  for await (const line of lines(client, `${about};`, null)) described.push(line.split('\t'));
  const end = described.findIndex(([name = '']) => name === '' || name.startsWith('#'));
  const columns: readonly LakeColumn[] = described
    .slice(0, end === -1 ? described.length : end)
    .map(([name = '', type = '']) => ({ name: name.trim(), type: type.trim() }));
  const told = described.find(([name = '']) => name.trim() === 'Provider')?.[1]?.trim();
  const provider = (ofPath ?? told ?? '').toLowerCase();
  if (!exactProviders.test(provider)) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `${location.table} is ${provider === '' ? 'of no known format' : provider}, neither Iceberg, Delta, Parquet nor ORC: what an engine makes of other files is no verdict`,
      {
        hint: 'keydrift itself reads CSV, JSON and YAML exactly: name the object as a plain location.',
      },
    );
  }
  const table = { columns, from };
  if (provider === 'iceberg' || provider === 'delta')
    return pinVersion(client, location, provider, table);
  return pinFiles(client, location, table);
}

type Found = Pick<PinnedTable, 'columns' | 'from'>;

async function pinVersion(
  client: Client,
  { table, snapshot }: TableLocation,
  provider: 'iceberg' | 'delta',
  { columns, from }: Found,
): Promise<PinnedTable> {
  const versions =
    provider === 'iceberg'
      ? await allRows(
          ask(
            client,
            `SELECT CAST(snapshot_id AS STRING) AS id, CAST(made_current_at AS STRING) AS at FROM ${from}.history ORDER BY made_current_at DESC`,
          ),
        )
      : await deltaVersions(client, from);
  const found = snapshot === null ? versions[0] : versions.find(([id]) => id === snapshot);
  if (found === undefined) {
    throw new KeydriftError(
      'ENGINE_NO_SUCH_SNAPSHOT',
      `${table} has no snapshot ${snapshot ?? ''}`,
      {
        hint: `It has ${versions.length}.`,
      },
    );
  }
  const [id = '', at = ''] = found;
  return {
    columns,
    from: `${from} VERSION AS OF ${provider === 'iceberg' ? `'${id}'` : id}`,
    revision: snapshotRevision(id ?? '', isoOf(at ?? '')),
    verify: () => Promise.resolve(),
  };
}

/** What no query can hold is printed as it is: version, time and more between tabs, the newest first. */
async function deltaVersions(client: Client, from: string): Promise<readonly LakeRow[]> {
  const versions: LakeRow[] = [];
  for await (const line of lines(client, `DESCRIBE HISTORY ${from};`, null)) {
    const [version = '', at = ''] = line.split('\t');
    if (/^[0-9]+$/.test(version)) versions.push([version, at]);
  }
  return versions;
}

async function pinFiles(
  client: Client,
  { table, snapshot }: TableLocation,
  { columns, from }: Found,
): Promise<PinnedTable> {
  if (snapshot !== null) {
    throw new KeydriftError('ENGINE_NO_SUCH_SNAPSHOT', `${table} keeps no snapshots`, {
      hint: 'Leave `snapshot` out.',
    });
  }
  const listing = async (): Promise<ReturnType<typeof toldListing>> => {
    const files = ask(
      client,
      `SELECT _metadata.file_path AS name, CAST(_metadata.file_size AS STRING) AS size, CAST(_metadata.file_modification_time AS STRING) AS at FROM ${from} GROUP BY 1, 2, 3`,
    );
    return toldListing(await allRows(files));
  };
  const revision = await listing();
  return {
    columns,
    from,
    revision,
    async verify() {
      if ((await listing()).content === revision.content) return;
      throw new KeydriftError('COPY_CHANGED', `${table} changed while it was read`);
    },
  };
}

function quoted(name: string): string {
  const parts = name.match(/`(?:[^`]|``)*`|[^.`]+/g) ?? [];
  return parts.map((part) => (part.startsWith('`') ? part : `\`${part}\``)).join('.');
}
