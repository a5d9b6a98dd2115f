import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import {
  KeydriftError,
  type PutAnswer,
  type S3Location,
  type WriteCondition,
  type Environment,
} from '../../model/index.ts';
import { addHeaders, type Headers } from './attributes.ts';
import type { S3Connection } from './client.ts';
import { classifyWrite } from './denied-write.ts';
import { readFailure, type S3Failure } from './failure.ts';
import { bareEtag, objectInput } from './pin.ts';
import { locationText } from './place.ts';

/** A write: what, where and on which condition. */
export interface PutRequest {
  readonly location: S3Location;
  /** Null: whatever is there. */
  readonly condition: WriteCondition | null;
  /** Everything that is said of the object, encryption included. */
  readonly headers: Headers;
  readonly bytes: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
  open(): AsyncIterable<Uint8Array>;
}

/** `lost`: the condition was judged, and does not hold; `refused`: the store takes no conditions. */
export type PutOutcome =
  | ({ readonly outcome: 'written' } & PutAnswer)
  | { readonly outcome: 'lost' | 'refused'; readonly failure: S3Failure };

/** The way to a store that is written to. */
export interface PutPlace {
  readonly connection: S3Connection;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Up to here a body is held in memory, and a broken connection is tried again by the SDK. */
const heldBytes = 64 * 1024 * 1024;

/** How often a write is sent that meets another one to the same key (409): the SDK sends it once. */
const mostConflicts = 4;

/** Before it is sent again, in milliseconds; doubled each time. */
const conflictWaitMs = 50;

/**
 * The one way to write: one PUT, all or nothing, its SHA-256 verified by the store. Throws what
 * `classifyWrite` makes of a failure.
 */
export async function putObject(place: PutPlace, request: PutRequest): Promise<PutOutcome> {
  const { connection, environment, signal } = place;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const output = await sendWithEitherEtag(connection, request, signal);
      const etag = bareEtag(output.ETag ?? '');
      return { outcome: 'written', versionId: output.VersionId ?? null, etag };
    } catch (error) {
      const failure = readFailure(error);
      if (failure.status === 409 && attempt < mostConflicts) {
        await setTimeout(conflictWaitMs * 2 ** (attempt - 1), undefined, { signal });
        continue;
      }
      if (request.condition !== null && isLost(failure)) return { outcome: 'lost', failure };
      if (request.condition !== null && failure.status === 501) {
        return { outcome: 'refused', failure };
      }
      const { location } = request;
      const at = { location, target: connection.target, versionId: null };
      const needs = permissionsOf(request);
      throw await classifyWrite(error, {
        connection,
        place: at,
        environment,
        doing: 'Writing',
        needs,
      });
    }
  }
}

/**
 * Writes an object whose name says what it holds: it is left alone where it is there, as far as a
 * server knows conditions. What stands there is the caller's to read back.
 */
export async function putOnce(
  place: PutPlace,
  request: Omit<PutRequest, 'condition'>,
): Promise<'written' | 'exists'> {
  const { outcome } = await putObject(place, { ...request, condition: { ifNoneMatch: '*' } });
  if (outcome === 'lost') return 'exists';
  if (outcome === 'refused') await putObject(place, { ...request, condition: null });
  return 'written';
}

/** Whether a condition was judged, and does not hold. `If-Match` on a key that is gone is a 404. */
function isLost({ status, code }: S3Failure): boolean {
  return status === 412 || status === 409 || (status === 404 && code === 'NoSuchKey');
}

type ConditionInput = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

async function sendWithEitherEtag(
  connection: S3Connection,
  request: PutRequest,
  signal: AbortSignal,
): Promise<PutObjectCommandOutput> {
  const { condition } = request;
  if (condition === null) return send(connection, request, {}, signal);
  if ('ifNoneMatch' in condition) return send(connection, request, { IfNoneMatch: '*' }, signal);
  const { ifMatch } = condition;
  return send(connection, request, { IfMatch: `"${ifMatch}"` }, signal).catch((error: unknown) => {
    if (readFailure(error).status !== 412) throw error;
    // Ceph RGW compares the header with the ETag without quotes: the very same one is a 412.
    return send(connection, request, { IfMatch: ifMatch }, signal);
  });
}

async function send(
  { sdk, client }: S3Connection,
  request: PutRequest,
  condition: ConditionInput,
  signal: AbortSignal,
): Promise<PutObjectCommandOutput> {
  const { location, headers, bytes, sha256 } = request;
  const body = Readable.from(request.open(), { objectMode: false });
  const held = bytes <= heldBytes ? await wholeOf(body, request) : null;
  const command = new sdk.PutObjectCommand({
    ...objectInput(location, null),
    ...condition,
    Body: held ?? body,
    ContentLength: bytes,
    ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
  });
  addHeaders(command, headers);
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

/** Every permission that a write needs. */
function permissionsOf({ condition, headers }: PutRequest): readonly string[] {
  const isKms = headers.get('x-amz-server-side-encryption')?.startsWith('aws:kms') === true;
  const kmsKey = headers.get('x-amz-server-side-encryption-aws-kms-key-id');
  const key = kmsKey === undefined ? "the bucket's KMS key" : `the KMS key ${kmsKey}`;
  return [
    's3:PutObject',
    ...(condition !== null && 'ifMatch' in condition ? ['s3:GetObject'] : []),
    ...(headers.has('x-amz-tagging') ? ['s3:PutObjectTagging'] : []),
    ...(headers.has('x-amz-acl') ? ['s3:PutObjectAcl'] : []),
    ...(isKms ? [`kms:GenerateDataKey and kms:Decrypt on ${key}`] : []),
  ];
}
