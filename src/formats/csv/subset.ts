import type { ByteRange, ByteSource, RecordPlaces } from '../../model/index.ts';

/** Chooses the bytes of a copy that records leave standing; records come in order. */
export interface RangeChooser {
  /** A record by its 1-based number, kept or not. */
  record(record: number, kept: boolean): void;
  /** The chosen ranges, once it is known where records start and the copy ends. */
  end(places: RecordPlaces, bytes: number): readonly ByteRange[];
}

/**
 * Everything before the first record stays (byte order mark, header); what stands between two
 * records, blank lines and comments, goes with the first of them.
 */
export function createRangeChooser(): RangeChooser {
  /** Numbers of the records at which keeping ends, and begins again, in turn. */
  const turns: number[] = [];
  const isKeeping = (): boolean => turns.length % 2 === 0;
  return {
    record(record, kept) {
      if (kept !== isKeeping()) turns.push(record);
    },
    end(places, bytes) {
      const at = [0, ...turns.map((record) => places.start(record - 1))];
      if (isKeeping()) at.push(bytes);
      return Array.from({ length: at.length / 2 }, (_, index) => ({
        start: at[2 * index]!,
        end: at[2 * index + 1]!,
      }));
    },
  };
}

/** The bytes of ascending, disjoint ranges. */
export async function* bytesOf(
  source: ByteSource,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let next = 0;
  for await (const chunk of source.open()) {
    const end = offset + chunk.length;
    for (let range = ranges[next]; range !== undefined && range.start < end;) {
      const from = Math.max(range.start, offset);
      if (from < range.end) yield chunk.subarray(from - offset, Math.min(range.end, end) - offset);
      if (range.end > end) break;
      next += 1;
      range = ranges[next];
    }
    offset = end;
  }
}
