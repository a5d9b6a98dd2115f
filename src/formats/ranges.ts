import { pause, type ByteRange, type ByteSource } from '../model/index.ts';

/** Rows nearer to each other than this are fetched in one range. */
const gapBytes = 64 * 1024;

/** More ranges than this are fetched as one: each is a request to a remote store. */
const mostRanges = 16;

/** Ranges that are handed over between two turns: what is done with one takes up to 40 µs. */
const rangesATurn = 1 << 9;

/** Hands over the bytes of ascending, disjoint ranges, valid during the call only. */
export async function readRanges(
  source: ByteSource,
  ranges: readonly ByteRange[],
  sink: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  if (source.readRanges === undefined) await fetchRanges(source, ranges, sink);
  else await source.readRanges(ranges, sink);
}

/** The same, out of few requests. */
async function fetchRanges(
  source: ByteSource,
  ranges: readonly ByteRange[],
  sink: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  let next = 0;
  let parts: Uint8Array[] = [];
  for (const span of coverRanges(ranges)) {
    let offset = span.start;
    for await (const chunk of source.open(span)) {
      const end = offset + chunk.length;
      for (let range = ranges[next]; range !== undefined && range.start < end;) {
        parts.push(chunk.subarray(Math.max(range.start, offset) - offset, range.end - offset));
        if (range.end > end) break;
        sink(parts.length === 1 ? parts[0]! : Buffer.concat(parts), next);
        parts = [];
        next += 1;
        range = ranges[next];
        // Chunks that are there already come without a turn of their own.
        if (next % rangesATurn === 0) await pause();
      }
      offset = end;
    }
  }
}

/** Few ranges that cover all of these. */
function coverRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const covers: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = covers.at(-1);
    if (last !== undefined && start - last.end <= gapBytes) last.end = end;
    else covers.push({ start, end });
  }
  if (covers.length <= mostRanges) return covers;
  return [{ start: covers[0]!.start, end: covers.at(-1)!.end }];
}
