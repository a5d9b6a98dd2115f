import {
  KeydriftError,
  type EngineSettings,
  type LakeTable,
  type PinnedCopy,
  type Source,
  type SourceContext,
  type TableLocation,
} from '../../model/index.ts';
import { createLedger, type Session } from './driver.ts';
import { drivers } from './drivers/index.ts';
import { tableText } from './text.ts';

/** The tables of a run; each engine has one session. */
export function openTables(context: SourceContext): Source<TableLocation> {
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
    async objectVersions(location, { since, max }) {
      const session = await sessionOf(location.engine);
      const snapshots = (await session.snapshots?.(location)) ?? [];
      if (snapshots.length === 0) {
        throw new KeydriftError('NOT_SUPPORTED', `${location.table} keeps no snapshots`);
      }
      const oldest = snapshots.findIndex(
        ({ at }) => since !== null && Date.parse(at) < since.getTime(),
      );
      // What stood when the window begins is the newest one before it.
      const wanted = Math.min(max ?? snapshots.length, oldest < 0 ? snapshots.length : oldest + 1);
      return {
        versions: snapshots.slice(0, wanted).map(({ id, at }) => ({
          location: { ...location, snapshot: id },
          versionId: id,
          lastModified: at,
          deleted: false,
          etag: null,
          bytes: null,
        })),
        versioning: 'versioned',
        cutOff: wanted < snapshots.length,
      };
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
  { columns, from, verify, restoring }: Awaited<ReturnType<Session['pin']>>,
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
    ...(restoring === undefined ? {} : { restoring }),
    facts,
  };
}

function pinnedCopy(
  location: TableLocation,
  lake: LakeTable,
  { revision }: Awaited<ReturnType<Session['pin']>>,
): PinnedCopy {
  const text = tableText({ ...location, snapshot: null });
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
