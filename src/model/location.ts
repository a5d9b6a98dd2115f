/** How to reach an S3 object; null leaves it to the standard AWS chain. */
export interface S3Access {
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  /** Account id that must own the bucket. */
  readonly expectedOwner: string | null;
  /** Send requests without a signature. */
  readonly anonymous: boolean;
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
}

/** A file of a working tree, as it stands now: what `lint` judges. */
export interface WorktreeLocation {
  readonly kind: 'worktree';
  /** As in `GitLocation`, but never a URL. */
  readonly repository: string | null;
  readonly path: string;
}

export interface FileLocation {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
}

/** Where a bundle is: a directory, or the objects under a prefix. */
export type BundlePlace =
  | {
      readonly kind: 'directory';
      /** Absolute. */
      readonly path: string;
      /** As it was written, for reports. */
      readonly shown: string;
    }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Empty, or with a slash at its end. */
      readonly prefix: string;
      readonly access: S3Access;
    };

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

export type Location = S3Location | GitLocation | WorktreeLocation | FileLocation | BundleLocation;
