import {
  inSlices,
  wholeOf,
  type ByteRange,
  type PinnedCopy,
  type PinnedFolder,
} from '../model/index.ts';

/** Copies up to this size are kept while they are judged, so that reading rows again costs no I/O. */
const mostBytes = 4 * 1024 * 1024;

/** Rows that are read again between two turns: what is made of each may take some microseconds. */
const rangesATurn = 1 << 9;

const origins = new WeakMap<PinnedCopy, PinnedCopy>();
const kept = new WeakMap<PinnedCopy, Kept>();

/** The bytes of a small copy. */
interface Kept {
  /** Fetched, if they were not yet. */
  readonly fetch: () => Promise<Uint8Array>;
  /** Fetches them for whoever asks next; what that throws, he is told. */
  readonly fetchAhead: () => Promise<void>;
  readonly forget: () => void;
}

/** Waits until the bytes of a copy that is kept are at hand, or cannot be had: then its reader is told. */
export async function fetchAhead(copy: PinnedCopy): Promise<void> {
  await kept.get(copy)?.fetchAhead();
}

/**
 * Lets go of the bytes of a copy that was judged. What a weak map holds outlives the small rounds of
 * the garbage collector: a fleet would fill the memory between its large ones.
 */
export function forgetKept(copy: PinnedCopy): void {
  kept.get(copy)?.forget();
  kept.delete(copy);
  origins.delete(copy);
}

/** All bytes of a copy that is kept, fetched if they were not yet; null: it is none of these. */
export async function bytesAtHand(copy: PinnedCopy): Promise<Uint8Array | null> {
  return (await kept.get(copy)?.fetch()) ?? null;
}

/** The same pinned copy, fetched whenever it is opened: what outlives a judgement holds no bytes. */
export function withoutKept(copy: PinnedCopy): PinnedCopy {
  return origins.get(copy) ?? copy;
}

/** What its store says of a copy, whose bytes are kept elsewhere. */
export function toldOf({
  location,
  path,
  revision,
  bytes,
  warnings,
  claim,
  doubt,
}: PinnedCopy): Omit<PinnedCopy, 'open'> {
  return {
    location,
    ...(path === undefined ? {} : { path }),
    revision,
    bytes,
    ...(warnings === undefined ? {} : { warnings }),
    ...(claim === undefined ? {} : { claim }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** A pinned copy that is fetched once, if it is small; a large one as it is. */
export function keepSmall(copy: PinnedCopy): PinnedCopy {
  if (copy.lake !== undefined || copy.bytes > mostBytes || origins.has(copy)) return copy;
  if (copy.folder !== undefined) return keepParts(copy, copy.folder);
  let whole: Uint8Array | null = null;
  let ahead: Promise<Uint8Array> | null = null;
  const load = async (): Promise<Uint8Array> => (whole = await wholeOf(copy));
  const fetch = async (): Promise<Uint8Array> => {
    if (whole !== null) return whole;
    const loading = ahead ?? load();
    ahead = null;
    return loading;
  };
  const begin = (): Promise<void> =>
    (ahead ??= load()).then(
      () => undefined,
      () => undefined,
    );
  const forget = (): void => {
    whole = null;
    ahead = null;
  };
  const keeping: PinnedCopy = {
    ...toldOf(copy),
    open: (range = { start: 0, end: copy.bytes }) => pieceOf(fetch, range),
    async release() {
      await copy.release?.();
    },
    async readRanges(ranges, sink) {
      const all = await fetch();
      await inSlices(
        ranges.length,
        (from, to) => {
          for (let index = from; index < to; index += 1) {
            const { start, end } = ranges[index]!;
            sink(all.subarray(start, end), index);
          }
        },
        rangesATurn,
      );
    },
  };
  origins.set(keeping, copy);
  kept.set(keeping, { fetch, fetchAhead: begin, forget });
  return keeping;
}

async function* pieceOf(
  fetch: Kept['fetch'],
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  const all = await fetch();
  if (start < end) yield all.subarray(start, end);
}

/** A small folder, whose parts are fetched once. */
function keepParts(copy: PinnedCopy, folder: PinnedFolder): PinnedCopy {
  const parts = folder.parts.map(({ name, copy: part }) => ({ name, copy: keepSmall(part) }));
  const keeping: PinnedCopy = { ...copy, folder: { ...folder, parts } };
  origins.set(keeping, copy);
  return keeping;
}
