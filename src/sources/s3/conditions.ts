import { createHash, randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectories } from '../facts/private.ts';
import { sha256Hex, type S3Location } from '../../model/index.ts';
import type { Headers } from './attributes.ts';
import { objectInput } from './pin.ts';
import { locationText } from './place.ts';
import { putObject, type PutPlace } from './put.ts';
import type { Versioning } from './versioning.ts';

/** What a store makes of conditions on a write. */
export interface Probed {
  readonly conditions: 'honoured' | 'ignored';
  /** The scratch object, where it could not be removed. */
  readonly leftOver: string | null;
}

/** Longest key of S3, in bytes of UTF-8. */
const longestKey = 1024;

/** An ETag that no object has: the MD5 of nothing that was ever hashed. */
const noEtag = '00000000000000000000000000000000';

const nothing = {
  bytes: 0,
  sha256: createHash('sha256').digest('hex'),
  async *open(): AsyncIterable<Uint8Array> {},
};

/**
 * Whether a store honours `If-None-Match` and `If-Match` on a write, tried on a scratch object
 * beside the real one, under the same protection; it is removed again.
 */
export async function probeConditions(
  place: PutPlace,
  location: S3Location,
  protection: Headers,
): Promise<Probed> {
  const scratch: S3Location = { ...location, key: scratchKey(location.key) };
  const written: (string | null)[] = [];
  const put = async (condition: { ifNoneMatch: '*' } | { ifMatch: string }) => {
    const request = { ...nothing, location: scratch, condition, headers: protection };
    const answer = await putObject(place, request);
    if (answer.outcome === 'written') written.push(answer.versionId);
    return answer.outcome;
  };
  let conditions: Probed['conditions'] = 'ignored';
  let left: 'nothing' | 'scratch' = 'nothing';
  try {
    // Where its answer was lost, the first write meets itself: then it stands as well.
    const created = await put({ ifNoneMatch: '*' });
    const honoured =
      created !== 'refused' &&
      (await put({ ifNoneMatch: '*' })) === 'lost' &&
      (await put({ ifMatch: noEtag })) === 'lost';
    conditions = honoured ? 'honoured' : 'ignored';
  } finally {
    left = await remove(place, scratch, written);
  }
  return { conditions, leftOver: left === 'nothing' ? null : locationText(scratch) };
}

/** Every version that was written, so that a versioned bucket keeps no trace; else the key. */
async function remove(
  { connection: { sdk, client }, signal }: PutPlace,
  scratch: S3Location,
  written: readonly (string | null)[],
): Promise<'nothing' | 'scratch'> {
  const attempt = async (versionId: string | null): Promise<'removed' | 'denied'> => {
    const command = new sdk.DeleteObjectCommand(objectInput(scratch, versionId));
    return client.send(command, { abortSignal: signal }).then(
      () => 'removed' as const,
      () => 'denied' as const,
    );
  };
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

/** After this long a store is probed again: another one may have taken its place. */
const keptMs = 7 * 24 * 3600 * 1000;

/** Stores that were seen to honour conditional writes. The others are probed every time. */
export interface ConditionMemory {
  knows(store: ProbedStore): Promise<boolean>;
  remember(store: ProbedStore): Promise<void>;
}

/**
 * What a probe speaks of: a server may honour conditions in some of its buckets only (Ceph RGW
 * does so where a bucket was never versioned).
 */
export interface ProbedStore {
  readonly endpoint: string;
  readonly bucket: string;
  /** Where it is `unknown`, nothing is remembered: it may change unseen. */
  readonly versioning: Versioning;
}

/** A memory in the `s3` folder of the cache directory; one that cannot be written forgets. */
export function openConditionMemory(cacheDirectory: string): ConditionMemory {
  const folder = join(cacheDirectory, 's3');
  const fileOf = ({ endpoint, bucket, versioning }: ProbedStore): string => {
    const name = JSON.stringify([endpoint, bucket, versioning]);
    return join(folder, `conditional-writes-${sha256Hex(name)}`);
  };
  return {
    async knows(store) {
      if (store.versioning === 'unknown') return false;
      const made = await stat(fileOf(store)).catch(() => null);
      const age = made === null ? keptMs : Date.now() - made.mtimeMs;
      return age < keptMs;
    },
    async remember(store) {
      if (store.versioning === 'unknown') return;
      const temporary = join(folder, `${randomUUID()}.tmp`);
      try {
        await makeDirectories(folder);
        await writeFile(temporary, '', { flag: 'wx' });
        await rename(temporary, fileOf(store));
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}
