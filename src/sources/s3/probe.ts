import { randomUUID } from 'node:crypto';
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import type { ObjectWrite, S3Location } from '../../model/index.ts';
import type { Environment } from './access.ts';
import { addHeaders, protectionHeaders } from './attributes.ts';
import type { S3Connection } from './client.ts';
import { classifyWrite } from './denied-write.ts';
import { readFailure } from './failure.ts';
import { objectInput } from './head.ts';
import { locationText, type S3Place } from './place.ts';
import { isLost, permissionsOf } from './put.ts';

/** What a store makes of conditions on a write. */
export interface Probed {
  readonly conditions: 'honoured' | 'ignored';
  /** The scratch object, where it could not be removed. */
  readonly leftOver: string | null;
}

/** Longest key of S3, in bytes of UTF-8. */
const longestKey = 1024;

/** An ETag that no object has: the MD5 of nothing that was ever hashed. */
const noEtag = '"00000000000000000000000000000000"';

/**
 * Whether a store honours `If-None-Match` and `If-Match` on a write, tried on a scratch object
 * beside the real one, under the same protection; it is removed again.
 */
export async function probeConditions(
  connection: S3Connection,
  location: S3Location,
  write: ObjectWrite,
  environment: Environment,
  signal: AbortSignal,
): Promise<Probed> {
  const scratch: S3Location = { ...location, key: scratchKey(location.key) };
  const place: S3Place = { location: scratch, target: connection.target, versionId: null };
  const written: (string | null)[] = [];
  const put = async (condition: Condition): Promise<'done' | 'lost' | 'refused'> => {
    try {
      const output = await send(connection, scratch, write, condition, signal);
      written.push(output.VersionId ?? null);
      return 'done';
    } catch (error) {
      const failure = readFailure(error);
      if (isLost(failure)) return 'lost';
      if (failure.status === 501) return 'refused';
      const needs = permissionsOf({ ...write, condition: null, tags: [] });
      throw await classifyWrite(error, { connection, place, environment, doing: 'Writing', needs });
    }
  };
  let conditions: Probed['conditions'] = 'ignored';
  let left: 'nothing' | 'scratch' = 'nothing';
  try {
    // Where its answer was lost, the first write meets itself: then it stands as well.
    const created = await put({ IfNoneMatch: '*' });
    const honoured =
      created !== 'refused' &&
      (await put({ IfNoneMatch: '*' })) === 'lost' &&
      (await put({ IfMatch: noEtag })) === 'lost';
    conditions = honoured ? 'honoured' : 'ignored';
  } finally {
    left = await remove(connection, scratch, written, signal);
  }
  return { conditions, leftOver: left === 'nothing' ? null : locationText(scratch) };
}

type Condition = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

function send(
  { sdk, client }: S3Connection,
  scratch: S3Location,
  write: ObjectWrite,
  condition: Condition,
  signal: AbortSignal,
): Promise<PutObjectCommandOutput> {
  const input = { ...objectInput(scratch, null), ...condition, Body: '' };
  const command = new sdk.PutObjectCommand(input);
  addHeaders(command, protectionHeaders(write));
  return client.send(command, { abortSignal: signal });
}

/** Every version that was written, so that a versioned bucket keeps no trace; else the key. */
async function remove(
  { sdk, client }: S3Connection,
  scratch: S3Location,
  written: readonly (string | null)[],
  signal: AbortSignal,
): Promise<'nothing' | 'scratch'> {
  const attempt = async (versionId: string | null): Promise<'removed' | 'denied'> => {
    const command = new sdk.DeleteObjectCommand(objectInput(scratch, versionId));
    return client.send(command, { abortSignal: signal }).then(
      () => 'removed' as const,
      () => 'denied' as const,
    );
  };
  if (written.length === 0) return 'nothing';
  let left: 'nothing' | 'scratch' = 'nothing';
  for (const versionId of written) {
    if ((await attempt(versionId)) === 'removed') continue;
    // Without s3:DeleteObjectVersion a delete marker hides it.
    if (versionId === null || (await attempt(null)) === 'denied') left = 'scratch';
  }
  return left;
}

/** Beside the object; no suffix such as `.csv`, for which somebody may listen. */
function scratchKey(key: string): string {
  const suffix = `.keydrift-probe-${randomUUID().slice(0, 8)}`;
  if (Buffer.byteLength(key + suffix) <= longestKey) return key + suffix;
  return `${key.slice(0, key.lastIndexOf('/') + 1)}${suffix}`;
}
