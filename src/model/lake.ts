import type { NormalizationStep } from './plan.ts';

/** An engine as a contract configures it: `lake: {trino: {…}}`. */
export interface EngineSettings {
  /** The contract's word for it. */
  readonly name: string;
  /** What drives it: `trino`. */
  readonly kind: string;
  /** The driver's own words. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A table that an engine reads where it lies. */
export interface TableLocation {
  readonly kind: 'table';
  /** As the contract has it: `lake.support.routes`, or the files that an engine reads as a table. */
  readonly table: string;
  readonly engine: EngineSettings;
  /** Null: the current one. */
  readonly snapshot: string | null;
}

/** A column of a table, in the words of its engine. */
export interface LakeColumn {
  readonly name: string;
  /** `decimal(12,2)`. */
  readonly type: string;
}

/** A row of an answer: text, or null. */
export type LakeRow = readonly (string | null)[];

/** What the queries of a run cost; null: the engine does not say. */
export interface QueryFacts {
  readonly queries: readonly string[];
  readonly bytesScanned: number | null;
  /** Text of all answers, in bytes of UTF-8. */
  readonly bytesReturned: number;
  /** In US dollars; of engines that are paid by what they scan. */
  readonly cost: number | null;
}

/** What a pinned table can, for whom judges it. */
export interface LakeTable {
  readonly engine: EngineSettings;
  /** Whose SQL it takes. */
  readonly dialect: string;
  /** Tables of one session can stand in one query. */
  readonly session: object;
  readonly columns: readonly LakeColumn[];
  /** What stands for exactly this revision after FROM. */
  readonly from: string;
  /** The answer's rows as they come. Throws `ENGINE_…`. */
  query(sql: string): AsyncIterable<LakeRow>;
  /** A query may be so long, in bytes. */
  readonly mostQueryBytes: number;
  /** Throws `COPY_CHANGED` where what it reads is not what was pinned any more. */
  readonly verify: () => Promise<void>;
  /** What makes an earlier snapshot the present one again, as it is typed; left out: its engine has no such command. */
  readonly restoring?: (snapshot: string) => string;
  /** Of all queries so far. */
  facts(): QueryFacts;
}

/** How an engine gives a column's values as the text of SPEC §3. */
export interface ColumnText {
  /** An expression; null stays null. */
  readonly text: string;
  /** Where that text is exactly keydrift's own; left out: everywhere. */
  readonly exact?: string;
  /** Makes keydrift's text of a value that is not exact there; left out: it is text already. */
  readonly own?: (text: string) => string;
  /** How every exact value is written; left out: it may be any text. */
  readonly form?: TextForm;
}

/** Text that a column's type alone makes sure of: no step that gives just that has to be taken. */
export type TextForm = 'integer' | 'date' | { readonly places: number };

/**
 * The words of an engine's SQL. Arguments are expressions of text unless said otherwise. Patterns are
 * what RE2, Java and Joni read alike; they speak of characters by `\x{…}` and end with `\z`.
 */
export interface SqlWords {
  readonly name: string;
  /** A text as a literal. */
  readonly literal: (text: string) => string;
  /** A name as an identifier. */
  readonly identifier: (name: string) => string;
  /** Characters, each a code point. */
  readonly length: (x: string) => string;
  readonly matches: (x: string, pattern: string) => string;
  readonly replace: (x: string, pattern: string, by: string) => string;
  /** What a group of a pattern found; the empty text where it did not. */
  readonly group: (x: string, pattern: string, group: number) => string;
  /** Without these characters, a literal's text, at an end. */
  readonly trim: (x: string, characters: string, end: 'LEADING' | 'TRAILING' | 'BOTH') => string;
  readonly lower: (x: string) => string;
  readonly upper: (x: string) => string;
  /** Null: the engine cannot. */
  readonly nfc: ((x: string) => string) | null;
  /** Whether a NUL stands in it. */
  readonly hasNul: (x: string) => string;
  readonly concat: (...parts: readonly string[]) => string;
  /** Texts without NUL as one text, each ended by a NUL: no two lists of as many are alike in it. */
  readonly tuple: (...cells: readonly string[]) => string;
  /** Cut or filled with zeros to so many characters, none where the number is negative. */
  readonly pad: (x: string, size: string | number, end: 'LEFT' | 'RIGHT') => string;
  /** A number as text, and text as a whole number; null where it is none. */
  readonly toText: (n: string) => string;
  readonly toInteger: (x: string) => string;
  /** Whole division of numbers that are not negative. */
  readonly divide: (a: string, b: number) => string;
  /** Whether it is one of these literals, which may be thousands. */
  readonly isOneOf: (x: string, literals: readonly string[]) => string;
  /** A date, `2026-01-31`, so many days later. */
  readonly addDays: (date: string, days: string) => string;
  /** 32 hex digits. */
  readonly md5: (x: string) => string;
  /** MD5 as what takes the least room and time among equal and ordered values of one query. */
  readonly packed: PackedHash;
  /** 64 hex digits. */
  readonly sha256: (x: string) => string;
  /** Hex digits, at most 12, as a whole number. */
  readonly fromHex: (x: string) => string;
  /** A sum of whole numbers below 2⁴⁸, however many. */
  readonly sum: (n: string) => string;
  /** Null: no text can be made of its values. */
  readonly columnText: (column: LakeColumn) => ColumnText | null;
}

/** A hash of 128 bits in a form that an engine groups, joins and sums by. */
export interface PackedHash {
  readonly of: (x: string) => string;
  /** 64 bits of one, or all. */
  readonly half: (hash: string) => string;
  /** The one that is written so in 32 hex digits. */
  readonly literal: (hex: string) => string;
  /** The least of a group where a condition holds, as text with a blank between; left out: engines cannot. */
  readonly least?: { readonly most: number; readonly of: (hash: string, where: string) => string };
  /** Hex digits of one that stood in such a text; null: it is none. */
  readonly read: (text: string) => string | null;
  /** The first or second 48 bits that a digest sums, as a whole number, and which ones of hex digits. */
  readonly word: (hash: string, at: 0 | 1) => string;
  readonly wordOf: (hex: string, at: 0 | 1) => bigint;
  /** What such a digest is called (SPEC §5, `engineDigest`). */
  readonly algorithm: string;
}

/** Where a step's SQL is built: what is used more than once gets a name. */
export interface SqlBuilder {
  readonly words: SqlWords;
  /** The name of a value that is computed once for each row. */
  readonly let: (expression: string) => string;
}

/** A step on one value that is not empty, as SQL. */
export interface SqlStep {
  /** Null where the step cannot read it. */
  readonly value: string;
  /** Where that is exactly what the step gives here; left out: everywhere. */
  readonly exact?: string;
}

/** The steps of a column as SQL on a named value; a step without SQL is exact nowhere. */
export type CompileSql = (
  steps: readonly NormalizationStep[],
  value: string,
  build: SqlBuilder,
  /** How `value` is written before the first step. */
  form?: TextForm,
) => { readonly value: string; readonly inexact: readonly { step: string; when: string }[] };
