import type { PinnedCopy } from './copy.ts';
import type { Side } from './kinds.ts';
import type { Location } from './location.ts';

/** A commit of a ref's full history that changed a reviewed path, merged side branches included. */
export interface ReviewedChange {
  readonly commit: string;
  /** Text of a stranger, like the subject. */
  readonly author: string;
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly committedAt: string;
  /** Path at that commit, from the repository's root: renames are followed. */
  readonly path: string;
  /** What the path held after the commit; null: no file. Nothing is read before it is opened. */
  readonly copy: PinnedCopy | null;
  /**
   * When it came into force on the ref's first-parent chain, ISO 8601; null: it never did by
   * itself, as a commit of a side branch.
   */
  readonly arrivedAt: string | null;
}

/** The commit that made a file what it is at a ref. */
export interface LastChange {
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly committedAt: string;
}

/** How much of a history is at hand. A shallow one may begin with a commit that changed nothing. */
export type HistoryReach = 'complete' | 'shallow';

/** Every change of a reviewed path, the newest first: none stands before one that builds on it. */
export interface ReviewedHistory {
  readonly changes: readonly ReviewedChange[];
  readonly reach: HistoryReach;
  /** Why earlier names of the file are not known; null: they are. Left out: nobody looked. */
  readonly lost?: string | null;
}

/** A commit that changed the path and that the ref does not contain. */
export interface UnmergedChange {
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: string;
  /** A branch that contains it, `origin/fix-regions`. */
  readonly branch: string;
  readonly copy: PinnedCopy;
}

/** Who wrote a line of the reviewed copy last. */
export interface BlamedLine {
  /** 1-based physical line of the reviewed copy. */
  readonly line: number;
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  /** When it was committed, ISO 8601, UTC. */
  readonly at: string;
}

/** One version of an object, or a delete marker, as its store lists it. */
export interface ObjectVersion<L extends Location = Location> {
  /** Where that version is, whatever comes later. */
  readonly location: L;
  /** `"null"` for a null version; null: the bucket was never versioned. */
  readonly versionId: string | null;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  readonly deleted: boolean;
  /** Null for a delete marker. */
  readonly etag: string | null;
  /** Null for a delete marker. */
  readonly bytes: number | null;
}

/** The versions of one object, the newest first. */
export interface ObjectVersions<L extends Location = Location> {
  readonly versions: readonly ObjectVersion<L>[];

  /** `unversioned`: the one version there is, if any. */
  readonly versioning: 'versioned' | 'unversioned';
  /** Whether there are older versions than were asked for. */
  readonly cutOff: boolean;
  /** What is wrong with the store's listing, as sentences; left out: nothing was seen. */
  readonly faults?: readonly string[];
}

/** Every content that a path had in a history, by its hash: none of it is read. */
export interface PathContents {
  /** Of git's blob ids in this repository: of `blob <size>`, NUL and the bytes. */
  readonly algorithm: 'sha1' | 'sha256';
  readonly blobs: ReadonlySet<string>;
  /** SHA-256 of the files that Git LFS pointers of the path stand for. */
  readonly lfs: ReadonlySet<string>;
  /** `shallow`: the history is cut off, and older contents are missing. */
  readonly history: HistoryReach;
}

/** How far back the versions of an object are wanted; null: without an end. */
export interface VersionWindow {
  readonly since: Date | null;
  readonly max: number | null;
}

/** What lies under a prefix of a bucket. */
export interface PrefixSize {
  readonly objects: number;
  readonly bytes: number;
}

/** An entry of the timeline, by what names it. */
export interface TimelinePoint {
  readonly side: Side;
  /** VersionId (null: there are no versions), or commit. */
  readonly id: string | null;
  readonly at: string;
}
