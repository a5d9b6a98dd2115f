import type { IncomingMessage } from 'node:http';
import { KeydriftError, type ByteRange } from '../../model/index.ts';
import { startChecksum } from './checksum.ts';
import type { S3Connection } from './client.ts';
import { classify } from './errors.ts';
import { readFailure } from './failure.ts';
import { changed, getPinned } from './get.ts';
import type { PinnedObject } from './pinned.ts';
import { endpointText, locationText } from './place.ts';

/** A body that ended before its last byte. */
type Interruption =
  | { readonly kind: 'silence'; readonly error: unknown }
  | { readonly kind: 'break'; readonly why: string };

/** How far a reading has come. */
interface Progress {
  /** Offset of the next byte. */
  at: number;
  readonly end: number;
}

/**
 * The bytes of a pinned object, or of a range of it.
 *
 * A body that breaks off or falls silent is resumed where it stopped, by a GET that is pinned
 * like the first; after `attempts` bodies it is `STORE_INCOMPLETE_BODY` or `STORE_TIMEOUT`. The length
 * always agrees with the pinned one; the stored checksum is compared over all bytes of a whole
 * object before its end (`STORE_CHECKSUM_MISMATCH`).
 */
export async function* readPinned(
  connection: S3Connection,
  object: PinnedObject,
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = Math.min(range?.end ?? object.bytes, object.bytes);
  const progress: Progress = { at: range?.start ?? 0, end };
  const isWhole = progress.at === 0 && end === object.bytes;
  if (!isWhole && progress.at >= end) return;
  const checksum =
    isWhole && object.checksum !== null ? startChecksum(object.checksum.algorithm) : null;
  for (let attempt = 1; ; attempt++) {
    const interruption = yield* readOnce(connection, object, progress, signal, (chunk) =>
      checksum?.update(chunk),
    );
    if (interruption === null) break;
    if (attempt >= connection.attempts) throw givenUp(connection, object, interruption);
  }
  const computed = checksum?.digest();
  if (computed !== undefined && computed !== object.checksum?.value) throw mismatch(object);
}

/** One GET of what is left. Returns null when all of it came. */
async function* readOnce(
  connection: S3Connection,
  object: PinnedObject,
  progress: Progress,
  signal: AbortSignal,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, Interruption | null, undefined> {
  const asked = { start: progress.at, end: progress.end };
  const opened = await getPinned(connection, object, asked, signal);
  if ('found' in opened) {
    return { kind: 'break', why: `${opened.found} bytes were announced, not ${opened.expected}` };
  }
  let position = opened.start;
  try {
    for await (const chunk of opened.body as AsyncIterable<Uint8Array>) {
      const skipped = Math.max(0, progress.at - position);
      const wanted = chunk.subarray(skipped, Math.max(0, progress.end - position));
      position += chunk.length;
      if (position > opened.end) throw changed(object, `more than ${object.bytes} bytes came`);
      if (wanted.length === 0) continue;
      see(wanted);
      progress.at += wanted.length;
      watchSilence(opened.body, 0);
      yield wanted;
      watchSilence(opened.body, connection.idleMs);
      // A server that ignores ranges would send the rest of the object.
      if (progress.at === progress.end && position < opened.end) break;
    }
  } catch (error) {
    return interruptionOf(error);
  }
  const lacking = progress.end - progress.at;
  return lacking === 0 ? null : { kind: 'break', why: `the last body lacked ${lacking} bytes` };
}

/**
 * The silence that the SDK's socket timeout measures is the server's: a reader that takes its
 * time over a chunk stops the flow as well. A complete answer's socket serves others already.
 */
function watchSilence(body: IncomingMessage, idleMs: number): void {
  if (!body.complete && !body.destroyed) body.socket.setTimeout(idleMs);
}

/** What ended a body. Throws what is no interruption. */
function interruptionOf(error: unknown): Interruption {
  if (error instanceof KeydriftError) throw error;
  const { code, message } = readFailure(error);
  return code === 'TimeoutError' ? { kind: 'silence', error } : { kind: 'break', why: message };
}

function givenUp(
  connection: S3Connection,
  object: PinnedObject,
  interruption: Interruption,
): KeydriftError {
  const { location } = object;
  const { target, attempts } = connection;
  if (interruption.kind === 'silence') {
    return classify(interruption.error, { ...object, target });
  }
  return new KeydriftError(
    'STORE_INCOMPLETE_BODY',
    `${endpointText(target)} did not give all ${object.bytes} bytes of ${locationText(location)} in ${attempts} attempts: ${interruption.why}.`,
    { hint: 'Try again; if it stays, see whether a proxy in between cuts answers off.' },
  );
}

function mismatch({ location, checksum }: PinnedObject): KeydriftError {
  return new KeydriftError(
    'STORE_CHECKSUM_MISMATCH',
    `The bytes that came of ${locationText(location)} do not have the ${checksum?.algorithm} that S3 stores for it.`,
    {
      hint: 'They were changed on the way, or in the store. Try again; if it stays, look for a proxy that rewrites answers, and upload the object again.',
    },
  );
}
