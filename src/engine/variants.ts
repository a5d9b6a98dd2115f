import { hashWords } from './port.ts';

/** Numbers of 32 bits that come one by one. */
export interface RowList {
  /** Gives the place of what was added. */
  add(value: number): number;
  increment(place: number): void;
  rows(): Uint32Array;
}

export function createRowList(): RowList {
  let values = new Uint32Array(64);
  let count = 0;
  return {
    add(value) {
      if (count === values.length) {
        const grown = new Uint32Array(2 * count);
        grown.set(values);
        values = grown;
      }
      values[count] = value;
      count += 1;
      return count - 1;
    },
    increment(place) {
      values[place]! += 1;
    },
    rows: () => values.slice(0, count),
  };
}

/** Distinct consumed values within groups, numbered in the order in which they come. */
export interface VariantSet {
  /** The number of the variant of a row of a group. */
  add(index: number, group: number): number;
  size(): number;
}

/** Rows by index have their hashes, key's and then consumed values', at a stride. */
export function createVariantSet(hashes: Uint32Array, stride: number, most: number): VariantSet {
  /** Open addressing: 1 + a variant, or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  const firsts = new Uint32Array(most);
  const groups = new Uint32Array(most);
  const mask = slots.length - 1;
  let size = 0;
  return {
    add(index, group) {
      const at = index * stride + hashWords;
      let slot = (hashes[at]! ^ Math.imul(group, 0x9e3779b1)) & mask;
      for (; ; slot = (slot + 1) & mask) {
        const found = slots[slot]! - 1;
        if (found < 0) break;
        if (groups[found] !== group) continue;
        const other = firsts[found]! * stride + hashWords;
        let word = 0;
        while (word < hashWords && hashes[at + word] === hashes[other + word]) word += 1;
        if (word === hashWords) return found;
      }
      firsts[size] = index;
      groups[size] = group;
      slots[slot] = size += 1;
      return size - 1;
    },
    size: () => size,
  };
}
