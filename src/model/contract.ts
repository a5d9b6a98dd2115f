import type { AcceptEntry } from './accept.ts';
import type { KeydriftError } from './errors.ts';
import type { Policy } from './kinds.ts';
import type { Limits } from './limits.ts';
import type { Location } from './location.ts';
import type { NormalizationStep } from './plan.ts';
import type { SaidReaders } from './readers.ts';
import type { Redaction } from './redaction.ts';
import type { FormatOptions, FormatRegistry } from './table.ts';
import type { Warning } from './warning.ts';

/** How a CSV copy is written, as far as the contract says; what it leaves out has a default. */
export interface CsvOptions extends FormatOptions {
  readonly delimiter?: string;
  readonly quote?: string | null;
  /**
   * What makes a quote in a quoted cell a character; left out: another quote before it. Without
   * quotes: what makes a delimiter, a line break and itself characters.
   */
  readonly escape?: string | null;
  readonly comment?: string | null;
  readonly names?: readonly string[] | null;
}

/** How the bytes of a copy are a table, where its name and its content do not tell it. */
export interface WrittenWords {
  /** A name of the registry of formats. */
  readonly format?: string;
  /** A name that the platform's decoder knows. */
  readonly encoding?: string;
  /** A compression, or `none`. */
  readonly compression?: string;
  /** JSON Pointer to the records of a document. */
  readonly records?: string;
  /** Column of the keys of a map whose members are the records. */
  readonly keyColumn?: string;
  /** Whether no value is another value than an empty one; left out: it is not. */
  readonly nulls?: 'distinct' | 'empty';
  /** Which files of a folder are the parts of one copy, a glob. */
  readonly parts?: string;
  /** Name of the file without which such a folder is not complete. */
  readonly complete?: string;
}

export interface KeyColumn {
  readonly column: string;
  /** Whether its value may be empty. */
  readonly optional: boolean;
}

/** Bounds on the units of a copy; `max` null: none. */
export interface UnitBounds {
  readonly min: number;
  readonly max: number | null;
}

/** How `publish` writes an object; null leaves it to the object that is there, or to the bucket. */
export interface PutOptions {
  readonly sse: Encryption | null;
  readonly kmsKeyId: string | null;
  /** A canned ACL. */
  readonly acl: CannedAcl | null;
  /** The whole set of tags. */
  readonly tags: ReadonlyMap<string, string> | null;
  /** `any`: what is there may be newer, or on another line of history. */
  readonly order: 'any' | null;
}

/** ACLs that S3 knows by a name. */
export const cannedAcls = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;
export type CannedAcl = (typeof cannedAcls)[number];

/** Encryptions that S3 does by itself. */
export const encryptions = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
export type Encryption = (typeof encryptions)[number];

/** Which columns count, and how their values are read. */
export interface ColumnWords {
  readonly key: readonly KeyColumn[];
  /** Null: every column but the key and the descriptive ones, equal on both sides. */
  readonly consumes: readonly string[] | null;
  readonly descriptive: readonly string[];
  readonly normalize: ReadonlyMap<string, readonly NormalizationStep[]>;
  /** Known drift of units of this key, in the file's order. */
  readonly accept: readonly AcceptEntry[];
}

/** One runtime copy with the contract's words about it, overrides applied. */
export interface RuntimeCopy {
  /** `eu` of `participants@eu`; null where the artifact has one copy without a name. */
  readonly name: string | null;
  readonly location: Location;
  /** Ref of the reviewed copy for this runtime copy; null: the artifact's, or the run's `--ref`. */
  readonly ref: string | null;
  readonly policy: Policy;
  /** Seconds in which a reviewed change may be deployed; 0: none. */
  readonly grace: number;
  /** Contract's column name → name in this copy's header. */
  readonly columns: ReadonlyMap<string, string>;
  readonly csv: CsvOptions;
  /** Left out: its name and content tell. */
  readonly written?: WrittenWords;
  /** Left out: the artifact's. */
  readonly limits?: Partial<Limits>;
  /** What the job reads it with; left out: the contract does not say. */
  readonly readers?: SaidReaders;
  /** What may say that it is identical; left out: its bytes alone. */
  readonly evidence?: 'sha256';
  /** Left out: the contract says nothing of it. */
  readonly put?: PutOptions;
  /** Its own, while a key is migrated; left out: the artifact's. */
  readonly own?: ColumnWords;
}

export interface ArtifactContract extends ColumnWords {
  readonly name: string;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly reviewed: Location;
  readonly copies: readonly RuntimeCopy[];
  /** Of the reviewed copy, and of the runtime copies where they do not override it. */
  readonly csv: CsvOptions;
  /** Of the reviewed copy; left out: its name and content tell. */
  readonly written?: WrittenWords;
  /** The order of units is part of the contract; left out: it is not. */
  readonly ordered?: true;
  /** For what has no runtime copy: `lint`. */
  readonly readers?: SaidReaders;
  /** What copies may be, and how much is told of them; left out: the defaults. */
  readonly limits?: Partial<Limits>;
  /** The formats that copies may be in; left out: those of keydrift. */
  readonly formats?: FormatRegistry;
  /** For what has no runtime copy: `lint`. */
  readonly policy: Policy;
  /** Until that day, `2027-01-15`, in UTC, what would fail warns; left out: it fails. */
  readonly enforceFrom?: string;
  /** Codes of warnings that are not told. */
  readonly silenced?: ReadonlySet<string>;
  readonly units: UnitBounds;
  readonly maxAmplification: number | null;
  /** Of an object that no file of a glob explains: what is to be done about it; left out: it is none. */
  readonly unexplained?: KeydriftError;
  /** What a unit scans; left out: the contract does not say. */
  readonly cost?: UnitScan;
  /** The contract of another tool that it was made from, and what that was; left out: none. */
  readonly from?: { readonly location: Location; readonly sha256: string };
  /** Of the contract; left out: there is none (`diff`). */
  readonly contract?: ContractProvenance;
  /** Columns whose values are not told, as the contract says; left out: none. */
  readonly redact?: readonly string[];
  /** The same, and those of a flag, with what is told instead; left out: all values are told. */
  readonly redaction?: Redaction;
  /** What is to be told of how it came to be; left out: nothing. */
  readonly notes?: readonly Warning[];
}

/** Which contract a judgement is by: it is reviewed material too (SPEC §4). */
export interface ContractProvenance {
  /** Of its file, hex; where it includes others, of all of them. */
  readonly sha256: string;
  /** Commit that it was read from, or HEAD's; null: there is no repository, or it is in none. */
  readonly commit: string | null;
  /** Whether it lies in a working tree and differs from HEAD's. */
  readonly uncommitted: boolean;
  /** Which of its files those are, absolute; left out: none. */
  readonly files?: readonly string[];
  /** The first of those from the root of its repository; left out: none, or it is in no repository. */
  readonly file?: string;
}

/** What the job scans for one unit: a prefix, where key and consumed columns stand in braces. */
export interface UnitScan {
  /** As the contract says it, `s3://lake/events/participant={participant_id}/`. */
  readonly scans: string;
  /** The store's whole: a bucket. */
  readonly root: Location;
  /** The prefix in pieces: texts, and columns whose normalized value stands between them. */
  readonly prefix: readonly (string | { readonly column: string })[];
}

export interface Contract {
  /** As it was found: an absolute path, or `git:REF:PATH`. */
  readonly path: string;
  readonly artifacts: readonly ArtifactContract[];
  /** Entries that stand for many artifacts; left out: there are none. */
  readonly families?: readonly ArtifactFamily[];
}

/** An entry whose `reviewed` is a glob: which files are of it, what lies in the stores tells. */
export interface ArtifactFamily {
  readonly name: string;
  /** 1-based line of its file. */
  readonly line: number;
  /** How many of the contract's artifacts stand before it. */
  readonly after?: number;
  /** Its files, by their paths under the folder of `template.reviewed`; left out: nobody looked. */
  readonly files?: readonly string[];
  /** The glob, as the contract has it. */
  readonly shown: string;
  /** The locations of its runtime copies, as the contract has them. */
  readonly runtimes: readonly string[];
  readonly ignore: Readonly<Record<'reviewed' | 'runtime', readonly string[]>>;
  /** What each of its artifacts starts from; its locations are of no file of their folders. */
  readonly template: ArtifactContract;
  /** The same for single files, by what they are called behind the entry's name, or by all of it. */
  readonly overrides: ReadonlyMap<string, ArtifactContract>;
  /** The artifact of a path under the folder of `template.reviewed`; null: it is none of the glob. */
  member(path: string): ArtifactContract | null;
  /** What such a path is called behind the entry's name; null: it is none of the glob. */
  labelOf(path: string): string | null;
  /** Where objects of its copies lie, for some of its paths; none where they count for nothing. */
  places(paths: readonly string[]): readonly FamilyPlace[];
}

/** A folder in which all objects are to be explained by reviewed files. */
export interface FamilyPlace {
  readonly copy: RuntimeCopy;
  /** A location in it. */
  readonly folder: Location;
  /** Where an object lies, by its path under the folder; null: it counts for nothing. */
  at(path: string): Location | null;
  /** The artifact, with one copy, of an object; null: it counts for nothing. */
  stray(path: string): ArtifactContract | null;
}

/**
 * Lines on which a contract names columns, by the key that was read there. They are no part of what it
 * says: two contracts that say the same are the same, wherever their lines are.
 */
const told = new WeakMap<readonly KeyColumn[], ReadonlyMap<string, number>>();

/** Remembers on which line of its file a contract names each column that counts. */
export function tellLines(key: readonly KeyColumn[], lines: ReadonlyMap<string, number>): void {
  told.set(key, lines);
}

/** The line of the contract that names each column that counts; null: no contract does. */
export function linesOf(key: readonly KeyColumn[]): ReadonlyMap<string, number> | null {
  return told.get(key) ?? null;
}
