import { IncomingMessage } from 'node:http';
import type {
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommand,
  HeadObjectCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { memberOf } from '../../model/index.ts';
import { addHeaders, seeRequest } from './attributes.ts';
import type { Sdk } from './sdk.ts';
import { checksumAlgorithms, type ChecksumFields } from './checksum.ts';
import {
  startLimit,
  type Answer,
  type Outcome,
  type Sent,
  type TransportLimits,
  type WatchedClient,
} from './transport.ts';

/** What is asked for: an object, or a range of it. */
export type GetInput = Pick<
  GetObjectCommandInput,
  'Bucket' | 'Key' | 'VersionId' | 'ExpectedBucketOwner' | 'Range' | 'IfMatch'
>;

export interface GetOptions {
  /** Whether the store is to tell the checksums that it keeps. */
  readonly checksums: 'asked' | 'not asked';
  readonly signal: AbortSignal;
}

/** What pins an object, as GET and HEAD tell it alike: requests of one's own tell no more. */
export type PinningOutput = Pick<
  HeadObjectCommandOutput & GetObjectCommandOutput,
  | '$metadata'
  | 'ETag'
  | 'ContentLength'
  | 'ContentType'
  | 'LastModified'
  | 'Metadata'
  | 'VersionId'
  | 'ServerSideEncryption'
  | keyof ChecksumFields
>;

export type HeadInput = Omit<GetInput, 'Range' | 'IfMatch'>;

/** HEAD of an object. Throws what the SDK throws. */
export type Head<Output extends PinningOutput = PinningOutput> = (
  input: HeadInput,
  options: GetOptions,
) => Promise<Output>;

/** Requests for objects. They throw what the SDK throws. */
export interface Reads {
  readonly get: (
    input: GetInput,
    options: GetOptions,
  ) => Promise<PinningOutput & Pick<GetObjectCommandOutput, 'Body' | 'ContentRange'>>;
  readonly head: Head;
  /** A HEAD that tells all that is kept with an object. */
  readonly headAll: Head<HeadObjectCommandOutput>;
}

/** As a header: asked for by the SDK's own member, the SDK refuses what it cannot compute. */
const checksumMode: ReadonlyMap<string, string> = new Map([['x-amz-checksum-mode', 'ENABLED']]);

/** How requests for a bucket are addressed and signed: what the SDK made of the first one. */
interface Address {
  readonly request: Sent;
  /** Path before the key. */
  readonly prefix: string;
  readonly scheme: SigningScheme;
}

/** The part of the SDK's chosen scheme that signs. */
interface SigningScheme {
  readonly schemeId: string;
  sign(request: Sent, identity: unknown): Promise<Sent>;
}

/**
 * Reads objects. The first request for a bucket is the SDK's; those after it go where it went, signed
 * by the SDK's signer under its credentials and sent by its handler, without its middle layers, which
 * cost more than all else. Any answer but a plain success is given to the SDK as the first of its
 * attempts: it tells errors, and tries again.
 */
export function openReads(sdk: Sdk, watched: WatchedClient, limits: TransportLimits): Reads {
  const { client } = watched;
  const addresses = new Map<string, Address>();
  /** Sends a command by the SDK, of which an outcome may stand for the first attempt. */
  const follow = <T extends Followed>(command: T, outcome: Outcome | null): T => {
    if (outcome !== null) watched.replay(command.input, outcome);
    else {
      seeRequest(command, 'keydriftAddress', (request, context) => {
        const address = addressOf(request, context, command.input);
        if (address !== null) addresses.set(bucketOf(command.input), address);
      });
    }
    return command;
  };
  /** The plain success of a request of one's own, or what is left for the SDK to make of it. */
  const ask = async (method: Method, input: GetInput, options: GetOptions): Promise<Asked> => {
    const address = addresses.get(bucketOf(input));
    if (address === undefined || !plainKey.test(input.Key ?? '')) return { outcome: null };
    const started = performance.now();
    const outcome = await send(client, address, { method, input }, options, limits);
    const output = 'response' in outcome ? plainOutput(method, outcome.response) : null;
    if (output !== null) return { output };
    return { outcome: { ...outcome, spentMs: performance.now() - started } };
  };
  const headAll: Reads['headAll'] = (input, { checksums, signal }) =>
    client.send(headCommand(sdk, input, checksums), { abortSignal: signal });
  return {
    async get(input, options) {
      const asked = await ask('GET', input, options);
      if ('output' in asked) return asked.output;
      const command = new sdk.GetObjectCommand(input);
      if (options.checksums === 'asked') addHeaders(command, checksumMode);
      return client.send(follow(command, asked.outcome), { abortSignal: options.signal });
    },
    async head(input, options) {
      const asked = await ask('HEAD', input, options);
      if ('output' in asked) return asked.output;
      const command = headCommand(sdk, input, options.checksums);
      return client.send(follow(command, asked.outcome), { abortSignal: options.signal });
    },
    headAll,
  };
}

function headCommand(
  sdk: Sdk,
  input: HeadInput,
  checksums: GetOptions['checksums'],
): HeadObjectCommand {
  const mode = checksums === 'asked' ? ({ ChecksumMode: 'ENABLED' } as const) : {};
  return new sdk.HeadObjectCommand({ ...input, ...mode });
}

/** A command whose request is looked at, or replayed. */
type Followed = Parameters<typeof seeRequest>[0] & { readonly input: GetInput };

/** What came of a request of one's own; null: none was sent. */
type Asked = { readonly output: GetObjectCommandOutput } | { readonly outcome: Outcome | null };

type Method = 'GET' | 'HEAD';

function bucketOf({ Bucket = '' }: GetInput): string {
  return Bucket;
}

/** Keys that stand in a path as they are. */
const plainKey = /^(?!\.)[A-Za-z0-9_.=-]+(?:\/(?!\.)[A-Za-z0-9_.=-]+)*$/;

/** An outcome, however long it took. */
type Sending = { readonly response: Answer } | { readonly error: unknown };

/** Headers of the first request that all others have. */
const kept: readonly string[] = ['host', 'user-agent', 'x-amz-user-agent'];

/** Sends a request of one's own. It does not throw: what went wrong is the outcome. */
async function send(
  { config }: S3Client,
  { request: first, prefix, scheme }: Address,
  { method, input }: { readonly method: Method; readonly input: GetInput },
  { checksums, signal }: GetOptions,
  { answerMs }: TransportLimits,
): Promise<Sending> {
  const limit = startLimit(answerMs);
  limit.follow(signal);
  try {
    const {
      VersionId: versionId,
      ExpectedBucketOwner: owner,
      Range: range,
      IfMatch: match,
    } = input;
    const key = (input.Key ?? '').replaceAll('=', '%3D');
    const headers: Record<string, string> = {};
    for (const name of kept) {
      const value = first.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    if (owner !== undefined) headers['x-amz-expected-bucket-owner'] = owner;
    if (range !== undefined) headers['range'] = range;
    if (match !== undefined) headers['if-match'] = match;
    if (checksums === 'asked') headers['x-amz-checksum-mode'] = 'ENABLED';
    const query: Record<string, string> = method === 'GET' ? { 'x-id': 'GetObject' } : {};
    if (versionId !== undefined) query['versionId'] = versionId;
    const request: Sent = Object.assign(Object.create(Object.getPrototypeOf(first)), first, {
      method,
      path: prefix + key,
      query,
      headers,
    });
    const sending = async (): Promise<Sending> => {
      const signed = await scheme.sign(request, await config.credentials());
      const abortSignal = limit.ending;
      const answered = await config.requestHandler.handle(signed, { abortSignal });
      limit.leaveWith(answered.response);
      if (method === 'HEAD') await ended(answered.response.body);
      return answered;
    };
    return await Promise.race([sending(), limit.reached]);
  } catch (error) {
    limit.leave();
    return { error };
  } finally {
    limit.stop();
  }
}

/** Waits until an answer without a body is over: before that its connection serves no other. */
async function ended(body: unknown): Promise<void> {
  if (!(body instanceof IncomingMessage)) return;
  await new Promise<void>((resolve) => {
    // What breaks a body that is not there is told to nobody.
    body.once('close', resolve);
    body.on('error', () => undefined).resume();
  });
}

/** What the SDK made of a request; null where a request of one's own could not be like it. */
function addressOf(request: unknown, context: unknown, { Bucket, Key }: GetInput): Address | null {
  const bucket = Bucket ?? '';
  const key = Key ?? '';
  // Directory buckets have sessions of their own.
  if (bucket.endsWith('--x-s3') || !isRequest(request) || !plainKey.test(key)) return null;
  const suffix = key.replaceAll('=', '%3D');
  if (!request.path.endsWith(`/${suffix}`)) return null;
  const scheme = schemeOf(context);
  const prefix = request.path.slice(0, request.path.length - suffix.length);
  return scheme?.schemeId === 'aws.auth#sigv4' ? { request, prefix, scheme } : null;
}

function isRequest(request: unknown): request is Sent {
  return (
    typeof request === 'object' && request !== null && 'path' in request && 'headers' in request
  );
}

/** The scheme that the SDK chose, where it keeps it. */
function schemeOf(context: unknown): SigningScheme | null {
  const chosen = memberOf(memberOf(context, '__smithy_context'), 'selectedHttpAuthScheme');
  const option = memberOf(chosen, 'httpAuthOption');
  const signer = memberOf(chosen, 'signer');
  const properties = memberOf(option, 'signingProperties');
  const sign = memberOf(signer, 'sign');
  const schemeId = memberOf(option, 'schemeId');
  if (typeof schemeId !== 'string' || typeof sign !== 'function') return null;
  const once = withOneSigner(properties);
  return {
    schemeId,
    async sign(request, identity) {
      const signed: unknown = await Reflect.apply(sign, signer, [request, identity, once]);
      if (isRequest(signed)) return signed;
      throw new Error('a request was not signed');
    },
  };
}

/** The SDK makes a signer anew for each request: here the first one signs them all. */
function withOneSigner(properties: unknown): unknown {
  const config = memberOf(properties, 'config');
  const make = memberOf(config, 'signer');
  if (typeof config !== 'object' || config === null || typeof make !== 'function') {
    return properties;
  }
  let made: unknown = null;
  // It sees what the SDK notes in the configuration, as how far the store's clock is off.
  const own: unknown = Object.create(config, {
    signer: {
      value: (scheme: unknown): unknown => (made ??= Reflect.apply(make, config, [scheme])),
    },
  });
  return { ...Object(properties), config: own };
}

/** Dates as HTTP writes them; others are the SDK's to read. */
const fixedDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const metadataPrefix = 'x-amz-meta-';

/** Whether a content type is that of a page. */
export function isPage(type: string): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(type);
}

/** A success as the SDK tells it; null where it lacks what S3 always says, or is none. */
function plainOutput(
  method: Method,
  { statusCode, headers: told, body }: Answer,
): GetObjectCommandOutput | null {
  const headers: Readonly<Record<string, string>> = told;
  const { etag = '', 'content-length': length = '', 'content-type': type = '' } = headers;
  const date = headers['last-modified'] ?? '';
  const isSuccess = statusCode === 200 || (statusCode === 206 && method === 'GET');
  if (!isSuccess || etag === '' || !/^[0-9]{1,15}$/.test(length) || !fixedDate.test(date)) {
    return null;
  }
  if (isPage(type) || !(body instanceof IncomingMessage)) return null;
  const metadata: Record<string, string> = {};
  const requestId = headers['x-amz-request-id'];
  const output: Partial<Record<keyof GetObjectCommandOutput, unknown>> = {
    $metadata: { httpStatusCode: statusCode, ...(requestId === undefined ? {} : { requestId }) },
    ETag: etag,
    ContentLength: Number(length),
    ContentType: type,
    LastModified: new Date(date),
    Body: body,
    Metadata: metadata,
  };
  for (const [name, value] of Object.entries(headers)) {
    const own = toldBy.get(name);
    if (own !== undefined) output[own] = value;
    else if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = value;
  }
  // Every member was given as the SDK gives it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return output as GetObjectCommandOutput;
}

/** Headers that are taken as they are. */
const toldBy: ReadonlyMap<string, keyof GetObjectCommandOutput> = new Map([
  ['x-amz-version-id', 'VersionId'],
  ['content-range', 'ContentRange'],
  ['x-amz-server-side-encryption', 'ServerSideEncryption'],
  ['x-amz-checksum-type', 'ChecksumType'],
  ...checksumAlgorithms.map(
    (name) => [`x-amz-checksum-${name.toLowerCase()}`, `Checksum${name}`] as const,
  ),
]);
