import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  KeydriftError,
  objectRevision,
  type Revision,
  type S3Location,
  type StagedFile,
} from '../../model/index.ts';
import { openConnections, type S3Connection, type S3SourceOptions } from './client.ts';
import { classify } from './errors.ts';
import { bareEtag, getObject, type PinnedObject } from './pin.ts';
import { locationText } from './place.ts';
import { putOnce } from './put.ts';
import { readPinned } from './read.ts';

/** Writes files under names that say what they hold. */
export interface S3Stage {
  /**
   * Writes a file to a location whose key is of its content, once, and reads it back. An object
   * that is there already is not written again, and must hold the same bytes.
   * Throws the `STORE_…` codes; `STORE_CHECKSUM_MISMATCH` where other bytes stand there.
   */
  put(location: S3Location, file: StagedFile): Promise<Revision>;
  close(): Promise<void>;
}

/** Opens the way to S3 with the first file that is staged. */
export function openS3Stage(options: S3SourceOptions): S3Stage {
  const { environment } = options;
  const connections = openConnections(options);
  const { closing: signal } = connections;
  return {
    async put(location, { path, bytes, sha256 }) {
      const connection = await connections.to(location).catch((error: unknown) => {
        const target = connections.targetOf(location);
        throw classify(error, { location, target, versionId: null });
      });
      const headers = new Map([['x-amz-meta-keydrift-sha256', sha256]]);
      const open = () => createReadStream(path) as AsyncIterable<Uint8Array>;
      const place = { connection, environment, signal };
      await putOnce(place, { location, headers, bytes, sha256, open });
      return await verify(connection, location, sha256, signal);
    },
    close: () => connections.close(),
  };
}

/** Reads all bytes of what stands there now, pinned. */
async function verify(
  connection: S3Connection,
  location: S3Location,
  sha256: string,
  signal: AbortSignal,
): Promise<Revision> {
  const hash = createHash('sha256');
  let object: PinnedObject;
  try {
    const { object: pinned, body } = await getObject(connection, location, signal);
    object = pinned;
    const reading = { object, opened: { body, start: 0, end: object.bytes } };
    for await (const chunk of readPinned(connection, reading, signal)) hash.update(chunk);
  } catch (error) {
    throw classify(error, { location, target: connection.target, versionId: null });
  }
  const { versionId, etag, lastModified } = object;
  if (hash.digest('hex') === sha256) {
    return objectRevision({ versionId, etag: bareEtag(etag), lastModified });
  }
  throw new KeydriftError(
    'STORE_CHECKSUM_MISMATCH',
    `${locationText(location)} holds other bytes than its name says.`,
    { hint: 'Something else wrote it. Look who may write to this prefix, and remove the object.' },
  );
}
