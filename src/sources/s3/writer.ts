import {
  faultClass,
  KeydriftError,
  type ObjectState,
  type ObjectTag,
  type S3Location,
  type Writer,
} from '../../model/index.ts';
import { attributesOf, protectionHeaders, writeHeaders } from './attributes.ts';
import { openConnections, type S3Connection, type S3SourceOptions } from './client.ts';
import { openConditionMemory, probeConditions } from './conditions.ts';
import { classify } from './errors.ts';
import { readFailure, type S3Failure } from './failure.ts';
import { bareEtag, headObject, objectInput, pinnedObject } from './pin.ts';
import { endpointText, locationText, type S3Place } from './place.ts';
import { putObject, putOnce, type PutPlace, type PutRequest } from './put.ts';
import { bucketVersioning } from './versioning.ts';

export interface S3WriterOptions extends S3SourceOptions {
  /** Where it is remembered which stores honour conditions. */
  readonly cacheDirectory: string;
}

/** Writes objects. `look` and `endpointOf` change nothing. */
export interface S3Writer extends Writer<S3Location> {
  /** Writes what a name of its own content stands for; `always`: over whatever is there. */
  putContent(
    this: void,
    put: Omit<PutRequest, 'condition'>,
    when: 'absent' | 'always',
  ): Promise<'written' | 'exists'>;
  /** Writes where the condition holds. Throws `CONDITIONS_NOT_HONOURED` where the store takes none. */
  swap(this: void, put: PutRequest): Promise<'written' | 'lost'>;
  close(): Promise<void>;
}

export function openS3Writer(options: S3WriterOptions): S3Writer {
  const { environment } = options;
  const connections = openConnections(options);
  const memory = openConditionMemory(options.cacheDirectory);
  const { closing: signal } = connections;
  const connect = async (location: S3Location): Promise<PutPlace> => {
    try {
      return { connection: await connections.to(location), environment, signal };
    } catch (error) {
      if (error instanceof KeydriftError) throw error;
      const target = connections.targetOf(location);
      throw classify(error, { location, target, versionId: null });
    }
  };
  return {
    endpointOf: async (location) => endpointText((await connect(location)).connection.target),
    look: async (location, tags) =>
      look((await connect(location)).connection, location, tags, signal),
    async requireConditions(location, write) {
      const place = await connect(location);
      const { connection } = place;
      const endpoint = endpointText(connection.target);
      const versioning = await bucketVersioning(connection, location, signal);
      const store = { endpoint, bucket: location.bucket, versioning };
      if (await memory.knows(store)) return null;
      const probed = await probeConditions(place, location, protectionHeaders(write));
      if (probed.conditions === 'ignored') throw notHonoured(placeOf(connection, location));
      await memory.remember(store);
      return probed.leftOver;
    },
    async put({ write, signal: ending, ...put }) {
      const open = await connect(put.location);
      const place =
        ending === undefined ? open : { ...open, signal: AbortSignal.any([signal, ending]) };
      const { condition } = write;
      const answer = await putObject(place, { ...put, condition, headers: writeHeaders(write) });
      if (answer.outcome === 'written') return answer;
      if (answer.outcome === 'lost') throw writtenMeanwhile(put.location, answer.failure);
      throw notHonoured(placeOf(place.connection, put.location));
    },
    async putContent(put, when) {
      const place = await connect(put.location);
      if (when === 'absent') return putOnce(place, put);
      await putObject(place, { ...put, condition: null });
      return 'written';
    },
    async swap(put) {
      const place = await connect(put.location);
      const { outcome } = await putObject(place, put);
      if (outcome === 'refused') throw notHonoured(placeOf(place.connection, put.location));
      return outcome;
    },
    close: () => connections.close(),
  };
}

function placeOf({ target }: S3Connection, location: S3Location): S3Place {
  return { location, target, versionId: null };
}

/** The error of a store that does not make a write depend on what is there. */
function notHonoured({ location, target }: S3Place): KeydriftError {
  return new KeydriftError(
    'CONDITIONS_NOT_HONOURED',
    `${endpointText(target)} does not honour conditional writes, so a write to ${locationText(location)} could undo another one unseen.`,
    {
      hint: 'Use a store that honours If-Match and If-None-Match, or make sure that nobody else writes, and say --unconditional.',
    },
  );
}

function writtenMeanwhile(location: S3Location, { status, code, cause }: S3Failure): KeydriftError {
  return new KeydriftError(
    'WRITTEN_MEANWHILE',
    `${locationText(location)} was written by somebody else since the plan (HTTP ${status} ${code}); nothing was overwritten.`,
    { cause, hint: 'Look at what is there now, and publish again if it is still wanted.' },
  );
}

async function look(
  connection: S3Connection,
  location: S3Location,
  tags: 'needed' | 'optional',
  signal: AbortSignal,
): Promise<ObjectState | null> {
  try {
    const head = await headObject(connection, location, signal, connection.headAll);
    const { versionId, etag, lastModified, bytes } = pinnedObject(connection, location, head);
    const kept = await tagsOf(connection, location, signal).catch((error: unknown) => {
      if (tags === 'optional') return null;
      throw error;
    });
    return {
      versionId,
      etag: bareEtag(etag),
      lastModified,
      bytes,
      attributes: attributesOf(head.output, kept),
      overwritten: await overwritten(connection, location, versionId, signal),
    };
  } catch (thrown) {
    const error = classify(thrown, placeOf(connection, location));
    if (faultClass(error) === 'absent') return null;
    throw error;
  }
}

/** A server without tags has none to keep; a caller who may not read them would lose them. */
async function tagsOf(
  connection: S3Connection,
  location: S3Location,
  signal: AbortSignal,
): Promise<readonly ObjectTag[]> {
  const { sdk, client } = connection;
  try {
    const command = new sdk.GetObjectTaggingCommand(objectInput(location, null));
    const { TagSet: set = [] } = await client.send(command, { abortSignal: signal });
    return set.map(({ Key: name = '', Value: value = '' }) => ({ name, value }));
  } catch (thrown) {
    const { status } = readFailure(thrown);
    if (status === 501 || status === 405) return [];
    const error = classify(thrown, placeOf(connection, location));
    if (error.code !== 'STORE_ACCESS_DENIED') throw error;
    throw new KeydriftError(
      'STORE_ACCESS_DENIED',
      `The tags of ${locationText(location)} cannot be read, so they cannot be kept: ${error.message}`,
      {
        cause: error,
        hint: 'The publisher needs s3:GetObjectTagging; or set the tags in the contract: put: {tags: {}}.',
      },
    );
  }
}

/**
 * An object with a version id stays as that version. One without may be in a bucket that keeps it
 * as its `null` version from now on: the bucket says so, or it counts as lost.
 */
async function overwritten(
  connection: S3Connection,
  location: S3Location,
  versionId: string | null,
  signal: AbortSignal,
): Promise<ObjectState['overwritten']> {
  if (versionId !== null && versionId !== 'null') return 'kept';
  const status = await bucketVersioning(connection, location, signal);
  return status === 'Enabled' ? 'kept' : 'lost';
}
