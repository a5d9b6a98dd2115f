import type { Kernel } from './kernel.ts';

/** Bytes that are read at once: what is found in them stays in the processor's caches. */
export const usualWindow: number = 64 * 1024;

/** A record longer than half of this is the reference's. */
export const mostWindow: number = 4 * 1024 * 1024;

/** Feeds a copy's bytes to a kernel, window by window; cut records are carried over. */
export interface Window {
  /** False: the kernel gave up, and what it knows is worthless. */
  push(chunk: Uint8Array): boolean;
  end(): boolean;
}

export function createWindow(kernel: Kernel, size: number): Window {
  const { exports } = kernel;
  let capacity = size;
  let input = exports.setWindow(capacity);
  let filled = 0;

  function grow(): boolean {
    if (capacity >= mostWindow) return false;
    capacity *= 2;
    const before = input;
    input = exports.setWindow(capacity);
    kernel.bytes().copyWithin(input, before, before + filled);
    return true;
  }

  function read(isLast: 0 | 1): boolean {
    const taken = exports.scan(filled, isLast);
    if (taken < 0) return false;
    if (taken > 0 && taken < filled) {
      kernel.bytes().copyWithin(input, input + taken, input + filled);
    }
    filled -= taken;
    // A record is read again with each window it is cut by: at least half of one must be new.
    return isLast === 1 || filled <= capacity / 2 || grow();
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length;) {
        const count = Math.min(capacity - filled, chunk.length - at);
        kernel.bytes().set(chunk.subarray(at, at + count), input + filled);
        filled += count;
        at += count;
        if (filled === capacity && !read(0)) return false;
      }
      return true;
    },
    end: () => read(1),
  };
}
