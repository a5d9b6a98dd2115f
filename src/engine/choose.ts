import { inSlices, shownRows } from '../model/index.ts';
import {
  ACROSS,
  ADDED,
  bitKinds,
  CHOSEN,
  CONFLICT,
  DUPLICATED,
  noGroup,
  REMOVED,
  rowWords,
  type Facts,
  type Index,
} from './gather.ts';
import { hashWords } from './port.ts';
import { createRowList, createVariantSet } from './variants.ts';

/** What `choose` is to choose. */
export interface Choice {
  /** Findings of each kind and side that are listed at most: those whose row comes first. */
  readonly limit: number;
  /** Normalized keys that are chosen wherever they stand. */
  readonly keys: readonly (readonly string[])[];
  /** So many of the keys that the runtime copy repeats most often are chosen as well. */
  readonly repeated?: number;
}

/** Rows that are to be read again, ascending. */
export interface ChosenRows {
  readonly rows: Uint32Array;
  /** The group of each; `noGroup`: the row is invalid. */
  readonly groups: Uint32Array;
  /** Of the first row with some consumed values: how many rows of its key have them; else 0. */
  readonly weights: Uint32Array;
}

export interface Chosen {
  readonly reviewed: ChosenRows;
  readonly runtime: ChosenRows;
  /** Findings of a group that are not listed: the group was chosen for something else. */
  unlisted(group: number): readonly string[];
}

/** Marks what is listed, by whose row comes first, and what was asked for; then takes the rows. */
export async function chooseRows(
  index: Index,
  facts: Facts,
  wanted: Uint8Array,
  choice: Choice,
): Promise<Chosen> {
  const marks = new Uint8Array(facts.size);
  for (const side of [0, 1] as const) {
    await markListed(index, facts, wanted, { marks, side, choice });
  }
  await markAsked(index, facts, choice, marks);
  const reviewed = await takeRows(index, facts, marks, choice, 0);
  const runtime = await takeRows(index, facts, marks, choice, 1);
  return {
    reviewed,
    runtime,
    unlisted(group) {
      const left = wanted[group]! & ~marks[group]!;
      if (left === 0) return nothing;
      return bitKinds.flatMap(([bit, kind, side]) =>
        (left & bit) === 0 ? [] : [`${kind} ${side}`],
      );
    },
  };
}

const nothing: readonly never[] = [];

/** Bits of the findings whose place is that of their first row on a side; `across`: the runtime. */
const sideBits = [
  REMOVED | DUPLICATED | CONFLICT,
  ADDED | (DUPLICATED << 1) | (CONFLICT << 1) | ACROSS,
] as const;

async function markListed(
  { rows, from, groupOf }: Index,
  { firsts }: Facts,
  wanted: Uint8Array,
  { marks, side, choice }: { marks: Uint8Array; side: 0 | 1; choice: Choice },
): Promise<void> {
  const taken = new Uint32Array(CHOSEN);
  const mark = (group: number): void => {
    for (let bits = wanted[group]! & sideBits[side]; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      if (taken[bit]! >= choice.limit) continue;
      taken[bit]! += 1;
      marks[group]! |= bit;
    }
  };
  await inSlices(rows[side].length, (start, end) => {
    for (let index = from[side] + start; index < from[side] + end; index += 1) {
      const group = groupOf[index]!;
      if (group !== noGroup && firsts[2 * group + side] === index + 1) mark(group);
    }
  });
}

async function markAsked(
  { tables }: Index,
  { size, counts, find }: Facts,
  { keys, repeated = 0 }: Choice,
  marks: Uint8Array,
): Promise<void> {
  const hash = new Int32Array(hashWords);
  const table = tables[0] ?? tables[1];
  for (const key of keys) {
    table?.copyKeyHash(key, new Uint32Array(hash.buffer), 0);
    const group = find(hash);
    if (group >= 0) marks[group]! |= CHOSEN;
  }
  if (repeated === 0) return;
  /** The most frequent so far, and then the first. */
  const ranked: number[] = [];
  const countOf = (group: number): number => counts[2 * group + 1]!;
  await inSlices(size, (from, to) => {
    for (let group = from; group < to; group += 1) {
      if (countOf(group) < 2) continue;
      if (ranked.length === repeated && countOf(group) <= countOf(ranked.at(-1)!)) continue;
      const after = ranked.findLastIndex((other) => countOf(other) >= countOf(group));
      ranked.splice(after + 1, 0, group);
      ranked.length = Math.min(ranked.length, repeated);
    }
  });
  for (const group of ranked) marks[group]! |= CHOSEN;
}

/** Variants of a key on a side that are read again at most. */
const mostVariants = 1000;

/** Of marked groups the rows that are shown and the first of each variant; of invalid ones the first. */
async function takeRows(
  { rows, from, groupOf, hashes }: Index,
  { size, counts, unlike }: Facts,
  marks: Uint8Array,
  { limit }: Choice,
  side: 0 | 1,
): Promise<ChosenRows> {
  const [taken, groups, weights] = [createRowList(), createRowList(), createRowList()];
  let open = 0;
  await inSlices(size, (start, end) => {
    for (let group = start; group < end; group += 1) {
      if (marks[group] === 0 || unlike[2 * group + side] === 0) continue;
      open += Math.min(counts[2 * group + side]!, mostVariants);
    }
  });
  const variants = createVariantSet(hashes, rowWords, open);
  /** Where the first row of a variant was taken. */
  const places = new Uint32Array(open);
  const shown = new Uint8Array(size);
  const known = new Uint16Array(size);
  let invalid = 0;
  const take = (row: number, group: number, weight: number): number => {
    taken.add(row);
    groups.add(group);
    return weights.add(weight);
  };
  const look = (row: number, index: number): void => {
    const group = groupOf[index]!;
    if (group === noGroup) {
      if (invalid < limit) take(row, noGroup, 0);
      invalid += 1;
      return;
    }
    if (marks[group] === 0) return;
    const isShown = shown[group]! < shownRows;
    if (isShown) shown[group]! += 1;
    if (unlike[2 * group + side] === 0) {
      const isFirst = known[group] === 0;
      known[group] = 1;
      if (isShown || isFirst) take(row, group, isFirst ? counts[2 * group + side]! : 0);
      return;
    }
    const variant = variants.find(index, group);
    const isNew = variant < 0 && known[group]! < mostVariants;
    if (variant >= 0) weights.increment(places[variant]!);
    if (isShown || isNew) {
      const place = take(row, group, isNew ? 1 : 0);
      if (isNew) places[variants.add(index, group)] = place;
    }
    if (isNew) known[group]! += 1;
  };
  await inSlices(rows[side].length, (start, end) => {
    for (let next = start; next < end; next += 1) look(rows[side][next]!, from[side] + next);
  });
  return { rows: taken.rows(), groups: groups.rows(), weights: weights.rows() };
}
