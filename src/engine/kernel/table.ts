import type { ScanPlan } from '../../model/index.ts';
import { orderByName } from '../digest.ts';
import { createTupleEncoder } from '../encode.ts';
import { hashWords } from '../hash.ts';
import type { KeySetFacts } from '../keyset.ts';
import type { RowTable } from '../table.ts';
import type { Kernel } from './kernel.ts';

export const TABLE = 0;
export const PROBE = 1;

/** The copy that was read first holds the table; the other one is held against it. */
export type Role = typeof TABLE | typeof PROBE;

/** A keyset in a kernel's memory. Two of one kernel are comparable. */
export interface KernelKeySet extends KeySetFacts {
  readonly engine: 'kernel';
  readonly kernel: Kernel;
  readonly role: Role;
  /** How many copies the kernel had read when this one was: it knows one probing side at a time. */
  readonly turn: number;
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

/** The table side: it has every row. */
export function tableOfRows(kernel: Kernel, plan: ScanPlan): RowTable {
  const { exports } = kernel;
  const rows = exports.recordsRead() >>> 0;
  const invalid = exports.invalidCount(TABLE) >>> 0;
  const repeated = exports.repeatedRows() >>> 0;
  return {
    rows,
    invalid,
    units: rows - invalid - repeated,
    start: (row) => exports.startOf(TABLE, row),
    line: (row) => exports.lineOf(TABLE, row) >>> 0,
    isValid: (row) => exports.isInvalid(row) === 0,
    hasValues: createHashCheck(kernel, plan, TABLE),
    copyHashes: (row, to, at) => copyHashes(kernel, exports.hashesOf(TABLE, row), to, at),
  };
}

/** The probing side: of its rows, it knows the kept and the invalid ones. */
export function probedTable(kernel: Kernel, plan: ScanPlan): RowTable {
  const { exports } = kernel;
  const kept = new Map<number, number>();
  const count = exports.keptRows() >>> 0;
  for (let index = 0; index < count; index += 1) kept.set(exports.keptRecord(index) >>> 0, index);
  const hasHashes = createHashCheck(kernel, plan, PROBE);
  return {
    rows: exports.recordsRead() >>> 0,
    invalid: exports.invalidCount(PROBE) >>> 0,
    units: (exports.keysInBoth() >>> 0) + (exports.countNewKeys() >>> 0),
    start: (row) => exports.startOf(PROBE, row),
    line: (row) => exports.lineOf(PROBE, row) >>> 0,
    isValid: (row) => kept.has(row),
    hasValues: (row, key, consumed) => {
      const index = kept.get(row);
      return index !== undefined && hasHashes(index, key, consumed);
    },
    copyHashes: (row, to, at) => {
      copyHashes(kernel, exports.hashesOf(PROBE, kept.get(row) ?? count), to, at);
    },
  };
}

function copyHashes(kernel: Kernel, address: number, to: Uint32Array, at: number): void {
  const from = address >>> 2;
  to.set(kernel.words().subarray(from, from + 2 * hashWords), at);
}

const UNLIKE = 0;
const REPEATED = 1;

/** Rows of the table side, ascending: those unlike the probing side's, or those of keys it repeats. */
export function collectRows(kernel: Kernel, which: typeof UNLIKE | typeof REPEATED): Uint32Array {
  const { exports } = kernel;
  const most = 1 << 14;
  const area = exports.allocate(4 * most);
  const parts: Uint32Array[] = [];
  exports.startCollecting();
  for (;;) {
    const count = exports.collect(which, area, most);
    parts.push(kernel.words().slice(area >> 2, (area >> 2) + count));
    if (count < most) break;
  }
  return concatRows(parts);
}

export const unlikeRows = (kernel: Kernel): Uint32Array => collectRows(kernel, UNLIKE);
export const repeatedRows = (kernel: Kernel): Uint32Array => collectRows(kernel, REPEATED);

/** Kept and invalid records of the probing side, ascending. */
export function probedRows({ exports }: Kernel): Uint32Array {
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
