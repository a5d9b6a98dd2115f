import type { ByteRange, ByteSource, RecordPlaces, RecordSink } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { createRecordView } from './record.ts';
import { createRowSplitter } from './row.ts';

/** Rows nearer to each other than this are fetched in one range. */
const gapBytes = 64 * 1024;

/** More ranges than this are fetched as one: each is a request to a remote store. */
const mostRanges = 16;

/** Reads chosen records again, each from its bytes; `end` is that of the last one of the copy. */
export async function rereadRecords(
  source: ByteSource,
  dialect: Dialect,
  { places, end }: { readonly places: RecordPlaces; readonly end: number },
  records: Uint32Array,
  sink: RecordSink,
): Promise<void> {
  const view = createRecordView(dialect);
  const split = createRowSplitter(dialect);
  const ranges = Array.from(records, (record) => ({
    start: places.start(record - 1),
    end: record < places.rows ? places.start(record) : end,
  }));
  const readRow = (bytes: Uint8Array, index: number): void => {
    const record = records[index]!;
    const { start } = ranges[index]!;
    const line = places.line(record - 1);
    const { width, cell, ascii } = split(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    view.show({ record, line, start, width, cell, ascii, raw: () => bytes });
    sink(view);
  };
  if (source.readRanges === undefined) await fetchRanges(source, ranges, readRow);
  else await source.readRanges(ranges, readRow);
}

/** Hands over the bytes of ascending, disjoint ranges, out of few requests. */
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
