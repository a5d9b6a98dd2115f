import type { FindingKind, FindingSide, KindCount, Side } from '../../model/index.ts';
import { bitKinds, kindBits } from '../gather.ts';
import { moduli, wordOf } from './hash.ts';

/** What is known of a key's rows on a side: how many, the least and the greatest of their variants' hashes. */
export interface SideFact {
  readonly rows: number;
  readonly least: string;
  readonly greatest: string;
  /** Of the first words of those hashes, modulo 2⁴⁸. */
  readonly sum: bigint;
}

/** A key's facts on both sides; null: no row. */
export type KeyFacts = Readonly<Record<Side, SideFact | null>>;

/** Findings of a key as bits; `one`: the other side is not judged. */
export function kindsOfKey({ reviewed, runtime }: KeyFacts, sides: 'both' | 'one'): number {
  let bits = 0;
  if (sides === 'both' && reviewed === null) bits |= kindBits.added;
  if (sides === 'both' && runtime === null) bits |= kindBits.removed;
  for (const [shift, fact] of [[0, reviewed] as const, [1, runtime] as const]) {
    if (fact === null || fact.rows === 1) continue;
    bits |= (isOne(fact) ? kindBits.duplicated : kindBits.conflict) << shift;
  }
  const single = reviewed !== null && runtime !== null && isOne(reviewed) && isOne(runtime);
  return single && reviewed.least !== runtime.least ? bits | kindBits.across : bits;
}

function isOne({ least, greatest }: SideFact): boolean {
  return least === greatest;
}

/** Whether both sides hold the same variants equally often. */
export function isSame({ reviewed, runtime }: KeyFacts): boolean {
  return (
    reviewed !== null &&
    runtime !== null &&
    reviewed.rows === runtime.rows &&
    reviewed.least === runtime.least &&
    reviewed.greatest === runtime.greatest &&
    reviewed.sum === runtime.sum
  );
}

/** A fact with one more row. */
export function withRow(fact: SideFact | null, variant: string, rows: number): SideFact {
  const sum = wordOf(variant, 0) * BigInt(rows);
  if (fact === null) return { rows, least: variant, greatest: variant, sum: sum % moduli[0] };
  return {
    rows: fact.rows + rows,
    least: variant < fact.least ? variant : fact.least,
    greatest: variant > fact.greatest ? variant : fact.greatest,
    sum: (fact.sum + sum) % moduli[0],
  };
}

/** Keys by what is known of them, counted. */
export interface KeyCounts {
  /** By bits. */
  readonly kinds: Map<number, number>;
  /** Keys whose sides do not hold the same variants equally often. */
  differing: number;
  /** Keys that the runtime side repeats. */
  repeated: number;
}

export function noKeys(): KeyCounts {
  return { kinds: new Map(), differing: 0, repeated: 0 };
}

export function countKey(
  counts: KeyCounts,
  facts: KeyFacts,
  sides: 'both' | 'one',
  by: 1 | -1,
): void {
  const bits = kindsOfKey(facts, sides);
  counts.kinds.set(bits, (counts.kinds.get(bits) ?? 0) + by);
  if (sides === 'both' && !isSame(facts)) counts.differing += by;
  if ((facts.runtime?.rows ?? 0) > 1) counts.repeated += by;
}

/** Findings of keys that were counted and not read, by kind and side. */
export function findingCounts({ kinds }: KeyCounts): readonly KindCount[] {
  return bitKinds.flatMap(([bit, kind, side]: readonly [number, FindingKind, FindingSide]) => {
    let count = 0;
    for (const [bits, keys] of kinds) if ((bits & bit) !== 0) count += keys;
    return count > 0 ? [{ kind, side, count }] : [];
  });
}

/** Whether findings of some kind and side are more than are listed. */
export function isBeyond(counts: KeyCounts, limit: number): boolean {
  return findingCounts(counts).some(({ count }) => count > limit);
}
