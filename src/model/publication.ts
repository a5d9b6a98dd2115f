import type { PublishedClaim } from './copy.ts';
import type { FindingKind, State } from './kinds.ts';
import type { ClaimReport, ReportError, Warning } from './report.ts';

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
  | 'UNREVIEWED_CONTENT';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly hint: string;
}

/** What would be written: a commit's file, never the working tree's. */
export interface PlannedSource {
  readonly location: string;
  readonly commit: string;
  readonly committedAt: string;
  /** From the repository's root. */
  readonly path: string;
  readonly blob: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
  readonly units: number;
  readonly redundant: number;
  readonly invalid: number;
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
