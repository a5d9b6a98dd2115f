import { setMaxListeners } from 'node:events';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { beginEvent, type S3Location, type Environment } from '../../model/index.ts';
import { construct, loadSdk, silence, type Sdk } from './sdk.ts';
import { caBundleOf, maxAttempts, resolveAccess, type AccessSettings } from './access.ts';
import { openEndpoint, type Endpoint } from './endpoint.ts';
import { openReads, type Reads } from './get.ts';
import {
  lookAtTokenFiles,
  profilesOf,
  readCaBundle,
  type Profile,
  type ReadPipes,
} from './named-files.ts';
import {
  networkOf,
  openAgents,
  transportLimits,
  watchClient,
  within,
  type TransportLimits,
} from './transport.ts';
import type { S3Target } from './place.ts';

export interface S3SourceOptions {
  /** The run's variables. What the SDK looks up by itself it reads from the process's own. */
  readonly environment: Environment;
  /** Added to the SDK's own, `keydrift/1.2.3`. */
  readonly userAgent?: string;
  /** Default: each wait ends within a minute. */
  readonly limits?: TransportLimits;
  /** How often a request is sent, and a body begun. Default: `AWS_MAX_ATTEMPTS`, the profile's, 3. */
  readonly attempts?: number;
}

/** One way to S3, ready for commands. */
export interface S3Connection extends Reads {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly attempts: number;
  readonly limits: TransportLimits;
  readonly target: S3Target;
  /** What is known of the endpoint, with all that talk to it. */
  readonly endpoint: Endpoint;
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

/** Makes clients as they are asked for; the SDK is loaded by the first one. */
export function openConnections(options: S3SourceOptions): S3Connections {
  const closing = new AbortController();
  // Every request in flight listens; that is no leak, and Node would say so on stderr.
  setMaxListeners(0, closing.signal);
  const connections = new Map<string, Promise<S3Connection>>();
  // Each look at a process's own variables asks the system.
  const environment = { ...options.environment };
  const endpoints = new Map<string, Endpoint>();
  const { credentialsMs: withinMs } = options.limits ?? transportLimits;
  const pipes: ReadPipes = { withinMs, read: new Map() };
  const known = new WeakMap<S3Location['access'], Map<string, Promise<S3Connection>>>();
  const found = (location: S3Location): Promise<S3Connection> => {
    const settings = resolveAccess(location, environment);
    const id = JSON.stringify(settings);
    // A failure is kept too: forty artifacts without credentials wait for the chain once.
    const connection =
      connections.get(id) ?? connect(settings, { ...options, environment }, endpoints, pipes);
    connections.set(id, connection);
    return connection;
  };
  return {
    closing: closing.signal,
    async to(location) {
      closing.signal.throwIfAborted();
      const { access, bucket } = location;
      // The copies of a fleet have one way to their bucket, and it is one object.
      const ofAccess = known.get(access) ?? new Map<string, Promise<S3Connection>>();
      known.set(access, ofAccess);
      const connection = ofAccess.get(bucket) ?? found(location);
      ofAccess.set(bucket, connection);
      return await connection;
    },
    targetOf: (location) => target(resolveAccess(location, environment)),
    async close() {
      closing.abort();
      for (const settled of await Promise.allSettled(connections.values())) {
        if (settled.status === 'fulfilled') settled.value.client.destroy();
      }
    },
  };
}

async function connect(
  settings: AccessSettings,
  options: S3SourceOptions,
  endpoints: Map<string, Endpoint>,
  pipes: ReadPipes,
): Promise<S3Connection> {
  const sdk = await loadSdk();
  const limits = options.limits ?? transportLimits;
  const profiles = await profilesOf(sdk, options.environment, pipes);
  const name = settings.profile ?? 'default';
  const profile = profiles[name] ?? {};
  if (settings.signing === 'signed' && settings.keys === null) {
    await lookAtTokenFiles(sdk, options.environment, profiles, name, pipes);
  }
  const base = {
    ...clientConfig(settings, options),
    ...processIdentity(settings, profile, limits),
  };
  const { endpoint, region } = await placeOf(sdk, settings, base);
  const caFile = (caBundleOf(options.environment) ?? profile['ca_bundle']) || null;
  const caBundle =
    caFile === null ? null : await readCaBundle(options.environment, name, caFile, pipes);
  const url = endpoint ?? `https://s3.${region}.amazonaws.com`;
  const network = networkOf(url, options.environment, caBundle);
  const client = construct(sdk, {
    ...base,
    ...(await roleIdentity(sdk, settings, { ...base, region }, region, limits)),
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: settings.bucketName === 'plain' }),
    requestHandler: {
      connectionTimeout: limits.connectMs,
      throwOnRequestTimeout: true,
      // A body has limits of its own: any byte would start this one again.
      socketTimeout: 0,
      ...(await openAgents(network)),
    },
  });
  const watched = watchClient(client, limits);
  // Asked for now, so that a fault of the chain is told from a fault of S3.
  if (settings.signing === 'signed') {
    const source = credentialsSource(settings, options.environment);
    const end = beginEvent('wait', `credentials from ${source}`);
    await within(
      limits.credentialsMs,
      `no credentials came from ${source}`,
      client.config.credentials(),
    ).finally(() => end());
  }
  const known = endpoints.get(url) ?? openEndpoint(limits.probeMs);
  endpoints.set(url, known);
  return {
    sdk,
    client,
    ...openReads(sdk, watched, limits),
    attempts: await client.config.maxAttempts(),
    limits,
    target: { ...target(settings), endpoint, region },
    endpoint: known,
  };
}

/** Credentials of a role, by those of the way itself. */
async function roleIdentity(
  sdk: Sdk,
  { role }: AccessSettings,
  base: S3ClientConfig,
  region: string,
  limits: TransportLimits,
): Promise<Pick<S3ClientConfig, 'credentials'>> {
  if (role === undefined) return {};
  const { assumeRole } = await import('./role.ts');
  const own = construct(sdk, base);
  return {
    credentials: assumeRole(role, region, () => own.config.credentials(), limits.credentialsMs),
  };
}

/** Where credentials come from that are waited for, as far as the variables tell. */
function credentialsSource({ profile, keys }: AccessSettings, environment: Environment): string {
  if (keys !== null) return 'the environment (AWS_ACCESS_KEY_ID)';
  const container = [
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ];
  const named = container.find((name) => (environment[name] ?? '') !== '');
  if (profile === null && named !== undefined) return named;
  return `the profile ${profile ?? 'default'} (credential_process, SSO or a role) or the metadata service`;
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

/** What a profile may have instead of a program that is asked for keys. */
const otherIdentities = [
  'aws_access_key_id',
  'role_arn',
  'web_identity_token_file',
  'sso_start_url',
  'sso_session',
];

/** Keys out of `credential_process`: a program that hangs is ended here, with what it started. */
function processIdentity(
  { signing, keys }: AccessSettings,
  profile: Profile,
  limits: TransportLimits,
): Pick<S3ClientConfig, 'credentials'> {
  const command = profile['credential_process'];
  const isOther = otherIdentities.some((name) => profile[name] !== undefined);
  if (command === undefined || isOther || keys !== null || signing === 'anonymous') return {};
  return {
    async credentials() {
      const { askProcess } = await import('./credential-process.ts');
      return askProcess(command, limits.credentialsMs);
    },
  };
}

function target({ endpoint, region, profile, signing }: AccessSettings): S3Target {
  return { endpoint, region, profile, signing };
}

/** The profile's region; servers other than AWS mostly have none, and take the usual one. */
async function configuredRegion(client: S3Client, endpoint: string | null): Promise<string> {
  if (endpoint === null) return await client.config.region();
  return await client.config.region().catch(() => 'us-east-1');
}

function clientConfig(settings: AccessSettings, options: S3SourceOptions): S3ClientConfig {
  const attempts = maxAttempts(options.attempts, options.environment);
  return {
    logger: silence,
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
