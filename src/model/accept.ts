import type { AcceptableKind } from './kinds.ts';
import type { Cells } from './warning.ts';

/** Known drift of one unit (SPEC §3): it covers exactly the rows and variants that it pins. */
export interface AcceptEntry {
  /** Normalized key values, in contract order. */
  readonly key: readonly string[];
  readonly kinds: readonly AcceptableKind[];
  /** Rows of the unit on the finding's side. */
  readonly rows: number;
  /** Ids of its variants on that side, each once, sorted. */
  readonly variants: readonly string[];
  /** The last day on which it holds, `2026-12-31`, in UTC. */
  readonly until: string;
  readonly reason: string;
  /** 1-based line in the contract. */
  readonly line: number;
}

/** An entry that covers nothing in one copy. */
export interface UnusedEntry {
  readonly entry: AcceptEntry;
  /** What there is of its unit instead, `4 rows, 3 are accepted`; null: no such finding. */
  readonly found: string | null;
}

/** An entry that would cover a finding of now. */
export interface AcceptProposal {
  readonly key: Cells;
  readonly kinds: readonly AcceptableKind[];
  readonly rows: number;
  readonly variants: readonly string[];
  /** Of the entry that covers it already; else 30 days from now, for a person to think about. */
  readonly until: string;
  /** Of the entry that covers it already; else empty, which the contract refuses. */
  readonly reason: string;
}

/** A finding that can never be accepted, and why. */
export interface RefusedProposal {
  readonly finding: string;
  /** Null for what has no key. */
  readonly key: Cells | null;
  readonly why: string;
}

/** What became of a contract's `accept` in one copy. */
export interface Acceptance {
  readonly unused: readonly UnusedEntry[];
  /** Where they were asked for (`--propose-accept`), else empty. */
  readonly proposals: readonly AcceptProposal[];
  readonly refused: readonly RefusedProposal[];
  /** Whether some that are wanted are refused for no more than that their keys are not told. */
  readonly hidden?: boolean;
}
