import {
  compressionByName,
  decode,
  formatByContent,
  formatByName,
  namedByKind,
  type DecodedSource,
  type DecodeOptions,
} from '../formats/index.ts';
import {
  beginEvent,
  byTurns,
  faultClass,
  KeydriftError,
  pause,
  sliceBytes,
  tellAdvance,
  type ByteSource,
  type FormatWarning,
  type PinnedCopy,
  type Table,
  type UnsaidForm,
} from '../model/index.ts';
import { createFingerprint } from './fingerprint.ts';
import { bytesAtHand } from './memory.ts';
import { openFolder } from './open-folder.ts';
import type { HowToOpen, OpenedCopy, TableRequest } from './request.ts';

/**
 * Opens a copy as a table; whoever does not read it to its end closes it. A copy that is not as long
 * as it was pinned is `COPY_CHANGED`.
 */
export async function openTable(copy: PinnedCopy, request: TableRequest): Promise<OpenedCopy> {
  return copy.folder === undefined
    ? openFile(copy, request, 'streamed')
    : openFolder(copy, copy.folder, request, openFile);
}

async function openFile(
  copy: PinnedCopy,
  { formats, written, decoding, limits }: TableRequest,
  how: HowToOpen,
): Promise<OpenedCopy> {
  const hashed = hashedSource(copy, how, await bytesAtHand(copy));
  const decoded = decode(hashed.source, decoding);
  const name = copy.path ?? copy.location;
  const said = decoding.format === null ? undefined : formats[decoding.format];
  const byName = formatByName(formats, name);
  const named = said ?? byName?.format ?? null;
  let format = named;
  const verified = async (error: unknown): Promise<unknown> => {
    const fault = namedByKind(
      await hashed.verified(error),
      decoded.start(),
      format?.name ?? '',
      decoding.compression,
    );
    return copy.doubt !== undefined && isOfContent(fault) ? copy.doubt(fault) : fault;
  };
  const opened = await (async () => {
    const chosen =
      named === null ? await formatByContent(formats, decoded) : { format: named, source: decoded };
    format = chosen.format;
    const ending = byName?.format === format ? byName.options : {};
    const options = { ...ending, ...written[format.name] };
    const source = { ...chosen.source, unsaid: () => unsaidForm(decoded, decoding, name) };
    return { format, table: await format.open(source, options, limits) };
  })().catch(async (error: unknown) => {
    throw await verified(error);
  });
  const table = decoded.isChanged() ? asAWhole(opened.table) : opened.table;
  const warnings = (): readonly FormatWarning[] => [
    ...(named === null && opened.format !== Object.values(formats)[0]
      ? [byContent(opened.format.name)]
      : []),
    ...otherForm(unsaidForm(decoded, decoding, name), decoded.compression()),
    ...decoded.near().map((message) => ({ code: 'NEAR_LIMIT', message, line: null })),
  ];
  const close = async (): Promise<void> => {
    await table.close();
    await hashed.close();
  };
  return { table, sha256: hashed.sha256, warnings, close, verified };
}

/** The bytes that a part would be cut from are not those of the copy. */
function asAWhole(table: Table): Table {
  const whole: Table = { ...table };
  Reflect.deleteProperty(whole, 'subset');
  return whole;
}

/** A name that tells no format leaves it to whoever writes the copy. */
function byContent(format: string): FormatWarning {
  const message = `its name tells no format, its first bytes look like ${format}: say \`format: ${format}\` in the contract, if that is how the job reads it`;
  return { code: 'FORMAT_BY_CONTENT', message, line: null };
}

/** What the first bytes told, and neither the contract nor the name says. */
function unsaidForm(
  { compression, encoding }: DecodedSource,
  { compression: said }: DecodeOptions,
  name: string,
): UnsaidForm {
  const [isPacked, isNamed] = [compression() !== null, compressionByName(name) !== null];
  const isOther = said === null && isPacked !== isNamed;
  return {
    compression: isOther ? (isPacked ? 'compressed' : 'plain') : null,
    encoding: encoding(),
  };
}

/** A job that is told nothing of how a copy is stored may stop at it, or read other bytes. */
function otherForm(
  { compression, encoding }: UnsaidForm,
  packed: string | null,
): readonly FormatWarning[] {
  const told = {
    compressed: `it is compressed with ${packed}, which its name does not say: a job that does not expect it reads other bytes; if it does expect it, say \`compression: ${packed}\` for this copy`,
    plain:
      'its name says that it is compressed, and it is not: a job that goes by the name stops; if it does not, say `compression: none` for this copy',
  };
  const encoded = `it is ${encoding?.toUpperCase()}, which a job that expects UTF-8 cannot read; if that is how it reads it, say \`encoding: ${encoding}\` for this copy`;
  return [
    ...(compression === null
      ? []
      : [{ code: 'COMPRESSION_BY_CONTENT', message: told[compression], line: null }]),
    ...(encoding === null ? [] : [{ code: 'ENCODING_BY_CONTENT', message: encoded, line: null }]),
  ];
}

/**
 * The bytes of a copy; the first time that they are read to their end, they are hashed. `atHand`: all
 * of them, where they are in memory.
 */
function hashedSource(
  copy: PinnedCopy,
  how: HowToOpen,
  atHand: Uint8Array | null,
): {
  readonly source: ByteSource;
  readonly sha256: () => string;
  readonly close: () => Promise<void>;
  readonly verified: OpenedCopy['verified'];
} {
  const hashed: Hashed = { sha256: null, left: null };
  const tap = (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> =>
    tapped(copy, hashed, chunks);
  const openWhole = (): AsyncGenerator<Uint8Array> =>
    atHand === null ? tap(copy.open()) : handedOut(copy, hashed, atHand);
  return {
    source: {
      ...(atHand === null ? {} : { atHand }),
      open: (range) => (range === undefined ? openWhole() : copy.open(range)),
      ...(how === 'streamed' ? {} : { length: () => Promise.resolve(copy.bytes) }),
      ...(copy.lend === undefined ? {} : { lend: (into) => tap(copy.lend!(into)) }),
      ...(copy.readRanges === undefined
        ? {}
        : { readRanges: (ranges, sink) => copy.readRanges!(ranges, sink) }),
    },
    sha256() {
      if (hashed.sha256 === null) throw new Error('a copy was hashed before it was read');
      return hashed.sha256;
    },
    close: () => leave(hashed),
    async verified(error) {
      const stream = hashed.left;
      hashed.left = null;
      if (!isOfContent(error)) {
        await stream?.return?.();
        return error;
      }
      for (let next = await stream?.next(); next?.done === false; next = await stream?.next());
      return error;
    },
  };
}

function isOfContent(error: unknown): error is KeydriftError {
  return error instanceof KeydriftError && faultClass(error) === 'content';
}

/** What is known of a copy's bytes. */
interface Hashed {
  sha256: string | null;
  /** A stream that its reader left before the end. */
  left: AsyncIterator<Uint8Array> | null;
}

async function leave(hashed: Hashed): Promise<void> {
  const stream = hashed.left;
  hashed.left = null;
  await stream?.return?.();
}

/** Bytes that are at hand, as they would be read. */
async function* handedOut(
  copy: PinnedCopy,
  hashed: Hashed,
  atHand: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { length: bytes } = atHand;
  const end = beginEvent('read', copy.location);
  if (hashed.sha256 === null) {
    const fingerprint = createFingerprint();
    fingerprint.update(atHand);
    hashed.sha256 = fingerprint.hex();
  }
  for (let at = 0; at < bytes; at += sliceBytes) {
    if (at > 0) await pause();
    const piece = atHand.subarray(at, at + sliceBytes);
    tellAdvance(copy.location, at + piece.length, copy.bytes);
    yield piece;
  }
  end({ bytes });
  requireLength(copy, bytes);
}

async function* tapped(
  copy: PinnedCopy,
  hashed: Hashed,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const fingerprint = hashed.sha256 === null ? createFingerprint() : null;
  let bytes = 0;
  await leave(hashed);
  const stream = byTurns(chunks)[Symbol.asyncIterator]();
  hashed.left = stream;
  const end = beginEvent('read', copy.location);
  for (let next = await stream.next(); next.done !== true; next = await stream.next()) {
    fingerprint?.update(next.value);
    bytes += next.value.length;
    tellAdvance(copy.location, bytes, copy.bytes);
    yield next.value;
  }
  end({ bytes });
  if (hashed.left === stream) hashed.left = null;
  requireLength(copy, bytes);
  if (fingerprint !== null) hashed.sha256 = fingerprint.hex();
}

function requireLength(copy: PinnedCopy, bytes: number): void {
  if (bytes === copy.bytes) return;
  throw new KeydriftError(
    'COPY_CHANGED',
    `${copy.location} gave ${bytes} bytes, it was pinned at ${copy.bytes}`,
  );
}
