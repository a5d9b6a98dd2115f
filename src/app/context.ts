import type {
  Bundle,
  BundlePlace,
  GitLocation,
  Location,
  PinnedCopy,
  TimeWindow,
  VersionsInForce,
} from '../model/index.ts';
import type { PathContents } from '../sources/index.ts';

/** Everything a run takes from outside: the core has no console, clock or environment. */
export interface AppContext {
  readonly version: string;
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
  /** Whether a commit is in the history of a reviewed location's ref. */
  isInHistory(location: GitLocation, commit: string): Promise<boolean>;
  close(): Promise<void>;
}
