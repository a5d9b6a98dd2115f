import type { ByteSource, RecordPlaces, RecordSink } from '../../model/index.ts';
import { readRanges } from '../ranges.ts';
import type { Dialect } from './dialect.ts';
import { createRecordView, noRecord } from './record.ts';
import { createRowSplitter } from './row.ts';

/** What cuts records of a dialect, and shows them. */
interface Cutter {
  readonly dialect: string;
  readonly view: ReturnType<typeof createRecordView>;
  readonly split: ReturnType<typeof createRowSplitter>;
}

/** The last one: copies that are compared are mostly of one dialect, and V8 compiles one for both. */
let last: Cutter | null = null;

/** What it holds is of one record, and worth nothing once the call that shows it has ended. */
function cutterOf(dialect: Dialect): Cutter {
  const id = JSON.stringify(dialect);
  if (last?.dialect === id) return last;
  last = { dialect: id, view: createRecordView(dialect), split: createRowSplitter(dialect) };
  return last;
}

/** Reads chosen records again, each from its bytes; `end` is that of the last one of the copy. */
export async function rereadRecords(
  source: ByteSource,
  dialect: Dialect,
  { places, end }: { readonly places: RecordPlaces; readonly end: number },
  records: Uint32Array,
  sink: RecordSink,
): Promise<void> {
  const { view, split } = cutterOf(dialect);
  try {
    await rereadBytes(source, { places, end }, records, (bytes, record) => {
      const start = places.start(record - 1);
      const line = places.line(record - 1);
      const row = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const { width, cell, ascii } = split(row);
      view.show({ record, line, start, width, cell, ascii, raw: () => bytes });
      sink(view);
    });
  } finally {
    view.show(noRecord);
  }
}

/** So many records are asked for at once: what is known of where they stand takes memory, and time. */
const recordsAtOnce = 1 << 18;

/** The same as bytes, up to where the next record starts; they are valid during the call only. */
export async function rereadBytes(
  source: ByteSource,
  { places, end }: { readonly places: RecordPlaces; readonly end: number },
  records: Uint32Array,
  sink: (bytes: Uint8Array, record: number) => void,
): Promise<void> {
  for (let from = 0; from < records.length; from += recordsAtOnce) {
    const some = records.subarray(from, from + recordsAtOnce);
    const ranges = Array.from(some, (record) => ({
      start: places.start(record - 1),
      end: record < places.rows ? places.start(record) : end,
    }));
    await readRanges(source, ranges, (bytes, index) => sink(bytes, some[index]!));
  }
}
