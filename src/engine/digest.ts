import { byCodeUnits, perObject, type ScanPlan } from '../model/index.ts';
import { createTupleEncoder } from './encode.ts';
import { mix, murmur128 } from './murmur.ts';

/**
 * The functional digest of a copy (SPEC §5): the sum modulo 2²⁵⁶ of a hash of each valid row, and
 * of the list of columns. Equal for copies with the same units, variants and row counts, whatever
 * their order, format or descriptive columns; the same on every platform and in every version.
 *
 * A row is the tuple of its key cells in contract order and that of its consumed cells in the order
 * of their names, encoded by `encode.ts`. Its hash is MurmurHash3_x86_128 with seed 0, words 0 to 3, and
 * mix(word i XOR 0x9e3779b9) as words 4 to 7, least significant first.
 *
 * It promises that copies with other digests differ, and that copies which differ by chance have
 * other digests. It promises nothing against somebody who builds a file to have a given digest:
 * verdicts never rest on it, and `sha256` is what a forger would have to break.
 */
export interface FunctionalDigest {
  add(key: readonly string[], consumed: readonly string[]): void;
  /** Adds rows that were hashed elsewhere: for each word the sum of theirs, least significant first. */
  addSums(sums: BigUint64Array): void;
  /** 64 hex digits, most significant first. */
  hex(): string;
}

const words = 8;

type PlannedNames = Pick<ScanPlan, 'key' | 'consumed'>;

/** What it gives is hashed at once: one serves all. */
const encode = createTupleEncoder();
const hash = new Uint32Array(4);

/** Adds the hash of a row's bytes to a sum. */
function addHash(sum: Uint32Array, bytes: Uint8Array): void {
  murmur128(bytes, 0, hash);
  let carry = 0;
  for (let index = 0; index < words; index += 1) {
    const low = hash[index % hash.length]!;
    const term = index < hash.length ? low : mix(low ^ 0x9e3779b9) >>> 0;
    const total = sum[index]! + term + carry;
    sum[index] = total;
    carry = total > 0xffffffff ? 1 : 0;
  }
}

/** The sum of a plan's columns, and their order. */
const columnsOf = perObject(({ key, consumed }: PlannedNames) => {
  const order = orderByName(consumed);
  const sum = new Uint32Array(words);
  const names = order.map((index) => consumed[index]!.name);
  addHash(sum, encode([String(key.length), ...key.map(({ name }) => name), ...names]));
  return { order, sum };
});

export function createDigest(plan: PlannedNames): FunctionalDigest {
  const { order, sum: ofColumns } = columnsOf(plan);
  const sum = ofColumns.slice();
  return {
    add(key, consumed) {
      const ordered = order.map((index) => consumed[index] ?? '');
      addHash(sum, encode(key, ordered));
    },
    addSums(sums) {
      let carry = 0n;
      for (let index = 0; index < words; index += 1) {
        const total = BigInt(sum[index]!) + sums[index]! + carry;
        sum[index] = Number(total & 0xffff_ffffn);
        carry = total >> 32n;
      }
    },
    hex: () => [...sum].toReversed().map(toHex).join(''),
  };
}

/** Places of columns, by the order of their names: whatever order a contract has them in. */
export function orderByName(columns: readonly { readonly name: string }[]): readonly number[] {
  const order = columns.map((_, index) => index);
  return order.sort((a, b) => byCodeUnits(columns[a]!.name, columns[b]!.name));
}

/** 32 bits as eight digits. */
export function toHex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
