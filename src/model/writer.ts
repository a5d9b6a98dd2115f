import type { Location } from './location.ts';
import type { ObjectTag, ObjectWrite } from './publication.ts';

/** What an object has beside its bytes, as far as a write can repeat it. */
export interface ObjectAttributes extends Omit<
  ObjectWrite,
  'condition' | 'acl' | 'claim' | 'tags'
> {
  /** Null: they may not be read. */
  readonly tags: readonly ObjectTag[] | null;
  /** Names of user metadata that are not keydrift's. */
  readonly otherMetadata: readonly string[];
}

/** An object as it is now, as far as overwriting it is concerned. */
export interface ObjectState {
  readonly versionId: string | null;
  readonly etag: string;
  readonly lastModified: string;
  readonly bytes: number;
  readonly attributes: ObjectAttributes;
  /** What becomes of it when it is overwritten: an older version, or nothing. */
  readonly overwritten: 'kept' | 'lost';
}

/** Bytes that are known before they are written. */
export interface KnownBytes {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** May be asked for again. */
  open(): AsyncIterable<Uint8Array>;
}

/** A planned write: the bytes, and how they are written. */
export interface PlannedPut<L extends Location = Location> extends KnownBytes {
  readonly location: L;
  readonly write: ObjectWrite;
  /** Ends waiting for the answer; whether it was written is then to be looked up. */
  readonly signal?: AbortSignal;
}

/** What a store says that it wrote. */
export interface PutAnswer {
  readonly versionId: string | null;
  readonly etag: string;
}

/** Overwrites objects, each on a condition. `look` and `endpointOf` change nothing. */
export interface Writer<L extends Location = Location> {
  /** Where requests for a location go, without credentials. */
  endpointOf(location: L): Promise<string>;
  /** Null: there is no object. Tags that the contract sets itself may stay unread. */
  look(location: L, tags: 'needed' | 'optional'): Promise<ObjectState | null>;
  /**
   * Throws `CONDITIONS_NOT_HONOURED` for a store that ignores conditions on writes. One that is not
   * known yet is probed with a scratch object; resolves to its location where it could not be removed.
   */
  requireConditions(location: L, write: ObjectWrite): Promise<string | null>;
  /**
   * Throws `WRITTEN_MEANWHILE` when the condition does not hold (any more), and
   * `CONDITIONS_NOT_HONOURED` where the store takes none.
   */
  put(put: PlannedPut<L>): Promise<PutAnswer>;
}
