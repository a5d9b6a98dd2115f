import type { FileMetaData, parquetRead } from 'hyparquet';
import {
  defaultLimits,
  KeydriftError,
  type ByteSource,
  type Format,
  type FormatOptions,
  type ReadLimits,
  type Table,
} from '../../model/index.ts';
import { readWhole } from '../bytes.ts';
import { createMeasure, memoryTooSmall } from '../measure.ts';
import { columnsOf, holdDepth, lengthsOf, takeTypes, type ParquetColumn } from './columns.ts';
import { readFlat } from './flat.ts';
import { expandLz4Block } from './lz4.ts';
import { tableOf, type ParquetBytes } from './table.ts';
import type { LeafText } from './values.ts';

/**
 * Apache Parquet: the columns are the leaves of its schema by their dotted names, elements of lists
 * by their place. Only the columns that are asked for are decoded.
 */
export const parquet: Pick<Format, 'open'> = {
  open: openParquet,
};

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
