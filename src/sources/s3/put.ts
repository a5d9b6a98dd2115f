import { Readable } from 'node:stream';
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { KeydriftError, type ObjectWrite, type S3Location } from '../../model/index.ts';
import type { Environment } from './access.ts';
import { addHeaders, writeHeaders } from './attributes.ts';
import type { S3Connection } from './client.ts';
import { classifyWrite } from './denied-write.ts';
import { readFailure, type S3Failure } from './failure.ts';
import { objectInput } from './head.ts';
import { bareEtag } from './pinned.ts';
import { endpointText, locationText, type S3Place } from './place.ts';

/** A write: what, where and on which condition. */
export interface PutRequest {
  readonly location: S3Location;
  readonly write: ObjectWrite;
  readonly bytes: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
  open(): AsyncIterable<Uint8Array>;
}

/** What a store says that it wrote. */
export interface PutAnswer {
  readonly versionId: string | null;
  readonly etag: string;
}

/** S3 takes no more in one PUT. */
export const largestPut: number = 5 * 1024 ** 3;

/** Up to here a body is held in memory, and a broken connection is tried again by the SDK. */
const heldBytes = 64 * 1024 * 1024;

/**
 * One conditional PUT, its SHA-256 verified by the store. Throws `WRITTEN_MEANWHILE` when the
 * condition does not hold (any more), `CONDITIONS_NOT_HONOURED` where the store refuses conditions,
 * and what `classifyWrite` makes of the rest.
 */
export async function putObject(
  connection: S3Connection,
  request: PutRequest,
  environment: Environment,
  signal: AbortSignal,
): Promise<PutAnswer> {
  const { location, write } = request;
  const condition = conditionInput(write);
  try {
    const output = await sendPut(connection, request, condition, signal).catch((error: unknown) => {
      const { IfMatch: etag } = condition;
      if (readFailure(error).status !== 412 || etag === undefined) throw error;
      // Ceph RGW compares the header with the ETag without quotes: the very same one is a 412.
      return sendPut(connection, request, { IfMatch: bareEtag(etag) }, signal);
    });
    return { versionId: output.VersionId ?? null, etag: bareEtag(output.ETag ?? '') };
  } catch (error) {
    const place: S3Place = { location, target: connection.target, versionId: null };
    const failure = readFailure(error);
    if (write.condition !== null) {
      if (isLost(failure)) throw writtenMeanwhile(location, failure);
      if (failure.status === 501) throw notHonoured(place);
    }
    const needs = permissionsOf(write);
    throw await classifyWrite(error, { connection, place, environment, doing: 'Writing', needs });
  }
}

/** Whether a condition was judged, and does not hold. `If-Match` on a key that is gone is a 404. */
export function isLost({ status, code }: S3Failure): boolean {
  return status === 412 || status === 409 || (status === 404 && code === 'NoSuchKey');
}

/** The error of a store that does not make a write depend on what is there. */
export function notHonoured({ location, target }: S3Place): KeydriftError {
  return new KeydriftError(
    'CONDITIONS_NOT_HONOURED',
    `${endpointText(target)} does not honour conditional writes, so a write to ${locationText(location)} could undo another one unseen.`,
    {
      hint: 'Use a store that honours If-Match and If-None-Match, or make sure that nobody else writes, and say --unconditional.',
    },
  );
}

function writtenMeanwhile(location: S3Location, { status, code, cause }: S3Failure): KeydriftError {
  return new KeydriftError(
    'WRITTEN_MEANWHILE',
    `${locationText(location)} was written by somebody else since the plan (HTTP ${status} ${code}); nothing was overwritten.`,
    { cause, hint: 'Look at what is there now, and publish again if it is still wanted.' },
  );
}

async function sendPut(
  connection: S3Connection,
  request: PutRequest,
  condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
  signal: AbortSignal,
): Promise<PutObjectCommandOutput> {
  const { location, write, bytes, sha256 } = request;
  const { sdk, client } = connection;
  const body = Readable.from(request.open(), { objectMode: false });
  const held = bytes <= heldBytes ? await wholeOf(body, request) : null;
  const command = new sdk.PutObjectCommand({
    ...objectInput(location, null),
    ...condition,
    Body: held ?? body,
    ContentLength: bytes,
    ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
  });
  addHeaders(command, writeHeaders(write));
  try {
    return await client.send(command, { abortSignal: signal });
  } finally {
    body.destroy();
  }
}

async function wholeOf(body: Readable, { location, bytes }: PutRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  if (whole.length === bytes) return whole;
  throw new KeydriftError(
    'INTERNAL',
    `${whole.length} bytes were read for ${locationText(location)}, not ${bytes}`,
  );
}

function conditionInput({
  condition,
}: ObjectWrite): Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> {
  if (condition === null) return {};
  return 'ifMatch' in condition
    ? { IfMatch: `"${condition.ifMatch}"` }
    : { IfNoneMatch: condition.ifNoneMatch };
}

/** Every permission that a write needs. */
export function permissionsOf(write: ObjectWrite): readonly string[] {
  const key = write.kmsKeyId === null ? "the bucket's KMS key" : `the KMS key ${write.kmsKeyId}`;
  return [
    's3:PutObject',
    ...(write.condition !== null && 'ifMatch' in write.condition ? ['s3:GetObject'] : []),
    ...(write.tags.length > 0 ? ['s3:PutObjectTagging'] : []),
    ...(write.acl === null ? [] : ['s3:PutObjectAcl']),
    ...(write.sse?.startsWith('aws:kms') === true
      ? [`kms:GenerateDataKey and kms:Decrypt on ${key}`]
      : []),
  ];
}
