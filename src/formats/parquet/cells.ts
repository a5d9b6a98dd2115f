import { isUtf8 } from 'node:buffer';
import { noValue, type PackedSink } from '../../model/index.ts';

/** The cells of a column in one row group: texts, each once or as often as the file has it. */
export interface Cells {
  /** UTF-8. */
  readonly bytes: Uint8Array;
  /** Where each text starts, and behind the last one the end. */
  readonly starts: Uint32Array;
  /** For each row the text that it has; -1: none. */
  readonly rows: Int32Array;
  /** Bytes of the longest text. */
  readonly longest: number;
}

/** Collects texts. */
export interface TextHeap {
  /** How many there are. */
  count(): number;
  addText(text: string): void;
  /**
   * Adds texts that stand there one after the other, each behind its length (the encoding PLAIN).
   * False: they are none, or no UTF-8 without NUL.
   */
  addPlain(bytes: Uint8Array, from: number, count: number): boolean;
  cells(rows: Int32Array): Cells;
}

const mostBytes = 2 ** 31;

export function createTextHeap(): TextHeap {
  let bytes = Buffer.allocUnsafeSlow(1024);
  let starts = new Uint32Array(256);
  let [count, used, longest] = [0, 0, 0];
  const room = (texts: number, more: number): void => {
    if (used + more > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, used + more));
      larger.set(bytes.subarray(0, used));
      bytes = larger;
    }
    if (count + texts < starts.length) return;
    const larger = new Uint32Array(Math.max(2 * starts.length, count + texts + 1));
    larger.set(starts);
    starts = larger;
  };
  return {
    count: () => count,
    addText(text) {
      room(1, 3 * text.length);
      const length = bytes.write(text, used, 'utf8');
      used += length;
      longest = Math.max(longest, length);
      count += 1;
      starts[count] = used;
    },
    addPlain(source, from, texts) {
      if (used + source.length >= mostBytes || 4 * texts > source.length - from) return false;
      room(texts, source.length);
      const [target, ends, first, firstText] = [bytes, starts, used, count];
      let [at, to, seen] = [from, used, 0];
      for (let text = 0; text < texts; text += 1) {
        if (at + 4 > source.length) return false;
        const length =
          source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
        at += 4;
        const end = at + length;
        if (length < 0 || end > source.length) return false;
        for (; at < end; at += 1, to += 1) {
          const byte = source[at]!;
          if (byte === 0) return false;
          seen |= byte;
          target[to] = byte;
        }
        if (length > longest) longest = length;
        ends[firstText + text + 1] = to;
      }
      [count, used] = [firstText + texts, to];
      return seen < 128 || areTexts(target, ends, first, to, firstText, count);
    },
    cells: (rows) => ({ bytes, starts, rows, longest }),
  };
}

/** Whether texts that stand together are UTF-8, each by itself. */
function areTexts(
  bytes: Buffer,
  starts: Uint32Array,
  from: number,
  to: number,
  first: number,
  end: number,
): boolean {
  if (!isUtf8(bytes.subarray(from, to))) return false;
  for (let text = first; text < end; text += 1) {
    // What goes on within a character.
    if (starts[text]! < to && (bytes[starts[text]!]! & 0xc0) === 0x80) return false;
  }
  return true;
}

/** Bytes that are given at once. */
const usualBytes = 64 * 1024;

/** Packs rows of some columns. `flush` gives what was not given yet. */
export function createRowPacker(
  columns: readonly Cells[],
  sink: PackedSink,
): { readonly pack: (from: number, to: number) => void; flush(): void } {
  const most = columns.reduce((sum, { longest }) => sum + 4 + longest, 4);
  const area = new Uint8Array(Math.max(usualBytes, most));
  let [filled, records] = [0, 0];
  const flush = (): void => {
    if (records > 0) sink(area.subarray(0, filled), records);
    [filled, records] = [0, 0];
  };
  return {
    pack(from, to) {
      for (let row = from; row < to; row += 1) {
        if (filled + most > area.length) flush();
        let at = putWord(area, filled, 1);
        for (const cells of columns) at = putCell(area, at, cells, row);
        filled = at;
        records += 1;
      }
    },
    flush,
  };
}

function putCell(
  area: Uint8Array,
  to: number,
  { bytes, starts, rows }: Cells,
  row: number,
): number {
  const text = rows[row]!;
  if (text < 0) return putWord(area, to, noValue);
  const start = starts[text]!;
  const length = starts[text + 1]! - start;
  const at = putWord(area, to, length);
  if (length > 64) area.set(bytes.subarray(start, start + length), at);
  else for (let byte = 0; byte < length; byte += 1) area[at + byte] = bytes[start + byte]!;
  return at + length;
}

function putWord(area: Uint8Array, at: number, word: number): number {
  area[at] = word;
  area[at + 1] = word >>> 8;
  area[at + 2] = word >>> 16;
  area[at + 3] = word >>> 24;
  return at + 4;
}
