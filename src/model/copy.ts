import type { KeydriftError } from './errors.ts';
import type { LakeTable } from './lake.ts';
import type { Revision } from './revision.ts';
import type { FormatWarning } from './warning.ts';

/** Half-open range of byte offsets. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a publisher wrote beside the bytes (`keydrift-…` metadata): a claim, never evidence
 * (SPEC §6). Text of a stranger; null where a word is missing.
 */
export interface PublishedClaim {
  readonly commit: string | null;
  /** Committer's time of that commit, ISO 8601 in UTC; left out by publishers that did not tell it. */
  readonly committedAt?: string | null;
  /** From the repository's root. */
  readonly path: string | null;
  readonly blob: string | null;
  /** Of the bytes that were published, hex. */
  readonly sha256: string | null;
  /** Functional digest by the contract of that day, hex. */
  readonly digest: string | null;
  /** SHA-256 of the contract's file, hex. */
  readonly contract: string | null;
}

/** A file as a commit has it. */
export interface CommittedFile {
  readonly commit: string;
  /** ISO 8601 in UTC. */
  readonly committedAt: string;
  /** From the root of its repository. */
  readonly path: string;
  readonly blob: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** One file of a folder that is a copy, pinned by itself. */
export interface CopyPart {
  /** From the folder, `date=2026-01-31/part-0.parquet`. */
  readonly name: string;
  readonly copy: PinnedCopy;
}

/** A folder that is one copy. */
export interface PinnedFolder {
  /** In the order of their names by code units. */
  readonly parts: readonly CopyPart[];
  /** Files that are no parts, those left out that no reader takes for data. */
  readonly others: readonly string[];
  /** Looks once more whether the folder holds just what was pinned. Throws `COPY_CHANGED`. */
  readonly requireStill: () => Promise<void>;
}

/**
 * One copy, pinned: every `open` gives bytes of the same revision, or throws `COPY_CHANGED`.
 * Opening it is idempotent and may be done as often as wanted, also concurrently.
 */
export interface PinnedCopy {
  /** As people write it, `s3://bucket/key`; without secrets. */
  readonly location: string;
  /** Path or key in its store, whose ending tells its format; left out: its location's tells it. */
  readonly path?: string;
  readonly revision: Revision;
  /** Length of the whole copy. */
  readonly bytes: number;
  /** What its store has to say of it; left out: nothing. */
  readonly warnings?: readonly FormatWarning[];
  /** What its publisher claims; null: nothing. Left out where a store has no claims. */
  readonly claim?: PublishedClaim | null;
  /** Of a table that an engine reads: it has no bytes of its own to open. */
  readonly lake?: LakeTable;
  /**
   * Left out: it is one file. Of a folder `bytes` are those of all parts, and what `open` gives are
   * the lines that `sha256sum` prints of them: their SHA-256 is the folder's.
   */
  readonly folder?: PinnedFolder;
  /**
   * Where nothing says that the store itself gave it, and not somebody in between: what a fault of its
   * content is then, instead of a fact.
   */
  readonly doubt?: (fault: KeydriftError) => KeydriftError;
  /**
   * SHA-256 of all its bytes, hex, as the store itself keeps it: never of parts, never metadata. Null:
   * it keeps none; left out where a store has no such thing.
   */
  readonly storedSha256?: string | null;
  /**
   * The bytes, in chunks of any size; a chunk is the reader's to keep.
   * The whole copy is verified (length, and checksums where the store has them) before it ends.
   */
  open(range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * Where a copy is at hand: the whole of it as `open` gives it, but a chunk is lent, and valid
   * only until the next one is asked for. Where room is handed in, chunks may stand in it.
   */
  lend?(into?: Uint8Array): AsyncIterable<Uint8Array>;
  /**
   * Where many short reads are cheap: hands over the bytes of each of these ascending, disjoint
   * ranges, which are valid during the call only.
   */
  readRanges?(
    ranges: readonly ByteRange[],
    sink: (bytes: Uint8Array, index: number) => void,
  ): Promise<void>;
  /**
   * Lets go of a stream that pinning opened and nobody read. Who pins calls it when the copy is not
   * needed any more; it may be opened again all the same. Left out: there is none.
   */
  release?(): Promise<void>;
}

/** A span of time that ends now. */
export interface TimeWindow {
  readonly since: Date;
  readonly now: Date;
}

/** A reviewed file as it was in force at some time of a window. */
export interface VersionInForce {
  /** Null: there was no such file. */
  readonly copy: PinnedCopy | null;
  /**
   * When it arrived on the first-parent chain of the ref, ISO 8601; of the oldest version, a time
   * at which it was in force already.
   */
  readonly arrivedAt: string;
  /** When the next one arrived; null: it is in force now. */
  readonly replacedAt: string | null;
}

/** The versions of one reviewed file that were in force in a window, the newest first. */
export interface VersionsInForce {
  readonly versions: readonly VersionInForce[];
  /** Whether the history ends within the window, as that of a shallow clone does. */
  readonly cutOff: boolean;
  /** Why earlier names of the file are not known; null: they are. Left out: nobody looked. */
  readonly lost?: string | null;
}
