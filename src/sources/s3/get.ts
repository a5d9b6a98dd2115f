import { IncomingMessage } from 'node:http';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { KeydriftError, type ByteRange } from '../../model/index.ts';
import type { S3Connection } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { objectInput } from './head.ts';
import { bareEtag, type PinnedObject } from './pinned.ts';
import { locationText } from './place.ts';

/** The body of a GET, and where in the object its bytes stand: more than was asked for, perhaps. */
interface OpenBody extends ByteRange {
  readonly body: IncomingMessage;
}

/** A body that does not have the length that was pinned; nothing of it was used. */
interface WrongLength {
  readonly found: number;
  readonly expected: number;
}

/**
 * GET of some bytes of a pinned object, by VersionId and If-Match.
 * Throws `COPY_CHANGED` when it is not that object any more, else what `classify` makes of it.
 */
export async function getPinned(
  connection: S3Connection,
  object: PinnedObject,
  range: ByteRange,
  signal: AbortSignal,
): Promise<OpenBody | WrongLength> {
  const output = await sendGet(connection, object, range, signal);
  const body = output.Body instanceof IncomingMessage ? output.Body : undefined;
  try {
    checkRevision(object, output);
    if (body === undefined) throw changed(object, 'the answer has no body');
    const given = givenRange(object, range, output);
    const expected = given.end - given.start;
    const found = output.ContentLength ?? expected;
    if (found === expected) return { body, ...given };
    body.destroy();
    return { found, expected };
  } catch (error) {
    body?.destroy();
    throw error;
  }
}

async function sendGet(
  connection: S3Connection,
  object: PinnedObject,
  range: ByteRange,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const input: GetObjectCommandInput = objectInput(object.location, object.versionId);
  const isWhole = range.start === 0 && range.end === object.bytes;
  // S3's last byte is inclusive; of an empty object no range can be asked for.
  if (!isWhole) input.Range = `bytes=${range.start}-${range.end - 1}`;
  const send = (etag: string): Promise<GetObjectCommandOutput> =>
    connection.client.send(new connection.sdk.GetObjectCommand({ ...input, IfMatch: etag }), {
      abortSignal: signal,
    });
  try {
    return await send(object.etag).catch((error: unknown) => {
      const bare = bareEtag(object.etag);
      if (readFailure(error).status !== 412 || bare === object.etag) throw error;
      // Ceph RGW compares the header with the ETag without quotes: the very same one is a 412.
      return send(bare);
    });
  } catch (error) {
    throw getError(connection, object, error);
  }
}

/** Statuses that say that the pinned revision is not there (any more). */
const gone: ReadonlySet<number> = new Set([404, 405, 412, 416]);

function getError(connection: S3Connection, object: PinnedObject, error: unknown): KeydriftError {
  const { status, code } = readFailure(error);
  if (status !== null && gone.has(status) && code !== 'NoSuchBucket') {
    return changed(object, `HTTP ${status} ${code}`);
  }
  return classify(error, { ...object, target: connection.target });
}

/** Some servers ignore If-Match, or a version id: then the answer tells whose bytes these are. */
function checkRevision(object: PinnedObject, output: GetObjectCommandOutput): void {
  const { ETag: etag, VersionId: versionId } = output;
  if (etag !== undefined && bareEtag(etag) !== bareEtag(object.etag)) {
    throw changed(object, `its ETag is now ${etag}`);
  }
  if (versionId !== undefined && object.versionId !== null && versionId !== object.versionId) {
    throw changed(object, `its version is now ${versionId}`);
  }
}

/** The bytes that the answer is about: all of them from a server that ignores ranges. */
function givenRange(
  object: PinnedObject,
  range: ByteRange,
  { ContentRange }: GetObjectCommandOutput,
): ByteRange {
  if (ContentRange === undefined) return { start: 0, end: object.bytes };
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(ContentRange) ?? [];
  if (total !== undefined && total !== '*' && Number(total) !== object.bytes) {
    throw changed(object, `it has ${total} bytes now, ${object.bytes} when it was pinned`);
  }
  if (Number(first) === range.start && Number(last) === range.end - 1) return range;
  throw changed(
    object,
    `bytes ${range.start}-${range.end - 1} were asked for, not ${ContentRange}`,
  );
}

/** The object is not the pinned one. Whoever pinned it may pin it again, and read from the start. */
export function changed(object: PinnedObject, why: string): KeydriftError {
  return new KeydriftError(
    'COPY_CHANGED',
    `${locationText(object.location)} changed while it was read (${why}).`,
    { hint: 'Somebody is writing it right now. Try again when they are done.' },
  );
}
