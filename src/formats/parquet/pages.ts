/** A page of a column chunk: what its header says, and its bytes as they stand. */
export interface Page {
  readonly type: 'data' | 'data-v2' | 'dictionary';
  readonly values: number;
  readonly encoding: number;
  /** How the levels of a first-version data page are written; 3 in all others. */
  readonly levels: number;
  /** Of a second-version data page, how many of its values are null; null: it does not say. */
  readonly nulls: number | null;
  /** Bytes once they are expanded. */
  readonly expanded: number;
  readonly body: Uint8Array;
  /** Of the second version of data pages: bytes of levels in front, which are not compressed. */
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  readonly isCompressed: boolean;
}

/** Thrown at what is left to the library, which says what is wrong with it, or reads it. */
export class Unusual extends Error {}

export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * The pages of a column chunk (parquet.thrift, `PageHeader`), one after the other; index pages are
 * left out. Throws `Unusual`.
 */
export function* pagesOf(chunk: Uint8Array): Generator<Page> {
  const cursor: Cursor = { bytes: chunk, at: 0 };
  // The library, too, takes a last byte for none.
  while (cursor.at < chunk.length - 1) {
    const header = readStruct(cursor, 0);
    const [type, expanded, bytes] = [1, 2, 3].map((field) => numberOf(header.get(field)));
    const from = cursor.at;
    const end = from + bytes!;
    if (bytes! < 0 || expanded! < 0 || end > chunk.length) throw new Unusual();
    cursor.at = end;
    yield pageOf(type!, header, expanded!, chunk.subarray(from, end));
  }
}

function pageOf(type: number, header: Struct, expanded: number, body: Uint8Array): Page {
  const page = {
    expanded,
    body,
    levels: 3,
    nulls: null,
    repetitionBytes: 0,
    definitionBytes: 0,
    isCompressed: true,
  };
  if (type === 3) {
    const own = structOf(header.get(8));
    return {
      ...page,
      type: 'data-v2',
      values: numberOf(own.get(1)),
      nulls: numberOf(own.get(2)),
      encoding: numberOf(own.get(4)),
      definitionBytes: numberOf(own.get(5)),
      repetitionBytes: numberOf(own.get(6)),
      isCompressed: own.get(7) !== false,
    };
  }
  if (type !== 0 && type !== 2) throw new Unusual();
  const own = structOf(header.get(type === 0 ? 5 : 7));
  return {
    ...page,
    type: type === 0 ? 'data' : 'dictionary',
    values: numberOf(own.get(1)),
    encoding: numberOf(own.get(2)),
    ...(type === 0 ? { levels: numberOf(own.get(3)) } : {}),
  };
}

type Field = number | boolean | Struct | null;
interface Struct extends ReadonlyMap<number, Field> {}

function numberOf(field: Field | undefined): number {
  if (typeof field !== 'number') throw new Unusual();
  return field;
}

function structOf(field: Field | undefined): Struct {
  if (typeof field !== 'object' || field === null) throw new Unusual();
  return field;
}

/** A struct of Thrift's compact protocol; texts, long numbers and doubles are walked over. */
function readStruct(cursor: Cursor, depth: number): Struct {
  if (depth > 4) throw new Unusual();
  const fields = new Map<number, Field>();
  let id = 0;
  for (;;) {
    const byte = readByte(cursor);
    if ((byte & 15) === 0) return fields;
    id = byte >> 4 === 0 ? readZigZag(cursor) : id + (byte >> 4);
    fields.set(id, readField(cursor, byte & 15, depth));
  }
}

function readField(cursor: Cursor, type: number, depth: number): Field {
  switch (type) {
    case 1:
    case 2:
      return type === 1;
    case 3:
      return (readByte(cursor) << 24) >> 24;
    case 4:
    case 5:
      return readZigZag(cursor);
    case 6:
      while (readByte(cursor) > 127);
      return null;
    case 8:
      skip(cursor, readVarInt(cursor));
      return null;
    case 12:
      return readStruct(cursor, depth + 1);
    default:
      throw new Unusual();
  }
}

export function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new Unusual();
  cursor.at += 1;
  return byte;
}

function skip(cursor: Cursor, bytes: number): void {
  cursor.at += bytes;
  if (cursor.at > cursor.bytes.length) throw new Unusual();
}

/** At most 32 bits: what counts and sizes have. */
export function readVarInt(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(cursor);
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) {
      if (value >= 2 ** 32) throw new Unusual();
      return value;
    }
  }
  throw new Unusual();
}

function readZigZag(cursor: Cursor): number {
  const value = readVarInt(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/**
 * Numbers of some bits as runs and as packed groups of eight (the encoding RLE), written from
 * `from` to before `to`. Throws `Unusual`, also where a run goes on behind that.
 */
export function readHybrid(
  cursor: Cursor,
  bits: number,
  into: Int32Array,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (bits > 24) throw new Unusual();
  for (let at = from; at < to;) {
    const header = readVarInt(cursor);
    const count = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let byte = 0; byte < bits; byte += 8) value |= readByte(cursor) << byte;
      if (count === 0 || at + count > to) throw new Unusual();
      into.fill(value, at, at + count);
      at += count;
    } else {
      const { bytes } = cursor;
      const first = cursor.at;
      if (count === 0) throw new Unusual();
      skip(cursor, count * bits);
      const end = Math.min(to, at + 8 * count);
      at = unpack(bytes, first, bits, into, at, end);
    }
  }
}

function unpack(
  bytes: Uint8Array,
  first: number,
  bits: number,
  into: Int32Array,
  from: number,
  to: number,
): number {
  const mask = 2 ** bits - 1;
  let [next, held, have] = [first, 0, 0];
  for (let at = from; at < to; at += 1) {
    for (; have < bits; have += 8) {
      held |= bytes[next]! << have;
      next += 1;
    }
    into[at] = held & mask;
    held >>>= bits;
    have -= bits;
  }
  return Math.max(from, to);
}
