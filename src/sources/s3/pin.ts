import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { HeadObjectCommandInput } from '@aws-sdk/client-s3';
import type { PublishedClaim, S3Location } from '../../model/index.ts';
import { storedChecksum, storedSha256, type StoredChecksum } from './checksum.ts';
import { claimOf } from './claim.ts';
import type { S3Connection } from './client.ts';
import { foreignAnswer } from './errors.ts';
import { readFailure } from './failure.ts';
import { isPage, type Head, type PinningOutput } from './get.ts';

/** What the first answer pinned. */
export interface PinnedObject {
  readonly location: S3Location;
  /** Null in a bucket that was never versioned; `"null"` for a null version. */
  readonly versionId: string | null;
  /** As the store sent it, quotes and all: it is sent back like that. */
  readonly etag: string;
  /** ISO 8601 in UTC. */
  readonly lastModified: string;
  readonly bytes: number;
  /** Whether a HEAD said so; a GET may come through what shortens both body and length. */
  readonly bytesBy: 'head' | 'get';
  /** Null where the store has none of the whole object that can be computed here. */
  readonly checksum: StoredChecksum | null;
  /** Of the whole object, hex, as the store keeps it; null: it keeps none. */
  readonly sha256: string | null;
  /** A permission that reading the bytes needs, and that this reader seems to lack. */
  readonly suspect: 'kms:Decrypt' | null;
  /** Whether the answer that pinned it holds something that only S3 says. */
  readonly isOfS3: boolean;
  /** Null where its metadata claim nothing. */
  readonly claim: PublishedClaim | null;
}

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

/** An object that a GET pinned by its own headers, with the body that came. */
export interface OpenObject {
  readonly object: PinnedObject;
  readonly body: IncomingMessage;
}

/**
 * Pins by a GET of the whole object: what pins it and its first stream are one answer (SPEC §6).
 * Throws what the SDK threw, or `STORE_FOREIGN_ANSWER`. Who calls it ends the body.
 */
export async function getObject(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<OpenObject> {
  const get = (checksums: 'asked' | 'not asked'): ReturnType<S3Connection['get']> =>
    connection.get(objectInput(location, location.versionId), { checksums, signal });
  const output = await get('asked').catch((error: unknown) => {
    const { status } = readFailure(error);
    if (status !== 501) throw error;
    return get('not asked');
  });
  const { Body: body } = output;
  try {
    const { location: of, ...pinned } = pinnedBy(connection, location, output);
    requireWhole(connection, location, output);
    if (!(body instanceof IncomingMessage)) throw foreign(connection, location, 'without a body');
    // What breaks a body that nobody reads is told to whoever reads it.
    body.on('error', () => undefined);
    return { object: { location: of, ...pinned, bytesBy: 'get', suspect: null }, body };
  } catch (error) {
    if (body instanceof Readable) body.destroy();
    throw error;
  }
}

/** The answer to a HEAD, and whether the store agreed to add its checksums. */
export interface ObjectHead<Output extends PinningOutput = PinningOutput> {
  readonly output: Output;
  readonly checksums: 'asked' | 'refused';
}

/**
 * HEAD of a location, with the checksums that the store keeps. Throws what the SDK threw.
 *
 * The checksums of an object under KMS need kms:Decrypt, and other servers may refuse to tell
 * them: then the HEAD is repeated without. A HEAD that fails has no body to say why (no bucket, no
 * key? denied, or the wrong keys? no S3 at all?): then the object is asked for one byte, and what is
 * thrown is the failure of that. At most four requests, plus the SDK's retries.
 */
export async function headObject<Output extends PinningOutput>(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
  ask: Head<Output>,
): Promise<ObjectHead<Output>> {
  const head = (checksums: 'asked' | 'not asked'): Promise<Output> =>
    ask(objectInput(location, location.versionId), { checksums, signal });
  try {
    return { output: await head('asked'), checksums: 'asked' };
  } catch (error) {
    if (!isUnexplained(error, connection.target.region)) throw error;
    if (mayMeanChecksums(error)) {
      const output = await head('not asked').catch(() => null);
      if (output !== null) return { output, checksums: 'refused' };
    }
    await askForAByte(connection, location, signal);
    // It is there after all: it came between the two requests.
    return { output: await head('not asked'), checksums: 'refused' };
  }
}

/** Statuses that say all without a body, or that the SDK has tried again already. */
const explained: ReadonlySet<number> = new Set([304, 405, 412, 429, 500, 502, 503, 504]);

function isUnexplained(error: unknown, askedRegion: string | null): boolean {
  const { status, region, deleteMarker } = readFailure(error);
  if (status === null || status < 300 || explained.has(status)) return false;
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
    const output = await client.send(command, { abortSignal: signal });
    // Where a server ignores ranges this is the whole object.
    if (output.Body instanceof Readable) output.Body.destroy();
    pinnedBy(connection, location, output);
  } catch (error) {
    if (readFailure(error).status !== 416) throw error;
  }
}

/** Reads a HEAD's answer. Throws `STORE_FOREIGN_ANSWER` where it lacks what a copy is pinned by. */
export function pinnedObject(
  connection: S3Connection,
  location: S3Location,
  head: ObjectHead,
): PinnedObject {
  const { output, checksums } = head;
  requireWhole(connection, location, output);
  const isUnderKms = output.ServerSideEncryption?.startsWith('aws:kms') === true;
  return {
    ...pinnedBy(connection, location, output),
    bytesBy: 'head',
    suspect: checksums === 'refused' && isUnderKms ? 'kms:Decrypt' : null,
  };
}

function pinnedBy(
  connection: S3Connection,
  location: S3Location,
  output: PinningOutput,
): Omit<PinnedObject, 'bytesBy' | 'suspect'> {
  const { ETag: etag, ContentLength: bytes, LastModified: lastModified } = output;
  checkAnswer(connection, location, output);
  if (lastModified === undefined || Number.isNaN(lastModified.getTime())) {
    throw foreign(connection, location, 'without a usable Last-Modified');
  }
  const { versionId } = location;
  const { VersionId: told = '' } = output;
  if (versionId !== null && told !== '' && told !== versionId) {
    throw foreign(connection, location, `about version ${told} where ${versionId} was asked for`);
  }
  return {
    location,
    versionId: output.VersionId ?? location.versionId,
    etag: etag!,
    lastModified: lastModified.toISOString(),
    bytes: bytes!,
    checksum: storedChecksum(output),
    sha256: storedSha256(output),
    isOfS3: isOfS3(output),
    claim: claimOf(output.Metadata),
  };
}

/** Whether an answer has a head of S3's: a portal's page may have an ETag, a length and a time. */
function isOfS3(output: PinningOutput): boolean {
  const { requestId, extendedRequestId } = output.$metadata;
  const said = [requestId, extendedRequestId, output.VersionId, output.ServerSideEncryption];
  const isSaid = said.some((one) => one !== undefined);
  const hasMetadata = Object.keys(output.Metadata ?? {}).length > 0;
  return isSaid || hasMetadata || storedChecksum(output) !== null;
}

/** Throws for a part of an object that nobody asked for: its length and checksums are not the object's. */
function requireWhole(
  connection: S3Connection,
  location: S3Location,
  { $metadata: { httpStatusCode: status } }: PinningOutput,
): void {
  if (status === 206) throw foreign(connection, location, 'of a part (HTTP 206)');
}

/** Throws `STORE_FOREIGN_ANSWER` for what S3 never answers: bytes of nobody knows what. */
export function checkAnswer(
  connection: S3Connection,
  location: S3Location,
  output: Pick<PinningOutput, 'ETag' | 'ContentLength' | 'ContentType' | '$metadata'>,
): void {
  const { ETag: etag, ContentLength: bytes, ContentType: type, $metadata: metadata } = output;
  if (etag === undefined || /^(?:W\/)?(?:"")?$/.test(etag))
    throw foreign(connection, location, 'without an ETag');
  if (bytes === undefined || !Number.isSafeInteger(bytes)) {
    throw foreign(connection, location, 'without a usable Content-Length');
  }
  if (
    isPage(type ?? '') &&
    metadata.requestId === undefined &&
    metadata.extendedRequestId === undefined
  ) {
    throw foreign(connection, location, 'with a page of HTML');
  }
}

function foreign(connection: S3Connection, location: S3Location, lacking: string): Error {
  const { target } = connection;
  const place = { location, target, versionId: location.versionId };
  return foreignAnswer(place, `an answer ${lacking}`);
}

/** An ETag without the quotes around it, as reports show it; weak ones as they are. */
export function bareEtag(etag: string): string {
  return /^".*"$/s.test(etag) ? etag.slice(1, -1) : etag;
}
