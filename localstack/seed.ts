import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from './s3-server/index.ts';

/** Where an S3 API is, and as whom. */
export interface Endpoint {
  readonly url: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** One version of an object. */
export interface SeedVersion {
  readonly bucket: string;
  readonly key: string;
  /** Path in the seed's folder. */
  readonly file: string;
  /** Age, in hours; for a server whose clock can be set. */
  readonly hours: number;
}

export interface SeedOptions {
  /** Absolute path of the folder with `objects.txt`. */
  readonly folder: string;
  readonly client: S3Client;
  readonly signal?: AbortSignal;
  /** Called before each write: the place to set a server's clock. */
  readonly beforeWrite?: (version: SeedVersion) => void;
}

/** A client for any S3 server: path style, and only the checksums that S3 itself requires. */
export function openClient({ url, region, credentials }: Endpoint): S3Client {
  return new S3Client({
    endpoint: url,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // Without one, parts of the SDK write to the console.
    logger: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
}

function ignore(): void {}

/**
 * Fills an S3 server with the demo's versioned buckets and the history of their objects. An
 * object that already holds its last version is left alone: a second run writes nothing.
 * Gives the versions that were written, in order.
 */
export async function seed(options: SeedOptions): Promise<readonly SeedVersion[]> {
  const versions = parseSeedList(await readFile(join(options.folder, 'objects.txt'), 'utf8'));
  for (const bucket of new Set(versions.map((version) => version.bucket))) {
    await ensureBucket(options, bucket);
  }
  const written: SeedVersion[] = [];
  for (const history of histories(versions)) {
    if (await isUpToDate(options, history.at(-1))) continue;
    for (const version of history) {
      options.beforeWrite?.(version);
      await putFile(options, version);
      written.push(version);
    }
  }
  return written;
}

/** Writes one file of the folder as an object's next version; gives its version id. */
async function putFile(
  { folder, client, signal }: SeedOptions,
  { bucket, key, file }: Omit<SeedVersion, 'hours'>,
): Promise<string | undefined> {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: await readFile(join(folder, file)),
    ContentType: 'text/csv',
  });
  return (await client.send(put, sendOptions(signal))).VersionId;
}

/** The lines of `objects.txt`; throws an Error that names the line that is none. */
export function parseSeedList(text: string): SeedVersion[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const [bucket, key, file, hours, ...rest] = line.split(' ');
    const complete = bucket !== undefined && key !== undefined && file !== undefined;
    if (!complete || !/^\d+$/.test(hours ?? '') || rest.length > 0) {
      throw new Error(`objects.txt, line ${index + 1}: expected BUCKET KEY FILE HOURS: ${line}`);
    }
    return [{ bucket, key, file, hours: Number(hours) }];
  });
}

/** The versions of each object by itself. */
function histories(versions: readonly SeedVersion[]): Iterable<SeedVersion[]> {
  const byObject = new Map<string, SeedVersion[]>();
  for (const version of versions) {
    const object = `${version.bucket}/${version.key}`;
    byObject.set(object, [...(byObject.get(object) ?? []), version]);
  }
  return byObject.values();
}

async function ensureBucket({ client, signal }: SeedOptions, bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }), sendOptions(signal));
  } catch (error) {
    // Servers differ in how they say "it is yours already": what counts is that it can be used.
    if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 409) {
      throw error;
    }
    await client.send(new HeadBucketCommand({ Bucket: bucket }), sendOptions(signal));
  }
  const versioning = new PutBucketVersioningCommand({
    Bucket: bucket,
    VersioningConfiguration: { Status: 'Enabled' },
  });
  await client.send(versioning, sendOptions(signal));
}

/** Whether the object holds the bytes of that version, whatever was written before. */
async function isUpToDate(
  { folder, client, signal }: SeedOptions,
  version: SeedVersion | undefined,
): Promise<boolean> {
  if (version === undefined) return true;
  const get = new GetObjectCommand({ Bucket: version.bucket, Key: version.key });
  try {
    const { Body: body } = await client.send(get, sendOptions(signal));
    const held = (await body?.transformToByteArray()) ?? new Uint8Array();
    return (await readFile(join(folder, version.file))).equals(held);
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
}

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
