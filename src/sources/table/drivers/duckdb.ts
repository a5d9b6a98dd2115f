import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Api from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  doubleQuoted,
  KeydriftError,
  singleQuoted,
  type EngineSettings,
  type LakeColumn,
  type LakeRow,
  type SourceContext,
  type TableLocation,
} from '../../../model/index.ts';
import { allRows, type Asking, type Driver, type PinnedTable, type Session } from '../driver.ts';
import { engineError, notInstalled } from '../errors.ts';
import { listingRevision } from '../revision.ts';
import { textSetting, textsSetting } from '../settings.ts';

/** DuckDB in this process: Parquet files by their paths, or the tables of a database file. */
export const duckdb: Driver = { dialect: 'duckdb', connect };

/** An open database. */
interface Duck {
  readonly engine: EngineSettings;
  readonly instance: DuckDBInstance;
  /** Connections with a query on its way: one answers one query at a time. */
  readonly running: Set<DuckDBConnection>;
}

async function connect(engine: EngineSettings, context: SourceContext): Promise<Session> {
  const { DuckDBInstance: Instance } = await load(engine);
  const directory = await mkdtemp(join(temporary(context), 'keydrift-duckdb-'));
  const [memory, threads, database] = ['memory', 'threads', 'database'].map((word) =>
    textSetting(engine, word),
  );
  const config: Record<string, string> = {
    temp_directory: directory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    preserve_insertion_order: 'false',
    ...(typeof memory === 'string' ? { memory_limit: memory } : {}),
    ...(typeof threads === 'string' ? { threads } : {}),
    ...(typeof database === 'string' ? { access_mode: 'READ_ONLY' } : {}),
  };
  let instance: DuckDBInstance | null = null;
  try {
    instance = await Instance.create(typeof database === 'string' ? database : ':memory:', config);
    const duck = { engine, instance, running: new Set<DuckDBConnection>() };
    for (const extension of textsSetting(engine, 'extensions'))
      await run(duck, `LOAD ${singleQuoted(extension)}`);
    await reachStore(duck, context);
    return session(duck, directory);
  } catch (error) {
    instance?.closeSync();
    await rm(directory, { recursive: true, force: true });
    throw told(engine, error);
  }
}

function temporary({ environment }: SourceContext): string {
  const own = environment['KEYDRIFT_TMPDIR'] ?? '';
  return own === '' ? tmpdir() : own;
}

async function load(engine: EngineSettings): Promise<typeof Api> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw notInstalled(engine, '@duckdb/node-api', error);
  }
}

function session(duck: Duck, directory: string): Session {
  const { engine, instance, running } = duck;
  let number = 0;
  let closed = false;
  return {
    mostQueryBytes: 16 * 1024 * 1024,
    query({ sql, note }: Asking) {
      number += 1;
      const id = `${engine.name}-${number}`;
      note({ id });
      return ask(duck, sql, id);
    },
    pin: (location) => pin(duck, location),
    async close() {
      if (closed) return;
      closed = true;
      for (const one of running) one.interrupt();
      instance.closeSync();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function* ask(
  { engine, instance, running }: Duck,
  sql: string,
  id: string | null = null,
): AsyncGenerator<LakeRow> {
  const connection = await instance.connect();
  running.add(connection);
  try {
    const result = await connection.stream(sql);
    for await (const rows of result.yieldRowsJs()) yield* rows.map(rowOf);
  } catch (error) {
    throw told(engine, error, id);
  } finally {
    running.delete(connection);
    connection.closeSync();
  }
}

function rowOf(row: readonly unknown[]): LakeRow {
  return row.map((value) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Date) return value.toISOString();
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** Credentials of the standard variables, for `httpfs`; they stand in memory only. */
async function reachStore(duck: Duck, { environment }: SourceContext): Promise<void> {
  const id = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const extensions = textsSetting(duck.engine, 'extensions');
  if (id === '' || !extensions.some((one) => one.includes('httpfs'))) return;
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  const words = [
    ['KEY_ID', id],
    ['SECRET', environment['AWS_SECRET_ACCESS_KEY'] ?? ''],
    ['SESSION_TOKEN', environment['AWS_SESSION_TOKEN'] ?? ''],
    ['REGION', environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? ''],
    ['ENDPOINT', endpoint.replace(/^https?:\/\//, '')],
    ...(endpoint === '' ? [] : [['URL_STYLE', 'path']]),
    ...(endpoint.startsWith('http://') ? [['USE_SSL', 'false']] : []),
  ].filter(([, value]) => value !== '');
  const said = words.map(([word = '', value = '']) => `${word} ${singleQuoted(value)}`).join(', ');
  await run(duck, `CREATE SECRET (TYPE s3, ${said})`);
}

function run(duck: Duck, sql: string): Promise<readonly LakeRow[]> {
  return allRows(ask(duck, sql));
}

async function pin(duck: Duck, location: TableLocation): Promise<PinnedTable> {
  if (location.snapshot !== null) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `${location.table}: DuckDB's tables have no snapshots here`,
      {
        hint: 'Leave `snapshot` out, or name an engine that knows them: trino, athena, spark.',
      },
    );
  }
  return textSetting(duck.engine, 'database') === null
    ? pinFiles(duck, location.table)
    : pinDatabase(duck, location.table);
}

/** Parquet files, pinned by their listing. */
async function pinFiles(duck: Duck, pattern: string): Promise<PinnedTable> {
  const names = (
    await run(duck, `SELECT file FROM glob(${singleQuoted(pattern)}) ORDER BY file`)
  ).map(([name]) => name ?? '');
  const other = names.find((name) => !/\.(?:parquet|pq|parq)$/i.test(name));
  if (names.length === 0) {
    throw new KeydriftError('ENGINE_NO_SUCH_TABLE', `${pattern}: no such file`, {
      hint: 'Write a path or a pattern of Parquet files: lake/routes/*.parquet',
    });
  }
  if (other !== undefined) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `${other} is no Parquet file: engines read others for no verdict`,
      {
        hint: 'keydrift itself reads CSV, JSON and YAML exactly: name the file as a plain location.',
      },
    );
  }
  const revision = listingRevision(await listing(duck, names));
  // Values of folders stay as they are written: 007 is no number.
  const from = `read_parquet([${names.map(singleQuoted).join(', ')}], hive_types_autocast = false, union_by_name = true)`;
  return {
    columns: await columnsOf(duck, from),
    from,
    revision,
    async verify() {
      const now = listingRevision(await listing(duck, names));
      if (now.content !== revision.content) throw changed(pattern);
    },
  };
}

async function listing(
  duck: Duck,
  names: readonly string[],
): Promise<readonly { name: string; mark: string; at: string }[]> {
  if (!names.some((name) => name.includes('://'))) {
    return Promise.all(names.map((name) => ofFile(name)));
  }
  const rows = await run(
    duck,
    `SELECT filename, size, last_modified FROM read_blob([${names.map(singleQuoted).join(', ')}])`,
  );
  return rows.map(([name, size, at]) => ({
    name: name ?? '',
    mark: `${size} ${at}`,
    at: `${(at ?? '').slice(0, 19).replace(' ', 'T')}Z`,
  }));
}

async function ofFile(name: string): Promise<{ name: string; mark: string; at: string }> {
  const { dev, ino, size, mtimeNs, ctimeNs, mtime } = await stat(name, { bigint: true }).catch(
    () => {
      throw changed(name);
    },
  );
  return { name, mark: [dev, ino, size, mtimeNs, ctimeNs].join(' '), at: mtime.toISOString() };
}

/** A table of a database that is opened read-only: nobody writes to it meanwhile. */
async function pinDatabase(duck: Duck, name: string): Promise<PinnedTable> {
  const file = textSetting(duck.engine, 'database') ?? '';
  const from = name.split('.').map(doubleQuoted).join('.');
  const columns = await columnsOf(duck, from);
  const before = await ofFile(file);
  return {
    columns,
    from,
    revision: listingRevision([before]),
    async verify() {
      const now = await ofFile(file);
      if (now.mark !== before.mark) throw changed(file);
    },
  };
}

async function columnsOf(duck: Duck, from: string): Promise<readonly LakeColumn[]> {
  const rows = await run(duck, `DESCRIBE SELECT * FROM ${from}`);
  return rows.map(([name, type]) => ({ name: name ?? '', type: type ?? '' }));
}

function changed(name: string): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `${name} changed while it was read`);
}

function told(engine: EngineSettings, error: unknown, query: string | null = null): KeydriftError {
  if (error instanceof KeydriftError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return engineError(engine, said, {
    query,
    cause: error,
    own: [
      {
        pattern: /extension|httpfs|Scheme not supported/i,
        code: 'ENGINE_NOT_INSTALLED',
        hint: 'DuckDB reads S3 by its extension httpfs: name it, or its file, in `extensions` of the engine.',
      },
      {
        pattern: /INTERRUPT/,
        code: 'TIMEOUT',
        hint: 'It took longer than --timeout.',
      },
    ],
  });
}
