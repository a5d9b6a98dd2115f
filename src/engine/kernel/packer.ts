import type { Kernel } from './kernel.ts';
import { mostWindow } from './window.ts';

/** Feeds a kernel with packed cells, as a table gives them (wasm/scan.ts, `scanPacked`). */
export interface Packer {
  /** Whole records. False: the kernel gave up, and what it knows is worthless. */
  add(cells: Uint8Array): boolean;
  end(): boolean;
}

export function createPacker({ exports }: Kernel, window: number): Packer {
  let capacity = window;
  let input = exports.setWindow(capacity);
  let filled = 0;
  let area = new Uint8Array();

  function flush(): boolean {
    const taken = filled === 0 || exports.scanPacked(filled) !== 0;
    filled = 0;
    return taken;
  }

  function makeRoom(bytes: number): boolean {
    if (filled + bytes <= capacity) return true;
    if (!flush() || bytes > mostWindow) return false;
    if (bytes > capacity) {
      capacity = 2 ** Math.ceil(Math.log2(bytes));
      input = exports.setWindow(capacity);
    }
    return true;
  }

  /** The window as it lies now: a memory that has grown is another one. */
  function windowNow(): Uint8Array {
    const { buffer } = exports.memory;
    const isSame = area.buffer === buffer && area.byteOffset === input && area.length === capacity;
    if (!isSame) area = new Uint8Array(buffer, input, capacity);
    return area;
  }

  return {
    add(cells) {
      if (!makeRoom(cells.length)) return false;
      windowNow().set(cells, filled);
      filled += cells.length;
      return true;
    },
    end: flush,
  };
}
