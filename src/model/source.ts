import type { Bundle } from './bundle.ts';
import type { PinnedCopy, TimeWindow, VersionsInForce } from './copy.ts';
import type { KeydriftError } from './errors.ts';
import type {
  BlamedLine,
  LastChange,
  ObjectVersions,
  PathContents,
  PrefixSize,
  ReviewedHistory,
  UnmergedChange,
  VersionWindow,
} from './history.ts';
import type { Side } from './kinds.ts';
import type { BundlePlace, Folder, Location, S3Access } from './location.ts';
import type { Revision } from './revision.ts';
import type { KnownBytes, Writer } from './writer.ts';

/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Makes the error of a location; knows how the location may be shown. */
export type LocationFault = (
  message: string,
  hint?: string | null,
  code?: 'LOCATION_INVALID' | 'GIT_BAD_REF',
) => KeydriftError;

/** What a location is read with. */
export interface LocationReading {
  /** Absolute; relative paths start here, and `git:REF:PATH` is of the repository around it. */
  readonly directory: string;
  /** How objects are reached. */
  readonly access: S3Access;
  readonly fault: LocationFault;
}

/** How people write locations of a scheme. */
export interface WrittenForm<L extends Location = Location> {
  /** What all of them start with: `s3://`, `git:`. */
  readonly prefix: string;
  /** `s3://BUCKET/KEY`, for hints. */
  readonly form: string;
  /** Throws the reading's fault. */
  parse(text: string, reading: LocationReading): L;
}

/** Of a runtime copy: what its reviewed side may depend on. */
export interface CopyWords {
  readonly name: string | null;
  /** Null: the artifact's, or the run's. */
  readonly ref: string | null;
}

/** The stores of a run, each opened when first asked for. */
export interface Stores {
  pin(location: Location, purpose?: PinPurpose): Promise<PinnedCopy>;
  /** What can be told of a location without its store. Throws `INTERNAL` for an unknown kind. */
  scheme(location: Location): Scheme;
  /** The store of a location: what it can is asked of it by name. */
  of(location: Location): Promise<Source>;
}

/** What a source takes from outside, for one run. */
export interface SourceContext {
  readonly environment: Environment;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Whose files are keydrift's own; left out: nobody's are known to be. */
  readonly userId?: number;
  /** The run's `--ref`. */
  readonly ref: string;
  readonly cacheDirectory: string;
  /** `never`: what is not here is `NEEDS_FETCH`. */
  readonly fetch: 'allowed' | 'never';
  /** The other stores: a bundle's files lie in one. */
  readonly stores: Stores;
}

/**
 * A store: how its locations are written, and what opens it for a run. One line in the registry of
 * `sources/index.ts`, by the `kind` of its locations. What not every store has is left out where it
 * has not, and asked for by name.
 */
export interface Scheme<L extends Location = Location> {
  /** Left out: nobody writes such a location. */
  readonly written?: WrittenForm<L>;
  /** The side on which a bare path is one of its locations, and which. */
  readonly bare?: {
    readonly side: Side;
    /** `within`: the directory of the contract that names it; null: a person does. */
    at(path: string, within: string | null): L;
  };
  /** `rows`: an engine reads its copies where they lie, and they have no bytes; left out: they have. */
  readonly holds?: 'rows';
  /** As people write it, without secrets. */
  textOf(location: L): string;
  /** Last part of its path: `participants.csv`. */
  nameOf(location: L): string;
  /** A file of another repository; null: the path leads out of it. */
  inRepository?(place: {
    /** An absolute directory, or a URL. */
    readonly repository: string;
    readonly path: string;
    readonly ref: string | null;
  }): L | null;
  /** Of stores that keep versions: which one a location names, and the location of one. */
  readonly version?: { of(location: L): string | null; at(location: L, id: string): L };
  /** Account that must own what is written there; null: nobody in particular. */
  ownerOf?(location: L): string | null;
  /** Most bytes of one object that can be written at once; left out: nothing can be published. */
  readonly mostBytes?: number;
  /** The reviewed location for one runtime copy: that copy's ref wins (SPEC §3). */
  forCopy?(location: L, copy: CopyWords): L;
  /** What stands there now, committed or not; null: it names a commit, or has no working tree. */
  inWorkingTree?(location: L): L | null;
  /** `s3://BUCKET/PREFIX`: a place for names. Throws the reading's fault. */
  folder?(text: string, reading: Omit<LocationReading, 'directory'>): Folder<L>;
  /** The same place as a folder: what lies below it may be listed. Null: it names one version. */
  asFolder?(location: L): Folder<L> | null;
  /** The folder that a location is in. */
  around?(location: L): Folder<L>;
  /** One location under a folder. */
  within?(folder: Folder<L>, name: string): L;
  /** Whether reading it asks the network; left out: never. */
  isRemote?(location: L): boolean;
  /** Its path, where it is a file or directory of this machine. */
  pathOf?(location: L): string;
  /**
   * What fetches what its clone lacks, typed in `directory`: `older`, what a shallow clone does not reach
   * back to, besides. Null: it is no clone of this machine.
   */
  fetching?(location: L, directory: string, what: 'newer' | 'older'): string | null;
  /** What checks out a commit that is at hand, typed in `directory`: `pull` by its branch. Null: as above. */
  checkingOut?(location: L, directory: string, commit: string, by: 'pull' | 'id'): string | null;
  /** What makes an earlier version of it the present one again, as it is typed. */
  restoring?(location: L, versionId: string): string;
  open(context: SourceContext): Promise<Source<L>>;
}

/** The stores that a run knows, by the `kind` of their locations. */
export type Schemes = Readonly<Record<string, Scheme>>;

/** The store whose locations are written so; null: none's are. */
export function schemeOfText(text: string, schemes: Schemes): Scheme | null {
  const isSo = ({ written }: Scheme): boolean =>
    written !== undefined && text.startsWith(written.prefix);
  return Object.values(schemes).find(isSo) ?? null;
}

/**
 * What is wanted of a copy: its bytes, or no more than what pins it. `bytes if any`: who asks tells by
 * himself that it is absent, and the error need not say where else it could be.
 */
export type PinPurpose = 'bytes' | 'bytes if any' | 'revision';

/** A file below a folder, as a listing tells it. */
export interface ListedFile<L extends Location = Location> {
  /** From the folder, `date=2026-01-31/part-0.parquet`; what ends with `/` is a folder's marker. */
  readonly name: string;
  readonly location: L;
  readonly bytes: number;
  /** Where two listings have equal text here, its content is the same, as far as listings tell. */
  readonly content: string;
}

/** More files below one folder are not listed (`TOO_LARGE`). */
export const mostListed = 100_000;

/** A file to be staged, and what its bytes are. */
export interface StagedFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * How a commit stands to the one that a ref names. `not at hand`: the clone lacks it; `cut off`: and is
 * shallow; `unmerged`: it comes after, and no main line has it; `other`: it is in the ref's history, or
 * beside it.
 */
export type CommitStanding = 'not at hand' | 'cut off' | 'unmerged' | 'other' | CommitAhead;

/** A commit that a ref's own leads to. */
export interface CommitAhead {
  /** How many commits it has that the ref's lacks. */
  readonly commits: number;
  /**
   * What brings them: `pull` where the branch that is checked out tracks one with the commit, `checkout`
   * where another commit is checked out, `ref` where the ref is not what is checked out.
   */
  readonly by: 'pull' | 'checkout' | 'ref';
}

/**
 * Where a commit stands, seen from another: in its history or that commit itself (`earlier`), with it in
 * its own, on another line, or not at hand.
 */
export type CommitPlace =
  | { readonly place: 'earlier' | 'beside' | 'unknown' }
  | {
      readonly place: 'newer';
      /** How many commits between the two changed the location's file by themselves. */
      readonly changes: number;
    };

/** Where two commits came apart. */
export interface MergeBase {
  readonly commit: string;
  /** Whether it is another than the base itself, which went on since. */
  readonly isOther: boolean;
}

/** A store in use. What it can beyond `pin` is a member that is there or not. */
export interface Source<L extends Location = Location> {
  /**
   * Throws a KeydriftError; an absent copy is an error of class `absent`. Where bytes are wanted, the
   * first stream may be open already (`PinnedCopy.release`).
   */
  pin(location: L, purpose?: PinPurpose): Promise<PinnedCopy>;
  /** Ends child processes and connections; the copies it pinned cannot be opened afterwards. */
  close(): Promise<void>;
  /** The versions that were in force in a window: what was deployed in time is one of these. */
  versionsInForce?(location: L, window: TimeWindow): Promise<VersionsInForce>;
  /** The histories of some locations, in their order; an error stands for one without. */
  reviewedHistories?(
    locations: readonly L[],
    now: Date,
  ): Promise<readonly (ReviewedHistory | KeydriftError)[]>;
  /** The commits that last changed some locations, in their order; null: it is not known. */
  lastChanges?(locations: readonly L[]): Promise<readonly (LastChange | null)[]>;
  /**
   * What commits that a location's ref does not contain made of it, the newest first: of some
   * locations, in their order; an error stands for one of which that cannot be read.
   */
  unmergedChanges?(
    locations: readonly L[],
  ): Promise<readonly (readonly UnmergedChange[] | KeydriftError)[]>;
  /** Who last changed some physical lines, in the order asked. Throws `NOT_SUPPORTED`. */
  blame?(location: L, lines: readonly number[]): Promise<readonly BlamedLine[]>;
  /** The commit where the location's ref and `base` came apart. Throws `GIT_NO_MERGE_BASE`. */
  mergeBase?(location: L, base: string): Promise<MergeBase>;
  /** The repository of a location: the root of its working tree, or a bare one. */
  repositoryOf?(
    location: L,
  ): Promise<{ readonly directory: string; readonly kind: 'working tree' | 'bare' }>;
  /** Where its ref is HEAD: the branch that HEAD is, null where it is detached; undefined: another ref. */
  branchOfHead?(location: L): Promise<string | null | undefined>;
  /** Whether its repository has anything to be fetched from. */
  hasRemote?(location: L): Promise<boolean>;
  /** Names in a folder of a commit, those of folders with a `/` at their end; none where there is none. */
  namesIn?(location: L): Promise<readonly string[]>;
  /** Its path from the root of its repository, whether or not a file is there. */
  pathOf?(location: L): Promise<string>;
  /**
   * Every content that the paths of some locations had, up to their refs and to HEAD, in their order; an
   * error stands for one of which that cannot be read.
   */
  contentsOf?(locations: readonly L[]): Promise<readonly (PathContents | KeydriftError)[]>;
  /** Whether a commit is in the history of its ref. Throws `GIT_UNKNOWN_REF`. */
  isInHistory?(location: L, commit: string): Promise<boolean>;
  /** Where commits stand, by their whole ids, seen from those of locations' refs, in the order asked. */
  placesOf?(
    asked: readonly { readonly location: L; readonly commit: string }[],
  ): Promise<readonly (CommitPlace | KeydriftError)[]>;
  /** How a commit, by its whole id, stands to that of its ref. */
  standingOf?(location: L, commit: string): Promise<CommitStanding>;
  /** The versions of an object, the newest first; one that the location names counts for nothing. */
  objectVersions?(location: L, window: VersionWindow): Promise<ObjectVersions<L>>;
  /**
   * All files below a folder now, in the order of their names by code units; none where it is not
   * there. Throws `TOO_LARGE` for more than `mostListed`.
   */
  list?(folder: Folder<L>): Promise<readonly ListedFile<L>[]>;
  /** How much lies under a prefix now. */
  prefixSize?(folder: Folder<L>): Promise<PrefixSize>;
  /**
   * Writes what a name of its own content stands for. `absent`: only where nothing is there yet, as
   * far as the store honours conditions; `exists`: there was something, and nothing was written.
   */
  putContent?(
    location: L,
    content: KnownBytes & { readonly contentType: string },
    when: 'absent' | 'always',
  ): Promise<'written' | 'exists'>;
  /**
   * Writes an object where it still is what was read, or where nothing was and is; `lost`: somebody was
   * faster, and nothing was written.
   */
  swap?(
    location: L,
    content: KnownBytes & { readonly contentType: string },
    expected: Revision | null,
  ): Promise<'written' | 'lost'>;
  /** Writes a file under a name of its content, once, and reads it back whole: what stands there. */
  stage?(location: L, file: StagedFile): Promise<Revision>;
  /** What overwrites objects, each on a condition; it ends with the source. */
  writer?(): Writer<L>;
  /** A bundle, verified whole. */
  readBundle?(place: BundlePlace): Promise<Bundle>;
}
