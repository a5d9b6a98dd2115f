import { createHash } from 'node:crypto';
import { KeydriftError, type S3Location } from '../../model/index.ts';
import { openConnections, type S3Connection, type S3SourceOptions } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { objectInput } from './head.ts';
import { awsCommand, endpointText, locationText } from './place.ts';

/** An object to be written whole. */
export interface S3Write {
  readonly location: S3Location;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** `absent`: only where no object is there yet, as far as the server honours conditions. */
  readonly when: 'absent' | 'always';
}

/** Writes objects whole; what is read back is the caller's to check. */
export interface S3Writer {
  /** Throws the `S3_…` codes. `exists`: an object was there, and nothing was written. */
  write(write: S3Write): Promise<'written' | 'exists'>;
  close(): Promise<void>;
}

/** How often a write is repeated that met another one to the same key (409). */
const mostConflicts = 4;

export function openS3Writer(options: S3SourceOptions): S3Writer {
  const connections = openConnections(options);
  return {
    async write(write) {
      const { location } = write;
      let connection: S3Connection | null = null;
      try {
        connection = await connections.to(location);
        return await put(connection, write, connections.closing);
      } catch (error) {
        throw writeError(error, location, connection ?? { target: connections.targetOf(location) });
      }
    },
    close: () => connections.close(),
  };
}

/** One PUT with a SHA-256 that S3 checks; the condition is left out where a server lacks it. */
async function put(
  connection: S3Connection,
  { location, bytes, contentType, when }: S3Write,
  signal: AbortSignal,
): Promise<'written' | 'exists'> {
  const { Bucket, Key, ExpectedBucketOwner } = objectInput(location, null);
  const input = {
    Bucket,
    Key,
    ...(ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }),
    Body: bytes,
    ContentType: contentType,
    ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
  };
  const send = async (condition: { IfNoneMatch?: '*' }): Promise<void> => {
    const command = new connection.sdk.PutObjectCommand({ ...input, ...condition });
    await connection.client.send(command, { abortSignal: signal });
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send(when === 'absent' ? { IfNoneMatch: '*' } : {});
      return 'written';
    } catch (error) {
      const { status } = readFailure(error);
      if (when === 'absent' && status === 412) return 'exists';
      if (when === 'absent' && status === 501) {
        await send({});
        return 'written';
      }
      if (status !== 409 || attempt >= mostConflicts) throw error;
    }
  }
}

/** The words for reading do not fit a write that is denied. */
function writeError(
  error: unknown,
  location: S3Location,
  { target }: Pick<S3Connection, 'target'>,
): KeydriftError {
  const known = classify(error, { location, target, versionId: null });
  if (known.code !== 'S3_ACCESS_DENIED') return known;
  const { code, message } = readFailure(error);
  return new KeydriftError(
    'S3_ACCESS_DENIED',
    `Writing ${locationText(location)} at ${endpointText(target)} is denied (${code}: ${message}).`,
    {
      cause: known.cause,
      hint: `The writer needs s3:PutObject (and kms:GenerateDataKey where KMS encrypts). Who asks: ${awsCommand({ ...target, endpoint: null }, ['sts', 'get-caller-identity'])}`,
    },
  );
}
