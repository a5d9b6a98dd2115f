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

  return {
    add(record) {
      const hasCells = record.width === plan.width;
      if (!makeRoom(hasCells ? readCells(record) : 4)) return false;
      const target = Buffer.from(exports.memory.buffer, input, capacity);
      filled = target.writeUInt32LE(hasCells ? 1 : 0, filled);
      if (!hasCells) return true;
      for (const value of values) {
        const length = value === null ? 0 : target.write(value, filled + 4, 'utf8');
        target.writeUInt32LE(value === null ? NULL : length, filled);
        filled += 4 + length;
      }
      return true;
    },
    end: flush,
  };
}
