import type { RecordPlaces } from '../model/index.ts';

/** Where records start, remembered as they are read. */
export interface PlaceIndex extends RecordPlaces {
  add(start: number, line: number): void;
}

interface Segment {
  readonly starts: Float64Array;
  readonly lines: Uint32Array;
}

const segmentRows = 1 << 12;

/** In segments, so that growing copies nothing. */
export function createPlaceIndex(): PlaceIndex {
  const segments: Segment[] = [];
  let rows = 0;
  const segmentOf = (row: number): Segment => segments[Math.floor(row / segmentRows)]!;
  return {
    get rows() {
      return rows;
    },
    add(start, line) {
      const at = rows % segmentRows;
      if (at === 0) {
        const starts = new Float64Array(segmentRows);
        segments.push({ starts, lines: new Uint32Array(segmentRows) });
      }
      const segment = segmentOf(rows);
      segment.starts[at] = start;
      segment.lines[at] = line;
      rows += 1;
    },
    start: (row) => segmentOf(row).starts[row % segmentRows]!,
    line: (row) => segmentOf(row).lines[row % segmentRows]!,
  };
}
