import type {
  BlamedLine,
  Bundle,
  BundlePlace,
  GitLocation,
  KeydriftError,
  Location,
  ObjectVersions,
  PinnedCopy,
  PrefixSize,
  ReviewedHistory,
  S3Location,
  TimeWindow,
  UnmergedChange,
  VersionsInForce,
  VersionWindow,
} from '../model/index.ts';
import type { PathContents } from '../sources/index.ts';
import type { Registries } from './registries.ts';
import type { PrefixLocation } from '../sources/s3/index.ts';

/** Everything a run takes from outside: the core has no console, clock or environment. */
export interface AppContext {
  readonly version: string;
  /** What a caller adds to what keydrift comes with; left out: nothing. */
  readonly registries?: Registries;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Told after each copy: how many are done of how many, and the one just done. */
  readonly progress: (done: number, total: number, name: string) => void;
}

/** The sources of one run. Their child processes and connections end with `close`. */
export interface Sources {
  pin(location: Location): Promise<PinnedCopy>;
  /** Commit where the ref of a reviewed location and `base` came apart. */
  mergeBase(location: Location, base: string): Promise<string>;
  /** Path of a reviewed location from the root of its repository. */
  pathOf(location: GitLocation): Promise<string>;
  /** A bundle, verified whole. */
  bundle(place: BundlePlace): Promise<Bundle>;
  /** Versions of a reviewed location in a window; none of what has no history. */
  versionsInForce(location: Location, window: TimeWindow): Promise<VersionsInForce>;
  /** Every content that a reviewed path had, up to its ref and to HEAD. */
  contentsOf(location: GitLocation): Promise<PathContents>;
  /** The histories of reviewed locations, in their order; an error stands for one without. */
  reviewedHistories(
    locations: readonly GitLocation[],
  ): Promise<readonly (ReviewedHistory | KeydriftError)[]>;
  /** What commits that a reviewed location's ref does not contain made of it. */
  unmergedChanges(location: GitLocation): Promise<readonly UnmergedChange[]>;
  /** Who last changed some lines of a reviewed location. */
  blame(location: GitLocation, lines: readonly number[]): Promise<readonly BlamedLine[]>;
  /** Whether a commit is in the history of a reviewed location's ref. */
  isInHistory(location: GitLocation, commit: string): Promise<boolean>;
  /** Versions of a runtime location's key; a version that it names counts for nothing. */
  objectVersions(location: S3Location, window: VersionWindow): Promise<ObjectVersions>;
  /** How much lies under a prefix of a bucket now. */
  prefixSize(location: PrefixLocation): Promise<PrefixSize>;
  close(): Promise<void>;
}
