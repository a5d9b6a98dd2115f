import {
  KeydriftError,
  type ObjectVersions,
  type PinnedCopy,
  type PrefixSize,
  type S3Location,
  type Source,
  type VersionWindow,
} from '../../model/index.ts';
import {
  openConnections,
  type S3Connection,
  type S3Connections,
  type S3SourceOptions,
} from './client.ts';
import { classify } from './errors.ts';
import { headObject } from './head.ts';
import { bareEtag, pinnedObject, type PinnedObject } from './pinned.ts';
import { locationText } from './place.ts';
import { sizeOfPrefix } from './prefix-size.ts';
import { readPinned } from './read.ts';
import { listVersions } from './versions.ts';

/** A prefix of a bucket, and how to reach it. */
export type PrefixLocation = Pick<S3Location, 'bucket' | 'access'> & { readonly prefix: string };

/** Objects in S3, and what S3 tells of them beside their bytes. Throws the `STORE_…` codes. */
export interface S3Source extends Source<S3Location> {
  /**
   * The versions of the location's key, the newest first; a version that the location names counts
   * for nothing. A copy of one is what `pin` gives of the location with its `versionId`.
   */
  objectVersions(location: S3Location, window: VersionWindow): Promise<ObjectVersions>;
  /** How much lies under a prefix now. */
  prefixSize(location: PrefixLocation): Promise<PrefixSize>;
}

/**
 * Objects in S3 and what speaks like it. Copies are pinned by VersionId and ETag.
 *
 * `pin` and `open` throw the `STORE_…` codes; `open` throws `COPY_CHANGED` when the pinned revision
 * is gone or replaced. Nothing is written. The SDK is loaded by the first `pin`.
 */
export function openS3Source(options: S3SourceOptions): S3Source {
  const connections = openConnections(options);
  return {
    async pin(location) {
      const connection = await connect(connections, location);
      return pinnedCopy(connections, connection, await pin(connections, connection, location));
    },
    objectVersions: (location, window) =>
      listing(connections, { ...location, versionId: null }, (connection, of) =>
        listVersions(connection, of, window, connections.closing),
      ),
    prefixSize: ({ bucket, prefix, access }) =>
      listing(
        connections,
        { kind: 's3', bucket, key: prefix, versionId: null, access },
        (connection, of) => sizeOfPrefix(connection, of, connections.closing),
      ),
    close: () => connections.close(),
  };
}

async function listing<Listed>(
  connections: S3Connections,
  location: S3Location,
  list: (connection: S3Connection, location: S3Location) => Promise<Listed>,
): Promise<Listed> {
  const connection = await connect(connections, location);
  try {
    return await list(connection, location);
  } catch (error) {
    checkOpen(connections, location);
    throw error;
  }
}

async function connect(connections: S3Connections, location: S3Location): Promise<S3Connection> {
  checkOpen(connections, location);
  try {
    return await connections.to(location);
  } catch (error) {
    if (error instanceof KeydriftError) throw error;
    const target = connections.targetOf(location);
    throw classify(error, { location, target, versionId: location.versionId });
  }
}

async function pin(
  connections: S3Connections,
  connection: S3Connection,
  location: S3Location,
): Promise<PinnedObject> {
  try {
    return pinnedObject(location, await headObject(connection, location, connections.closing));
  } catch (error) {
    checkOpen(connections, location);
    throw classify(error, { location, target: connection.target, versionId: location.versionId });
  }
}

function pinnedCopy(
  connections: S3Connections,
  connection: S3Connection,
  object: PinnedObject,
): PinnedCopy {
  const { location, versionId, etag, lastModified, bytes, claim } = object;
  return {
    location: locationText(location),
    revision: { kind: 's3', versionId, etag: bareEtag(etag), lastModified },
    bytes,
    ...(claim === null ? {} : { claim }),
    async *open(range) {
      checkOpen(connections, location);
      try {
        yield* readPinned(connection, object, range, connections.closing);
      } catch (error) {
        // Whatever breaks when connections are ended is a consequence of that.
        checkOpen(connections, location);
        throw error;
      }
    },
  };
}

function checkOpen({ closing }: S3Connections, location: S3Location): void {
  if (!closing.aborted) return;
  throw new KeydriftError(
    'INTERNAL',
    `${locationText(location)} was read after its source was closed.`,
  );
}
