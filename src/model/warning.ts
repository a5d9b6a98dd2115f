import type { ContractPlace } from './errors.ts';
import type { Side } from './kinds.ts';

/**
 * Cells by column name, in contract order. Tuples, never an object: a column may be called
 * `__proto__` or `2`. Null: the record has no such cell.
 */
export type Cells = readonly (readonly [column: string, value: string | null])[];

/** Something that somebody should know of a copy; it never decides a verdict. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly side: Side | null;
  readonly line: number | null;
  /** Of what the contract says: where it does; left out: it is of a copy, or nobody looked. */
  readonly place?: ContractPlace;
}

/**
 * Codes that are said of several runs, or of the reports of several: no artifact's contract speaks for
 * those, and none silences them.
 */
export const warningsOfRuns: ReadonlySet<string> = new Set([
  'CONTRACTS_DIFFER',
  'REDACTION_DIFFERS',
]);

/** A warning of one copy, told before anybody knows which side that is. */
export type FormatWarning = Omit<Warning, 'side'>;
