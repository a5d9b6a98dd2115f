import {
  KeydriftError,
  type EngineSettings,
  type LakeColumn,
  type LakeRow,
  type SourceContext,
  type TableLocation,
} from '../../../model/index.ts';
import {
  allRows,
  type Asking,
  type Driver,
  type PinnedTable,
  type Session,
  type Snapshot,
} from '../driver.ts';
import { isoOf, snapshotRevision, toldListing } from '../revision.ts';
import { openSparkShell, type SparkShell } from '../spark-shell.ts';

/** Spark: one spark-sql, or spark-submit, for a session; each query is a file of SQL that it runs. */
export const spark: Driver = { dialect: 'spark', connect };

interface Client {
  readonly engine: EngineSettings;
  readonly shell: SparkShell;
}

async function connect(engine: EngineSettings, context: SourceContext): Promise<Session> {
  const shell = await openSparkShell(engine, context);
  const client = { engine, shell };
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
    snapshots: (location) => snapshotsOf(client, location),
    close: () => shell.close(),
  };
}

/** Each row comes as one line of JSON behind the mark, whatever stands in its cells. */
async function* ask(
  { shell }: Client,
  sql: string,
  id: string | null = null,
): AsyncGenerator<LakeRow> {
  const { mark } = shell;
  const wrapped = `SELECT CONCAT('${mark}', TO_JSON(STRUCT(*), MAP('ignoreNullFields', 'false'))) FROM (${sql})`;
  for await (const line of shell.ask(wrapped, id)) {
    const at = line.indexOf(mark);
    if (at < 0) continue;
    const row: unknown = JSON.parse(line.slice(at + mark.length));
    if (typeof row !== 'object' || row === null) continue;
    yield Object.values(row).map((cell: unknown) =>
      cell === null || typeof cell === 'string' ? cell : JSON.stringify(cell),
    );
  }
}

/** The lines of a statement that no query can hold, each cut at its tabs. */
async function printed(
  { shell }: Client,
  statement: string,
): Promise<readonly (readonly string[])[]> {
  const lines: string[] = [];
  for await (const line of shell.ask(statement, null)) lines.push(line);
  return lines.map((line) => line.split('\t'));
}

const exactProviders = /^(?:parquet|orc|delta|iceberg)$/i;

/** A table as Spark describes it. */
interface Described {
  /** What stands after FROM for what it holds now. */
  readonly from: string;
  readonly columns: readonly LakeColumn[];
  /** In lower case: `parquet`. */
  readonly provider: string;
}

async function describe(client: Client, { table }: TableLocation): Promise<Described> {
  const [, ofPath] = /^(parquet|orc|delta|iceberg)\.`[^`]+`$/i.exec(table) ?? [];
  if (ofPath !== undefined) {
    const columns = await columnsOf(client, table);
    return { from: table, columns, provider: ofPath.toLowerCase() };
  }
  const from = quoted(table);
  const lines = await printed(client, `DESCRIBE TABLE EXTENDED ${from}`);
  const told = lines.find(([name = '']) => name.trim() === 'Provider')?.[1]?.trim();
  return { from, columns: namedTypes(lines), provider: (told ?? '').toLowerCase() };
}

async function columnsOf(client: Client, from: string): Promise<readonly LakeColumn[]> {
  return namedTypes(await printed(client, `DESCRIBE QUERY SELECT * FROM ${from}`));
}

/** Columns come first, filled up with blanks, up to a line without a name, or one that begins another part. */
function namedTypes(lines: readonly (readonly string[])[]): readonly LakeColumn[] {
  const end = lines.findIndex(([name = '']) => name === '' || name.startsWith('#'));
  return lines
    .slice(0, end === -1 ? lines.length : end)
    .map(([name = '', type = '']) => ({ name: name.trimEnd(), type: type.trim() }));
}

async function pin(client: Client, location: TableLocation): Promise<PinnedTable> {
  const { from, columns, provider } = await describe(client, location);
  if (!exactProviders.test(provider)) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `${location.table} is ${provider === '' ? 'of no known format' : provider}, neither Iceberg, Delta, Parquet nor ORC: what an engine makes of other files is no verdict`,
      {
        hint: 'keydrift itself reads CSV, JSON and YAML exactly: name the object as a plain location.',
      },
    );
  }
  const versions = await versionsOf(client, { from, provider });
  return versions === null
    ? pinFiles(client, location, { columns, from })
    : pinVersion(client, location, { from, provider }, versions);
}

/** The snapshots that led to what a table holds, the newest first; none where it keeps none. */
async function snapshotsOf(client: Client, location: TableLocation): Promise<readonly Snapshot[]> {
  const versions = (await versionsOf(client, await describe(client, location))) ?? [];
  return versions.filter(({ leadsHere }) => leadsHere);
}

/** Null: its format keeps none. */
async function versionsOf(
  client: Client,
  { from, provider }: Pick<Described, 'from' | 'provider'>,
): Promise<readonly Snapshot[] | null> {
  if (provider === 'delta') {
    // What no query can hold is printed as it is: version, time and more, the newest first.
    const lines = await printed(client, `DESCRIBE HISTORY ${from}`);
    return lines.flatMap(([id = '', at = '']) =>
      /^[0-9]+$/.test(id) ? [{ id, at: isoOf(at), leadsHere: true }] : [],
    );
  }
  if (provider !== 'iceberg') return null;
  const history = `SELECT CAST(snapshot_id AS STRING) AS id, CAST(made_current_at AS STRING) AS at, CAST(is_current_ancestor AS STRING) AS leads FROM ${from}.history ORDER BY made_current_at DESC`;
  const rows = await allRows(ask(client, history));
  return rows.map(([id, at, leads]) => ({
    id: id ?? '',
    at: isoOf(at ?? ''),
    leadsHere: leads === 'true',
  }));
}

async function pinVersion(
  client: Client,
  { table, snapshot }: TableLocation,
  { from: current, provider }: Pick<Described, 'from' | 'provider'>,
  versions: readonly Snapshot[],
): Promise<PinnedTable> {
  const found = versions.find(({ id, leadsHere }) =>
    snapshot === null ? leadsHere : id === snapshot,
  );
  if (found === undefined) {
    const named = snapshot === null ? '' : ` ${snapshot}`;
    throw new KeydriftError('ENGINE_NO_SUCH_SNAPSHOT', `${table} has no snapshot${named}`, {
      hint: `It has ${versions.length}.`,
    });
  }
  const from = `${current} VERSION AS OF ${found.id}`;
  return {
    columns: await columnsOf(client, from),
    from,
    revision: snapshotRevision(found.id, found.at),
    verify: () => Promise.resolve(),
    restoring: (id) => client.shell.typed(restoreSql(table, current, provider, id)),
  };
}

/** An Iceberg table is rolled back by a procedure of its catalog, which the first part of its name names. */
function restoreSql(table: string, from: string, provider: string, id: string): string {
  if (provider === 'delta') return `RESTORE TABLE ${from} TO VERSION AS OF ${id}`;
  const parts = partsOf(table);
  const catalog = parts.length > 2 ? parts.shift()! : 'spark_catalog';
  const named = parts.map(quotedPart).join('.').replaceAll("'", "\\'");
  return `CALL ${quotedPart(catalog)}.system.rollback_to_snapshot('${named}', ${id})`;
}

async function pinFiles(
  client: Client,
  { table, snapshot }: TableLocation,
  { columns, from }: Pick<Described, 'columns' | 'from'>,
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
  return partsOf(name).map(quotedPart).join('.');
}

function partsOf(name: string): string[] {
  return name.match(/`(?:[^`]|``)*`|[^.`]+/g) ?? [];
}

function quotedPart(part: string): string {
  return part.startsWith('`') ? part : `\`${part}\``;
}
