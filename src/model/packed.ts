import { noValue, type PackedSink, type RawRecord, type RecordSink } from './table.ts';

/** Writes records as packed cells. */
export interface CellWriter {
  readonly add: RecordSink;
  /** Gives what was not given yet. */
  flush(): void;
}

/** Bytes that are given at once: what is found in them stays in the processor's caches. */
const usualBytes = 64 * 1024;

/** `width`: how many cells a record has. */
export function createCellWriter(
  columns: readonly number[],
  width: number,
  sink: PackedSink,
): CellWriter {
  const values = columns.map((): string | null => null);
  let area = new Uint8Array(0);
  let [filled, records] = [0, 0];

  /** Reads the cells of a record; gives how many bytes they take at most. */
  function readCells(record: RawRecord): number {
    let most = 4;
    columns.forEach((column, place) => {
      const value = record.text(column);
      values[place] = value === '' && record.isNull?.(column) === true ? null : value;
      most += 4 + 3 * value.length;
    });
    return most;
  }

  function flush(): void {
    if (records > 0) sink(area.subarray(0, filled), records);
    [filled, records] = [0, 0];
  }

  function makeRoom(bytes: number): void {
    if (filled + bytes <= area.length) return;
    flush();
    if (bytes > area.length) area = new Uint8Array(Math.max(usualBytes, bytes));
  }

  return {
    add(record) {
      const hasCells = record.width === width;
      makeRoom(hasCells ? readCells(record) : 4);
      putWord(area, filled, hasCells ? 1 : 0);
      filled += 4;
      records += 1;
      if (!hasCells) return;
      for (const value of values) {
        const length = value === null ? 0 : putText(area, filled + 4, value);
        putWord(area, filled, value === null ? noValue : length);
        filled += 4 + length;
      }
    },
    flush,
  };
}

function putWord(target: Uint8Array, at: number, word: number): void {
  target[at] = word;
  target[at + 1] = word >>> 8;
  target[at + 2] = word >>> 16;
  target[at + 3] = word >>> 24;
}

/** Up to so many characters a loop is sooner done than a call. */
const shortText = 48;

/** Writes a text as UTF-8; gives how many bytes it is. */
function putText(target: Uint8Array, at: number, text: string): number {
  const { length } = text;
  if (length > shortText) return encodeText(target, at, text);
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return encodeText(target, at, text);
    target[at + index] = unit;
  }
  return length;
}

const encoder = new TextEncoder();

function encodeText(target: Uint8Array, at: number, text: string): number {
  return encoder.encodeInto(text, target.subarray(at)).written;
}

/**
 * A consumed value that is none, where that differs from an empty one (`nulls: distinct`). It is half a
 * character, which no text holds: readers refuse it.
 */
export const nullCell = '\uD800';
