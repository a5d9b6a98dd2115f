import {
  KeydriftError,
  type Cells,
  type PackedUnits,
  type RawRecord,
  type ReportedRow,
  type ScanPlan,
  type Side,
} from '../model/index.ts';
import { sortByUnits } from './unit-order.ts';

/** Rows of units that one copy alone has, each in one row: packed as they come, then put in order. */
export interface SingleRows {
  /** Throws `TOO_LARGE` where they take more than 4 GiB. */
  add(key: readonly string[], consumed: readonly string[], record: RawRecord): void;
  /** In the order of keys, element by element, by UTF-16 code units. */
  sorted(): Promise<PackedUnits>;
}

const chunkBits = 22;
const chunkBytes = 1 << chunkBits;
/** Addresses are words of 32 bits. */
const mostChunks = 1 << (32 - chunkBits);
const isLatin1 = /^[\0-\xff]*$/;

/** Of a row: its characters take two bytes; lengths take four. */
const WIDE = 1;
const LONG = 2;
/** Its cells were normalized; its place is no line; nobody counts by its number. */
const NORMALIZED = 4;
const PLACED = 8;
const UNNUMBERED = 16;

/** Of a row: what is so of it, its record and its line. */
const headBytes = 13;

/** Lengths that stand for a cell without a value. */
const noShort = 0xffff;
const noLong = 0xffffffff;

/**
 * Room for at most `most` rows, about 100 bytes each instead of a kilobyte of objects: what is so of
 * a row, the length of each cell, and the cells, normalized; then as they stand in the file, where
 * that is something else, and what words the row's place.
 */
export function createSingleRows(
  side: Side,
  { key: keyColumns, consumed: consumedColumns }: Pick<ScanPlan, 'key' | 'consumed'>,
  most: number,
): SingleRows {
  const columns = [...keyColumns, ...consumedColumns];
  const [width, keyWidth] = [columns.length, keyColumns.length];
  const chunks: Buffer[] = [];
  let free = chunkBytes;
  let count = 0;
  const places = new Uint32Array(most);

  function write(
    cells: readonly (string | null)[],
    facts: number,
    record: number,
    line: number,
  ): void {
    const text = cells.join('');
    const isWide = !isLatin1.test(text);
    const isLong = text.length >= noShort;
    const kind = facts | (isWide ? WIDE : 0) | (isLong ? LONG : 0);
    const head = headBytes + cells.length * (isLong ? 4 : 2);
    const bytes = head + (isWide ? 2 * text.length : text.length);
    if (free + bytes > chunkBytes) {
      if (chunks.length === mostChunks) throw tooMany(most);
      // A row that is longer than a chunk has one of its own, and starts in it.
      chunks.push(Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes)));
      free = 0;
    }
    const chunk = chunks.at(-1)!;
    places[count] = (chunks.length - 1) * chunkBytes + free;
    chunk[free] = kind;
    chunk.writeUInt32LE(record, free + 1);
    chunk.writeDoubleLE(line, free + 5);
    cells.forEach((cell, at) => {
      const to = free + headBytes + (isLong ? 4 : 2) * at;
      if (isLong) chunk.writeUInt32LE(cell === null ? noLong : cell.length, to);
      else chunk.writeUInt16LE(cell === null ? noShort : cell.length, to);
    });
    chunk.write(text, free + head, isWide ? 'utf16le' : 'latin1');
    free += bytes;
  }

  function cellCount(kind: number): number {
    return ((kind & NORMALIZED) === 0 ? width : 2 * width) + ((kind & PLACED) === 0 ? 0 : 1);
  }

  /** The cells of a row, as they were written. */
  function cellsOf(chunk: Buffer, at: number): (string | null)[] {
    const kind = chunk[at]!;
    const held = cellCount(kind);
    const from = at + headBytes + held * ((kind & LONG) === 0 ? 2 : 4);
    const size = (kind & WIDE) === 0 ? 1 : 2;
    let units = 0;
    for (let cell = 0; cell < held; cell += 1) {
      units += Math.max(0, lengthAt(chunk, at, kind, cell));
    }
    const text = chunk.toString(size === 1 ? 'latin1' : 'utf16le', from, from + size * units);
    const cells: (string | null)[] = [];
    let start = 0;
    for (let cell = 0; cell < held; cell += 1) {
      const length = lengthAt(chunk, at, kind, cell);
      cells.push(length < 0 ? null : text.slice(start, start + length));
      start += Math.max(0, length);
    }
    return cells;
  }

  /** 1 + the code unit at a depth of a row's key; 0: a value ends there; -1: the key does. */
  function unitAt(row: number, depth: number): number {
    const place = places[row]!;
    const chunk = chunks[place >>> chunkBits]!;
    const at = place & (chunkBytes - 1);
    const kind = chunk[at]!;
    let [left, before] = [depth, 0];
    for (let cell = 0; cell < keyWidth; cell += 1) {
      const length = lengthAt(chunk, at, kind, cell);
      if (left < length) {
        const from = at + headBytes + cellCount(kind) * ((kind & LONG) === 0 ? 2 : 4);
        const unit = before + left;
        return (kind & WIDE) === 0
          ? 1 + chunk[from + unit]!
          : 1 + chunk[from + 2 * unit]! + 256 * chunk[from + 2 * unit + 1]!;
      }
      if (left === length) return 0;
      left -= length + 1;
      before += length;
    }
    return -1;
  }

  /** The row that was unpacked last: its key is asked for, and then the row. */
  let unpacked = { of: -1, key: [] as Cells, shown: [] as Cells, place: '' as string | null };

  function unpack(row: number): typeof unpacked {
    if (unpacked.of === row) return unpacked;
    const place = places[row]!;
    const chunk = chunks[place >>> chunkBits]!;
    const at = place & (chunkBytes - 1);
    const kind = chunk[at]!;
    const cells = cellsOf(chunk, at);
    const from = (kind & NORMALIZED) === 0 ? 0 : width;
    const shown = columns.map(({ name }, column) => [name, cells[from + column]!] as const);
    const key =
      from === 0
        ? shown.slice(0, keyWidth)
        : keyColumns.map(({ name }, column) => [name, cells[column]!] as const);
    unpacked = { of: row, key, shown, place: cells.at(-1)! };
    return unpacked;
  }

  function shownOf(row: number): ReportedRow {
    const { shown: values, place } = unpack(row);
    const chunk = chunks[places[row]! >>> chunkBits]!;
    const at = places[row]! & (chunkBytes - 1);
    const kind = chunk[at]!;
    const shown = {
      side,
      record: chunk.readUInt32LE(at + 1),
      line: chunk.readDoubleLE(at + 5),
      values,
    };
    if ((kind & (PLACED | UNNUMBERED)) === 0) return shown;
    return {
      ...shown,
      ...((kind & PLACED) === 0 ? {} : { place: place! }),
      ...((kind & UNNUMBERED) === 0 ? {} : { numbered: false as const }),
    };
  }

  return {
    add(key, consumed, record) {
      const { line, text, numbered } = record.place;
      let cells: (string | null)[] = [...key, ...consumed];
      const shown = columns.map(({ index }) => record.shown(index));
      let facts = numbered === false ? UNNUMBERED : 0;
      if (shown.some((value, at) => value !== cells[at])) {
        cells = [...cells, ...shown];
        facts |= NORMALIZED;
      }
      if (text !== `line ${line}`) {
        cells.push(text);
        facts |= PLACED;
      }
      write(cells, facts, record.record, line);
      count += 1;
    },
    async sorted() {
      const order = Uint32Array.from({ length: count }, (_, row) => row);
      await sortByUnits(order, unitAt);
      return {
        count,
        key: (rank) => unpack(order[rank]!).key,
        row: (rank) => shownOf(order[rank]!),
      };
    },
  };
}

/** The length of a row's cell; -1: it has no value. */
function lengthAt(chunk: Buffer, at: number, kind: number, cell: number): number {
  if ((kind & LONG) === 0) {
    const from = at + headBytes + 2 * cell;
    const length = chunk[from]! | (chunk[from + 1]! << 8);
    return length === noShort ? -1 : length;
  }
  const length = chunk.readUInt32LE(at + headBytes + 4 * cell);
  return length === noLong ? -1 : length;
}

function tooMany(rows: number): KeydriftError {
  return new KeydriftError(
    'TOO_LARGE',
    `${rows} rows are to be listed, which take more than 4 GiB`,
    {
      hint: 'List fewer: --max-findings 1000.',
    },
  );
}
