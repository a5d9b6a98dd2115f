import { openTable } from '../../src/judge/open-table.ts';
import { formats } from '../../src/formats/index.ts';
import {
  defaultLimits,
  fileRevision,
  KeydriftError,
  type PinnedCopy,
  type RawRecord,
} from '../../src/model/index.ts';

/** What a reader makes of some bytes: its rows as one text, or a code. */
export type Outcome = { readonly rows: string } | { readonly code: string; readonly says: string };

function pinned(name: string, bytes: Uint8Array): PinnedCopy {
  return {
    location: name,
    revision: fileRevision('2026-01-01T00:00:00Z'),
    bytes: bytes.length,
    async *open({ start, end } = { start: 0, end: bytes.length }) {
      yield bytes.slice(start, end);
    },
  };
}

const request = {
  formats,
  written: { csv: {}, json: {}, yaml: {} },
  decoding: {
    format: null,
    compression: null,
    encoding: null,
    expandedBytes: 64 * 1024 * 1024,
    expandedRatio: 1000,
  },
  limits: defaultLimits,
  side: 'runtime',
} as const;

/**
 * Reads bytes as a copy of that name, every cell of them. A record is its cells that are not empty
 * by their names; one of another width says how many it has. Throws what is no error of keydrift's.
 */
export async function readByProduct(name: string, bytes: Uint8Array): Promise<Outcome> {
  try {
    const { table, close } = await openTable(pinned(name, bytes), request);
    const rows: string[] = [];
    try {
      await table.read((record) => void rows.push(rowText(table.columns, record)));
    } finally {
      await close();
    }
    return { rows: rows.join('\n') };
  } catch (error) {
    if (error instanceof KeydriftError) return { code: error.code, says: error.message };
    throw error;
  }
}

function rowText(columns: readonly string[], record: RawRecord): string {
  if (record.width !== columns.length) return JSON.stringify({ '#': record.width });
  const cells = new Map<string, string>();
  columns.forEach((column, at) => {
    const text = record.text(at);
    if (text === '') cells.delete(column);
    else cells.set(column, text);
  });
  const byName = [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(byName.map(([column, text]) => [`.${column}`, text])));
}
