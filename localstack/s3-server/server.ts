import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { BucketOptions } from './bucket.ts';
import { verifyIntegrity } from './checksums.ts';
import { draftFrom } from './drafts.ts';
import { errorBody, s3Error } from './errors.ts';
import { exchange } from './exchange.ts';
import type { Behind, Service } from './exchange.ts';
import { Faults } from './faults.ts';
import { RequestLog } from './log.ts';
import { defaultSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Credentials } from './signature.ts';
import { Store } from './store.ts';

/** How a server is started. */
export interface S3ServerOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** `test` and `test` unless given. */
  readonly credentials?: Credentials;
  /** The time of writes (Last-Modified); signatures are checked against the real time. */
  readonly clock?: () => Date;
  /** Makes version ids; random ones like S3's unless given. */
  readonly newVersionId?: () => string;
  /** Another store, which answers what no fault strikes; signatures are then its own affair. */
  readonly behind?: Behind;
}

/** An object written without a request. */
export interface SeedObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer | string;
  /** The headers a PUT would have: content-type, x-amz-meta-*, x-amz-tagging and so on. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The server's clock unless given. Order of writing decides which version is current. */
  readonly lastModified?: Date;
}

/** A running server. */
export interface S3Server {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** Faults that a test switches on. */
  readonly faults: Faults;
  /** Every request seen. */
  readonly requests: RequestLog;
  /** Behaviour in which servers differ. */
  readonly settings: Settings;
  /** The time of the following writes; assign it to place versions in time. */
  clock: () => Date;
  /** Creates a bucket, also with what a request cannot say. */
  createBucket(name: string, options?: BucketOptions): void;
  /** Lets anonymous requests read and list a bucket. */
  setPublic(bucket: string): void;
  /** Writes an object at once: no request, no signature, no fault. */
  putObject(object: SeedObject): { versionId: string; etag: string };
  /** Deletes a key's current object at once; the id of the marker where one is left. */
  deleteObject(place: Pick<SeedObject, 'bucket' | 'key' | 'lastModified'>): string | undefined;
  /** Ends every connection, stalled ones too. */
  close(): Promise<void>;
}

/** Starts a server in memory, on 127.0.0.1. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const store = new Store(options.newVersionId);
  const settings = defaultSettings();
  const closing = new AbortController();
  const credentials = options.credentials ?? { accessKeyId: 'test', secretAccessKey: 'test' };
  const shared = { store, settings, credentials, faults: new Faults(), requests: new RequestLog() };
  const { behind } = options;
  const service: Service = {
    ...shared,
    now: () => handle.clock(),
    closing: closing.signal,
    behind,
  };
  const { http, sockets } = createHttp(service);
  const port = await listen(http, options.port ?? 0);
  const handle: S3Server = {
    endpoint: `http://127.0.0.1:${port}`,
    credentials,
    faults: shared.faults,
    requests: shared.requests,
    settings,
    clock: options.clock ?? (() => new Date()),
    createBucket: (name, bucketOptions) => {
      store.create(name, handle.clock(), bucketOptions);
    },
    setPublic: (bucket) => {
      store.get(bucket).access = 'public-read';
    },
    putObject: (object) => seed(service, object),
    deleteObject: ({ bucket, key, lastModified }) =>
      store.get(bucket).hide(key, lastModified ?? handle.clock())?.versionId,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return handle;
}

function createHttp(service: Service): { http: Server; sockets: ReadonlySet<Socket> } {
  const sockets = new Set<Socket>();
  const http = createServer((incoming, outgoing) => {
    // An answer that cannot be sent must end its connection, and not the process.
    exchange(service, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  // A connection closed for idling while a request is on its way would look like a fault.
  http.keepAliveTimeout = 0;
  http.requestTimeout = 0;
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  http.on('clientError', (_, socket) => {
    if (!socket.writable) return;
    const body = errorBody(s3Error('InvalidRequest'), { resource: '', requestId: '', hostId: '' });
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n${body.toString()}`,
    );
  });
  return { http, sockets };
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => {
      http.off('error', reject);
      const address = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function seed(service: Service, object: SeedObject): { versionId: string; etag: string } {
  const body = Buffer.from(object.body);
  const headers = Object.fromEntries(
    Object.entries(object.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const checksum = verifyIntegrity(headers, {}, body);
  const draft = draftFrom(headers, body, checksum, service.settings);
  const time = object.lastModified ?? service.now();
  const { versionId, etag } = service.store.get(object.bucket).put(object.key, draft, time);
  return { versionId, etag };
}
