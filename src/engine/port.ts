import type {
  FormatWarning,
  KindCount,
  RawRecord,
  ReadLimits,
  ScanPlan,
  Side,
  Table,
} from '../model/index.ts';
import type { CompileSteps } from './row.ts';

/** Words of 32 bits in a hash that decides: 128 bits (SPEC §2). */
export const hashWords = 4;

/** What reduces tables to keysets. Any two keysets of one engine can be made comparable. */
export interface Engine {
  readonly name: string;
  /** Null: not this table by this plan. */
  start(table: Table, plan: ScanPlan, how: HowToReduce): Reduction | null;
}

export interface HowToReduce {
  readonly compile: CompileSteps;
  /** A keyset of this engine that the new one is to be compared with; null: a first copy. */
  readonly against: KeySet | null;
  /** Which records count; null: all. */
  readonly keep: ((record: RawRecord) => boolean) | null;
  /** What records may be, and what all of it may take; left out: the defaults. */
  readonly limits?: ReadLimits;
}

/**
 * Reads a table to its end. It resolves to a keyset, or to why another engine must read the table
 * from its start. Throws content errors of what it reads.
 */
export type Reduction = () => Promise<KeySet | GaveUp>;

export interface GaveUp {
  readonly gaveUp: string;
}

/**
 * The records of a copy that count, by their place among them from 0. What is asked of a single row
 * is known of every row among the candidates.
 */
export interface RowTable {
  readonly rows: number;
  /** Distinct keys. */
  readonly units: number;
  readonly invalid: number;
  /** 1-based number of a row's record in its table. */
  recordOf(row: number): number;
  isValid(row: number): boolean;
  /** Whether a row has these normalized values, by the hashes that were taken of it. */
  hasValues(row: number, key: readonly string[], consumed: readonly string[]): boolean;
  /** Writes a valid row's key hash and consumed hash, four words each. */
  copyHashes(row: number, to: Uint32Array, at: number): void;
  /** Writes the hash that rows with this key have. */
  copyKeyHash(key: readonly string[], to: Uint32Array, at: number): void;
}

/** A copy reduced to its functional keys. Hashes are of one process, and not of two engines. */
export interface KeySet {
  readonly engine: string;
  readonly plan: ScanPlan;
  readonly table: RowTable;
  /** Functional digest, hex. */
  readonly digest: string;
  readonly warnings: readonly FormatWarning[];
  /** Left out: every key that makes a finding was read. */
  readonly unread?: UnreadKeys;
  /** Whether a key may be another one spelled otherwise: false only where none can. */
  readonly mayBeRespelled: boolean;
  /** The same of this copy's keys and the other one's together. */
  mayBeRespelledBeside(other: KeySet): boolean;
  /** Bytes of memory that a comparison may take. */
  readonly memory: number;
  /** Whether the two can be held against each other as they are. */
  isComparable(other: KeySet): boolean;
  /** Of a comparable pair, this one the reviewed side: what does not agree. */
  unlike(runtime: KeySet, wanted?: WantedRows): Promise<Candidates>;
  /** Ascending: at least the rows of every key that the copy repeats, and the invalid ones. */
  repeats(): Promise<Uint32Array>;
  /** Of a comparable pair, this one the reviewed side. */
  common(runtime: KeySet): Promise<CommonUnits>;
  /** Gives back what it holds, once nothing more is asked of its rows. */
  release(): void;
}

/** Keys beyond what is listed, which an engine counted and did not hand over. */
export interface UnreadKeys {
  /** Findings of them. */
  readonly counts: readonly KindCount[];
  /** How many have other variants or row counts on the other side. */
  readonly differing: number;
  /** How many the runtime copy repeats. */
  readonly repeated: number;
}

/** The units that both copies have, in the order in which the reviewed copy has them. */
export interface CommonUnits {
  /** The first row of each, ascending. */
  readonly reviewed: Uint32Array;
  /** The first row of the same unit in the runtime copy. */
  readonly runtime: Uint32Array;
  /** How many rows of a side have the key of a unit, told by its first rows. */
  rowCount(
    side: 'reviewed' | 'runtime',
    unit: { readonly reviewed: number; readonly runtime: number },
  ): number;
}

/** Which rows are wanted of those that alone have their key in both copies; left out: all of them. */
export interface WantedRows {
  /** So many of each side, those that come first. */
  readonly lone: number;
  /** And those that have one of these normalized keys. */
  readonly keys: readonly (readonly string[])[];
}

/** Rows that a comparison must look at, ascending: those of every key that is not exactly one row
 * on each side with the same variant, and the invalid ones. */
export interface Candidates {
  readonly reviewed: Uint32Array;
  readonly runtime: Uint32Array;
  /** Rows of a side that are not wanted, and left out; left out itself: none. */
  readonly left?: Readonly<Record<Side, number>>;
}

/** The word for keysets of tables that were planned and not asked for yet. */
export const plannedEngine = 'planned';
