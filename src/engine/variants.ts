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
  /** The same; -1 where none was added. */
  find(index: number, group: number): number;
  size(): number;
}

/** Rows by index have their hashes, key's and then consumed values', at a stride. */
export function createVariantSet(hashes: Int32Array, stride: number, most: number): VariantSet {
  /** Open addressing: 1 + a variant, or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  const firsts = new Uint32Array(most);
  const groups = new Uint32Array(most);
  const mask = slots.length - 1;
  let size = 0;
  const isVariant = (variant: number, index: number, group: number): boolean => {
    if (groups[variant] !== group) return false;
    const [at, other] = [index * stride, firsts[variant]! * stride];
    for (let word = hashWords; word < 2 * hashWords; word += 1) {
      if (hashes[at + word] !== hashes[other + word]) return false;
    }
    return true;
  };
  /** The slot of a variant, or the free one where it belongs. */
  const slotOf = (index: number, group: number): number => {
    const hash = hashes[index * stride + hashWords]! ^ Math.imul(group, 0x9e3779b1);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (slots[slot] === 0 || isVariant(slots[slot]! - 1, index, group)) return slot;
    }
  };
  return {
    find: (index, group) => slots[slotOf(index, group)]! - 1,
    add(index, group) {
      const slot = slotOf(index, group);
      if (slots[slot] === 0) {
        firsts[size] = index;
        groups[size] = group;
        slots[slot] = size += 1;
      }
      return slots[slot]! - 1;
    },
    size: () => size,
  };
}
