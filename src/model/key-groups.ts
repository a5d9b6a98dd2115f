import type { FindingKind, FindingSide, Side } from './kinds.ts';
import type { ReportedRow } from './report.ts';
import type { Cells } from './warning.ts';

/** A distinct tuple of normalized consumed values, and how many rows of a key hold it. */
export interface Variant {
  readonly values: readonly string[];
  readonly rows: number;
}

/** The rows of one functional key on one side. */
export interface KeyRows {
  readonly count: number;
  /** All of them, or the first thousand. */
  readonly variants: readonly Variant[];
  /** The first of them, at most `shownRows`. */
  readonly shown: readonly ReportedRow[];
}

/** One functional key, by its values and not by its hash, with its rows on both sides. */
export interface KeyGroup {
  readonly key: readonly string[];
  readonly reviewed: KeyRows;
  readonly runtime: KeyRows;
  /** Findings of it that are beyond what is listed, `added runtime`; left out where none is. */
  readonly unlisted?: readonly string[];
}

/**
 * Units that one of two copies alone has, in one row each, where there are many of them: what is told
 * of one is made when it is asked for, by its rank in the order of keys.
 */
export interface PackedUnits {
  readonly count: number;
  /** Normalized. */
  key(rank: number): Cells;
  row(rank: number): ReportedRow;
}

export type SingleUnits = Readonly<Record<Side, PackedUnits>>;

/** How many findings of a kind stand on a side, listed or not. */
export interface KindCount {
  readonly kind: FindingKind;
  readonly side: FindingSide;
  readonly count: number;
}

/** A record without a functional key, and why. */
export interface InvalidRow {
  readonly row: ReportedRow;
  readonly reason: string;
}

/** A finding's rows are counted all, and shown up to this many of each side (SPEC §5). */
export const shownRows = 20;
