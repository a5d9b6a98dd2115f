import type { PinnedCopy } from '../model/index.ts';

/** Copies up to this size are kept while they are judged, so that reading rows again costs no I/O. */
const mostBytes = 4 * 1024 * 1024;

const origins = new WeakMap<PinnedCopy, PinnedCopy>();

/** The same pinned copy, fetched whenever it is opened: what outlives a judgement holds no bytes. */
export function withoutKept(copy: PinnedCopy): PinnedCopy {
  return origins.get(copy) ?? copy;
}

/** A pinned copy that is fetched once, if it is small; a large one as it is. */
export function keepSmall(copy: PinnedCopy): PinnedCopy {
  if (copy.bytes > mostBytes || origins.has(copy)) return copy;
  let kept: Uint8Array | null = null;
  const fetch = async (): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of copy.open()) chunks.push(chunk);
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  };
  const keeping: PinnedCopy = {
    location: copy.location,
    ...(copy.path === undefined ? {} : { path: copy.path }),
    revision: copy.revision,
    bytes: copy.bytes,
    ...(copy.claim === undefined ? {} : { claim: copy.claim }),
    async *open(range = { start: 0, end: copy.bytes }) {
      kept ??= await fetch();
      if (range.start < range.end) yield kept.subarray(range.start, range.end);
    },
    async release() {
      await copy.release?.();
    },
    async readRanges(ranges, sink) {
      kept ??= await fetch();
      for (const [index, { start, end }] of ranges.entries()) {
        sink(kept.subarray(start, end), index);
      }
    },
  };
  origins.set(keeping, copy);
  return keeping;
}
