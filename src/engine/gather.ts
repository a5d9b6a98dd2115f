import {
  holdMemory,
  inSlices,
  type FindingKind,
  type FindingSide,
  type Side,
} from '../model/index.ts';
import { hashWords, type RowTable } from './port.ts';

/** Rows of a side that may make findings, ascending, the invalid ones among them. */
export interface SideRows {
  readonly table: RowTable;
  readonly rows: Uint32Array;
}
export type CandidateRows = Readonly<Record<Side, SideRows | null>> & {
  /** Bytes that grouping them may take; left out: whatever it takes. */
  readonly memory?: number;
};

export const noGroup = 0xffffffff;

export const sides: readonly Side[] = ['reviewed', 'runtime'];
/** Words of a row in `Index.hashes`: of its key, then of its values. */
export const rowWords: number = 2 * hashWords;

/** Kinds of findings of a group as bits; `CHANGED` is a word of changes alone. */
export const ADDED = 1;
export const REMOVED = 2;
export const DUPLICATED = 4;
export const CONFLICT = 16;
export const ACROSS = 64;
export const CHOSEN = 128;
export const CHANGED = 64;

/** The same, for whom counts keys elsewhere. */
export const kindBits: Readonly<
  Record<'added' | 'removed' | 'duplicated' | 'conflict' | 'across', number>
> = {
  added: ADDED,
  removed: REMOVED,
  duplicated: DUPLICATED,
  conflict: CONFLICT,
  across: ACROSS,
};

export const bitKinds: readonly (readonly [bit: number, kind: FindingKind, side: FindingSide])[] = [
  [ADDED, 'added', 'runtime'],
  [REMOVED, 'removed', 'reviewed'],
  [DUPLICATED, 'duplicated', 'reviewed'],
  [DUPLICATED << 1, 'duplicated', 'runtime'],
  [CONFLICT, 'conflict', 'reviewed'],
  [CONFLICT << 1, 'conflict', 'runtime'],
  [ACROSS, 'conflict', 'across'],
];

/** The rows of both sides under one index: the reviewed ones, then the runtime ones. */
export interface Index {
  readonly rows: readonly [Uint32Array, Uint32Array];
  readonly tables: readonly [RowTable | null, RowTable | null];
  /** Index of each side's first row. */
  readonly from: readonly [number, number];
  readonly hashes: Int32Array;
  readonly groupOf: Uint32Array;
}

/** What is known of groups; of a side at `2 * group + side`. */
export interface Facts {
  readonly size: number;
  /** Index of its first row, + 1. */
  readonly firsts: Uint32Array;
  readonly counts: Uint32Array;
  /** Whether it has more than one variant. */
  readonly unlike: Uint8Array;
  /** Variant hashes of the reviewed rows less those of the runtime ones, word by word. */
  readonly balance: Int32Array;
  /** The group of a key's hash, or -1. */
  readonly find: (hash: Int32Array) => number;
}

/** Bytes that a row takes while it is grouped. */
const groupedCost = 100;

/** Throws `TOO_LARGE` for more rows than there is memory for. */
export function indexRows({ reviewed, runtime, memory }: CandidateRows): Index {
  const none = new Uint32Array();
  const rows = [reviewed?.rows ?? none, runtime?.rows ?? none] as const;
  const most = rows[0].length + rows[1].length;
  holdMemory(most * groupedCost, memory ?? Number.POSITIVE_INFINITY);
  return {
    rows,
    tables: [reviewed?.table ?? null, runtime?.table ?? null],
    from: [0, rows[0].length],
    hashes: new Int32Array(most * rowWords),
    groupOf: new Uint32Array(most).fill(noGroup),
  };
}

/** Puts each valid row into the group of its key. */
export async function gather({ rows, tables, from, hashes, groupOf }: Index): Promise<Facts> {
  const most = groupOf.length;
  const firsts = new Uint32Array(2 * most);
  const counts = new Uint32Array(2 * most);
  const unlike = new Uint8Array(2 * most);
  const balance = new Int32Array(hashWords * most);
  /** Where the key of a group stands in `hashes`. */
  const heads = new Uint32Array(most);
  /** Open addressing: 1 + a group, or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  /** A word of the key's hash: most others are told from it without a look at them. */
  const tags = new Int32Array(slots.length);
  let size = 0;
  const copied = new Uint32Array(hashes.buffer);
  const slotOf = (words: Int32Array, at: number): number => {
    const mask = slots.length - 1;
    for (let slot = words[at]! & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]! - 1;
      if (found < 0) return slot;
      if (tags[slot] === words[at + 1] && areEqual(hashes, heads[found]!, words, at)) return slot;
    }
  };
  const put = (side: 0 | 1, table: RowTable, row: number, index: number): void => {
    const at = index * rowWords;
    table.copyHashes(row, copied, at);
    const slot = slotOf(hashes, at);
    if (slots[slot] === 0) {
      heads[size] = at;
      tags[slot] = hashes[at + 1]!;
      slots[slot] = size += 1;
    }
    const group = slots[slot]! - 1;
    groupOf[index] = group;
    const place = 2 * group + side;
    counts[place]! += 1;
    const first = firsts[place]!;
    if (first === 0) firsts[place] = index + 1;
    else if (!areEqual(hashes, (first - 1) * rowWords + hashWords, hashes, at + hashWords)) {
      unlike[place] = 1;
    }
    for (let word = 0; word < hashWords; word += 1) {
      const value = hashes[at + hashWords + word]!;
      const sum = balance[hashWords * group + word]!;
      balance[hashWords * group + word] = (side === 0 ? sum + value : sum - value) | 0;
    }
  };
  for (const side of [0, 1] as const) {
    const table = tables[side];
    if (table === null) continue;
    await inSlices(rows[side].length, (start, end) => {
      for (let next = start; next < end; next += 1) {
        const row = rows[side][next]!;
        if (table.isValid(row)) put(side, table, row, from[side] + next);
      }
    });
  }
  return {
    size,
    firsts,
    counts,
    unlike,
    balance,
    find: (hash) => slots[slotOf(hash, 0)]! - 1,
  };
}

/** Whether two rows of one key have the same variant. */
export function isSameVariant(hashes: Int32Array, one: number, other: number): boolean {
  return areEqual(hashes, one * rowWords + hashWords, hashes, other * rowWords + hashWords);
}

/** Whether four words at two places are equal. */
function areEqual(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  for (let word = 0; word < hashWords; word += 1) {
    if (a[atA + word] !== b[atB + word]) return false;
  }
  return true;
}
