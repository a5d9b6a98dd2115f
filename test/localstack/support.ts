import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { test as base } from 'vitest';
import type { TestAPI } from 'vitest';
import { startS3Server } from '../../localstack/s3-server/index.ts';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { sign } from './signer.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** A client of the server as users have it; `overrides` change single options. */
export type MakeClient = (overrides?: S3ClientConfig) => S3Client;

interface Fixtures {
  server: S3Server;
  makeClient: MakeClient;
  s3: S3Client;
}

/** The bucket that every server of these tests has. */
export const bucket = 'demo';

/** vitest's `test` with a server and a client for each test. */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the wanted fixtures off this pattern
  server: async ({}, use) => {
    const server = await startS3Server();
    server.createBucket(bucket, { versioning: 'Enabled' });
    await use(server);
    await server.close();
  },
  makeClient: async ({ server }, use) => {
    const clients: S3Client[] = [];
    await use((overrides = {}) => {
      const client = new S3Client({ ...clientConfig(server), ...overrides });
      clients.push(client);
      return client;
    });
    for (const client of clients) client.destroy();
  },
  s3: async ({ makeClient }, use) => {
    await use(makeClient());
  },
});

function ignore(): void {}

/** Without a logger the SDK may write warnings to the console. */
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function clientConfig(server: S3Server): S3ClientConfig {
  return {
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: server.credentials,
    logger: silent,
  };
}

/** The status of an answer, and the code in its XML where it has one. */
export async function codeOf(answer: Response): Promise<string> {
  const code = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1];
  return [answer.status, code].filter((part) => part !== undefined).join(' ');
}

/** A signed request that no SDK sends; `headers` are signed too. */
export function signedFetch(
  server: S3Server,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  const url = new URL(path, server.endpoint);
  const unsigned = { method, url, headers, credentials: server.credentials };
  if (body === undefined) return fetch(url, { method, headers: sign(unsigned).headers });
  return fetch(url, { method, headers: sign({ ...unsigned, body }).headers, body });
}

/** What an SDK call failed with. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** The failure of a call that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => new Error('the call did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof S3ServiceException)) throw error;
  const { name, message, $metadata, $response } = error;
  return { name, message, status: $metadata.httpStatusCode, headers: $response?.headers ?? {} };
}

/** The body as Node's stream, which it is on Node. */
export function streamOf({ Body }: { Body?: unknown }): Readable {
  if (Body instanceof Readable) return Body;
  throw new TypeError('no stream');
}
