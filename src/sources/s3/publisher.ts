import {
  faultClass,
  KeydriftError,
  type ObjectTag,
  type ObjectWrite,
  type S3Location,
} from '../../model/index.ts';
import { attributesOf, type ObjectAttributes } from './attributes.ts';
import { openConnections, type S3Connection, type S3SourceOptions } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { headObject, objectInput } from './head.ts';
import { openConditionMemory } from './memory.ts';
import { bareEtag, pinnedObject } from './pinned.ts';
import { endpointText, locationText, type S3Place } from './place.ts';
import { probeConditions } from './probe.ts';
import { notHonoured, putObject, type PutAnswer, type PutRequest } from './put.ts';
import { bucketVersioning } from './versioning.ts';

/** An object as it is now, as far as overwriting it is concerned. */
export interface ObjectState {
  readonly versionId: string | null;
  readonly etag: string;
  readonly lastModified: string;
  readonly bytes: number;
  readonly attributes: ObjectAttributes;
  /** What becomes of it when it is overwritten: an older version, or nothing. */
  readonly overwritten: 'kept' | 'lost';
}

export interface S3PublisherOptions extends S3SourceOptions {
  /** Where it is remembered which endpoints honour conditions. */
  readonly cacheDirectory: string;
}

/** Writes objects. Nothing but `put` and `requireConditions` changes anything. */
export interface S3Publisher {
  /** Where requests for a location go, without credentials. */
  endpointOf(location: S3Location): Promise<string>;
  /** Null: there is no object. Tags that the contract sets itself may stay unread. */
  look(location: S3Location, tags: 'needed' | 'optional'): Promise<ObjectState | null>;
  /**
   * Throws `CONDITIONS_NOT_HONOURED` for a store that ignores conditions on writes. One that is not
   * known yet is probed with a scratch object; resolves to its location where it could not be removed.
   */
  requireConditions(location: S3Location, write: ObjectWrite): Promise<string | null>;
  put(request: PutRequest): Promise<PutAnswer>;
  close(): Promise<void>;
}

export function openS3Publisher(options: S3PublisherOptions): S3Publisher {
  const { environment } = options;
  const connections = openConnections(options);
  const memory = openConditionMemory(options.cacheDirectory);
  const { closing } = connections;
  const connect = async (location: S3Location): Promise<S3Connection> => {
    try {
      return await connections.to(location);
    } catch (error) {
      if (error instanceof KeydriftError) throw error;
      const target = connections.targetOf(location);
      throw classify(error, { location, target, versionId: null });
    }
  };
  return {
    endpointOf: async (location) => endpointText((await connect(location)).target),
    look: async (location, tags) => look(await connect(location), location, tags, closing),
    async requireConditions(location, write) {
      const connection = await connect(location);
      const endpoint = endpointText(connection.target);
      if (await memory.knows(endpoint)) return null;
      const probed = await probeConditions(connection, location, write, environment, closing);
      if (probed.conditions === 'ignored') throw notHonoured(placeOf(connection, location));
      await memory.remember(endpoint);
      return probed.leftOver;
    },
    put: async (request) =>
      putObject(await connect(request.location), request, environment, closing),
    close: () => connections.close(),
  };
}

function placeOf({ target }: S3Connection, location: S3Location): S3Place {
  return { location, target, versionId: null };
}

async function look(
  connection: S3Connection,
  location: S3Location,
  tags: 'needed' | 'optional',
  signal: AbortSignal,
): Promise<ObjectState | null> {
  try {
    const head = await headObject(connection, location, signal);
    const { versionId, etag, lastModified, bytes } = pinnedObject(location, head);
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
    if (error.code !== 'S3_ACCESS_DENIED') throw error;
    throw new KeydriftError(
      'S3_ACCESS_DENIED',
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
