import type { RawRecord, ScanPlan } from '../../model/index.ts';
import type { Kernel } from './kernel.ts';
import { packedColumns } from './program.ts';
import { mostWindow } from './window.ts';

/** Feeds a kernel with records as packed cells (wasm/scan.ts, `scanPacked`). */
export interface Packer {
  /** False: the kernel gave up, and what it knows is worthless. */
  add(record: RawRecord): boolean;
  end(): boolean;
}

const NULL = 0xffffffff;

export function createPacker(kernel: Kernel, plan: ScanPlan, window: number): Packer {
  const { exports } = kernel;
  const { nulls } = plan;
  const columns = packedColumns(plan).map(({ index }) => index);
  const values = columns.map((): string | null => null);
  let capacity = window;
  let input = exports.setWindow(capacity);
  let filled = 0;

  function flush(): boolean {
    const taken = filled === 0 || exports.scanPacked(filled) !== 0;
    filled = 0;
    return taken;
  }

  /** Reads the cells of a record; gives how many bytes they take at most. */
  function readCells(record: RawRecord): number {
    let most = 4;
    columns.forEach((column, place) => {
      const value = record.text(column);
      const isNull = value === '' && nulls === 'distinct' && record.isNull?.(column) === true;
      values[place] = isNull ? null : value;
      most += 4 + 3 * value.length;
    });
    return most;
  }

  function makeRoom(bytes: number): boolean {
    if (filled + bytes <= capacity) return true;
    if (!flush()) return false;
    if (bytes > mostWindow) return false;
    if (bytes > capacity) {
      capacity = 2 ** Math.ceil(Math.log2(bytes));
      input = exports.setWindow(capacity);
    }
    return true;
  }

  let area = Buffer.alloc(0);

  /** The window as it lies now: a memory that has grown is another one. */
  function windowNow(): Buffer {
    const { buffer } = exports.memory;
    const isSame = area.buffer === buffer && area.byteOffset === input && area.length === capacity;
    if (!isSame) area = Buffer.from(buffer, input, capacity);
    return area;
  }

  return {
    add(record) {
      const hasCells = record.width === plan.width;
      if (!makeRoom(hasCells ? readCells(record) : 4)) return false;
      const target = windowNow();
      putWord(target, filled, hasCells ? 1 : 0);
      filled += 4;
      if (!hasCells) return true;
      for (const value of values) {
        const length = value === null ? 0 : putText(target, filled + 4, value);
        putWord(target, filled, value === null ? NULL : length);
        filled += 4 + length;
      }
      return true;
    },
    end: flush,
  };
}

function putWord(target: Buffer, at: number, word: number): void {
  target[at] = word;
  target[at + 1] = word >>> 8;
  target[at + 2] = word >>> 16;
  target[at + 3] = word >>> 24;
}

/** Up to so many characters a loop is sooner done than a call. */
const shortText = 48;

/** Writes a text as UTF-8; gives how many bytes it is. */
function putText(target: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > shortText) return target.write(text, at, 'utf8');
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return target.write(text, at, 'utf8');
    target[at + index] = unit;
  }
  return length;
}
