import type { FindingKind } from '../model/index.ts';
import { hashWords } from './hash.ts';
import { joinKeySets } from './join.ts';
import type { KeySet } from './keyset.ts';

/** What two copies come to, by the kinds of finding; bounds are the contract's, and not counted here. */
type ByKind = Readonly<Record<Exclude<FindingKind, 'bounds'>, number>>;

export interface JoinTally {
  /** Findings between the copies and in each of them. */
  readonly counts: ByKind;
  /**
   * What makes the runtime copy of the reviewed one: each key whose variants or row counts differ
   * is one edit (SPEC §5). What both copies repeat alike is none.
   */
  readonly edits: ByKind;
}

/**
 * How many findings a comparison of two comparable keysets has (SPEC §2), and how many edits lie
 * between them, by their 128-bit hashes alone: no byte is read again. It counts; what is reported is
 * confirmed by `confirmCandidates`. Memory grows with the rows that differ.
 */
export function tallyJoin(reviewed: KeySet, runtime: KeySet): JoinTally {
  const candidates = joinKeySets(reviewed, runtime);
  const groups = createGroups(candidates.reviewed.length + candidates.runtime.length);
  const invalid = [0, 0];
  for (const [{ table }, rows, side] of [
    [reviewed, candidates.reviewed, REVIEWED],
    [runtime, candidates.runtime, RUNTIME],
  ] as const) {
    for (const row of rows) {
      if (!table.isValid(row)) invalid[side]! += 1;
      else groups.add(side, (to, at) => table.copyHashes(row, to, at));
    }
  }
  const { counts, edits } = groups.tally();
  const [reviewedInvalid = 0, runtimeInvalid = 0] = invalid;
  return {
    counts: { ...counts, invalid: reviewedInvalid + runtimeInvalid },
    edits: { ...edits, invalid: Math.abs(reviewedInvalid - runtimeInvalid) },
  };
}

const REVIEWED = 0;
const RUNTIME = 1;
const rowWords = 2 * hashWords;

/**
 * What is known of a key, in its group: per side 1 + its first row, whether more, whether unlike;
 * then the sum of the reviewed rows' consumed hashes less that of the runtime rows', word by word:
 * zero exactly where both sides hold the same variants equally often.
 */
const groupWords = 6 + hashWords;
const REPEATED = 2;
const UNLIKE = 4;
const BALANCE = 6;

type Tallied = Omit<ByKind, 'invalid'>;

interface Groups {
  add(side: typeof REVIEWED | typeof RUNTIME, copy: (to: Uint32Array, at: number) => void): void;
  tally(): { readonly counts: Tallied; readonly edits: Tallied };
}

/** Rows by their key's hash. `most`: rows that are added at most. */
function createGroups(most: number): Groups {
  const hashes = new Uint32Array(most * rowWords);
  const groups = new Uint32Array(most * groupWords);
  /** Open addressing: 1 + a group, which has the number of its first row; or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  /** Of each row: its group, and on which side it stands. */
  const owners = new Uint32Array(most);
  const sides = new Uint8Array(most);
  let rows = 0;
  const groupOf = (row: number): number => {
    const mask = slots.length - 1;
    for (let slot = hashes[row * rowWords]! & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]! - 1;
      if (found < 0) {
        slots[slot] = row + 1;
        return row;
      }
      if (areEqual(hashes, found * rowWords, row * rowWords)) return found;
    }
  };
  const isBalanced = (at: number): boolean =>
    groups.subarray(at + BALANCE, at + groupWords).every((word) => word === 0);

  /** Of groups where a side has several variants and the sides differ: whether the sets do. */
  const findUnlikeSets = (): ReadonlySet<number> => {
    const variants = new Map<number, [Set<string>, Set<string>]>();
    for (let row = 0; row < rows; row += 1) {
      const owner = owners[row]!;
      const at = owner * groupWords;
      const isUnlike = groups[at + UNLIKE] === 1 || groups[at + UNLIKE + 1] === 1;
      if (!isUnlike || isBalanced(at)) continue;
      const held = variants.get(owner) ?? [new Set(), new Set()];
      variants.set(owner, held);
      const from = row * rowWords + hashWords;
      const set = sides[row] === REVIEWED ? held[0] : held[1];
      set.add(hashes.subarray(from, from + hashWords).join());
    }
    const unlike = [...variants].filter(([, [one, other]]) => {
      return one.size !== other.size || [...one].some((variant) => !other.has(variant));
    });
    return new Set(unlike.map(([owner]) => owner));
  };
  return {
    add(side, copy) {
      const row = rows;
      rows += 1;
      copy(hashes, row * rowWords);
      const owner = groupOf(row);
      owners[row] = owner;
      sides[row] = side;
      const start = owner * groupWords;
      const consumed = row * rowWords + hashWords;
      for (let word = 0; word < hashWords; word += 1) {
        const hash = hashes[consumed + word]!;
        groups[start + BALANCE + word]! += side === REVIEWED ? hash : -hash;
      }
      const at = start + side;
      const first = groups[at]! - 1;
      if (first < 0) {
        groups[at] = row + 1;
        return;
      }
      groups[at + REPEATED] = 1;
      if (!areEqual(hashes, first * rowWords + hashWords, consumed)) groups[at + UNLIKE] = 1;
    },
    tally() {
      const counts = { added: 0, removed: 0, duplicated: 0, conflict: 0 };
      const edits = { added: 0, removed: 0, duplicated: 0, conflict: 0 };
      const unlikeSets = findUnlikeSets();
      for (let row = 0; row < rows; row += 1) {
        if (owners[row] !== row) continue;
        const at = row * groupWords;
        const [one, other] = [groups[at + REVIEWED]! - 1, groups[at + RUNTIME]! - 1];
        if (one < 0) counts.added += 1;
        if (other < 0) counts.removed += 1;
        const unlike = [groups[at + UNLIKE]!, groups[at + UNLIKE + 1]!] as const;
        counts.conflict += unlike[0] + unlike[1];
        counts.duplicated += groups[at + REPEATED]! - unlike[0];
        counts.duplicated += groups[at + REPEATED + 1]! - unlike[1];
        const both = one >= 0 && other >= 0;
        const variants = [one * rowWords + hashWords, other * rowWords + hashWords] as const;
        const isSingle = unlike[0] + unlike[1] === 0;
        const differs = both && isSingle && !areEqual(hashes, ...variants);
        if (differs) counts.conflict += 1;
        if (one < 0) edits.added += 1;
        else if (other < 0) edits.removed += 1;
        else if (differs || unlikeSets.has(row)) edits.conflict += 1;
        else if (!isBalanced(at)) edits.duplicated += 1;
      }
      return { counts, edits };
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
