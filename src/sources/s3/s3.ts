import {
  KeydriftError,
  objectRevision,
  type Folder,
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
import { classify, foreignAnswer } from './errors.ts';
import {
  bareEtag,
  getObject,
  headObject,
  pinnedObject,
  type OpenObject,
  type PinnedObject,
} from './pin.ts';
import { locationText } from './place.ts';
import { listPrefix, sizeOfPrefix } from './prefix.ts';
import { readPinned, type OpenBody, type Reading } from './read.ts';
import { listVersions } from './versions.ts';

/** Objects in S3, and what S3 tells of them beside their bytes. Throws the `STORE_…` codes. */
export type S3Source = Source<S3Location> &
  Required<Pick<Source<S3Location>, 'objectVersions' | 'list' | 'prefixSize'>>;

/**
 * Objects in S3 and what speaks like it. Copies are pinned by VersionId and ETag: by a GET, whose
 * body is the first stream, or by a HEAD where no bytes are wanted.
 *
 * `pin` and `open` throw the `STORE_…` codes; `open` throws `COPY_CHANGED` when the pinned revision
 * is gone or replaced. Nothing is written. The SDK is loaded by the first `pin`.
 */
export function openS3Source(options: S3SourceOptions): S3Source {
  const connections = openConnections(options);
  return {
    async pin(location, purpose = 'bytes') {
      const connection = await connect(connections, location);
      const { object, body } = await reached<PinnedOpen>(connections, connection, location, () =>
        purpose !== 'revision'
          ? getObject(connection, location, connections.closing)
          : pinnedByHead(connection, location, connections.closing),
      );
      return pinnedCopy(connections, connection, object, body);
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
    list: (folder) =>
      listing(connections, prefixAt(folder), (connection, of) =>
        listPrefix(connection, of, connections.closing),
      ),
    prefixSize: (folder) =>
      listing(connections, prefixAt(folder), (connection, of) =>
        sizeOfPrefix(connection, of, connections.closing),
      ),
    close: () => connections.close(),
  };
}

/** A prefix, where a location has its key. */
function prefixAt({ root, prefix: key }: Folder<S3Location>): S3Location {
  return { ...root, key, versionId: null };
}

async function listing<Listed>(
  connections: S3Connections,
  location: S3Location,
  list: (connection: S3Connection, location: S3Location) => Promise<Listed>,
): Promise<Listed> {
  const connection = await connect(connections, location);
  return reached(connections, connection, location, () => list(connection, location));
}

/** Asks an endpoint, unless others found that it cannot be reached. Throws what `classify` makes of it. */
async function reached<T>(
  { closing }: S3Connections,
  { endpoint, target }: S3Connection,
  location: S3Location,
  ask: () => Promise<T>,
): Promise<T> {
  const place = { location, target, versionId: location.versionId };
  try {
    return await endpoint.reach(objectText(location), closing, () =>
      ask().catch((error: unknown) => {
        throw classify(error, place);
      }),
    );
  } catch (error) {
    checkOpen({ closing }, location);
    throw error;
  }
}

/** All versions of an object are one, as far as its endpoint is waited for. */
function objectText(location: S3Location): string {
  return locationText({ ...location, versionId: null });
}

/** An object, and the body that came with it. */
interface PinnedOpen {
  readonly object: PinnedObject;
  readonly body: OpenObject['body'] | null;
}

async function pinnedByHead(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<PinnedOpen> {
  const head = await headObject(connection, location, signal, connection.head);
  return { object: pinnedObject(connection, location, head), body: null };
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

function pinnedCopy(
  connections: S3Connections,
  connection: S3Connection,
  object: PinnedObject,
  first: OpenObject['body'] | null,
): PinnedCopy {
  const { location, versionId, etag, lastModified, bytes, claim, sha256 } = object;
  const held: Held = { body: first === null ? null : { body: first, start: 0, end: bytes } };
  const text = locationText(location);
  return {
    location: text,
    revision: objectRevision(
      { versionId, etag: bareEtag(etag), lastModified },
      versionId === null ? undefined : locationText({ ...location, versionId }),
    ),
    bytes,
    claim,
    ...(object.isOfS3 ? {} : { doubt: (fault) => doubted(connection, location, fault) }),
    storedSha256: sha256,
    open: (range) => bytesOf(connections, connection, { object, range, held }),
    release() {
      take(held)?.body.destroy();
      return Promise.resolve();
    },
  };
}

/** A fault of content in an answer that anybody could give. */
function doubted(
  { target }: S3Connection,
  location: S3Location,
  { message }: KeydriftError,
): KeydriftError {
  const what = `an answer with nothing of S3's own in its head, and ${message.replace(/\.$/, '')}`;
  return foreignAnswer({ location, target, versionId: location.versionId }, what);
}

/** The body that pinning an object opened, until somebody takes it. */
interface Held {
  body: OpenBody | null;
}

function take(held: Held): OpenBody | null {
  const { body } = held;
  held.body = null;
  return body;
}

async function* bytesOf(
  { closing }: S3Connections,
  connection: S3Connection,
  { object, range, held }: Pick<Reading, 'object' | 'range'> & { readonly held: Held },
): AsyncGenerator<Uint8Array> {
  const { location } = object;
  checkOpen({ closing }, location);
  const opened = range === undefined ? take(held) : null;
  // A body that is at hand came a moment ago; what has to be asked for may be silent still.
  if (opened === null) connection.endpoint.spareSilent(objectText(location));
  try {
    yield* readPinned(connection, { object, range, opened }, closing);
  } catch (error) {
    // Whatever breaks when connections are ended is a consequence of that.
    checkOpen({ closing }, location);
    if (error instanceof KeydriftError && error.code === 'STORE_TIMEOUT') {
      connection.endpoint.noteSilence(objectText(location), error);
    }
    throw error;
  }
}

function checkOpen({ closing }: Pick<S3Connections, 'closing'>, location: S3Location): void {
  if (!closing.aborted) return;
  throw new KeydriftError(
    'INTERNAL',
    `${locationText(location)} was read after its source was closed.`,
  );
}
