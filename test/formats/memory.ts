import { noValue, type ByteSource, type Table } from '../../src/model/index.ts';

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

/** The cells of some columns as a table packs them, null apart, and how many records came at once. */
export async function packedRows(
  table: Table,
  columns: readonly number[] = table.columns.map((_, at) => at),
): Promise<{ readonly rows: (string | null)[][]; readonly calls: readonly number[] }> {
  const rows: (string | null)[][] = [];
  const calls: number[] = [];
  await table.pack!(columns, (cells, records) => {
    calls.push(records);
    const packed = Buffer.from(cells);
    let at = 0;
    const word = (): number => packed.readUInt32LE((at += 4) - 4);
    for (let record = 0; record < records; record += 1) {
      if (word() !== 1) throw new Error('a record of another width');
      rows.push(
        columns.map(() => {
          const length = word();
          if (length === noValue) return null;
          at += length;
          return strict.decode(packed.subarray(at - length, at));
        }),
      );
    }
    if (at !== packed.length) throw new Error(`${packed.length - at} bytes too many`);
  });
  return { rows, calls };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
