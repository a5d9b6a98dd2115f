import type { ByteSource, Table } from '../../src/model/index.ts';

/** Bytes as a source, in pieces of some size. */
export function sourceOf(text: string | Uint8Array, piece = 7): ByteSource {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return {
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open(range = { start: 0, end: bytes.length }) {
      for (let at = range.start; at < range.end; at += piece) {
        yield bytes.subarray(at, Math.min(range.end, at + piece));
      }
    },
  };
}

/** What a table holds: of each record its shown cells by column, those that are empty left out. */
export async function cellsOf(table: Table): Promise<readonly ReadonlyMap<string, string>[]> {
  const records: Map<string, string>[] = [];
  await table.read((record) => {
    const cells = table.columns.map((column, at) => [column, record.text(at)] as const);
    records.push(new Map(cells.filter(([, text]) => text !== '')));
  });
  return records;
}

/** The same of chosen records, read again. */
export async function rereadCells(
  table: Table,
  records: readonly number[],
): Promise<readonly ReadonlyMap<string, string>[]> {
  const found: Map<string, string>[] = [];
  await table.reread(Uint32Array.from(records), (record) => {
    const cells = table.columns.map((column, at) => [column, record.text(at)] as const);
    found.push(new Map(cells.filter(([, text]) => text !== '')));
  });
  return found;
}
