import {
  KeydriftError,
  type EngineSettings,
  type LakeTable,
  type PinnedCopy,
  type Scheme,
  type Source,
  type SourceContext,
  type TableLocation,
} from '../../model/index.ts';
import { createLedger, type Session } from './driver.ts';
import { drivers } from './drivers/index.ts';

/** Tables that SQL engines read where they lie; each engine's driver is loaded when it is used. */
export const table: Scheme<TableLocation> = {
  written: {
    prefix: 'table:',
    form: 'table:ENGINE:NAME',
    parse(text, { fault }) {
      const [, engine = '', name = '', snapshot] =
        /^table:([A-Za-z0-9_.-]+):([^#]+)(?:#(.+))?$/.exec(text) ?? [];
      if (name === '')
        throw fault('expected table:ENGINE:NAME', 'Write table:duckdb:lake/*.parquet.');
      // Without a contract an engine is what drives it, with its defaults.
      const settings = { name: engine, kind: engine, settings: {} };
      return { kind: 'table', table: name, engine: settings, snapshot: snapshot ?? null };
    },
  },
  textOf,
  // Of a path its last part, of `lake.support.routes` the last word.
  nameOf: ({ table: name }) =>
    name.split(/\.parquet$|[./](?!parquet$)/).findLast((part) => part !== '') ?? name,
  version: {
    of: ({ snapshot }) => snapshot,
    at: (location, id) => ({ ...location, snapshot: id }),
  },
  isRemote: ({ engine }) => engine.kind !== 'duckdb',
  open: (context) => Promise.resolve(openTables(context)),
};

function textOf({ engine, table: name, snapshot }: TableLocation): string {
  return `table:${engine.name}:${name}${snapshot === null ? '' : `#${snapshot}`}`;
}

function openTables(context: SourceContext): Source<TableLocation> {
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (engine: EngineSettings): Promise<Session> => {
    const known = sessions.get(engine.name);
    if (known !== undefined) return known;
    const opened = connect(engine, context);
    sessions.set(engine.name, opened);
    return opened;
  };
  return {
    async pin(location) {
      const { engine } = location;
      const session = await sessionOf(engine);
      const { dialect } = await driverOf(engine);
      const pinned = await session.pin(location);
      return pinnedCopy(location, lakeTable(engine, dialect, session, pinned), pinned);
    },
    async close() {
      const settled = await Promise.allSettled(sessions.values());
      const reached = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.all(reached.map((session) => session.close()));
    },
  };
}

async function driverOf({
  kind,
  name,
}: EngineSettings): ReturnType<NonNullable<(typeof drivers)[string]>> {
  const driver = Object.hasOwn(drivers, kind) ? drivers[kind] : undefined;
  if (driver !== undefined) return driver();
  throw new KeydriftError('LOCATION_INVALID', `no engine is called ${name}`, {
    hint: `Configure it under \`engines\` in the contract, or name what drives it: ${Object.keys(drivers).join(', ')}.`,
  });
}

async function connect(engine: EngineSettings, context: SourceContext): Promise<Session> {
  return (await driverOf(engine)).connect(engine, context);
}

function lakeTable(
  engine: EngineSettings,
  dialect: string,
  session: Session,
  { columns, from, verify }: Awaited<ReturnType<Session['pin']>>,
): LakeTable {
  const { note, returned, facts } = createLedger();
  return {
    engine,
    dialect,
    session,
    columns,
    from,
    async *query(sql) {
      for await (const row of session.query({ sql, note })) {
        returned(row.reduce((sum, cell) => sum + (cell === null ? 0 : Buffer.byteLength(cell)), 0));
        yield row;
      }
    },
    mostQueryBytes: session.mostQueryBytes,
    verify,
    facts,
  };
}

function pinnedCopy(
  location: TableLocation,
  lake: LakeTable,
  { revision }: Awaited<ReturnType<Session['pin']>>,
): PinnedCopy {
  const text = textOf({ ...location, snapshot: null });
  const { snapshot } = revision.facts;
  return {
    location: text,
    revision: snapshot === undefined ? revision : { ...revision, exact: `${text}#${snapshot}` },
    bytes: 0,
    lake,
    open() {
      throw new KeydriftError('NOT_SUPPORTED', `${text} is a table: it has no bytes to read`);
    },
  };
}
