/* Parquet files of a test's own, where those of a writer would be too well behaved. */

/** A value of Thrift's compact protocol: structs are lists of a field's number and its value. */
type Thrift =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly Thrift[] }
  | { readonly struct: readonly (readonly [field: number, value: Thrift])[] };

const i32 = (value: number): Thrift => ({ i32: value });
const i64 = (value: number): Thrift => ({ i64: value });
const text = (value: string): Thrift => ({ text: value });
const struct = (...fields: readonly (readonly [number, Thrift])[]): Thrift => ({
  struct: fields,
});

function varInt(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

function typeOf(value: Thrift): number {
  if ('i32' in value) return 5;
  if ('i64' in value) return 6;
  if ('text' in value) return 8;
  return 'list' in value ? 9 : 12;
}

function encode(value: Thrift): Buffer {
  if ('i32' in value) return Buffer.from(varInt(2 * value.i32));
  if ('i64' in value) return Buffer.from(varInt(2 * value.i64));
  if ('text' in value) {
    const bytes = Buffer.from(value.text);
    return Buffer.concat([Buffer.from(varInt(bytes.length)), bytes]);
  }
  if ('list' in value) {
    const type = value.list[0] === undefined ? 12 : typeOf(value.list[0]);
    const head = Buffer.from([0xf0 | type, ...varInt(value.list.length)]);
    return Buffer.concat([head, ...value.list.map(encode)]);
  }
  let before = 0;
  const fields = value.struct.map(([field, own]) => {
    const head = Buffer.from([((field - before) << 4) | typeOf(own)]);
    before = field;
    return Buffer.concat([head, encode(own)]);
  });
  return Buffer.concat([...fields, Buffer.from([0])]);
}

/** A run of the encoding RLE: so often a value of up to eight bits. */
export const run = (count: number, value: number): Buffer =>
  Buffer.from([...varInt(2 * count), value]);

/** Levels as a data page of the first version has them. */
export function levels(...runs: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(runs);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Texts one after the other, each behind its length. */
export function plainTexts(...values: readonly string[]): Buffer {
  return Buffer.concat(values.map((value) => levels(Buffer.from(value))));
}

export const PLAIN = 0;
export const DICTIONARY = 8;

/** A page: 0 of data, 2 of a dictionary. `expanded`: what it says, where it lies. */
export function page(
  type: 0 | 2,
  values: number,
  encoding: number,
  body: Buffer,
  expanded: number = body.length,
): Buffer {
  const own =
    type === 0
      ? struct([1, i32(values)], [2, i32(encoding)], [3, i32(3)], [4, i32(3)])
      : struct([1, i32(values)], [2, i32(encoding)]);
  const head = struct(
    [1, i32(type)],
    [2, i32(expanded)],
    [3, i32(body.length)],
    [type === 0 ? 5 : 7, own],
  );
  return Buffer.concat([encode(head), body]);
}

export interface Column {
  readonly name: string;
  /** INT32 is 1, BYTE_ARRAY 6. */
  readonly type: number;
  /** 0 required, 1 optional, 2 repeated. */
  readonly repetition: number;
  readonly pages: readonly Buffer[];
  /** How many values it says it has; left out: as many as rows. */
  readonly values?: number;
  /** SNAPPY is 1; left out: none. */
  readonly codec?: number;
}

/** A file of one row group. Each of `above` is a group around all of its columns. */
export function parquetFile(
  rows: number,
  columns: readonly Column[],
  above: readonly string[] = [],
): Buffer {
  let at = 4;
  const chunks = columns.map(({ name, type, pages, values = rows, codec = 0 }) => {
    const bytes = pages.reduce((sum, { length }) => sum + length, 0);
    const start = at;
    at += bytes;
    const meta = struct(
      [1, i32(type)],
      [2, { list: [i32(PLAIN)] }],
      [3, { list: [...above, name].map(text) }],
      [4, i32(codec)],
      [5, i64(values)],
      [6, i64(bytes)],
      [7, i64(bytes)],
      [9, i64(start)],
    );
    return struct([2, i64(start)], [3, meta]);
  });
  const group = (name: string, children: number): Thrift =>
    struct([3, i32(1)], [4, text(name)], [5, i32(children)]);
  const leaves = columns.map(({ name, type, repetition }) =>
    struct(
      [1, i32(type)],
      [3, i32(repetition)],
      [4, text(name)],
      ...(type === 6 ? [[6, i32(0)] as const] : []),
    ),
  );
  const groups = ['root', ...above].map((name, depth) =>
    group(name, depth === above.length ? columns.length : 1),
  );
  const footer = encode(
    struct(
      [1, i32(1)],
      [2, { list: [...groups, ...leaves] }],
      [3, i64(rows)],
      [4, { list: [struct([1, { list: chunks }], [2, i64(at)], [3, i64(rows)])] }],
    ),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  const magic = Buffer.from('PAR1');
  return Buffer.concat([magic, ...columns.flatMap(({ pages }) => pages), footer, length, magic]);
}
