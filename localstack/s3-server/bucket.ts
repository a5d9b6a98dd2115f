import type { Checksum, ChecksumAlgorithm } from './checksums.ts';
import { s3Error } from './errors.ts';

/** One uploaded part of a multipart object. */
export interface Part {
  readonly number: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
}

/** An object before it is written: everything but its place and time. */
export interface ObjectDraft {
  readonly body: Buffer;
  /** Without quotes. */
  readonly etag: string;
  /** Content-Type, Cache-Control and their like, by lower-case name. */
  readonly contentHeaders: Readonly<Record<string, string>>;
  /** User metadata without the x-amz-meta- prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  readonly storageClass: string;
  readonly encryption: { readonly algorithm: string; readonly kmsKeyId?: string };
  readonly checksum: Checksum | undefined;
  /** Present on a multipart object. */
  readonly parts?: readonly Part[];
}

interface Placed {
  readonly key: string;
  /** `null` when written without versioning. */
  readonly versionId: string;
  /** Whole seconds, as S3 keeps it. */
  readonly lastModified: Date;
}

/** One version of an object. */
export interface ObjectVersion extends ObjectDraft, Placed {
  readonly kind: 'object';
  tags: ReadonlyMap<string, string>;
}

/** What a delete leaves in a versioned bucket. */
export interface DeleteMarker extends Placed {
  readonly kind: 'marker';
}

/** An entry in a key's history. */
export type Version = ObjectVersion | DeleteMarker;

/** A multipart upload under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiated: Date;
  readonly draft: ObjectDraft;
  /** Undefined when the writer chose none: then the object gets the server's own. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] }
    | undefined;
  readonly parts: Map<number, Part>;
}

/** What a bucket may be given when it is created. */
export interface BucketOptions {
  readonly region?: string;
  /** The account id that x-amz-expected-bucket-owner is compared with. */
  readonly ownerId?: string;
  readonly versioning?: 'Enabled' | 'Suspended';
  /** `public-read` lets anonymous requests read and list. */
  readonly access?: 'private' | 'public-read';
}

/** A bucket: the history of every key, newest first. */
export class Bucket {
  readonly name: string;
  readonly created: Date;
  readonly region: string;
  readonly ownerId: string;
  readonly uploads: Map<string, Upload> = new Map();
  versioning: 'never' | 'Enabled' | 'Suspended';
  access: 'private' | 'public-read';
  readonly #histories = new Map<string, Version[]>();
  readonly #newVersionId: () => string;

  constructor(
    name: string,
    created: Date,
    options: BucketOptions & { ownerId: string; newVersionId: () => string },
  ) {
    this.#newVersionId = options.newVersionId;
    this.name = name;
    this.created = wholeSeconds(created);
    this.region = options.region ?? 'us-east-1';
    this.ownerId = options.ownerId;
    this.versioning = options.versioning ?? 'never';
    this.access = options.access ?? 'private';
  }

  get isEmpty(): boolean {
    return this.#histories.size === 0;
  }

  /** Every key with a version or a marker, in no order. */
  keys(): Iterable<string> {
    return this.#histories.keys();
  }

  /** A key's versions and markers, newest first. */
  history(key: string): readonly Version[] {
    return this.#histories.get(key) ?? [];
  }

  /** The version of that id, or the current one. */
  find(key: string, versionId?: string): Version | undefined {
    const history = this.history(key);
    if (versionId === undefined) return history[0];
    return history.find((version) => version.versionId === versionId);
  }

  /** The current object; undefined when there is none or a marker hides it. */
  current(key: string): ObjectVersion | undefined {
    const version = this.find(key);
    return version?.kind === 'object' ? version : undefined;
  }

  /** Writes an object: a new version, or in place of the `null` version. */
  put(key: string, draft: ObjectDraft, time: Date): ObjectVersion {
    const place = { key, versionId: this.#nextVersionId(), lastModified: wholeSeconds(time) };
    const version: ObjectVersion = { ...draft, ...place, kind: 'object' };
    this.#push(version);
    return version;
  }

  /** Deletes without a version id: adds a marker, or removes the object of an unversioned bucket. */
  hide(key: string, time: Date): DeleteMarker | undefined {
    if (this.versioning === 'never') {
      this.#histories.delete(key);
      return undefined;
    }
    const place = { key, versionId: this.#nextVersionId(), lastModified: wholeSeconds(time) };
    const marker: DeleteMarker = { ...place, kind: 'marker' };
    this.#push(marker);
    return marker;
  }

  /** Removes one version for good, and returns it. */
  remove(key: string, versionId: string): Version | undefined {
    const removed = this.find(key, versionId);
    this.#replace(
      key,
      this.history(key).filter((version) => version !== removed),
    );
    return removed;
  }

  /** The upload of that id and key, or NoSuchUpload. */
  upload(id: string, key: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.key !== key) {
      throw s3Error('NoSuchUpload', { details: { UploadId: id } });
    }
    return upload;
  }

  #nextVersionId(): string {
    return this.versioning === 'Enabled' ? this.#newVersionId() : 'null';
  }

  #push(version: Version): void {
    // There is one `null` version at most, wherever it stood.
    const older = this.history(version.key).filter(
      (other) => version.versionId !== 'null' || other.versionId !== 'null',
    );
    this.#replace(version.key, [version, ...older]);
  }

  #replace(key: string, history: Version[]): void {
    if (history.length === 0) this.#histories.delete(key);
    else this.#histories.set(key, history);
  }
}

function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
