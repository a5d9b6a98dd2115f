import type { CommittedFile, PublishedClaim } from './copy.ts';
import type { FindingKind, State } from './kinds.ts';
import type { ClaimReport, ReportError, RowTotals } from './report.ts';
import type { Warning } from './warning.ts';

/*
 * A plan of `publish` and what came of it, in the shape of their JSON: schema/keydrift.plan and
 * schema/keydrift.publication. Fields are only ever added. Plain data all the way down.
 */

/** What is to be done: `refuse` by a fact, `unknown` where something could not be established. */
export type PublishAction = 'create' | 'replace' | 'none' | 'refuse' | 'unknown';

/** Why something is to be done. `claim`: the bytes are right, what the object claims is not. */
export type PublishReason = 'missing' | 'bytes' | 'claim' | 'encryption' | 'tags';

/** Facts for which a copy is not published. */
export type RefusalCode =
  | 'REVIEWED_BROKEN'
  | 'REVIEWED_UNREADABLE'
  | 'OTHER_FORM'
  | 'TOO_LARGE'
  | 'UNREVIEWED_CONTENT'
  | 'GOES_BACK'
  | 'BESIDE';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly hint: string;
}

/** What would be written: a commit's file, never the working tree's. */
export interface PlannedSource extends CommittedFile, RowTotals {
  readonly location: string;
  /** Where the ref is HEAD: the branch that it is, null where it is detached; left out: another ref. */
  readonly branch?: string | null;
  /** Functional digest, hex. */
  readonly digest: string;
}

/** The object that is there. */
export interface PlannedObject {
  readonly versionId: string | null;
  readonly etag: string;
  readonly lastModified: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Null where its content cannot be read. */
  readonly rows: number | null;
  readonly units: number | null;
  readonly digest: string | null;
  readonly claim: ClaimReport | null;
  /** What becomes of it when it is overwritten: an older version, or nothing. */
  readonly overwritten: 'kept' | 'lost';
}

/**
 * Where what is there stands, seen from what would be written: `forward`, it is an earlier version;
 * `newer`, it would be undone; `beside`, it is on another line of history; `unreviewed`, no commit at
 * hand has it; `unknown`, this clone cannot tell.
 */
export type Standing = 'forward' | 'newer' | 'beside' | 'unreviewed' | 'unknown';

/** The order of the two contents. */
export interface PlannedOrder {
  readonly standing: Standing;
  /** What it is known by; null: nothing speaks of it. */
  readonly by: 'claim' | 'bytes' | null;
  /** The commit that is there, as far as it is known. */
  readonly commit: string | null;
  /** For `newer`: changes of the file that would be undone. */
  readonly changes: number | null;
  /** What lets it be overwritten all the same; null: nothing does, or nothing has to. */
  readonly allowedBy: 'flag' | 'contract' | null;
}

/** A row of a changed unit; values of key and consumed columns, null where it has no such cell. */
export interface PlannedRow {
  readonly record: number;
  readonly line: number;
  readonly values: Readonly<Record<string, string | null>>;
}

/** What a publication does to a unit of work. */
export interface PlannedUnit {
  readonly change: 'added' | 'removed' | 'changed';
  readonly key: Readonly<Record<string, string | null>>;
  /** Consumed columns that differ, of a changed unit. */
  readonly fields: readonly string[];
  readonly rowCount: { readonly before: number; readonly after: number };
  /** Its first row on each side; null: there is none. */
  readonly before: PlannedRow | null;
  readonly after: PlannedRow | null;
  /** The first rows of each side; left out where neither has several values. */
  readonly rows?: { readonly before: readonly PlannedRow[]; readonly after: readonly PlannedRow[] };
  /** Of one that comes or goes: the key of the listed one that goes or comes as the same unit, respelled. */
  readonly respelled?: Readonly<Record<string, string | null>>;
}

/** What a publication does to the work: units counted, and the first of them, the same share of each kind. */
export interface PlannedChange {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly units: readonly PlannedUnit[];
  /** Units that are not listed. */
  readonly truncated: number;
}

/** On what the store makes the write depend; null: on nothing (`--unconditional`). */
export type WriteCondition = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' };

export interface ObjectTag {
  readonly name: string;
  readonly value: string;
}

/** The write itself; null: the header is not sent. */
export interface ObjectWrite {
  readonly condition: WriteCondition | null;
  readonly contentType: string | null;
  readonly cacheControl: string | null;
  readonly contentDisposition: string | null;
  readonly contentEncoding: string | null;
  readonly contentLanguage: string | null;
  readonly expires: string | null;
  readonly websiteRedirect: string | null;
  readonly storageClass: string | null;
  readonly sse: string | null;
  readonly kmsKeyId: string | null;
  readonly bucketKey: boolean | null;
  readonly acl: string | null;
  readonly tags: readonly ObjectTag[];
  /** What the object will claim. */
  readonly claim: Readonly<Record<keyof PublishedClaim, string>>;
}

/** One runtime copy of one artifact in a plan. */
export interface PlannedCopy {
  readonly name: string;
  readonly copy: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly action: PublishAction;
  readonly reasons: readonly PublishReason[];
  readonly target: {
    readonly location: string;
    /** Where requests go, without credentials. Null: it could not be established. */
    readonly endpoint: string | null;
    readonly expectedOwner: string | null;
  };
  /** Null where it could not be read. */
  readonly reviewed: PlannedSource | null;
  /** Null where there is no object. */
  readonly runtime: PlannedObject | null;
  /** Of what is there, compared with what would be written. */
  readonly state: State | null;
  readonly counts: Readonly<Record<FindingKind, number>>;
  /** Null where there is nothing to overwrite, or the bytes are the same. */
  readonly order: PlannedOrder | null;
  /** Null where it changes no unit, or what is there cannot be read. */
  readonly change: PlannedChange | null;
  /** Null where nothing is to be written. */
  readonly write: ObjectWrite | null;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly error: ReportError | null;
}

/** What would be done, `keydrift.plan/1`. */
export interface PublishPlan {
  readonly schema: 'keydrift.plan/1';
  readonly tool: { readonly name: 'keydrift'; readonly version: string };
  readonly createdAt: string;
  readonly exitCode: number;
  readonly error: ReportError | null;
  /** What was asked for. */
  readonly options: {
    readonly ref: string;
    readonly unconditional: boolean;
    readonly overwriteUnreviewed: boolean;
    readonly allowRollback: boolean;
    readonly allowUnknownClaim: boolean;
  };
  /** SHA-256 of the contract's file; null where it could not be read. */
  readonly contract: string | null;
  readonly publications: readonly PlannedCopy[];
  /** SHA-256 of all other members: it shows a slip, and is no signature. */
  readonly integrity: string;
}

/** What came of a planned copy. */
export type Outcome =
  | 'published'
  | 'up-to-date'
  | 'refused'
  | 'declined'
  | 'failed'
  | 'not-attempted';

/** The revision that was written, and read back. */
export interface WrittenRevision {
  readonly versionId: string | null;
  readonly etag: string;
  readonly lastModified: string;
  readonly sha256: string;
}

export interface PublishedCopy extends PlannedCopy {
  readonly outcome: Outcome;
  /** Whether this run changed the object: `yes` as the store answered, `no` for certain. */
  readonly wrote: 'yes' | 'no' | 'unknown';
  /** Null where nothing was written, or it is not known. */
  readonly written: WrittenRevision | null;
  /** After somebody else wrote meanwhile: what is there now. */
  readonly now: (PlannedObject & { readonly state: State | null }) | null;
}

/** What was done, `keydrift.publication/1`. */
export interface Publication {
  readonly schema: 'keydrift.publication/1';
  readonly tool: { readonly name: 'keydrift'; readonly version: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly exitCode: number;
  readonly error: ReportError | null;
  readonly publications: readonly PublishedCopy[];
}
