import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { openTestClient } from '../servers/capabilities.ts';
import { startS3Server } from '../servers/start.ts';

const external = process.env['KEYDRIFT_TEST_S3_ENDPOINT'] ?? '';

/** True where the tests run against another server, which knows no faults: those tests are skipped. */
export const withoutFaults: boolean = external !== '';

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

const region = process.env['AWS_REGION'] ?? 'us-east-1';
const credentials = withoutFaults
  ? {
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    }
  : { accessKeyId: 'test', secretAccessKey: 'test' };

/** The variables of somebody who may read a server. */
export function environmentOf(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** Starts, or joins, the server before the tests of a file. */
export function setS3Stage(): S3Stage {
  let store: Store;
  let bucket = '';
  const createBucket = async (versioning: 'Enabled' | 'never'): Promise<string> => {
    const name = `keydrift-test-${randomBytes(6).toString('hex')}`;
    await store.createBucket(name, versioning);
    return name;
  };
  beforeAll(async () => {
    store = withoutFaults ? await joinStore(external) : await ownStore();
    bucket = await createBucket('Enabled');
  });
  afterAll(() => store.close());
  return {
    get endpoint() {
      return store.endpoint;
    },
    get env() {
      return environmentOf(store.endpoint);
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
      const client = await joinStore(server.endpoint);
      await client.remove(bucket, key);
      await client.close();
    },
    close: () => server.close(),
  };
}

/** Any server, by the SDK. */
async function joinStore(endpoint: string): Promise<Store> {
  const { sdk, client } = await openTestClient({ endpoint, region, credentials });
  return {
    endpoint,
    async createBucket(Bucket, versioning) {
      await client.send(new sdk.CreateBucketCommand({ Bucket }));
      if (versioning === 'never') return;
      const VersioningConfiguration = { Status: versioning };
      const sent = new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration });
      await client.send(sent).catch((error: unknown) => {
        // What a server lacks is probed, and told by name.
        if (!/NotImplemented|not implemented/i.test(String(error))) throw error;
      });
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

/** An embedded server whose faults a test switches on; they are off again before each test. */
export interface FaultStage {
  readonly server: S3Server;
  readonly env: Readonly<Record<string, string>>;
}

/** The versioned bucket of a fault stage. */
export const faultBucket = 'runtime';

/** Starts an embedded server before the tests of a file. */
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
