import type {
  EngineSettings,
  LakeColumn,
  LakeRow,
  QueryFacts,
  Revision,
  SourceContext,
  TableLocation,
} from '../../model/index.ts';

/** What drives an engine: one file of `drivers/`, one line of its index. */
export interface Driver {
  /** Whose SQL it takes. */
  readonly dialect: string;
  /** Opens a session. Throws `ENGINE_…`. */
  connect(settings: EngineSettings, context: SourceContext): Promise<Session>;
}

/** One query on its way. */
export interface Asking {
  readonly sql: string;
  /** Told what the engine says of it. */
  readonly note: (fact: QueryNote) => void;
}

/** What an engine says of a query; what it does not say is left out. */
export interface QueryNote {
  readonly id?: string;
  readonly bytesScanned?: number;
  /** In US dollars. */
  readonly cost?: number;
}

/** An engine that was reached. */
export interface Session {
  /** A query may be so long, in bytes. */
  readonly mostQueryBytes: number;
  /** Rows as they come; who stops reading cancels the query. Throws `ENGINE_…`. */
  query(asking: Asking): AsyncIterable<LakeRow>;
  /** Finds a table, and what pins it now. Throws `ENGINE_NO_SUCH_TABLE`. */
  pin(location: TableLocation): Promise<PinnedTable>;
  /** The snapshots that a table has, the newest first; left out: it keeps none. */
  snapshots?(location: TableLocation): Promise<readonly Snapshot[]>;
  /** Cancels what is running. */
  close(): Promise<void>;
}

/** A state of a table that can be asked for again. */
export interface Snapshot {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Whether it leads to what the table holds now: what was rolled back does not. */
  readonly leadsHere: boolean;
}

/** A table as it was pinned. */
export interface PinnedTable {
  readonly columns: readonly LakeColumn[];
  /** What stands after FROM for exactly this revision. */
  readonly from: string;
  readonly revision: Revision;
  /** What makes an earlier snapshot the present one again, as it is typed. */
  readonly restoring?: (snapshot: string) => string;
  /** Throws `COPY_CHANGED`; of a snapshot there is nothing to look at. */
  readonly verify: () => Promise<void>;
}

/** Collects what queries cost. */
export function createLedger(): {
  readonly note: (fact: QueryNote) => void;
  readonly returned: (bytes: number) => void;
  readonly facts: () => QueryFacts;
} {
  const queries: string[] = [];
  let scanned: number | null = null;
  let cost: number | null = null;
  let returned = 0;
  return {
    note(fact) {
      if (fact.id !== undefined) queries.push(fact.id);
      if (fact.bytesScanned !== undefined) scanned = (scanned ?? 0) + fact.bytesScanned;
      if (fact.cost !== undefined) cost = (cost ?? 0) + fact.cost;
    },
    returned: (bytes) => void (returned += bytes),
    facts: () => ({ queries: [...queries], bytesScanned: scanned, bytesReturned: returned, cost }),
  };
}

/** Every row of a short answer. */
export async function allRows(rows: AsyncIterable<LakeRow>): Promise<readonly LakeRow[]> {
  const all: LakeRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
