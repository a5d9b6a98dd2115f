import { Readable } from 'node:stream';
import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { S3Location } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { readFailure } from './failure.ts';

/** The part of a request that names the object. */
export function objectInput(
  location: S3Location,
  versionId: string | null,
): Pick<HeadObjectCommandInput, 'Bucket' | 'Key' | 'VersionId' | 'ExpectedBucketOwner'> {
  const { expectedOwner } = location.access;
  return {
    Bucket: location.bucket,
    Key: location.key,
    ...(versionId === null ? {} : { VersionId: versionId }),
    ...(expectedOwner === null ? {} : { ExpectedBucketOwner: expectedOwner }),
  };
}

/** The answer to a HEAD, and whether the store agreed to add its checksums. */
export interface ObjectHead {
  readonly output: HeadObjectCommandOutput;
  readonly checksums: 'asked' | 'refused';
}

/**
 * HEAD of a location, with the checksums that the store keeps. Throws what the SDK threw.
 *
 * The checksums of an object under KMS need kms:Decrypt, and other servers may refuse to tell
 * them: then the HEAD is repeated without. A HEAD that fails has no body to say why (no bucket, no
 * key? denied, or the wrong keys?): then the object is asked for one byte, and what is thrown is
 * the failure of that. At most four requests, plus the SDK's retries.
 */
export async function headObject(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<ObjectHead> {
  const head = (mode: Pick<HeadObjectCommandInput, 'ChecksumMode'>) => {
    const input = { ...objectInput(location, location.versionId), ...mode };
    const command = new connection.sdk.HeadObjectCommand(input);
    return connection.client.send(command, { abortSignal: signal });
  };
  try {
    return { output: await head({ ChecksumMode: 'ENABLED' }), checksums: 'asked' };
  } catch (error) {
    if (!isUnexplained(error, connection.target.region)) throw error;
    if (mayMeanChecksums(error)) {
      const output = await head({}).catch(() => null);
      if (output !== null) return { output, checksums: 'refused' };
    }
    await askForAByte(connection, location, signal);
    // It is there after all: it came between the two requests.
    return { output: await head({}), checksums: 'refused' };
  }
}

/** Statuses that an answer without a body leaves open. */
const unexplained: ReadonlySet<number> = new Set([301, 307, 400, 403, 404, 501]);

function isUnexplained(error: unknown, askedRegion: string | null): boolean {
  const { status, region, deleteMarker } = readFailure(error);
  if (status === null || !unexplained.has(status)) return false;
  // The region that is named is all there is to know.
  const isElsewhere =
    region !== null && (status < 400 || (status === 400 && region !== askedRegion));
  return deleteMarker === null && !isElsewhere;
}

function mayMeanChecksums(error: unknown): boolean {
  const { status } = readFailure(error);
  return status === 400 || status === 403 || status === 501;
}

/** Throws what S3 says to it. That there is no byte to give (416) is no failure. */
async function askForAByte(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<void> {
  const { sdk, client } = connection;
  const input = objectInput(location, location.versionId);
  const command = new sdk.GetObjectCommand({ ...input, Range: 'bytes=0-0' });
  try {
    const { Body } = await client.send(command, { abortSignal: signal });
    // Where a server ignores ranges this is the whole object.
    if (Body instanceof Readable) Body.destroy();
  } catch (error) {
    if (readFailure(error).status !== 416) throw error;
  }
}
