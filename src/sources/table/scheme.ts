import type { Scheme, TableLocation } from '../../model/index.ts';
import { tableText as textOf } from './text.ts';

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
  holds: 'rows',
  textOf,
  // Of a path its last part, of `lake.support.routes` the last word.
  nameOf: ({ table: name }) =>
    name.split(/\.parquet$|[./](?!parquet$)/).findLast((part) => part !== '') ?? name,
  version: {
    of: ({ snapshot }) => snapshot,
    at: (location, id) => ({ ...location, snapshot: id }),
  },
  isRemote: ({ engine }) => engine.kind !== 'duckdb',
  open: async (context) => (await import('./store.ts')).openTables(context),
};
