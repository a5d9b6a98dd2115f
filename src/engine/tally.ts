import type { FindingKind } from '../model/index.ts';
import { hashWords } from './hash.ts';
import { joinKeySets } from './join.ts';
import type { KeySet } from './keyset.ts';

/** Findings between and in two copies, by kind; bounds are the contract's, and not counted here. */
export type JoinTally = Readonly<Record<Exclude<FindingKind, 'bounds'>, number>>;

/**
 * How many findings a comparison of two comparable keysets has (SPEC §2), by their 128-bit hashes
 * alone: no byte is read again. It counts; what is reported is confirmed by `confirmCandidates`.
 * Memory grows with the rows that differ.
 */
export function tallyJoin(reviewed: KeySet, runtime: KeySet): JoinTally {
  const candidates = joinKeySets(reviewed, runtime);
  const groups = createGroups(candidates.reviewed.length + candidates.runtime.length);
  let invalid = 0;
  for (const [{ table }, rows, side] of [
    [reviewed, candidates.reviewed, REVIEWED],
    [runtime, candidates.runtime, RUNTIME],
  ] as const) {
    for (const row of rows) {
      if (!table.isValid(row)) invalid += 1;
      else groups.add(side, (to, at) => table.copyHashes(row, to, at));
    }
  }
  return { ...groups.tally(), invalid };
}

const REVIEWED = 0;
const RUNTIME = 1;
const rowWords = 2 * hashWords;

/** What is known of a key, in its group: per side 1 + its first row, whether more, whether unlike. */
const groupWords = 6;
const REPEATED = 2;
const UNLIKE = 4;

interface Groups {
  add(side: typeof REVIEWED | typeof RUNTIME, copy: (to: Uint32Array, at: number) => void): void;
  tally(): Omit<JoinTally, 'invalid'>;
}

/** Rows by their key's hash. `most`: rows that are added at most. */
function createGroups(most: number): Groups {
  const hashes = new Uint32Array(most * rowWords);
  const groups = new Uint32Array(most * groupWords);
  /** Open addressing: 1 + a group, which has the number of its first row; or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  const heads: number[] = [];
  let rows = 0;
  const groupOf = (row: number): number => {
    const mask = slots.length - 1;
    for (let slot = hashes[row * rowWords]! & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]! - 1;
      if (found < 0) {
        slots[slot] = row + 1;
        heads.push(row);
        return row;
      }
      if (areEqual(hashes, found * rowWords, row * rowWords)) return found;
    }
  };
  return {
    add(side, copy) {
      const row = rows;
      rows += 1;
      copy(hashes, row * rowWords);
      const at = groupOf(row) * groupWords + side;
      const first = groups[at]! - 1;
      if (first < 0) {
        groups[at] = row + 1;
        return;
      }
      groups[at + REPEATED] = 1;
      const isLike = areEqual(hashes, first * rowWords + hashWords, row * rowWords + hashWords);
      if (!isLike) groups[at + UNLIKE] = 1;
    },
    tally() {
      const counts = { added: 0, removed: 0, duplicated: 0, conflict: 0 };
      for (const head of heads) {
        const at = head * groupWords;
        const [one, other] = [groups[at + REVIEWED]! - 1, groups[at + RUNTIME]! - 1];
        if (one < 0) counts.added += 1;
        if (other < 0) counts.removed += 1;
        const unlike = [groups[at + UNLIKE]!, groups[at + UNLIKE + 1]!] as const;
        counts.conflict += unlike[0] + unlike[1];
        counts.duplicated += groups[at + REPEATED]! - unlike[0];
        counts.duplicated += groups[at + REPEATED + 1]! - unlike[1];
        if (one < 0 || other < 0 || unlike[0] + unlike[1] > 0) continue;
        const variants = [one * rowWords + hashWords, other * rowWords + hashWords] as const;
        if (!areEqual(hashes, ...variants)) counts.conflict += 1;
      }
      return counts;
    },
  };
}

/** Whether the four words at two places are equal. */
function areEqual(words: Uint32Array, a: number, b: number): boolean {
  for (let word = 0; word < hashWords; word += 1) {
    if (words[a + word] !== words[b + word]) return false;
  }
  return true;
}
