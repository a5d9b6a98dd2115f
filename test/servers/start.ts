import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  startS3Server as startEmbedded,
  type S3Server,
  type S3ServerOptions,
  type SeedObject,
} from '../../localstack/s3-server/index.ts';
import { lacked, type Capability } from './capabilities.ts';
import { openClient, type Client } from './client.ts';
import { current, placeOf, standBefore, type ChosenTimes, type Shared } from './front.ts';

/** The server that scripts/test-servers.mjs names; undefined: each stage has an embedded one. */
export const shared: Shared | undefined = sharedOf(process.env);

function sharedOf(environment: NodeJS.ProcessEnv): Shared | undefined {
  const endpoint = environment['KEYDRIFT_TEST_S3_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return undefined;
  return {
    endpoint,
    region: environment['AWS_REGION'] ?? 'us-east-1',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    },
  };
}

/** Before the name of each bucket that a test makes on a server that is shared. */
export function newPrefix(): string {
  const run = process.env['KEYDRIFT_TEST_S3_PREFIX'] ?? 'keydrift-test-';
  return `${run}${randomBytes(4).toString('hex')}-`;
}

/** What a test fails of that a server lacks, as it was probed: the script tells it by name. */
export function requires(...capabilities: readonly Capability[]): void {
  const lacks = capabilities.find((one) => lacked.has(one));
  if (lacks !== undefined) throw new Error(`THE SERVER LACKS: ${lacks}`);
}

/** What a test fails of that no server but the embedded one can be asked. */
function needs(what: string): Error {
  return new Error(`NEEDS THE EMBEDDED SERVER: ${what}`);
}

/** What a publication needs said where the server honours no conditions. */
export const unconditional: readonly string[] = lacked.has('conditional writes')
  ? ['--unconditional']
  : [];

/** Fails a test of what no server that is shared can be asked. */
export function needsEmbedded(what: string): void {
  if (shared !== undefined) throw needs(what);
}

/**
 * The server of a stage: the embedded one, or one that stands before the shared one, with a log of
 * requests and faults all the same.
 */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  if (shared === undefined) return startEmbedded(options);
  const { clock, newVersionId } = options;
  if (clock !== undefined || newVersionId !== undefined) throw needs('a clock, or ids of its own');
  client ??= openClient(shared);
  return before(shared, client);
}

/** One for all stages of a worker. */
let client: Client | undefined;

async function before(foreign: Shared, ask: Client): Promise<S3Server> {
  const prefix = newPrefix();
  const times: ChosenTimes = new Map();
  const open = new Set<string>();
  const own = { accessKeyId: 'test', secretAccessKey: 'test' };
  const behind = standBefore(foreign, own, prefix, { times, open });
  const front = await startEmbedded({ credentials: own, behind });
  /** Notes the time of a place that is written to, or forgets it. */
  const note = (
    { bucket, key, lastModified }: Omit<SeedObject, 'body'>,
    versionId: string,
  ): void => {
    for (const id of [versionId, current]) {
      const place = placeOf(bucket, key, id);
      if (lastModified === undefined) times.delete(place);
      else times.set(place, new Date(Math.floor(lastModified.getTime() / 1000) * 1000));
    }
  };
  return {
    ...front,
    settings: settingsOfNobody,
    createBucket(name, { versioning, region } = {}) {
      if (region !== undefined) throw needs('a bucket of another region');
      ask('CreateBucket', { Bucket: `${prefix}${name}` });
      if (versioning === undefined) return;
      if (lacked.has('versions')) return;
      const VersioningConfiguration = { Status: versioning };
      ask('PutBucketVersioning', { Bucket: `${prefix}${name}`, VersioningConfiguration });
    },
    setPublic: (bucket) => void open.add(bucket),
    putObject(object) {
      const { bucket, key, body, headers = {} } = object;
      for (const [name, value] of Object.entries(headers)) requiresHeader(name, value);
      const at = { Bucket: `${prefix}${bucket}`, Key: key };
      const told = ask('PutObject', { ...at, Body: Buffer.from(body) }, headers);
      note(object, told.VersionId ?? 'null');
      return { versionId: told.VersionId ?? 'null', etag: told.ETag ?? '' };
    },
    deleteObject(place) {
      const at = { Bucket: `${prefix}${place.bucket}`, Key: place.key };
      const { VersionId } = ask('DeleteObject', at);
      note(place, VersionId ?? 'null');
      return VersionId;
    },
  };
}

/** What a header of an object asks of a server. */
function requiresHeader(name: string, value: string): void {
  const found = headerCapabilities.find(([header, asks]) => header === name && asks.test(value));
  if (found !== undefined) requires(found[2]);
}

const headerCapabilities: readonly (readonly [string, RegExp, Capability])[] = [
  ['x-amz-tagging', /./, 'tags'],
  ['x-amz-server-side-encryption', /kms/, 'encryption by a key of KMS'],
  ['x-amz-storage-class', /GLACIER|ARCHIVE/, 'archived objects'],
  ['x-amz-storage-class', /./, 'storage classes'],
  ['x-amz-checksum-sha256', /./, 'stored SHA-256'],
];

/** How one server differs from another is not for a test to say. */
const settingsOfNobody: S3Server['settings'] = new Proxy({} as S3Server['settings'], {
  get: () => {
    throw needs('settings');
  },
  set: () => {
    throw needs('settings');
  },
});

/** An object as anybody who may read it gets it; null: there is none. */
export async function readObject(
  server: S3Server,
  bucket: string,
  key: string,
): Promise<{ readonly body: string; readonly headers: Headers } | null> {
  // As it is stored: `fetch` takes encodings off that it knows, by what the header says.
  const [answer] = (await once(get(`${server.endpoint}/${bucket}/${key}`), 'response')) as [
    IncomingMessage,
  ];
  const body = await text(answer);
  const headers = new Headers(
    Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
  );
  return answer.statusCode === 404 ? null : { body, headers };
}
