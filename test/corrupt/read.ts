import { openTable } from '../../src/judge/open-table.ts';
import { formats } from '../../src/formats/index.ts';
import {
  defaultLimits,
  fileRevision,
  KeydriftError,
  type PinnedCopy,
  type RawRecord,
  type Table,
} from '../../src/model/index.ts';

import { packedRows } from '../formats/memory.ts';

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
 * by their names; one of another width says how many it has. Throws what is no error of keydrift's,
 * and where what the format packs for an engine is not what it reads.
 */
export async function readByProduct(name: string, bytes: Uint8Array): Promise<Outcome> {
  const read = await outcomeOf(name, bytes, readRows);
  const packed = await outcomeOf(name, bytes, packRows);
  if (packed !== null && JSON.stringify(packed) !== JSON.stringify(read)) {
    throw new Error(`read: ${JSON.stringify(read)}; packed: ${JSON.stringify(packed)}`);
  }
  return read!;
}

/** Null: the table is not read so. */
async function outcomeOf(
  name: string,
  bytes: Uint8Array,
  rowsOf: (table: Table) => Promise<readonly string[] | null>,
): Promise<Outcome | null> {
  try {
    const { table, close } = await openTable(pinned(name, bytes), request);
    try {
      const rows = await rowsOf(table);
      return rows === null ? null : { rows: rows.join('\n') };
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof KeydriftError) return { code: error.code, says: error.message };
    throw error;
  }
}

async function readRows(table: Table): Promise<readonly string[]> {
  const rows: string[] = [];
  await table.read((record) => void rows.push(rowText(table.columns, record)));
  return rows;
}

async function packRows(table: Table): Promise<readonly string[] | null> {
  if (table.pack === undefined) return null;
  const { rows } = await packedRows(table);
  return rows.map((cells) => cellsText(table.columns, (column) => cells[column] ?? ''));
}

function rowText(columns: readonly string[], record: RawRecord): string {
  if (record.width !== columns.length) return JSON.stringify({ '#': record.width });
  return cellsText(columns, (column) => record.text(column));
}

function cellsText(columns: readonly string[], textOf: (column: number) => string): string {
  const cells = new Map<string, string>();
  columns.forEach((column, at) => {
    const text = textOf(at);
    if (text === '') cells.delete(column);
    else cells.set(column, text);
  });
  const byName = [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(byName.map(([column, text]) => [`.${column}`, text])));
}
