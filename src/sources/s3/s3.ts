import {
  KeydriftError,
  objectRevision,
  type PinnedCopy,
  type S3Location,
  type Source,
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

/** Objects in S3, and what S3 tells of them beside their bytes. Throws the `STORE_…` codes. */
export type S3Source = Source<S3Location> &
  Required<Pick<Source<S3Location>, 'objectVersions' | 'prefixSize'>>;

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
    async objectVersions(location, window) {
      const whole = { ...location, versionId: null };
      const { versions, ...rest } = await listing(connections, whole, (connection, of) =>
        listVersions(connection, of, window, connections.closing),
      );
      return {
        versions: versions.map((version) => ({
          ...version,
          location: { ...location, versionId: version.versionId },
        })),
        ...rest,
      };
    },
    prefixSize: ({ root, prefix: key }) =>
      listing(connections, { ...root, key, versionId: null }, (connection, of) =>
        sizeOfPrefix(connection, of, connections.closing),
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
  const text = locationText(location);
  return {
    location: text,
    revision: objectRevision(
      { versionId, etag: bareEtag(etag), lastModified },
      versionId === null ? undefined : locationText({ ...location, versionId }),
    ),
    bytes,
    claim,
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
