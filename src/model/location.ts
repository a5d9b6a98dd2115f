import type { KeydriftError } from './errors.ts';

/** Where a copy is. What stands in it is its source's affair: ask the scheme of that `kind`. */
export interface Location {
  readonly kind: string;
}

/** How to reach an S3 object; null leaves it to the standard AWS chain. */
export interface S3Access {
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  /** Account id that must own the bucket. */
  readonly expectedOwner: string | null;
  /** Send requests without a signature. */
  readonly anonymous: boolean;
  /** A role that is assumed for it; left out: none is. */
  readonly roleArn?: string;
  /** What the role's trust policy asks for. */
  readonly externalId?: string;
}

export interface S3Location {
  readonly kind: 's3';
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | null;
  readonly access: S3Access;
}

/** A file of a commit. */
export interface GitLocation {
  readonly kind: 'git';
  /** A directory inside a repository, or a URL; null: the repository around `path`. */
  readonly repository: string | null;
  /** From the repository's root; an absolute file path where `repository` is null. */
  readonly path: string;
  /** Null: the run's `--ref`. */
  readonly ref: string | null;
  /** `worktree`: the file as it stands there now, whatever is committed; never of a URL. */
  readonly state?: 'worktree';
  /**
   * Directory of the contract that names the path: the file must be in that one's repository, or in a
   * submodule of it. Left out: a person named the path.
   */
  readonly within?: string;
}

export interface FileLocation {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
}

/** What came on stdin, spooled to a file; absolute. */
export interface StdinLocation {
  readonly kind: 'stdin';
  readonly path: string;
}

/** A location with a variable that nobody set: it reaches nothing, and the fault says what to do. */
export interface UnsetLocation {
  readonly kind: 'unset';
  /** As the contract has it. */
  readonly shown: string;
  readonly fault: KeydriftError;
}

/** Whether a location reaches nothing. */
export function isUnset(location: Location): location is UnsetLocation {
  return location.kind === 'unset';
}

/** A place that names are appended to. */
export interface Folder<L extends Location = Location> {
  /** Of the store's whole: a bucket. */
  readonly root: L;
  /** What is to stand before a name. */
  readonly prefix: string;
}

/** A folder whose files are the parts of one copy. */
export interface PartsLocation {
  readonly kind: 'parts';
  readonly folder: Folder;
  /** As people write it, without secrets, a `/` at its end. */
  readonly shown: string;
  /** Which files are parts: a glob of their names, or of their paths where it has a `/`. */
  readonly parts: string;
  /** Name of the file without which the folder is not looked at; null: none. */
  readonly complete: string | null;
}

/** Where a bundle is. */
export interface BundlePlace {
  /** The place that its files' names are appended to. */
  readonly folder: Folder;
  /** As people write it after `bundle:`, without secrets: `build/bundle`, `s3://bucket/prefix`. */
  readonly shown: string;
  /** What its manifest must be, hex; left out: any. */
  readonly sha256?: string;
}

/** A reviewed copy that a bundle carries. */
export interface BundleLocation {
  readonly kind: 'bundle';
  readonly place: BundlePlace;
  readonly artifact: string;
  /** Runtime copy that it is the reviewed side of: one with a ref of its own has its own copy. */
  readonly copy: string | null;
  /** Commit at which an earlier version arrived (`--history`); null: the version that was bundled. */
  readonly arrival: string | null;
}
