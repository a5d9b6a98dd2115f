import {
  inSlices,
  sortInSlices,
  pause,
  type FormatWarning,
  type ScanPlan,
} from '../../model/index.ts';
import { orderByName } from '../digest.ts';
import { createTupleEncoder } from '../encode.ts';
import {
  hashWords,
  type Candidates,
  type KeySet,
  type RowTable,
  type WantedRows,
} from '../port.ts';
import { releaseKernel, type Kernel } from './kernel.ts';
import { commonUnits } from './order.ts';

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
  /** Of the probing side: whether a key of it or of the table may be another one spelled otherwise. */
  readonly eitherMayBeRespelled: boolean;
}

const engine = 'kernel';

export function asKernelKeySet(keyset: KeySet): KernelKeySet | null {
  return isKernelKeySet(keyset) ? keyset : null;
}

function isKernelKeySet(keyset: KeySet): keyset is KernelKeySet {
  return keyset.engine === engine;
}

/** What a kernel has read, as its last turn. */
export async function kernelKeySet(
  kernel: Kernel,
  read: {
    readonly plan: ScanPlan;
    readonly role: Role;
    readonly turn: number;
    readonly digest: string;
    readonly mayBeRespelled: boolean;
    readonly eitherMayBeRespelled: boolean;
    readonly warnings: readonly FormatWarning[];
    readonly memory: number;
  },
): Promise<KernelKeySet> {
  const { plan, role, turn, digest, mayBeRespelled, eitherMayBeRespelled, warnings, memory } = read;
  const isComparable = (other: KeySet): other is KernelKeySet =>
    isKernelKeySet(other) &&
    other.kernel === kernel &&
    other.role !== role &&
    kernel.turn() === Math.max(turn, other.turn);
  return {
    plan,
    role,
    turn,
    digest,
    mayBeRespelled,
    eitherMayBeRespelled,
    warnings,
    memory,
    engine,
    kernel,
    table: role === TABLE ? tableOfRows(kernel, plan) : await probedTable(kernel, plan),
    isComparable,
    mayBeRespelledBeside(other) {
      if (!isComparable(other)) return true;
      return role === PROBE ? eitherMayBeRespelled : other.eitherMayBeRespelled;
    },
    async unlike(runtime, wanted = allRows): Promise<Candidates> {
      if (!isComparable(runtime)) throw new Error('keysets that are not comparable were joined');
      const own = await wantedRows(kernel, role, wanted);
      const other = await wantedRows(kernel, role === TABLE ? PROBE : TABLE, wanted);
      const rows = { reviewed: own.rows, runtime: other.rows };
      const left = { reviewed: own.left, runtime: other.left };
      return left.reviewed + left.runtime === 0 ? rows : { ...rows, left };
    },
    repeats: async () => {
      const found = await (role === TABLE
        ? collectRows(kernel, REPEATED, allRows)
        : probedRows(kernel, allRows));
      return found.rows;
    },
    async common(runtime) {
      if (!isComparable(runtime)) throw new Error('keysets that are not comparable were joined');
      return commonUnits(kernel, role === TABLE ? 'reviewed' : 'runtime');
    },
    release: () => releaseKernel(kernel),
  };
}

type HasHashes = (index: number, key: readonly string[], consumed: readonly string[]) => boolean;

/** One for all: what it packs is hashed before the next is packed. */
const encode = createTupleEncoder();

/** Holds values against the hashes of a row; `index` is a row, or a kept one of the probing side. */
function createHashCheck(kernel: Kernel, plan: ScanPlan, role: Role): HasHashes {
  const order = orderByName(plan.consumed);
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

/** Packs a key to be hashed; gives its bytes, -1 for one that no row can have. */
function createKeyPacker(kernel: Kernel): (key: readonly string[]) => number {
  const { exports } = kernel;
  return (key) => {
    const bytes = encode(key);
    const pack = exports.packArea();
    if (bytes.length > exports.packEnd() - pack) return -1;
    kernel.bytes().set(bytes, pack);
    return bytes.length;
  };
}

/** Writes the hash of a key's rows; of a key that no row can have, zeros. */
function createKeyHash(kernel: Kernel): RowTable['copyKeyHash'] {
  const pack = createKeyPacker(kernel);
  return (key, to, at) => {
    const bytes = pack(key);
    to.fill(0, at, at + hashWords);
    if (bytes < 0) return;
    const from = kernel.exports.hashKey(bytes) >>> 2;
    to.set(kernel.words().subarray(from, from + hashWords), at);
  };
}

/** Finds the row of the table that alone has a key there, and a record of the probing side; or -1. */
function createRowBeside(kernel: Kernel): (key: readonly string[], record: number) => number {
  const { exports } = kernel;
  return (key, record) => {
    const bytes = encode(key);
    const pack = exports.packArea();
    if (bytes.length > exports.packEnd() - pack - 32) return -1;
    kernel.bytes().set(bytes, pack);
    return exports.rowBesideRecord(bytes.length, record) - 1;
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
async function probedTable(kernel: Kernel, plan: ScanPlan): Promise<RowTable> {
  const { exports } = kernel;
  const { records, order } = await keptRecords(kernel);
  const hasHashes = createHashCheck(kernel, plan, PROBE);
  const equalsTable = createHashCheck(kernel, plan, TABLE);
  const rowBeside = createRowBeside(kernel);
  const placeOf = createPlaceSearch(records);
  /** The place of a kept row in the kernel; -1: it is not kept. */
  const find = (row: number): number => {
    const place = placeOf(row);
    if (records[place] !== row) return -1;
    return order === null ? place : order[place]!;
  };
  return {
    rows: exports.recordsRead() >>> 0,
    invalid: exports.invalidCount(PROBE) >>> 0,
    units: (exports.keysInBoth() >>> 0) + (await countNewKeys(exports)),
    recordOf,
    isValid: (row) => find(row) >= 0,
    hasValues: (row, key, consumed) => {
      const index = find(row);
      if (index >= 0) return hasHashes(index, key, consumed);
      // Of a row that was not kept, the one of the table that equals it is known.
      const beside = rowBeside(key, row);
      return beside >= 0 && equalsTable(beside, key, consumed);
    },
    copyHashes: (row, to, at) => copyHashes(kernel, exports.hashesOf(PROBE, find(row)), to, at),
    copyKeyHash: createKeyHash(kernel),
  };
}

/** Keys of the probing side that the table does not have. */
async function countNewKeys(exports: Kernel['exports']): Promise<number> {
  let count = 0;
  exports.startNewKeys();
  await inSlices(exports.keptRows() >>> 0, (from, to) => {
    count += exports.addNewKeys(from, to) >>> 0;
  });
  return count;
}

/** It reads every record. */
const recordOf = (row: number): number => row + 1;

/**
 * The kept records of the probing side, ascending, and the place of each in the kernel; null: they
 * stand in this order there.
 */
async function keptRecords({ exports }: Kernel): Promise<{
  readonly records: Uint32Array;
  readonly order: Uint32Array | null;
}> {
  const kept = new Uint32Array(exports.keptRows() >>> 0);
  let ascending = true;
  await inSlices(kept.length, (from, to) => {
    for (let index = from; index < to; index += 1) {
      kept[index] = exports.keptRecord(index);
      ascending &&= index === 0 || kept[index - 1]! < kept[index]!;
    }
  });
  // Only a record that another one made dirty comes late.
  if (ascending) return { records: kept, order: null };
  const records = await sortInSlices(kept.slice());
  const order = new Uint32Array(kept.length);
  const placeOf = createPlaceSearch(records);
  await inSlices(kept.length, (from, to) => {
    for (let index = from; index < to; index += 1) order[placeOf(kept[index]!)] = index;
  });
  return { records, order };
}

/** Finds the first place of ascending numbers that is no less; mostly asked for in their order. */
function createPlaceSearch(numbers: Uint32Array): (wanted: number) => number {
  let last = 0;
  return (wanted) => {
    if (numbers[last] === wanted) return last;
    if (numbers[last + 1] === wanted) return (last += 1);
    let [low, high] = [0, numbers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return (last = low);
  };
}

function copyHashes(kernel: Kernel, address: number, to: Uint32Array, at: number): void {
  const words = kernel.words();
  const from = address >>> 2;
  for (let word = 0; word < 2 * hashWords; word += 1) to[at + word] = words[from + word]!;
}

const allRows: WantedRows = { lone: 0xffffffff, keys: [] };

/** Rows of a side, ascending, and how many more alone have their key. */
interface Collected {
  readonly rows: Uint32Array;
  readonly left: number;
}

const UNLIKE = 0;
const REPEATED = 1;

/** Rows of a side that a comparison must look at. */
async function wantedRows(kernel: Kernel, role: Role, wanted: WantedRows): Promise<Collected> {
  const found = await (role === TABLE
    ? collectRows(kernel, UNLIKE, wanted)
    : probedRows(kernel, wanted));
  if (found.left === 0 || wanted.keys.length === 0) return found;
  const pack = createKeyPacker(kernel);
  const placeOf = createPlaceSearch(found.rows);
  const asked = new Set<number>();
  for (const key of wanted.keys) {
    const bytes = pack(key);
    const row = bytes < 0 ? -1 : (kernel.exports.loneRowOf(role, bytes) >>> 0) - 1;
    if (row >= 0 && found.rows[placeOf(row)] !== row) asked.add(row);
  }
  const rows = concatRows([found.rows, Uint32Array.from(asked)]);
  return { rows: await sortInSlices(rows), left: found.left - asked.size };
}

/** Each looks at up to some ten thousand rows. */
const collectionsATurn = 8;

/** What is collected in calls that each look at some rows; the last one tells that it was. */
async function collectAll(
  kernel: Kernel,
  lone: number,
  collect: (to: number, most: number) => number,
): Promise<Collected> {
  const { exports } = kernel;
  const most = 1 << 12;
  const area = exports.collectArea();
  const parts: Uint32Array[] = [];
  exports.startCollecting(Math.min(lone, allRows.lone));
  for (;;) {
    const told = collect(area, most);
    const count = told & (2 ** 31 - 1);
    if (count > 0) parts.push(kernel.words().slice(area >> 2, (area >> 2) + count));
    if (told < 0) break;
    if (parts.length % collectionsATurn === 0) await pause();
  }
  return { rows: concatRows(parts), left: exports.loneRowsLeft() >>> 0 };
}

/** Rows of the table side, ascending: those unlike the probing side's, or those of keys it repeats. */
function collectRows(
  kernel: Kernel,
  which: typeof UNLIKE | typeof REPEATED,
  { lone }: WantedRows,
): Promise<Collected> {
  const { exports } = kernel;
  return collectAll(kernel, lone, (to, most) => exports.collect(which, to, most));
}

/** Kept and invalid records of the probing side, ascending. */
async function probedRows(kernel: Kernel, { lone }: WantedRows): Promise<Collected> {
  const { exports } = kernel;
  const { rows: kept, left } = await collectAll(kernel, lone, (to, most) =>
    exports.collectKept(to, most),
  );
  const invalid = new Uint32Array(exports.invalidCount(PROBE) >>> 0);
  await inSlices(invalid.length, (from, to) => {
    for (let index = from; index < to; index += 1) {
      invalid[index] = exports.invalidRecord(PROBE, index);
    }
  });
  return { rows: await sortInSlices(concatRows([kept, invalid])), left };
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
