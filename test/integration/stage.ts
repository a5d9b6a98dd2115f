import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { lacked, openTestClient } from '../servers/capabilities.ts';
import type { Shared } from '../servers/front.ts';
import { newPrefix, shared, startS3Server } from '../servers/start.ts';

/** The S3 server of a test file: its own, or the one that KEYDRIFT_TEST_S3_ENDPOINT names. */
export interface S3Stage {
  readonly endpoint: string;
  /** What a process needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  /** A bucket with versioning; a new one for each test file. */
  readonly bucket: string;
  /** Resolves to the version's id. */
  put(key: string, body: string | Uint8Array, bucket?: string): Promise<string>;
  remove(key: string): Promise<void>;
  /** A new bucket; `versioning` as S3 calls it. */
  createBucket(versioning: 'Enabled' | 'never'): Promise<string>;
}

/** The variables of somebody who may read a server. */
export function environmentOf(
  endpoint: string,
  { region, credentials }: Omit<Shared, 'endpoint'> = anybody,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

const anybody = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** Starts, or joins, the server before the tests of a file. */
export function setS3Stage(): S3Stage {
  let store: Store;
  let bucket = '';
  const createBucket = async (versioning: 'Enabled' | 'never'): Promise<string> => {
    const name = `${newPrefix()}b`;
    await store.createBucket(name, versioning);
    return name;
  };
  beforeAll(async () => {
    store = shared === undefined ? await ownStore() : await joinStore(shared);
    bucket = await createBucket('Enabled');
  });
  afterAll(() => store.close());
  return {
    get endpoint() {
      return store.endpoint;
    },
    get env() {
      return environmentOf(store.endpoint, shared);
    },
    get bucket() {
      return bucket;
    },
    put: (key, body, into = bucket) => store.put(into, key, body),
    remove: (key) => store.remove(bucket, key),
    createBucket,
  };
}

/** What tests do to a store. */
interface Store {
  readonly endpoint: string;
  createBucket(name: string, versioning: 'Enabled' | 'never'): Promise<void>;
  put(bucket: string, key: string, body: string | Uint8Array): Promise<string>;
  remove(bucket: string, key: string): Promise<void>;
  close(): Promise<void>;
}

/** The embedded server, which is written to without a client: loading one takes longer than a test. */
async function ownStore(): Promise<Store> {
  const server = await startS3Server();
  return {
    endpoint: server.endpoint,
    createBucket: (name, versioning) => {
      server.createBucket(name, versioning === 'Enabled' ? { versioning } : {});
      return Promise.resolve();
    },
    put: (bucket, key, body) =>
      Promise.resolve(server.putObject({ bucket, key, body: Buffer.from(body) }).versionId),
    async remove(bucket, key) {
      const client = await joinStore({ endpoint: server.endpoint, ...anybody });
      await client.remove(bucket, key);
      await client.close();
    },
    close: () => server.close(),
  };
}

/** Any server, by the SDK. */
async function joinStore(way: Shared): Promise<Store> {
  const { sdk, client } = await openTestClient(way);
  return {
    endpoint: way.endpoint,
    async createBucket(Bucket, versioning) {
      await client.send(new sdk.CreateBucketCommand({ Bucket }));
      if (versioning === 'never' || lacked.has('versions')) return;
      const VersioningConfiguration = { Status: versioning };
      await client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    },
    async put(Bucket, Key, Body) {
      return (
        (await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? 'null'
      );
    },
    async remove(Bucket, Key) {
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
    },
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** A server whose faults a test switches on; they are off again before each test. */
export interface FaultStage {
  readonly server: S3Server;
  readonly env: Readonly<Record<string, string>>;
}

/** The versioned bucket of a fault stage. */
export const faultBucket = 'runtime';

/** Starts a server before the tests of a file. */
export function setFaultStage(): FaultStage {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    server.createBucket(faultBucket, { versioning: 'Enabled', ownerId: '111122223333' });
  });
  beforeEach(() => {
    server.faults.clear();
    server.requests.clear();
  });
  afterAll(() => server.close());
  return {
    get server() {
      return server;
    },
    get env() {
      return { ...environmentOf(server.endpoint), AWS_MAX_ATTEMPTS: '2' };
    },
  };
}
