import type { FormatWarning, ScanPlan } from '../../model/index.ts';
import { orderByName } from '../digest.ts';
import { createTupleEncoder } from '../encode.ts';
import { hashWords, type Candidates, type KeySet, type RowTable } from '../port.ts';
import { releaseKernel, type Kernel } from './kernel.ts';

export const TABLE = 0;
export const PROBE = 1;

/** The copy that was read first holds the table; the other one is held against it. */
export type Role = typeof TABLE | typeof PROBE;

/** A keyset in a kernel's memory. Two of one kernel are comparable. */
export interface KernelKeySet extends KeySet {
  readonly kernel: Kernel;
  readonly role: Role;
  /** How many copies the kernel had read when this one was: it knows one probing side at a time. */
  readonly turn: number;
}

const engine = 'kernel';

export function asKernelKeySet(keyset: KeySet): KernelKeySet | null {
  return isKernelKeySet(keyset) ? keyset : null;
}

function isKernelKeySet(keyset: KeySet): keyset is KernelKeySet {
  return keyset.engine === engine;
}

/** What a kernel has read, as its last turn. */
export function kernelKeySet(
  kernel: Kernel,
  read: {
    readonly plan: ScanPlan;
    readonly role: Role;
    readonly turn: number;
    readonly digest: string;
    readonly mayBeRespelled: boolean;
    readonly warnings: readonly FormatWarning[];
  },
): KernelKeySet {
  const { plan, role, turn } = read;
  const isComparable = (other: KeySet): boolean =>
    isKernelKeySet(other) &&
    other.kernel === kernel &&
    other.role !== role &&
    kernel.turn() === Math.max(turn, other.turn);
  return {
    ...read,
    engine,
    kernel,
    table: role === TABLE ? tableOfRows(kernel, plan) : probedTable(kernel, plan),
    isComparable,
    unlike(runtime): Candidates {
      if (!isComparable(runtime)) throw new Error('keysets that are not comparable were joined');
      const unlike = collectRows(kernel, UNLIKE);
      const probed = probedRows(kernel);
      return role === TABLE
        ? { reviewed: unlike, runtime: probed }
        : { reviewed: probed, runtime: unlike };
    },
    repeats: () => (role === TABLE ? collectRows(kernel, REPEATED) : probedRows(kernel)),
    release: () => releaseKernel(kernel),
  };
}

type HasHashes = (index: number, key: readonly string[], consumed: readonly string[]) => boolean;

/** Holds values against the hashes of a row; `index` is a row, or a kept one of the probing side. */
function createHashCheck(kernel: Kernel, plan: ScanPlan, role: Role): HasHashes {
  const order = orderByName(plan.consumed);
  const encode = createTupleEncoder();
  const { exports } = kernel;
  return (index, key, consumed) => {
    const pack = exports.packArea();
    const room = exports.packEnd() - pack - 32;
    const keyBytes = encode(key);
    if (keyBytes.length > room) return false;
    kernel.bytes().set(keyBytes, pack);
    const consumedBytes = encode(order.map((place) => consumed[place] ?? ''));
    if (keyBytes.length + consumedBytes.length > room) return false;
    kernel.bytes().set(consumedBytes, pack + keyBytes.length);
    return exports.hasHashes(role, index, keyBytes.length, consumedBytes.length) === 1;
  };
}

/** Writes the hash of a key's rows; of a key that no row can have, zeros. */
function createKeyHash(kernel: Kernel): RowTable['copyKeyHash'] {
  const encode = createTupleEncoder();
  const { exports } = kernel;
  return (key, to, at) => {
    const bytes = encode(key);
    const pack = exports.packArea();
    to.fill(0, at, at + hashWords);
    if (bytes.length > exports.packEnd() - pack) return;
    kernel.bytes().set(bytes, pack);
    const from = exports.hashKey(bytes.length) >>> 2;
    to.set(kernel.words().subarray(from, from + hashWords), at);
  };
}

/** The table side: it has every row. */
function tableOfRows(kernel: Kernel, plan: ScanPlan): RowTable {
  const { exports } = kernel;
  const rows = exports.recordsRead() >>> 0;
  const invalid = exports.invalidCount(TABLE) >>> 0;
  const repeated = exports.repeatedRows() >>> 0;
  return {
    rows,
    invalid,
    units: rows - invalid - repeated,
    recordOf,
    isValid: (row) => exports.isInvalid(row) === 0,
    hasValues: createHashCheck(kernel, plan, TABLE),
    copyHashes: (row, to, at) => copyHashes(kernel, exports.hashesOf(TABLE, row), to, at),
    copyKeyHash: createKeyHash(kernel),
  };
}

/** The probing side: of its rows, it knows the kept and the invalid ones. */
function probedTable(kernel: Kernel, plan: ScanPlan): RowTable {
  const { exports } = kernel;
  const { records, order } = keptRecords(kernel);
  const hasHashes = createHashCheck(kernel, plan, PROBE);
  /** The place of the last answer: rows are mostly asked for in their order. */
  let last = 0;
  /** The place of a kept row in the kernel; -1: it is not kept. */
  const find = (row: number): number => {
    if (records[last] !== row) last = search(row);
    if (records[last] !== row) return -1;
    return order === null ? last : order[last]!;
  };
  const search = (row: number): number => {
    if (records[last + 1] === row) return last + 1;
    let [low, high] = [0, records.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (records[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    rows: exports.recordsRead() >>> 0,
    invalid: exports.invalidCount(PROBE) >>> 0,
    units: (exports.keysInBoth() >>> 0) + (exports.countNewKeys() >>> 0),
    recordOf,
    isValid: (row) => find(row) >= 0,
    hasValues: (row, key, consumed) => {
      const index = find(row);
      return index >= 0 && hasHashes(index, key, consumed);
    },
    copyHashes: (row, to, at) => copyHashes(kernel, exports.hashesOf(PROBE, find(row)), to, at),
    copyKeyHash: createKeyHash(kernel),
  };
}

/** It reads every record. */
const recordOf = (row: number): number => row + 1;

/**
 * The kept records of the probing side, ascending, and the place of each in the kernel; null: they
 * stand in this order there.
 */
function keptRecords({ exports }: Kernel): {
  readonly records: Uint32Array;
  readonly order: Uint32Array | null;
} {
  const kept = Uint32Array.from({ length: exports.keptRows() >>> 0 }, (_, index) =>
    exports.keptRecord(index),
  );
  // Only a record that another one made dirty comes late.
  if (kept.every((record, index) => index === 0 || kept[index - 1]! < record)) {
    return { records: kept, order: null };
  }
  const order = Uint32Array.from(kept, (_, index) => index).sort((a, b) => kept[a]! - kept[b]!);
  return { records: order.map((index) => kept[index]!), order };
}

function copyHashes(kernel: Kernel, address: number, to: Uint32Array, at: number): void {
  const words = kernel.words();
  const from = address >>> 2;
  for (let word = 0; word < 2 * hashWords; word += 1) to[at + word] = words[from + word]!;
}

const UNLIKE = 0;
const REPEATED = 1;

/** Rows of the table side, ascending: those unlike the probing side's, or those of keys it repeats. */
function collectRows(kernel: Kernel, which: typeof UNLIKE | typeof REPEATED): Uint32Array {
  const { exports } = kernel;
  const most = 1 << 12;
  // The window is read, and as long as that at least.
  const area = exports.collectArea();
  const parts: Uint32Array[] = [];
  exports.startCollecting();
  for (;;) {
    const count = exports.collect(which, area, most);
    parts.push(kernel.words().slice(area >> 2, (area >> 2) + count));
    if (count < most) break;
  }
  return concatRows(parts);
}

/** Kept and invalid records of the probing side, ascending. */
function probedRows({ exports }: Kernel): Uint32Array {
  const kept = exports.keptRows() >>> 0;
  const invalid = exports.invalidCount(PROBE) >>> 0;
  const rows = new Uint32Array(kept + invalid);
  for (let index = 0; index < kept; index += 1) rows[index] = exports.keptRecord(index);
  for (let index = 0; index < invalid; index += 1) {
    rows[kept + index] = exports.invalidRecord(PROBE, index);
  }
  return rows.sort();
}

function concatRows(parts: readonly Uint32Array[]): Uint32Array {
  const rows = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows;
}
