import { setMaxListeners } from 'node:events';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Location } from '../../model/index.ts';
import { construct, loadSdk, silence, type Sdk } from './sdk.ts';
import { maxAttempts, resolveAccess, type AccessSettings, type Environment } from './access.ts';

/** How long S3 may be silent, in milliseconds. */
interface S3Timeouts {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** A connection without a byte. */
  readonly idleMs: number;
}

export interface S3SourceOptions {
  /** The run's variables. What the SDK looks up by itself it reads from the process's own. */
  readonly environment: Environment;
  /** Added to the SDK's own, `keydrift/1.2.3`. */
  readonly userAgent?: string;
  /** Default: 5 s to connect, 30 s without a byte. */
  readonly timeouts?: S3Timeouts;
  /** How often a request is sent, and a body begun. Default: `AWS_MAX_ATTEMPTS`, the profile's, 3. */
  readonly attempts?: number;
}

/** One way to S3, ready for commands. */
export interface S3Connection {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly attempts: number;
  readonly idleMs: number;
  readonly target: S3Target;
}

/** Where requests go and as whom: what error messages name. */
export interface S3Target {
  /** Null: AWS's own. */
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  readonly signing: 'signed' | 'anonymous';
}

/** The clients of one source: one for each distinct way to S3, shared by its locations. */
export interface S3Connections {
  /** Rejects with what the SDK threw (no region, no credentials), or a KeydriftError. */
  to(location: S3Location): Promise<S3Connection>;
  /** What the location and the environment say by themselves, for errors of `to`. */
  targetOf(location: S3Location): S3Target;
  /** Aborted by `close`; every request goes with it. */
  readonly closing: AbortSignal;
  close(): Promise<void>;
}

const defaultTimeouts: S3Timeouts = { connectMs: 5_000, idleMs: 30_000 };

/** Makes clients as they are asked for; the SDK is loaded by the first one. */
export function openConnections(options: S3SourceOptions): S3Connections {
  const closing = new AbortController();
  // Every request in flight listens; that is no leak, and Node would say so on stderr.
  setMaxListeners(0, closing.signal);
  const connections = new Map<string, Promise<S3Connection>>();
  return {
    closing: closing.signal,
    async to(location) {
      closing.signal.throwIfAborted();
      const settings = resolveAccess(location, options.environment);
      const id = JSON.stringify(settings);
      // A failure is kept too: forty artifacts without credentials wait for the chain once.
      const connection = connections.get(id) ?? connect(settings, options);
      connections.set(id, connection);
      return await connection;
    },
    targetOf: (location) => target(resolveAccess(location, options.environment)),
    async close() {
      closing.abort();
      for (const settled of await Promise.allSettled(connections.values())) {
        if (settled.status === 'fulfilled') settled.value.client.destroy();
      }
    },
  };
}

async function connect(settings: AccessSettings, options: S3SourceOptions): Promise<S3Connection> {
  const sdk = await loadSdk();
  const timeouts = options.timeouts ?? defaultTimeouts;
  const base = clientConfig(settings, options, timeouts);
  const { endpoint, region } = await placeOf(sdk, settings, base);
  const client = construct(sdk, {
    ...base,
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: settings.bucketName === 'plain' }),
  });
  // Asked for now, so that a fault of the chain is told from a fault of S3.
  if (settings.signing === 'signed') await client.config.credentials();
  return {
    sdk,
    client,
    attempts: await client.config.maxAttempts(),
    idleMs: timeouts.idleMs,
    target: { ...target(settings), endpoint, region },
  };
}

/** Where requests go, with what only shared files name: a first client finds out. */
async function placeOf(
  sdk: Sdk,
  settings: AccessSettings,
  base: S3ClientConfig,
): Promise<{ readonly endpoint: string | null; readonly region: string }> {
  if (settings.endpoint !== null && settings.region !== null) {
    return { endpoint: settings.endpoint, region: settings.region };
  }
  const draft = construct(sdk, base);
  const endpoint = settings.endpoint ?? (await draft.config.serviceConfiguredEndpoint?.()) ?? null;
  const region = settings.region ?? (await configuredRegion(draft, endpoint));
  draft.destroy();
  return { endpoint, region };
}

function target({ endpoint, region, profile, signing }: AccessSettings): S3Target {
  return { endpoint, region, profile, signing };
}

/** The profile's region; servers other than AWS mostly have none, and take the usual one. */
async function configuredRegion(client: S3Client, endpoint: string | null): Promise<string> {
  if (endpoint === null) return await client.config.region();
  return await client.config.region().catch(() => 'us-east-1');
}

function clientConfig(
  settings: AccessSettings,
  options: S3SourceOptions,
  timeouts: S3Timeouts,
): S3ClientConfig {
  const attempts = maxAttempts(options.attempts, options.environment);
  return {
    logger: silence,
    requestHandler: {
      connectionTimeout: timeouts.connectMs,
      socketTimeout: timeouts.idleMs,
      // A paused reader keeps its socket: with a bound, fifty of them would stop the next for ever.
      httpAgent: { maxSockets: Infinity },
      httpsAgent: { maxSockets: Infinity },
    },
    // Validated here, over all bytes of a copy: the SDK skips what is resumed or ranged, and
    // refuses to read an object whose only checksum it does not know.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A bucket elsewhere is a mistake in the contract, to be said and not papered over.
    followRegionRedirects: false,
    ...(attempts === null ? {} : { maxAttempts: attempts }),
    ...(options.userAgent === undefined ? {} : { customUserAgent: options.userAgent }),
    ...(settings.profile === null ? {} : { profile: settings.profile }),
    ...(settings.region === null ? {} : { region: settings.region }),
    ...identity(settings),
  };
}

/** Anonymous needs both: without keys the SDK would still look for them, and then sign. */
function identity(settings: AccessSettings): Pick<S3ClientConfig, 'credentials' | 'signer'> {
  if (settings.signing === 'anonymous') {
    return {
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: (request) => Promise.resolve(request) },
    };
  }
  return settings.keys === null ? {} : { credentials: settings.keys };
}
