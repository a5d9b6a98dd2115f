import { pause } from '../../model/index.ts';
import { invalidCompression } from './fault.ts';

const MAGIC = 0xfd2fb528;
/** Frames that hold no data (RFC 8878, 3.1.2). */
const isSkippable = (magic: number): boolean => magic >>> 4 === 0x0184d2a5;
/** A window larger than this is refused, as the reference does by default. */
const mostWindow = 128 * 1024 * 1024;

/** No block holds more, packed or not (RFC 8878, 3.1.1.2.4): what one push can take is bounded. */
const mostBlock = 128 * 1024;

/** Frames and blocks that are expanded between two turns: each moves a window of 128 MiB at worst. */
const sliceSteps = 8;

/**
 * Zstandard of one or several frames (RFC 8878). Frames are cut by their block headers, so that
 * each is expanded alone and held against its own checksum. Throws `COMPRESSION_INVALID`.
 */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const [{ Decompress }, { default: xxhash }] = await Promise.all([
    import('fzstd'),
    import('xxhash-wasm'),
  ]);
  const hashes = await xxhash();
  const input = reader(chunks);
  let steps = 0;
  const turn = async (): Promise<void> => {
    steps += 1;
    if (steps % sliceSteps === 0) await pause();
  };
  for (let frames = 0; await input.fill(4); frames += 1) {
    await turn();
    const magic = input.word(0);
    if (isSkippable(magic)) {
      await need(input, 8);
      await skip(input, 8 + input.word(4));
      continue;
    }
    if (magic !== MAGIC) {
      throw invalidCompression(
        'zstd',
        frames === 0 ? 'it is damaged' : 'something stands behind it',
      );
    }
    const sum = hashes.create64();
    let out: Uint8Array[] = [];
    let given = 0;
    const expander = new Decompress((data) => {
      sum.update(data);
      given += data.length;
      // The library goes on writing into what it has given.
      if (data.length > 0) out.push(Uint8Array.from(data));
    });
    const push = (bytes: Uint8Array, last: boolean): void => {
      try {
        expander.push(Uint8Array.from(bytes), last);
      } catch {
        throw invalidCompression('zstd', 'it is damaged');
      }
    };
    const { length, hasChecksum, size: expected } = await frameHeader(input);
    push(input.take(length), false);
    for (let last = false; !last;) {
      await turn();
      await need(input, 3);
      const header = input.word24(0);
      last = (header & 1) === 1;
      const type = (header >> 1) & 3;
      const size = type === 1 ? 1 : header >> 3;
      // Of one that repeats a byte the size is what comes out of it.
      if (type === 3 || header >> 3 > mostBlock) throw invalidCompression('zstd', 'it is damaged');
      await need(input, 3 + size);
      push(input.take(3 + size), false);
      yield* out;
      out = [];
    }
    if (hasChecksum) {
      await need(input, 4);
      push(input.take(4), true);
    } else push(new Uint8Array(), true);
    yield* out;
    if (expected !== null && given !== expected) {
      throw invalidCompression('zstd', 'it has another length than it says');
    }
    if (hasChecksum && Number(sum.digest() & 0xffffffffn) !== input.lastWord()) {
      throw invalidCompression('zstd', 'its checksum does not fit');
    }
  }
  if (input.left() > 0) throw invalidCompression('zstd', 'it is cut off');
}

interface FrameHeader {
  /** With its magic. */
  readonly length: number;
  readonly hasChecksum: boolean;
  /** Of what is in the frame; null: it does not say. */
  readonly size: number | null;
}

async function frameHeader(input: Reader): Promise<FrameHeader> {
  await need(input, 6);
  const descriptor = input.byte(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const windowBytes = isSingle ? 0 : 1;
  if (!isSingle) {
    const window = input.byte(5);
    const base = 2 ** (10 + (window >> 3));
    if (base + (base / 8) * (window & 7) > mostWindow) {
      throw invalidCompression('zstd', 'its window is larger than 128 MiB');
    }
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  if (dictionaryBytes > 0) throw invalidCompression('zstd', 'it needs a dictionary');
  const flag = descriptor >> 6;
  const sizeBytes = flag === 0 ? (isSingle ? 1 : 0) : [0, 2, 4, 8][flag]!;
  const length = 5 + windowBytes + dictionaryBytes + sizeBytes;
  await need(input, length);
  let size = 0;
  for (let byte = 1; byte <= sizeBytes; byte += 1) size = size * 256 + input.byte(length - byte);
  if (sizeBytes === 2) size += 256;
  // Then it is the window.
  if (isSingle && size > mostWindow) {
    throw invalidCompression('zstd', 'its window is larger than 128 MiB');
  }
  return { length, hasChecksum: (descriptor & 4) !== 0, size: sizeBytes === 0 ? null : size };
}

async function need(input: Reader, bytes: number): Promise<void> {
  if (!(await input.fill(bytes))) throw invalidCompression('zstd', 'it is cut off');
}

async function skip(input: Reader, bytes: number): Promise<void> {
  for (let left = bytes; left > 0;) {
    const step = Math.min(left, 1 << 16);
    await need(input, step);
    input.take(step);
    left -= step;
  }
}

/** Bytes of a stream that are looked at before they are taken. */
interface Reader {
  /** Makes so many bytes visible; false: the stream has fewer left. */
  fill(bytes: number): Promise<boolean>;
  byte(at: number): number;
  word(at: number): number;
  word24(at: number): number;
  /** The word that was taken last. */
  lastWord(): number;
  take(bytes: number): Uint8Array;
  left(): number;
}

function reader(chunks: AsyncIterable<Uint8Array>): Reader {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let last: Buffer = Buffer.alloc(0);
  return {
    async fill(bytes) {
      while (held.length < bytes) {
        const { value, done } = await iterator.next();
        if (done === true) return false;
        held = Buffer.concat([held, value]);
      }
      return true;
    },
    byte: (at) => held[at]!,
    word: (at) => held.readUInt32LE(at),
    word24: (at) => held.readUIntLE(at, 3),
    lastWord: () => last.readUInt32LE(last.length - 4),
    take(bytes) {
      last = held.subarray(0, bytes);
      held = held.subarray(bytes);
      return last;
    },
    left: () => held.length,
  };
}
