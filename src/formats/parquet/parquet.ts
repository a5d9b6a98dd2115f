import type { AsyncBuffer, FileMetaData, parquetRead } from 'hyparquet';
import {
  createCellWriter,
  defaultLimits,
  inSlices,
  KeydriftError,
  type ByteSource,
  type Format,
  type FormatOptions,
  type PackedSink,
  type ReadLimits,
  type RecordSink,
  type Table,
} from '../../model/index.ts';
import { readWhole } from '../bytes.ts';
import { createMeasure, memoryTooSmall, type Measure } from '../measure.ts';
import { createView, recordsATurn } from '../records.ts';
import { columnsOf, holdDepth, lengthsOf, takeTypes, type ParquetColumn } from './columns.ts';
import { createRowPacker, createTextHeap, type Cells } from './cells.ts';
import { readFlat } from './flat.ts';
import { expandLz4Block } from './lz4.ts';
import { leafText, type LeafText } from './values.ts';

/**
 * Apache Parquet: the columns are the leaves of its schema by their dotted names, elements of lists
 * by their place. Only the columns that are asked for are decoded.
 */
export const parquet: Pick<Format, 'open'> = {
  open: openParquet,
};

/** Values of one row group: of each column that was asked for, a value a row, before it is text. */
type GroupValues = ReadonlyMap<number, readonly unknown[]>;

async function openParquet(
  source: ByteSource,
  _options: FormatOptions,
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  const opened = await openBytes(source, limits);
  const { file } = opened;
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const metadata = await read(() => parquetMetadataAsync(file, { geoparquet: false }));
  holdDepth(metadata.schema);
  const tree = await read(() => parquetSchema(metadata));
  const starts = await read(() => rowGroupStarts(metadata));
  const readColumn = async (name: string, group: number): Promise<readonly unknown[]> => {
    const compressors = await expanders(limits);
    const [rowStart, rowEnd] = [starts[group]!, starts[group + 1]!];
    const values: unknown[] = [];
    let lacking = false;
    await read(() => holdGroup(metadata, name, group, limits));
    await read(() =>
      parquetRead({
        file,
        metadata,
        columns: [name],
        rowStart,
        rowEnd,
        utf8: false,
        geoparquet: false,
        compressors,
        parsers: { timestampFromNanoseconds: (nanos) => nanos },
        onChunk({ columnData, rowStart: from }) {
          for (let at = 0; at < columnData.length; at += 1) {
            values[from - rowStart + at] = columnData[at];
            // What a dictionary lacks is no value, and no null. Nobody waits for what throws here.
            lacking ||= columnData[at] === undefined;
          }
        },
      }),
    );
    if (lacking) throw invalid(`a page of ${JSON.stringify(name)} names a value that is not there`);
    if (values.length !== rowEnd - rowStart) {
      throw invalid(
        `column ${JSON.stringify(name)} has ${values.length} rows in row group ${group + 1}, which has ${rowEnd - rowStart}`,
      );
    }
    return values;
  };
  const readCells = async (column: ParquetColumn, group: number, text: LeafText) => {
    const found = flatChunk(metadata, column, group);
    if (found === null || found.start < 0 || found.end > file.byteLength) return null;
    await read(() => holdGroup(metadata, column.top, group, limits));
    const bytes = new Uint8Array(await file.slice(found.start, found.end));
    const compressors = await expanders(limits);
    const rows = starts[group + 1]! - starts[group]!;
    return read(() => readFlat({ ...found, bytes, rows, text, compressors }));
  };
  const columns = await read(async () => {
    const leaves = takeTypes(tree);
    return columnsOf(
      tree,
      leaves,
      await lengthsOf(tree, starts.length - 1, readColumn),
      limits.columns,
    );
  });
  return tableOf(columns, starts, { readColumn, readCells }, opened, createMeasure(limits));
}

/** The bytes of a copy: all at hand, or read where they are wanted. */
interface ParquetBytes {
  readonly file: AsyncBuffer;
  /** Reads all of them, so that they are hashed. */
  load(): Promise<void>;
  /** Lets go of what can be read again by range. */
  drop(): void;
}

/** Bytes of memory that one of a whole copy takes: in its chunks, and in the whole of them. */
const wholeCost = 2;

async function openBytes(source: ByteSource, limits: ReadLimits): Promise<ParquetBytes> {
  const length = (await source.length?.()) ?? null;
  let bytes = length === null ? (await readWhole(source, limits, wholeCost)).bytes : null;
  const byteLength = length ?? bytes?.length ?? 0;
  return {
    file: {
      byteLength,
      async slice(start, end = byteLength) {
        const part = bytes?.subarray(start, end) ?? (await readRange(source, start, end));
        return Uint8Array.from(part).buffer;
      },
    },
    async load() {
      bytes ??= (await readWhole(source, limits, wholeCost)).bytes;
    },
    drop() {
      if (length !== null) bytes = null;
    },
  };
}

async function readRange(source: ByteSource, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open({ start, end })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** How the values of a row group are read. */
interface ReadValues {
  /** Those of a column of the root, before they are text. */
  readonly readColumn: (name: string, group: number) => Promise<readonly unknown[]>;
  /** Those of a column as text; null: they are to be read by `readColumn`. */
  readonly readCells: (
    column: ParquetColumn,
    group: number,
    text: LeafText,
  ) => Promise<Cells | null>;
}

function tableOf(
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

/** Where a leaf without lists above it stands in a row group, and as what; null: it is none. */
function flatChunk(
  { row_groups: groups }: FileMetaData,
  { top, path, levels, element }: ParquetColumn,
  group: number,
) {
  const name = [top, ...path].join('\0');
  const chunk = groups[group]?.columns.find(({ meta_data: found }) =>
    isPath(found?.path_in_schema, name),
  );
  const column = chunk?.meta_data;
  if (column === undefined || levels === null || element?.type === undefined) return null;
  if (chunk?.file_path !== undefined || column.type !== element.type) return null;
  if (column.num_values !== groups[group]!.num_rows) return null;
  const first = column.dictionary_page_offset || column.data_page_offset;
  // Of a damaged footer, numbers may be anything.
  if (typeof first !== 'bigint' || typeof column.total_compressed_size !== 'bigint') return null;
  const start = Number(first);
  const end = start + Number(column.total_compressed_size);
  const { type, type_length: width } = element;
  return { start, end, type, width, codec: column.codec, levels };
}

function isPath(found: unknown, name: string): boolean {
  return Array.isArray(found) && found.join('\0') === name;
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

/** Bytes of memory that a decoded value takes beside its own. */
const valueCost = 40;

/** Holds what a column of a row group decodes to against the limit, as the file says it. */
function holdGroup(
  { row_groups: groups }: FileMetaData,
  name: string,
  group: number,
  limits: ReadLimits,
): void {
  for (const { meta_data: column } of groups[group]?.columns ?? []) {
    if (column === undefined || column.path_in_schema[0] !== name) continue;
    const bytes = Number(column.total_uncompressed_size) + valueCost * Number(column.num_values);
    if (bytes > limits.memory) throw memoryTooSmall(limits, bytes);
  }
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

/** The first row of each row group, and behind the last one the number of rows. */
function rowGroupStarts({ row_groups: groups }: FileMetaData): readonly number[] {
  const starts = [0];
  for (const { num_rows: rows } of groups) {
    const next = starts.at(-1)! + Number(rows);
    if (rows < 0n || !Number.isSafeInteger(next) || next >= 2 ** 31) {
      throw new KeydriftError('TOO_LARGE', 'the Parquet file has more than 2,147,483,647 rows');
    }
    starts.push(next);
  }
  return starts;
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

/** A page may expand to so many bytes. */
const mostPageBytes = 1024 * 1024 * 1024;

type Compressors = NonNullable<Parameters<typeof parquetRead>[0]['compressors']>;

async function expanders({ memory }: ReadLimits): Promise<Compressors> {
  const { compressors } = await import('hyparquet-compressors');
  const most = Math.min(memory, mostPageBytes);
  return bounded({ ...compressors, LZ4_RAW: expandLz4Block }, most);
}

function bounded(compressors: Compressors, most: number): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, expand]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (length > most) {
          throw new KeydriftError(
            'TOO_LARGE',
            `a page of the Parquet file expands to more than ${most} bytes`,
          );
        }
        return expand(input, length);
      },
    ]),
  );
}

/** Does what the library does; what it throws is a fault of the file. */
async function read<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof KeydriftError) throw thrown;
    throw invalid(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function invalid(what: string, cause?: unknown): KeydriftError {
  const message = what.split('\n', 1)[0]!.slice(0, 200);
  return new KeydriftError('PARQUET_INVALID', `the file is no readable Parquet: ${message}`, {
    cause,
    hint: 'The upload was broken or cut off, or the file is encrypted: write it again.',
  });
}

function noType(column: string): KeydriftError {
  return new KeydriftError(
    'UNSUPPORTED_TYPE',
    `column ${JSON.stringify(column)} is of a type that has no text to compare`,
    { hint: 'Leave it out of `key` and `consumes`, or write it as text, numbers or times.' },
  );
}
