import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { KeydriftError, type S3Location } from '../../model/index.ts';
import { openConnections, type S3Connection, type S3SourceOptions } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { headObject, objectInput } from './head.ts';
import { pinnedObject } from './pinned.ts';
import { locationText } from './place.ts';
import { readPinned } from './read.ts';

/** A file to be staged, and what its bytes are. */
export interface StagedFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Writes files under names that say what they hold. */
export interface S3Stage {
  /**
   * Writes a file to a location whose key is of its content, once, and reads it back. An object
   * that is there already is not written again, and must hold the same bytes.
   * Throws the `S3_…` codes; `S3_CHECKSUM_MISMATCH` where other bytes stand there.
   */
  put(location: S3Location, file: StagedFile): Promise<void>;
  close(): Promise<void>;
}

/** Up to this size a file is sent from memory, so that a broken connection is tried again. */
const mostInMemory = 64 * 1024 * 1024;

/** Opens the way to S3 with the first file that is staged. */
export function openS3Stage(options: S3SourceOptions): S3Stage {
  const connections = openConnections(options);
  return {
    async put(location, file) {
      let connection: S3Connection;
      try {
        connection = await connections.to(location);
      } catch (error) {
        throw classify(error, {
          location,
          target: connections.targetOf(location),
          versionId: null,
        });
      }
      await write(connection, location, file, connections.closing);
      await verify(connection, location, file, connections.closing);
    },
    close: () => connections.close(),
  };
}

async function write(
  connection: S3Connection,
  location: S3Location,
  file: StagedFile,
  signal: AbortSignal,
): Promise<void> {
  try {
    await send(connection, location, file, { IfNoneMatch: '*' }, signal);
  } catch (error) {
    const { status } = readFailure(error);
    // It is there (412), or somebody writes the same bytes right now (409): reading back tells.
    if (status === 412 || status === 409) return;
    if (status !== 501) throw writeError(connection, location, error);
    // A server without conditional writes: what is under this name can only be the same bytes.
    await send(connection, location, file, {}, signal).catch((second: unknown) => {
      throw writeError(connection, location, second);
    });
  }
}

async function send(
  { sdk, client }: S3Connection,
  location: S3Location,
  { path, bytes, sha256 }: StagedFile,
  condition: { readonly IfNoneMatch?: '*' },
  signal: AbortSignal,
): Promise<void> {
  const command = new sdk.PutObjectCommand({
    ...objectInput(location, null),
    ...condition,
    Body: bytes > mostInMemory ? createReadStream(path) : await readFile(path),
    ContentLength: bytes,
    Metadata: { 'keydrift-sha256': sha256 },
  });
  await client.send(command, { abortSignal: signal });
}

/** Reads all bytes of what stands there now, pinned. */
async function verify(
  connection: S3Connection,
  location: S3Location,
  file: StagedFile,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  try {
    const object = pinnedObject(location, await headObject(connection, location, signal));
    for await (const chunk of readPinned(connection, object, undefined, signal)) hash.update(chunk);
  } catch (error) {
    throw classify(error, { location, target: connection.target, versionId: null });
  }
  if (hash.digest('hex') === file.sha256) return;
  throw new KeydriftError(
    'S3_CHECKSUM_MISMATCH',
    `${locationText(location)} holds other bytes than its name says.`,
    { hint: 'Something else wrote it. Look who may write to this prefix, and remove the object.' },
  );
}

function writeError({ target }: S3Connection, location: S3Location, error: unknown): KeydriftError {
  const { status, code, message, cause } = readFailure(error);
  if (status !== 403) return classify(error, { location, target, versionId: null });
  return new KeydriftError(
    'S3_ACCESS_DENIED',
    `${locationText(location)} may not be written (HTTP 403 ${code}: ${message}).`,
    {
      cause,
      hint: 'Staging needs s3:PutObject and s3:GetObject on this prefix (and kms:GenerateDataKey and kms:Decrypt where KMS encrypts).',
    },
  );
}
