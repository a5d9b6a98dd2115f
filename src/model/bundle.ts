import type { CommittedFile } from './copy.ts';
import type { RowTotals } from './report.ts';

/** A version of a reviewed copy, as a bundle carries it. */
export interface BundledVersion {
  /** Commit of the first-parent chain that has it. */
  readonly commit: string;
  /** When it arrived there, ISO 8601 in UTC; of the oldest, a time at which it was in force already. */
  readonly arrivedAt: string;
  /** When the next one arrived; null: it is the one in force at the bundle's commit. */
  readonly replacedAt: string | null;
  readonly blob: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** `files/<sha256>`, from the bundle's root. */
  readonly file: string;
}

/** One reviewed copy in a bundle. */
export interface BundledCopy extends CommittedFile, RowTotals {
  /** Name of the artifact. */
  readonly artifact: string;
  /** The runtime copy whose own ref it is of; null: of every copy without a ref of its own. */
  readonly copy: string | null;
  readonly file: string;
  /** Functional digest, hex. */
  readonly digest: string;
  /** In force within the bundle's history, newest first, the bundled one included; or none. */
  readonly versions: readonly BundledVersion[];
}

/** `keydrift.bundle.json`: a function of the commit, without times or names of a machine. */
export interface BundleManifest {
  readonly schema: 'keydrift.bundle/1';
  readonly tool: { readonly name: 'keydrift'; readonly version: string };
  readonly contract: CommittedFile & {
    /** As it stands in the commit, in UTF-8: no variable of it is replaced. */
    readonly text: string;
    /** What it includes, paths from its own folder; left out: nothing. */
    readonly included?: readonly { readonly path: string; readonly text: string }[];
  };
  /** Seconds before the commit's own time from which on versions are carried; null: none are. */
  readonly historySeconds: number | null;
  /** By name, and by copy, in code units. */
  readonly artifacts: readonly BundledCopy[];
}

/** A bundle that was read and verified. */
export interface Bundle {
  readonly manifest: BundleManifest;
  /** sha256 of the manifest's bytes, hex. */
  readonly sha256: string;
}
