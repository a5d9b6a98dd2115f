import {
  doubleQuoted,
  KeydriftError,
  toKeydriftError,
  type LakeColumn,
  type LakeRow,
  type TableLocation,
} from '../../model/index.ts';
import { allRows, type PinnedTable, type Snapshot } from './driver.ts';
import { isoOf, listingRevision, snapshotRevision, toldListing } from './revision.ts';

/** What Trino and Athena have in common when a table is found and pinned. */
export interface TrinoLike {
  ask(sql: string): AsyncIterable<LakeRow>;
  /** The columns of an answer without reading any of it. */
  describe(sql: string): Promise<readonly LakeColumn[]>;
  /** A statement as it is typed; left out: the engine takes none that restores a snapshot. */
  readonly typed?: (sql: string) => string;
  /** What names that say less are completed by, the last first: schema, catalog. */
  readonly within: readonly (string | null)[];
}

/** A table of Iceberg or Delta by its snapshot, one of Hive by the listing of its files. */
export async function pinTable(engine: TrinoLike, location: TableLocation): Promise<PinnedTable> {
  const name = nameParts(location, engine.within);
  const kept = await versionsOf(engine, name);
  if (kept === null) return pinFiles(engine, location, name);
  const { versions, format } = kept;
  const { snapshot } = location;
  const found = versions.find(({ id, leadsHere }) =>
    snapshot === null ? leadsHere : id === snapshot,
  );
  if (found === undefined) {
    if (snapshot === null) return unpinnedEmpty(engine, name);
    throw noSuchSnapshot(location, versions);
  }
  const from = `${quoted(name)} FOR VERSION AS OF ${found.id}`;
  return {
    columns: await engine.describe(`SELECT * FROM ${from} LIMIT 0`),
    from,
    revision: snapshotRevision(found.id, found.at),
    ...(engine.typed === undefined || format !== 'iceberg'
      ? {}
      : {
          restoring: (id) =>
            engine.typed!(`ALTER TABLE ${quoted(name)} EXECUTE rollback_to_snapshot(${id})`),
        }),
    verify: () => Promise.resolve(),
  };
}

/** The snapshots that led to what a table holds, the newest first; none where it keeps none. */
export async function snapshotsOf(
  engine: TrinoLike,
  location: TableLocation,
): Promise<readonly Snapshot[]> {
  const kept = await versionsOf(engine, nameParts(location, engine.within));
  return (kept?.versions ?? []).filter(({ leadsHere }) => leadsHere);
}

/** Iceberg's history, or Delta's, the newest first; null: it has neither. */
async function versionsOf(
  engine: TrinoLike,
  name: readonly string[],
): Promise<{
  readonly format: 'iceberg' | 'delta';
  readonly versions: readonly Snapshot[];
} | null> {
  const history = quoted([...name.slice(0, -1), `${name.at(-1)}$history`]);
  const ways = {
    iceberg: `SELECT CAST(snapshot_id AS VARCHAR), CAST(made_current_at AT TIME ZONE 'UTC' AS VARCHAR), CAST(is_current_ancestor AS VARCHAR) FROM ${history} ORDER BY made_current_at DESC`,
    delta: `SELECT CAST(version AS VARCHAR), CAST("timestamp" AT TIME ZONE 'UTC' AS VARCHAR), 'true' FROM ${history} ORDER BY version DESC`,
  } as const;
  for (const format of ['iceberg', 'delta'] as const) {
    try {
      const rows = await allRows(engine.ask(ways[format]));
      const versions = rows.map(([id, at, leads]) => ({
        id: id ?? '',
        at: isoOf(at ?? ''),
        leadsHere: leads === 'true',
      }));
      return { format, versions };
    } catch (thrown) {
      const { code } = toKeydriftError(thrown);
      // Another connector has no such table, or one with other columns.
      if (code !== 'ENGINE_FAILED' && code !== 'ENGINE_NO_SUCH_TABLE') throw thrown;
    }
  }
  return null;
}

/** An Iceberg table that nothing was ever written to. */
async function unpinnedEmpty(engine: TrinoLike, name: readonly string[]): Promise<PinnedTable> {
  const from = quoted(name);
  return {
    columns: await engine.describe(`SELECT * FROM ${from} LIMIT 0`),
    from,
    revision: listingRevision([]),
    async verify() {
      const now = await versionsOf(engine, name);
      if ((now?.versions.length ?? 0) > 0) throw changed(name);
    },
  };
}

/** Formats whose values an engine gives as they are (others it reads in its own way). */
const exactFormats =
  /format\s*=\s*'(?:PARQUET|ORC)'|ParquetHiveSerDe|OrcSerde|STORED AS (?:PARQUET|ORC)/i;

async function pinFiles(
  engine: TrinoLike,
  location: TableLocation,
  name: readonly string[],
): Promise<PinnedTable> {
  const from = quoted(name);
  // A table that is not there says so first.
  const columns = await engine.describe(`SELECT * FROM ${from} LIMIT 0`);
  if (location.snapshot !== null) throw noSuchSnapshot(location, []);
  const definition = (await allRows(engine.ask(`SHOW CREATE TABLE ${from}`))).flat().join('\n');
  if (!exactFormats.test(definition)) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `${location.table} is neither Iceberg, Delta, Parquet nor ORC: what an engine makes of other files is no verdict`,
      {
        hint: 'keydrift itself reads CSV, JSON and YAML exactly: name the object as a plain location.',
      },
    );
  }
  const listing = async (): Promise<ReturnType<typeof toldListing>> => {
    const files = engine.ask(
      `SELECT "$path", CAST("$file_size" AS VARCHAR), CAST("$file_modified_time" AT TIME ZONE 'UTC' AS VARCHAR) FROM ${from} GROUP BY 1, 2, 3`,
    );
    return toldListing(await allRows(files));
  };
  const revision = await listing();
  return {
    columns,
    from,
    revision,
    async verify() {
      if ((await listing()).content !== revision.content) throw changed(name);
    },
  };
}

function changed(name: readonly string[]): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `${name.join('.')} changed while it was read`);
}

function noSuchSnapshot(
  { table, snapshot }: TableLocation,
  known: readonly Snapshot[],
): KeydriftError {
  const [last] = known;
  return new KeydriftError('ENGINE_NO_SUCH_SNAPSHOT', `${table} has no snapshot ${snapshot}`, {
    hint:
      last === undefined
        ? 'It keeps no snapshots: leave `snapshot` out.'
        : `It has ${known.length}, the newest is ${last.id} of ${last.at}; old ones may have expired.`,
  });
}

/** A name in parts, completed; parts may stand in double quotes. */
function nameParts({ table }: TableLocation, within: TrinoLike['within']): readonly string[] {
  const parts = Array.from(table.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g), ([, inside, plain = '']) =>
    inside === undefined ? plain : inside.replaceAll('""', '"'),
  );
  for (const part of within.slice(Math.max(0, parts.length - 1))) {
    if (part !== null) parts.unshift(part);
  }
  return parts;
}

function quoted(parts: readonly string[]): string {
  return parts.map(doubleQuoted).join('.');
}
