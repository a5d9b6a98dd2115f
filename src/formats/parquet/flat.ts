import type { CompressionCodec, Compressors, ParquetType } from 'hyparquet';
import { createTextHeap, type Cells, type TextHeap } from './cells.ts';
import { pagesOf, readByte, readHybrid, Unusual, type Cursor, type Page } from './pages.ts';
import { utf8Text, type LeafText } from './values.ts';

/** A leaf without lists above it, in one row group. */
export interface FlatChunk {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly type: ParquetType;
  /** Bytes of a value of a type of a fixed length. */
  readonly width: number | undefined;
  readonly codec: CompressionCodec;
  /** How many of its ancestors, and itself, may be null. */
  readonly levels: number;
  readonly text: LeafText;
  readonly compressors: Compressors;
}

/** Encodings, as parquet.thrift numbers them. */
const plain = 0;
const dictionaryCoded: ReadonlySet<number> = new Set([2, 8]);

/**
 * Reads the common encodings of a column without lists: values of a dictionary, each made into text
 * once, and texts as they stand. Null: it has others, or something is wrong with it, which the
 * library says.
 */
export function readFlat(chunk: FlatChunk): Cells | null {
  try {
    return read(chunk);
  } catch (error) {
    if (error instanceof Unusual) return null;
    throw error;
  }
}

function read(chunk: FlatChunk): Cells {
  const rows = new Int32Array(chunk.rows);
  const heap = createTextHeap();
  let done = 0;
  let dictionary = { first: 0, end: 0 };
  for (const page of pagesOf(chunk.bytes)) {
    if (done === chunk.rows) break;
    if (page.type === 'dictionary') {
      const first = heap.count();
      readDictionary(page, chunk, heap);
      dictionary = { first, end: heap.count() };
      continue;
    }
    const end = done + page.values;
    if (page.values < 0 || end > chunk.rows) throw new Unusual();
    const span = { from: done, to: end };
    const body = openPage(page, chunk, rows, span);
    const values = countValues(rows, span);
    if (page.nulls !== null && values !== page.values - page.nulls) throw new Unusual();
    if (dictionaryCoded.has(page.encoding)) readIndexes(body, rows, span, values, dictionary);
    else if (page.encoding === plain) readPlain(body, chunk, heap, rows, span, values);
    else throw new Unusual();
    done = end;
  }
  if (done !== chunk.rows) throw new Unusual();
  return heap.cells(rows);
}

function expand(body: Uint8Array, bytes: number, { codec, compressors }: FlatChunk): Uint8Array {
  const expanded = codec === 'UNCOMPRESSED' ? body : compressors[codec]?.(body, bytes);
  if (expanded?.length !== bytes) throw new Unusual();
  return expanded;
}

/**
 * Expands a page and reads its levels: rows are set to 0 where they have a value and to -1 where
 * not. Gives where its values start.
 */
function openPage(page: Page, chunk: FlatChunk, rows: Int32Array, { from, to }: Span): Cursor {
  if (chunk.levels > 0 && page.levels !== 3) throw new Unusual();
  const bits = 32 - Math.clz32(chunk.levels);
  const isSecond = page.type === 'data-v2';
  const skipped = page.definitionBytes + page.repetitionBytes;
  if (isSecond && (page.definitionBytes < 0 || page.repetitionBytes !== 0)) throw new Unusual();
  if (isSecond && skipped > Math.min(page.body.length, page.expanded)) throw new Unusual();
  const rest = page.body.subarray(skipped);
  const size = page.expanded - skipped;
  const isPlain = isSecond && (!page.isCompressed || size === 0);
  const bytes = isPlain ? rest : expand(rest, size, chunk);
  const cursor: Cursor = { bytes, at: 0 };
  if (chunk.levels === 0) {
    rows.fill(0, from, to);
    return cursor;
  }
  const levels: Cursor = isSecond ? { bytes: page.body.subarray(0, skipped), at: 0 } : cursor;
  const length = isSecond ? skipped : readWord(cursor);
  const end = isSecond ? 0 : cursor.at + length;
  if (end > bytes.length) throw new Unusual();
  readHybrid(levels, bits, rows, { from, to });
  for (let row = from; row < to; row += 1) {
    const level = rows[row]!;
    if (level > chunk.levels) throw new Unusual();
    rows[row] = level === chunk.levels ? 0 : -1;
  }
  cursor.at = end;
  return cursor;
}

function readWord(cursor: Cursor): number {
  const [a, b, c, d] = [readByte(cursor), readByte(cursor), readByte(cursor), readByte(cursor)];
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function countValues(rows: Int32Array, { from, to }: Span): number {
  let values = 0;
  for (let row = from; row < to; row += 1) if (rows[row] === 0) values += 1;
  return values;
}

/** Texts of a dictionary by their places in it. */
function readIndexes(
  cursor: Cursor,
  rows: Int32Array,
  span: Span,
  values: number,
  texts: { readonly first: number; readonly end: number },
): void {
  if (values === 0) return;
  const bits = readByte(cursor);
  const indexes = new Int32Array(values);
  // Without bits all of them are the first.
  if (bits > 0) readHybrid(cursor, bits, indexes, { from: 0, to: values });
  let next = 0;
  for (let row = span.from; row < span.to; row += 1) {
    if (rows[row] !== 0) continue;
    const text = texts.first + indexes[next]!;
    if (text >= texts.end) throw new Unusual();
    rows[row] = text;
    next += 1;
  }
}

function readPlain(
  { bytes, at }: Cursor,
  { type, text }: FlatChunk,
  heap: TextHeap,
  rows: Int32Array,
  span: Span,
  values: number,
): void {
  if (type !== 'BYTE_ARRAY' || text !== utf8Text) throw new Unusual();
  let next = heap.count();
  if (!heap.addPlain(bytes, at, values)) throw new Unusual();
  for (let row = span.from; row < span.to; row += 1) {
    if (rows[row] !== 0) continue;
    rows[row] = next;
    next += 1;
  }
}

function readDictionary(page: Page, chunk: FlatChunk, heap: TextHeap): void {
  const bytes = expand(page.body, page.expanded, chunk);
  const { text, type } = chunk;
  if (page.encoding !== plain && !dictionaryCoded.has(page.encoding)) throw new Unusual();
  if (type === 'BYTE_ARRAY' && text === utf8Text) {
    if (!heap.addPlain(bytes, 0, page.values)) throw new Unusual();
    return;
  }
  const width = type === 'FIXED_LEN_BYTE_ARRAY' ? chunk.width : widths[type];
  if (width === undefined || page.values < 0 || width * page.values > bytes.length) {
    throw new Unusual();
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let value = 0; value < page.values; value += 1) {
    const said = text(rawValue(type, view, value * width, width));
    if (said === undefined) throw new Unusual();
    heap.addText(said);
  }
}

const widths: Partial<Readonly<Record<ParquetType, number>>> = {
  INT32: 4,
  INT64: 8,
  FLOAT: 4,
  DOUBLE: 8,
};

/** As the library gives it. */
function rawValue(type: ParquetType, view: DataView, at: number, width: number): unknown {
  if (type === 'INT32') return view.getInt32(at, true);
  if (type === 'INT64') return view.getBigInt64(at, true);
  if (type === 'FLOAT') return view.getFloat32(at, true);
  if (type === 'DOUBLE') return view.getFloat64(at, true);
  return new Uint8Array(view.buffer, view.byteOffset + at, width);
}
