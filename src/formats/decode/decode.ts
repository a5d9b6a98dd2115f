import {
  byTurns,
  heldTo,
  KeydriftError,
  type ByteRange,
  type ByteSource,
} from '../../model/index.ts';
import { resume } from '../resume.ts';
import {
  compressionOf,
  compressions,
  magicBytes,
  startsAs,
  type Compression,
} from './compression.ts';
import { encodingOf, transcode } from './encoding.ts';
import { notCompressed } from './fault.ts';
import { kindBytes } from '../kind.ts';

/** How the bytes of a copy are turned into those that its format reads. */
export interface DecodeOptions {
  /** A name of `compressions`, or `none`; null: what the first bytes tell. */
  readonly compression: string | null;
  /** A name that the platform's decoder knows; null: UTF-8, or UTF-16 by its byte order mark. */
  readonly encoding: string | null;
  /** A compressed copy may expand to so many bytes, and to so many times its own. */
  readonly expandedBytes: number;
  readonly expandedRatio: number;
}

/** Decoded bytes, and what was found while they were read. */
export interface DecodedSource extends ByteSource {
  /** The compression that the first bytes told; null: none, or it was named. */
  readonly compression: () => string | null;
  /** The encoding that a byte order mark told; null: none, or it was named. */
  readonly encoding: () => string | null;
  /** Whether they are other bytes than the pinned ones; once the first of them were read. */
  readonly isChanged: () => boolean;
  /** The first expanded bytes, as they stand; none before they were read. */
  readonly start: () => Uint8Array;
  /** What is said of limits that it came near, once it was read. */
  readonly near: () => readonly string[];
}

/** Below this nobody is harmed, whatever the ratio. */
const harmless = 16 * 1024 * 1024;

/**
 * The decoded bytes of a pinned copy: expanded, then as UTF-8. What is neither compressed nor of
 * another encoding goes through as it is. Ranges are of decoded bytes; where they are not the pinned
 * ones, a range is read from the copy's start. Throws `COMPRESSION_INVALID`, `INVALID_ENCODING`,
 * `CONTENT_OF_ANOTHER_KIND` for a compression that is only known by name, and `TOO_LARGE`.
 */
export function decode(pinned: ByteSource, options: DecodeOptions): DecodedSource {
  const found: Found = {
    plain: null,
    compression: null,
    encoding: null,
    start: new Uint8Array(),
    near: [],
  };
  const { atHand = null } = pinned;
  if (atHand !== null && isAsItStands(atHand, options)) {
    found.plain = true;
    found.start = startOf(atHand);
  }
  const isKnown = found.plain === true;
  const whole = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
    isKnown ? chunks : decoded(chunks, options, found);
  return {
    compression: () => found.compression,
    encoding: () => found.encoding,
    isChanged: () => found.plain === false,
    start: () => found.start,
    near: () => found.near,
    open(range) {
      if (range === undefined) return whole(pinned.open());
      return found.plain === true ? pinned.open(range) : within(whole(pinned.open()), range);
    },
    ...(pinned.length === undefined
      ? {}
      : {
          async length() {
            found.plain ??= await isPlain(pinned, options, found);
            return found.plain ? pinned.length!() : null;
          },
        }),
    ...(pinned.lend === undefined ? {} : { lend: (into) => whole(pinned.lend!(into)) }),
    ...(pinned.readRanges === undefined
      ? {}
      : {
          async readRanges(ranges, sink) {
            if (found.plain === true) return pinned.readRanges!(ranges, sink);
            return pick(whole(pinned.open()), ranges, sink);
          },
        }),
  };
}

/** What the bytes of a copy told. */
interface Found {
  /** Whether the decoded bytes are the pinned ones; null: the first bytes were not seen yet. */
  plain: boolean | null;
  compression: string | null;
  encoding: string | null;
  start: Uint8Array;
  near: readonly string[];
}

/** Whether bytes that are at hand are neither compressed nor of another encoding, as far as is said or seen. */
function isAsItStands(bytes: Uint8Array, options: DecodeOptions): boolean {
  const isUnsaid = options.encoding === null && encodingOf(bytes) === null;
  return isUnsaid && chosenCompression(bytes, options) === null;
}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions,
  found: Found,
): AsyncGenerator<Uint8Array> {
  const start = await peek(chunks);
  const compression = chosenCompression(start.head, options);
  found.compression = options.compression === null ? (compression?.name ?? null) : null;
  const expanded =
    compression === null
      ? start.chunks
      : expand(compression, start, options, (told) => (found.near = told));
  if (compression === null && options.encoding === null && encodingOf(start.head) === null) {
    found.plain = true;
    found.start = startOf(start.head);
    yield* expanded;
    return;
  }
  const { head, chunks: text } = compression === null ? start : await peek(expanded);
  found.start = startOf(head);
  found.encoding = options.encoding === null ? encodingOf(head) : null;
  const encoding = options.encoding ?? found.encoding;
  found.plain = compression === null && (encoding === null || isUtf8(encoding));
  yield* encoding === null || isUtf8(encoding) ? text : transcode(text, encoding);
}

/** A range of decoded bytes. */
async function* within(
  chunks: AsyncIterable<Uint8Array>,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const from = Math.max(start - at, 0);
    const part = chunk.subarray(from, Math.max(from, end - at));
    if (part.length > 0) yield part;
    at += chunk.length;
    if (at >= end) return;
  }
}

/** Whether the first bytes tell neither a compression nor another encoding, and nobody says one. */
async function isPlain(pinned: ByteSource, options: DecodeOptions, found: Found): Promise<boolean> {
  const { head } = await peek(pinned.open({ start: 0, end: kindBytes }));
  found.start = startOf(head);
  if (chosenCompression(head, options) !== null) return false;
  const encoding = options.encoding ?? encodingOf(head);
  return encoding === null || isUtf8(encoding);
}

/** A copy of what tells the kind of a file. */
function startOf(head: Uint8Array): Uint8Array {
  return Uint8Array.from(head.subarray(0, kindBytes));
}

function isUtf8(encoding: string): boolean {
  return new TextDecoder(encoding).encoding === 'utf-8';
}

function chosenCompression(
  head: Uint8Array,
  { compression: named }: DecodeOptions,
): Compression | null {
  if (named === 'none') return null;
  const found =
    named === null ? compressionOf(head) : compressions.find(({ name }) => name === named);
  if (found === undefined || found === null) return null;
  if (found.expand !== null) return found;
  throw new KeydriftError('CONTENT_OF_ANOTHER_KIND', `the file is compressed with ${found.name}`, {
    hint: 'Of compressions, gzip and zstd are read: write it as one of these, or uncompressed.',
  });
}

async function* expand(
  compression: Compression,
  { head, chunks }: Peeked,
  { expandedBytes, expandedRatio }: DecodeOptions,
  tell: (near: readonly string[]) => void,
): AsyncGenerator<Uint8Array> {
  const { name, expand: expander } = compression;
  let [read, given] = [0, 0];
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      read += chunk.length;
      // A chunk may be lent, and an expander reads ahead.
      yield Uint8Array.from(chunk);
    }
  };
  const begins = startsAs(compression, head);
  const expanded = expander!(counted());
  for await (const chunk of byTurns(begins ? expanded : otherwiseNot(name, expanded))) {
    given += chunk.length;
    const what = `the ${name} file expands to at least`;
    const bytes = heldTo('expandedBytes', expandedBytes, given, `${what} ${given} bytes`);
    const times = Math.floor(given / Math.max(1, read));
    const ratio =
      given <= harmless
        ? null
        : heldTo('expandedRatio', expandedRatio, times, `${what} ${times} times its size`);
    if (bytes !== null || ratio !== null) tell([bytes, ratio].filter((told) => told !== null));
    yield chunk;
  }
}

/** Expanded bytes of what does not begin as its compression does: where they fail, it is none. */
async function* otherwiseNot(
  name: string,
  expanded: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* expanded;
  } catch (thrown) {
    const isInvalid = thrown instanceof KeydriftError && thrown.code === 'COMPRESSION_INVALID';
    throw isInvalid ? notCompressed(name, thrown) : thrown;
  }
}

/** The first bytes of a stream, and the whole of it. */
interface Peeked {
  readonly head: Uint8Array;
  readonly chunks: AsyncIterable<Uint8Array>;
}

async function peek(chunks: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  let ended = false;
  while (head.length < magicBytes && !ended) {
    const { value, done } = await iterator.next();
    if (done === true) ended = true;
    // A chunk may be lent, but it stands until the next one is asked for.
    else head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head, chunks: resume([head], iterator) };
}

/** Hands over the bytes of ascending, disjoint ranges of a stream. */
async function pick(
  chunks: AsyncIterable<Uint8Array>,
  ranges: readonly ByteRange[],
  sink: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  let [at, next] = [0, 0];
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    const end = at + chunk.length;
    for (let range = ranges[next]; range !== undefined && range.start < end; range = ranges[next]) {
      parts.push(Uint8Array.from(chunk.subarray(Math.max(range.start, at) - at, range.end - at)));
      if (range.end > end) break;
      sink(parts.length === 1 ? parts[0]! : Buffer.concat(parts), next);
      parts = [];
      next += 1;
    }
    at = end;
    if (next === ranges.length) return;
  }
}
