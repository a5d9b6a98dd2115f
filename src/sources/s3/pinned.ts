import { KeydriftError, type PublishedClaim, type S3Location } from '../../model/index.ts';
import { storedChecksum, type StoredChecksum } from './checksum.ts';
import { claimOf } from './claim.ts';
import type { ObjectHead } from './head.ts';
import { locationText } from './place.ts';

/** What a HEAD pinned. */
export interface PinnedObject {
  readonly location: S3Location;
  /** Null in a bucket that was never versioned; `"null"` for a null version. */
  readonly versionId: string | null;
  /** As the store sent it, quotes and all: it is sent back like that. */
  readonly etag: string;
  /** ISO 8601 in UTC. */
  readonly lastModified: string;
  readonly bytes: number;
  /** Null where the store has none of the whole object that can be computed here. */
  readonly checksum: StoredChecksum | null;
  /** A permission that reading the bytes needs, and that this reader seems to lack. */
  readonly suspect: 'kms:Decrypt' | null;
  /** Null where its metadata claim nothing. */
  readonly claim: PublishedClaim | null;
}

/** Reads a HEAD's answer. Throws `STORE_FAILED` where it lacks what a copy is pinned by. */
export function pinnedObject(location: S3Location, head: ObjectHead): PinnedObject {
  const { output } = head;
  const { ETag: etag, ContentLength: bytes, LastModified: lastModified } = output;
  if (etag === undefined || etag === '') throw incomplete(location, 'ETag');
  if (bytes === undefined) throw incomplete(location, 'Content-Length');
  if (lastModified === undefined || Number.isNaN(lastModified.getTime())) {
    throw incomplete(location, 'Last-Modified');
  }
  return {
    location,
    versionId: output.VersionId ?? location.versionId,
    etag,
    lastModified: lastModified.toISOString(),
    bytes,
    checksum: storedChecksum(output),
    suspect:
      head.checksums === 'refused' && isUnderKms(output.ServerSideEncryption)
        ? 'kms:Decrypt'
        : null,
    claim: claimOf(output.Metadata),
  };
}

function isUnderKms(encryption: string | undefined): boolean {
  return encryption?.startsWith('aws:kms') === true;
}

function incomplete(location: S3Location, header: string): KeydriftError {
  return new KeydriftError(
    'STORE_FAILED',
    `The store tells of ${locationText(location)} without a usable ${header}, so it cannot be pinned.`,
    { hint: 'A proxy may take the header away; a server that never sends it cannot be audited.' },
  );
}

/** An ETag without the quotes around it, as reports show it; weak ones as they are. */
export function bareEtag(etag: string): string {
  return /^".*"$/s.test(etag) ? etag.slice(1, -1) : etag;
}
