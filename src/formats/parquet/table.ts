import type { AsyncBuffer } from 'hyparquet';
import {
  createCellWriter,
  inSlices,
  KeydriftError,
  type PackedSink,
  type RecordSink,
  type Table,
} from '../../model/index.ts';
import type { Measure } from '../measure.ts';
import { createView, recordsATurn } from '../records.ts';
import { createRowPacker, createTextHeap, type Cells } from './cells.ts';
import type { ParquetColumn } from './columns.ts';
import { leafText, type LeafText } from './values.ts';

/** The bytes of a copy: all at hand, or read where they are wanted. */
export interface ParquetBytes {
  readonly file: AsyncBuffer;
  /** Reads all of them, so that they are hashed. */
  load(): Promise<void>;
  /** Lets go of what can be read again by range. */
  drop(): void;
}

/** Values of one row group: of each column that was asked for, a value a row, before it is text. */
type GroupValues = ReadonlyMap<number, readonly unknown[]>;

/** How the values of a row group are read. */
export interface ReadValues {
  /** Those of a column of the root, before they are text. */
  readonly readColumn: (name: string, group: number) => Promise<readonly unknown[]>;
  /** Those of a column as text; null: they are to be read by `readColumn`. */
  readonly readCells: (
    column: ParquetColumn,
    group: number,
    text: LeafText,
  ) => Promise<Cells | null>;
}

/** A file's leaves as a table; `starts`: the first row of each row group, and how many there are. */
export function tableOf(
  columns: readonly ParquetColumn[],
  starts: readonly number[],
  { readColumn, readCells }: ReadValues,
  bytes: ParquetBytes,
  measure: Measure,
): Table {
  const texts = columns.map(({ element }) => (element === null ? null : leafText(element)));
  let [values, groupStart, current]: [GroupValues, number, number] = [new Map(), 0, 0];
  /** Of the cells that are asked for: the others are not decoded. */
  let [measured, size] = [-1, 0];
  const measureCell = (text: string): void => {
    // A character is three bytes at most, and the cells of a record are asked for one after another.
    if (measured !== current) [measured, size] = [current, 0];
    size += text.length;
    if (3 * size < measure.nearCell && 3 * size < measure.nearRecord) return;
    const at = { text: place(current + 1).text, record: current + 1 };
    measure.cell(Buffer.byteLength(text), at);
    measure.record(size, at);
  };
  const place = (record: number) => {
    const group = groupOf(starts, record - 1);
    const row = record - starts[group]!;
    return { line: 0, text: `row ${row} of row group ${group + 1}` };
  };
  const view = createView({
    columns: columns.map(({ name }) => name),
    select: (record) => (current = record - 1),
    text(column) {
      const text = texts[column];
      if (text === null || text === undefined) throw noType(columns[column]!.name);
      const cell = cellText(values.get(column)?.[current - groupStart], columns[column]!, text);
      if (typeof cell === 'string') measureCell(cell);
      return cell;
    },
    place,
  });
  const load = async (group: number, wanted: readonly number[]): Promise<void> => {
    const byName = new Map<string, readonly unknown[]>();
    const loaded = new Map<number, readonly unknown[]>();
    for (const column of wanted) {
      const { top } = columns[column]!;
      const data = byName.get(top) ?? (await readColumn(top, group));
      byName.set(top, data);
      loaded.set(column, data);
    }
    [values, groupStart] = [loaded, starts[group]!];
  };
  /** The texts of a row group's columns; null: some value has none, or one is near a limit. */
  const cellsOf = async (group: number, wanted: readonly number[]): Promise<Cells[] | null> => {
    const found: Cells[] = [];
    for (const at of wanted) {
      const [column, text] = [columns[at]!, texts[at]];
      if (text === null || text === undefined) return null;
      const cells =
        (await readCells(column, group, text)) ??
        textsOf(await readColumn(column.top, group), column, text);
      if (cells === null) return null;
      found.push(cells);
    }
    const longest = found.reduce((sum, cells) => sum + cells.longest, 0);
    return longest < measure.nearCell && longest < measure.nearRecord ? found : null;
  };
  const show = async (group: number, sink: RecordSink, wanted: readonly number[]) => {
    await load(
      group,
      wanted.filter((column) => texts[column] !== null),
    );
    const first = starts[group]! + 1;
    await inSlices(
      starts[group + 1]! + 1 - first,
      (from, to) => {
        for (let record = first + from; record < first + to; record += 1) {
          view.select(record);
          sink(view.record);
        }
      },
      recordsATurn,
    );
  };
  const readable = columns.flatMap((_, column) => (texts[column] === null ? [] : [column]));
  return {
    columns: columns.map(({ name }) => name),
    warnings: [],
    async read(sink: RecordSink, wanted: readonly number[] = readable) {
      await bytes.load();
      for (let group = 0; group + 1 < starts.length; group += 1) await show(group, sink, wanted);
      return measure.warnings();
    },
    async pack(wanted: readonly number[], sink: PackedSink) {
      await bytes.load();
      const writer = createCellWriter(wanted, columns.length, sink);
      for (let group = 0; group + 1 < starts.length; group += 1) {
        const cells = await cellsOf(group, wanted);
        if (cells === null) await show(group, writer.add, wanted);
        const rows = cells === null ? 0 : starts[group + 1]! - starts[group]!;
        const packer = createRowPacker(cells ?? [], sink);
        await inSlices(rows, packer.pack, recordsATurn);
        packer.flush();
        writer.flush();
      }
      return measure.warnings();
    },
    async reread(records, sink, wanted: readonly number[] = readable) {
      let loaded = -1;
      for (const record of records) {
        const group = groupOf(starts, record - 1);
        if (group !== loaded) await load(group, wanted);
        loaded = group;
        view.select(record);
        sink(view.record);
      }
    },
    place,
    close() {
      bytes.drop();
      values = new Map();
      return Promise.resolve();
    },
  };
}

/** The texts of a column's values; null: one has none. */
function textsOf(values: readonly unknown[], column: ParquetColumn, text: LeafText): Cells | null {
  const heap = createTextHeap();
  const rows = new Int32Array(values.length);
  for (const [row, value] of values.entries()) {
    const cell = cellText(value, column, text);
    if (cell === undefined) return null;
    rows[row] = cell === null ? -1 : heap.count();
    if (cell !== null) heap.addText(cell);
  }
  return heap.cells(rows);
}

/** A leaf's value within the value of its column; null: there is none. */
function cellText(
  value: unknown,
  { path }: ParquetColumn,
  text: LeafText,
): string | null | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return null;
    found = Object.getOwnPropertyDescriptor(found, step)?.value;
  }
  return found === null || found === undefined ? null : text(found);
}

function groupOf(starts: readonly number[], row: number): number {
  let [low, high] = [0, starts.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

function noType(column: string): KeydriftError {
  return new KeydriftError(
    'UNSUPPORTED_TYPE',
    `column ${JSON.stringify(column)} is of a type that has no text to compare`,
    { hint: 'Leave it out of `key` and `consumes`, or write it as text, numbers or times.' },
  );
}
