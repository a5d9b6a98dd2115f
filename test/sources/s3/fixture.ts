import type { Server } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startS3Server, type S3Server } from '../../../localstack/s3-server/index.ts';
import type { S3Access, S3Location } from '../../../src/model/index.ts';
import { startChecksum, type ChecksumAlgorithm } from '../../../src/sources/s3/checksum.ts';
import { openS3Source, type S3Source } from '../../../src/sources/s3/s3.ts';
import type { S3SourceOptions } from '../../../src/sources/s3/client.ts';

export const bucket = 'runtime';
export const body: Buffer = Buffer.from('id,mode\r\nP-1,full\r\nP-2,delta\r\n'.repeat(20_000));

/** An access that leaves everything to the environment. */
export const plainAccess: S3Access = {
  endpoint: null,
  region: null,
  profile: null,
  expectedOwner: null,
  anonymous: false,
};

/** A location in the tests' bucket. */
export function at(key: string, more: Partial<Omit<S3Location, 'kind'>> = {}): S3Location {
  return { kind: 's3', bucket, key, versionId: null, access: plainAccess, ...more };
}

/** The headers of a PUT that stores that checksum; the server verifies it with its own code. */
export function checksumHeaders(algorithm: ChecksumAlgorithm): Record<string, string> {
  const checksum = startChecksum(algorithm);
  checksum.update(body);
  return { [`x-amz-checksum-${algorithm.toLowerCase()}`]: checksum.digest() };
}

/** A server of a test file's own, with a versioned bucket; and the sources that its tests open. */
export interface Stage {
  readonly server: S3Server;
  /** A source that talks to the server; closed after all tests. */
  open(options?: Partial<S3SourceOptions>): S3Source;
  /** `METHOD status` of every request since the test began. */
  seen(): string[];
  put(key: string, content?: Buffer | string, headers?: Record<string, string>): string;
}

/** Starts the server of a test file. Faults and the request log are cleared before each test. */
export function setStage(): Stage {
  let stage: OwnStage;
  beforeAll(async () => {
    stage = await startStage();
  });
  beforeEach(() => {
    stage.server.faults.clear();
    stage.server.requests.clear();
  });
  afterAll(() => stage.close());
  return {
    get server() {
      return stage.server;
    },
    open: (options) => stage.open(options),
    seen: () => stage.seen(),
    put: (...object) => stage.put(...object),
  };
}

/** A stage that somebody closes. */
export interface OwnStage extends Stage {
  close(): Promise<void>;
}

/** Starts a server, beside that of the file. */
export async function startStage(): Promise<OwnStage> {
  const server = await startS3Server();
  const sources: S3Source[] = [];
  server.createBucket(bucket, { versioning: 'Enabled', ownerId: '111122223333' });
  server.createBucket('never-versioned');
  return {
    server,
    open(options = {}) {
      const source = openS3Source({
        environment: environmentOf(server),
        ...options,
      });
      sources.push(source);
      return source;
    },
    seen: () => server.requests.entries.map(({ method, status }) => `${method} ${status ?? '-'}`),
    put: (key, content = body, headers = {}) =>
      server.putObject({ bucket, key, body: content, headers }).versionId,
    async close() {
      await Promise.all(sources.map((source) => source.close()));
      await server.close();
    },
  };
}

/** The port at which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The variables of somebody who may read the server. */
export function environmentOf(server: S3Server): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
}
