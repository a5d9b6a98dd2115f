import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import {
  startS3Server as startEmbedded,
  type S3Server,
  type S3ServerOptions,
} from '../../localstack/s3-server/index.ts';

/** How a server that nobody here wrote is started anew for each stage of a test. */
interface Foreign {
  /** `{port}` and `{data}` are filled in. */
  readonly command: readonly string[];
  /** Made below `{data}`. */
  readonly folders: readonly string[];
  /** Written there. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What scripts/test-servers.mjs sets; left out: the embedded server. */
const named = process.env['KEYDRIFT_TEST_S3_SERVER'] ?? '';

/** Whether tests run against a server that nobody here wrote. */
export const isForeign: boolean = named !== '';

/** Begins what a test fails of that asks for more than any server can be told: the script counts those. */
const lacking = 'NEEDS THE EMBEDDED SERVER';

/** The server of a stage: the embedded one, or a new process of another. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  if (!isForeign) return startEmbedded(options);
  if (options.clock !== undefined) throw needs('a clock');
  return startForeign(JSON.parse(named) as Foreign);
}

/** An object as anybody who may read it gets it; null: there is none. */
export async function readObject(
  server: S3Server,
  bucket: string,
  key: string,
): Promise<{ readonly body: string; readonly headers: Headers } | null> {
  const signed = readers.get(server);
  if (signed !== undefined) return signed(bucket, key);
  const answer = await fetch(`${server.endpoint}/${bucket}/${key}`);
  if (answer.status === 404) return null;
  return { body: await answer.text(), headers: answer.headers };
}

type Reading = (
  bucket: string,
  key: string,
) => { readonly body: string; readonly headers: Headers } | null;
const readers = new WeakMap<S3Server, Reading>();

/** What no server but the embedded one can be asked. */
export function needs(what: string): Error {
  return new Error(`${lacking}: ${what}`);
}

/** Something of the embedded server alone: cleared it may be, for it is empty. */
function nothingOf(what: string): never {
  const nothing: object = new Proxy(Object.create(null) as object, {
    get: (_, name) => {
      if (name === 'clear') return () => undefined;
      throw needs(what);
    },
    set: () => {
      throw needs(what);
    },
  });
  return nothing as never;
}

async function startForeign(foreign: Foreign): Promise<S3Server> {
  const data = mkdtempSync(join(tmpdir(), 'keydrift-foreign-'));
  for (const folder of foreign.folders) mkdirSync(join(data, folder), { recursive: true });
  const port = await freePort();
  const fill = (text: string): string =>
    text.replaceAll('{port}', String(port)).replaceAll('{data}', data);
  for (const [name, text] of Object.entries(foreign.files)) {
    writeFileSync(join(data, name), fill(text));
  }
  const environment = Object.entries(foreign.environment).map(([name, text]) => [name, fill(text)]);
  const [program = '', ...words] = foreign.command.map(fill);
  const child = spawn(program, words, {
    stdio: 'ignore',
    cwd: data,
    env: { ...process.env, ...Object.fromEntries(environment) },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  await answers(endpoint, child).catch((error: unknown) => {
    kill();
    throw error;
  });
  const { accessKeyId, secretAccessKey } = foreign;
  const credentials = { accessKeyId, secretAccessKey };
  const client = openClient({ endpoint, credentials });
  const server: S3Server = {
    endpoint,
    credentials,
    faults: nothingOf('faults'),
    requests: nothingOf('the log of its requests'),
    settings: nothingOf('settings'),
    get clock(): () => Date {
      throw needs('a clock');
    },
    set clock(_now) {
      throw needs('a clock');
    },
    createBucket(name, { versioning, ...others } = {}) {
      if (Object.keys(others).length > 0) throw needs('what a request cannot say of a bucket');
      client('CreateBucket', { Bucket: name });
      if (versioning === undefined) return;
      const VersioningConfiguration = { Status: versioning };
      try {
        client('PutBucketVersioning', { Bucket: name, VersioningConfiguration });
      } catch (error) {
        // What it lacks is probed, and told by name.
        if (!/NotImplemented|not implemented/i.test(String(error))) throw error;
      }
    },
    // Objects are read by a signed request.
    setPublic: () => undefined,
    putObject({ bucket, key, body, headers = {}, lastModified }) {
      if (lastModified !== undefined) throw needs('objects of a chosen time');
      const told = client('PutObject', { Bucket: bucket, Key: key, Body: body }, headers);
      return { versionId: told.VersionId ?? 'null', etag: told.ETag ?? '' };
    },
    deleteObject({ bucket, key, lastModified }) {
      if (lastModified !== undefined) throw needs('objects of a chosen time');
      return client('DeleteObject', { Bucket: bucket, Key: key }).VersionId;
    },
    async close() {
      await client.end();
      process.off('exit', kill);
      kill();
      rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  readers.set(server, (bucket, key) => {
    const told = client('GetObject', { Bucket: bucket, Key: key });
    if (told.absent === true) return null;
    return { body: told.text ?? '', headers: new Headers(told.headers ?? {}) };
  });
  return server;
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answered = await fetch(endpoint).catch(() => null);
    if (answered !== null) return;
    await setTimeout(50);
  }
  throw new Error('the server does not answer');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** What a request gave. */
interface Told {
  readonly VersionId?: string;
  readonly ETag?: string;
  readonly text?: string;
  readonly headers?: Record<string, string>;
  readonly absent?: boolean;
  readonly error?: string;
}

type Client = ((
  command: string,
  input: object,
  headers?: Readonly<Record<string, string>>,
) => Told) & { end(): Promise<number> };

/** Requests by the SDK in another thread, for whoever writes an object without waiting. */
function openClient(options: object): Client {
  const { port1: here, port2: there }: { port1: MessagePort; port2: MessagePort } =
    new MessageChannel();
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(working, {
    eval: true,
    workerData: { there, turns, options },
    transferList: [there],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  worker.unref();
  const ask = (
    command: string,
    input: object,
    headers: Readonly<Record<string, string>> = {},
  ): Told => {
    const turn = Atomics.load(turns, 0);
    here.postMessage({ command, input, headers }, []);
    Atomics.wait(turns, 0, turn, 60_000);
    const told = receiveMessageOnPort(here)?.message as Told | undefined;
    if (told === undefined) throw new Error(`${command}: no answer`);
    if (told.error !== undefined) throw new Error(`${command}: ${told.error}`);
    return told;
  };
  return Object.assign(ask, { end: () => worker.terminate() });
}

const working = `
const { workerData: { there, turns, options } } = require('node:worker_threads');
const sdk = require('@aws-sdk/client-s3');
const client = new sdk.S3Client({ region: 'us-east-1', forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', ...options });
let extra = {};
client.middlewareStack.add((next) => (args) => {
  for (const [name, value] of Object.entries(extra)) args.request.headers[name] = value;
  return next(args);
}, { step: 'build', priority: 'low' });
there.on('message', async ({ command, input, headers }) => {
  extra = headers;
  let told;
  try {
    const output = await client.send(new sdk[command + 'Command'](input));
    told = { VersionId: output.VersionId, ETag: output.ETag?.replaceAll('"', '') };
    if (command === 'GetObject') {
      const metadata = Object.entries(output.Metadata ?? {}).map(([name, value]) => ['x-amz-meta-' + name, value]);
      const named = { 'content-type': output.ContentType, 'cache-control': output.CacheControl, 'x-amz-version-id': output.VersionId, 'content-encoding': output.ContentEncoding, 'x-amz-server-side-encryption': output.ServerSideEncryption, 'x-amz-storage-class': output.StorageClass, 'x-amz-tagging-count': output.TagCount, 'content-disposition': output.ContentDisposition, 'content-language': output.ContentLanguage, expires: output.ExpiresString, 'x-amz-website-redirect-location': output.WebsiteRedirectLocation, etag: output.ETag };
      const known = Object.entries(named).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]);
      told = { text: await output.Body.transformToString(), headers: Object.fromEntries([...metadata, ...known]) };
    }
  } catch (error) {
    told = error.$metadata?.httpStatusCode === 404 && command === 'GetObject' ? { absent: true } : { error: String(error) };
  }
  there.postMessage(told);
  Atomics.add(turns, 0, 1);
  Atomics.notify(turns, 0);
});
`;
