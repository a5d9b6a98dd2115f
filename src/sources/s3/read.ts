import { IncomingMessage } from 'node:http';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { KeydriftError, type ByteRange } from '../../model/index.ts';
import { startChecksum } from './checksum.ts';
import type { S3Connection } from './client.ts';
import { classify, foreignAnswer } from './errors.ts';
import { readFailure } from './failure.ts';
import type { GetInput } from './get.ts';
import { bareEtag, checkAnswer, headObject, objectInput, type PinnedObject } from './pin.ts';
import { endpointText, locationText } from './place.ts';
import { durationText, ownFault, ownFaults, within } from './transport.ts';

/** A body that ended before its last byte. */
interface Interruption {
  /** A body that came too slowly, or not at all; or one that broke off. */
  readonly kind: 'silence' | 'break';
  readonly why: string;
}

/** How far a reading has come. */
interface Progress {
  /** Offset of the next byte. */
  at: number;
  readonly end: number;
}

/** A body, and where in the object its bytes stand: more than was asked for, perhaps. */
export interface OpenBody extends ByteRange {
  readonly body: IncomingMessage;
}

/** Bodies that may be too slow: with a second one, an end comes within a minute. */
const mostSilences = 2;

/** What is read: an object, or a range of it; `opened` is a body that pinning it opened. */
export interface Reading {
  readonly object: PinnedObject;
  readonly range?: ByteRange | undefined;
  readonly opened?: OpenBody | null;
}

/**
 * The bytes of a pinned object, or of a range of it.
 *
 * A body that breaks off or is slower than the limits allow is resumed where it stopped, by a GET that
 * is pinned like the first; after `attempts` bodies it is `STORE_INCOMPLETE_BODY` or `STORE_TIMEOUT`.
 * The length always agrees with the pinned one; of a whole object the stored checksum is compared over
 * all bytes before its end (`STORE_CHECKSUM_MISMATCH`), or, where the store has none, the length that
 * a HEAD tells.
 */
export async function* readPinned(
  connection: S3Connection,
  { object, range, opened = null }: Reading,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = Math.min(range?.end ?? object.bytes, object.bytes);
  const progress: Progress = { at: range?.start ?? 0, end };
  const isWhole = progress.at === 0 && end === object.bytes;
  if (!isWhole && progress.at >= end) return;
  const checksum =
    isWhole && object.checksum !== null ? startChecksum(object.checksum.algorithm) : null;
  const atOnce = isWhole && opened !== null ? takeWhole(opened.body, object.bytes) : null;
  if (atOnce === null) {
    const reading = {
      object,
      progress,
      signal,
      see: (chunk: Uint8Array) => checksum?.update(chunk),
    };
    yield* readBodies(connection, reading, opened);
  } else {
    checksum?.update(atOnce);
    yield atOnce;
    await ended(opened!.body);
  }
  const computed = checksum?.digest();
  const isWrong = computed !== undefined && computed !== object.checksum?.value;
  if (isWhole && (isWrong || checksum === null)) await checkLength(connection, object, signal);
  if (isWrong) throw mismatch(object);
}

/** What is read of an object, and who sees it. */
interface BodyReading {
  readonly object: PinnedObject;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly see: (chunk: Uint8Array) => void;
}

/** All that is left, out of as many bodies as it takes. */
async function* readBodies(
  connection: S3Connection,
  reading: BodyReading,
  opened: OpenBody | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { object, progress, signal } = reading;
  let silences = 0;
  for (let attempt = 1, first = opened; ; attempt++, first = null) {
    const body = first ?? (await getPinned(connection, object, progress, signal));
    const interruption = yield* readOnce(connection, reading, body);
    if (interruption === null) return;
    if (interruption.kind === 'silence') silences += 1;
    if (attempt >= connection.attempts || silences >= mostSilences) {
      throw givenUp(connection, object, interruption, attempt);
    }
  }
}

/** A small object has come whole, with its headers: there is nothing to wait for. Null: not so. */
function takeWhole(body: IncomingMessage, bytes: number): Uint8Array | null {
  if (!body.complete || body.readableLength !== bytes) return null;
  const whole: unknown = body.read();
  return whole instanceof Uint8Array && whole.length === bytes ? whole : null;
}

/** What is left, out of one body. Returns null when all of it came. */
async function* readOnce(
  connection: S3Connection,
  { object, progress, see }: BodyReading,
  opened: OpenBody,
): AsyncGenerator<Uint8Array, Interruption | null, undefined> {
  const { body } = opened;
  let position = opened.start;
  try {
    for await (const chunk of inTime(connection, body, opened.end - position)) {
      const skipped = Math.max(0, progress.at - position);
      const wanted = chunk.subarray(skipped, Math.max(0, progress.end - position));
      position += chunk.length;
      if (position > opened.end) throw changed(object, `more than ${object.bytes} bytes came`);
      if (wanted.length === 0) continue;
      see(wanted);
      progress.at += wanted.length;
      yield wanted;
      // A server that ignores ranges would send the rest of the object.
      if (progress.at === progress.end && position < opened.end) break;
    }
  } catch (error) {
    return interruptionOf(error);
  } finally {
    body.destroy();
  }
  const lacking = progress.end - progress.at;
  return lacking === 0 ? null : { kind: 'break', why: `the last body lacked ${lacking} bytes` };
}

/**
 * The chunks of a body that comes fast enough: the limits' bytes, or what is left, in that much
 * waiting. A reader that takes its time over a chunk is not the store's fault.
 */
async function* inTime(
  { limits: { body: limit } }: S3Connection,
  body: IncomingMessage,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let left = length;
  let due = Math.min(limit.bytes, left);
  let waitedMs = 0;
  for (;;) {
    const since = performance.now();
    const next = await within(limit.ms - waitedMs, 'no further bytes', chunks.next()).catch(
      (error: unknown) => {
        if (readFailure(error).code !== ownFaults.limit) throw error;
        const rate = `fewer than ${due} bytes in ${durationText(limit.ms)}`;
        throw ownFault(ownFaults.limit, `its body was too slow: ${rate}`);
      },
    );
    if (next.done === true) return;
    waitedMs += performance.now() - since;
    left -= next.value.length;
    due -= next.value.length;
    if (due <= 0) {
      due = Math.min(limit.bytes, left);
      waitedMs = 0;
    }
    yield next.value;
  }
}

/** Waits until a body that was read has told its end: then its connection serves the next one. */
function ended(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (body.readableEnded || body.destroyed) resolve();
    else body.once('end', resolve).once('close', resolve);
  });
}

/** What ended a body. Throws what is no interruption. */
function interruptionOf(error: unknown): Interruption {
  if (error instanceof KeydriftError) throw error;
  const { code, message } = readFailure(error);
  const isSilence = code === ownFaults.limit || code === 'TimeoutError';
  return { kind: isSilence ? 'silence' : 'break', why: message };
}

function givenUp(
  { target }: S3Connection,
  { location, bytes }: PinnedObject,
  { kind, why }: Interruption,
  attempts: number,
): KeydriftError {
  const name = locationText(location);
  if (kind === 'silence') {
    return new KeydriftError(
      'STORE_TIMEOUT',
      `${endpointText(target)} went silent over ${name} (${attempts} attempts): ${why}.`,
      {
        hint: 'Try again; if it stays, see whether the network or a proxy in between is overloaded.',
      },
    );
  }
  return new KeydriftError(
    'STORE_INCOMPLETE_BODY',
    `${endpointText(target)} did not give all ${bytes} bytes of ${name} in ${attempts} attempts: ${why}.`,
    { hint: 'Try again; if it stays, see whether a proxy in between cuts answers off.' },
  );
}

function mismatch({ location, checksum }: PinnedObject): KeydriftError {
  return new KeydriftError(
    'STORE_CHECKSUM_MISMATCH',
    `The bytes that came of ${locationText(location)} do not have the ${checksum?.algorithm} that the store keeps for it.`,
    {
      hint: 'They were changed on the way, or in the store. Try again; if it stays, look for a proxy that rewrites answers, and upload the object again.',
    },
  );
}

/**
 * GET of some bytes of a pinned object, by VersionId and If-Match.
 * Throws `COPY_CHANGED` when it is not that object any more, else what `classify` makes of it.
 */
async function getPinned(
  connection: S3Connection,
  object: PinnedObject,
  { at: start, end }: Progress,
  signal: AbortSignal,
): Promise<OpenBody> {
  const range = { start, end };
  const output = await sendGet(connection, object, range, signal);
  const body = output.Body instanceof IncomingMessage ? output.Body : undefined;
  try {
    checkAnswer(connection, object.location, output);
    checkRevision(object, output);
    if (body === undefined) {
      const place = { ...object, target: connection.target };
      throw foreignAnswer(place, 'an answer without a body');
    }
    return { body, ...givenRange(object, range, output) };
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
  const input: GetInput = objectInput(object.location, object.versionId);
  const isWhole = range.start === 0 && range.end === object.bytes;
  // S3's last byte is inclusive; of an empty object no range can be asked for.
  if (!isWhole) input.Range = `bytes=${range.start}-${range.end - 1}`;
  const send = (etag: string): Promise<GetObjectCommandOutput> =>
    connection.get({ ...input, IfMatch: etag }, { checksums: 'not asked', signal });
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
  const isGone = status !== null && gone.has(status) && code !== ownFaults.foreign;
  if (isGone && code !== 'NoSuchBucket') return changed(object, `HTTP ${status} ${code}`);
  return classify(error, { ...object, target: connection.target });
}

/** Some servers ignore If-Match, or a version id: then the answer tells whose bytes these are. */
function checkRevision(object: PinnedObject, output: GetObjectCommandOutput): void {
  const { ETag: etag = '', VersionId: versionId } = output;
  if (bareEtag(etag) !== bareEtag(object.etag)) throw changed(object, `its ETag is now ${etag}`);
  if (versionId !== undefined && object.versionId !== null && versionId !== object.versionId) {
    throw changed(object, `its version is now ${versionId}`);
  }
}

/** The bytes that the answer is about: all of them from a server that ignores ranges. */
function givenRange(
  object: PinnedObject,
  range: ByteRange,
  { ContentRange, ContentLength: length }: GetObjectCommandOutput,
): ByteRange {
  const whole = { start: 0, end: object.bytes };
  const given = ContentRange === undefined ? whole : askedRange(object, range, ContentRange);
  if (length === given.end - given.start) return given;
  throw changed(object, `${length} bytes were announced, not ${given.end - given.start}`);
}

function askedRange(object: PinnedObject, range: ByteRange, told: string): ByteRange {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(told) ?? [];
  if (total !== undefined && total !== '*' && Number(total) !== object.bytes) {
    throw changed(object, `it has ${total} bytes now, ${object.bytes} when it was pinned`);
  }
  if (Number(first) === range.start && Number(last) === range.end - 1) return range;
  throw changed(object, `bytes ${range.start}-${range.end - 1} were asked for, not ${told}`);
}

/** Statuses of stores that read, and do not tell. */
const untold: ReadonlySet<number> = new Set([403, 405, 501]);

/**
 * Where no checksum vouches for the bytes, a proxy that cuts a body off and corrects its length would
 * pass: a HEAD has no body to cut.
 */
async function checkLength(
  connection: S3Connection,
  object: PinnedObject,
  signal: AbortSignal,
): Promise<void> {
  if (object.bytesBy === 'head') return;
  const { versionId } = object;
  try {
    const { output } = await headObject(
      connection,
      { ...object.location, versionId },
      signal,
      connection.head,
    );
    if (output.ETag !== undefined && bareEtag(output.ETag) !== bareEtag(object.etag)) {
      throw changed(object, `its ETag is now ${output.ETag}`);
    }
    if (output.ContentLength !== object.bytes) {
      throw changed(object, `HEAD tells of ${output.ContentLength} bytes, ${object.bytes} came`);
    }
  } catch (error) {
    const { status } = readFailure(error);
    if (status === null || !untold.has(status)) throw getError(connection, object, error);
  }
}

/** The object is not the pinned one. Whoever pinned it may pin it again, and read from the start. */
export function changed(object: PinnedObject, why: string): KeydriftError {
  return new KeydriftError(
    'COPY_CHANGED',
    `${locationText(object.location)} changed while it was read (${why}).`,
    { hint: 'Somebody is writing it right now. Try again when they are done.' },
  );
}
