import type { ByteSource, RecordPlaces, RecordSink } from '../../model/index.ts';
import { readRanges } from '../ranges.ts';
import type { Dialect } from './dialect.ts';
import { createRecordView } from './record.ts';
import { createRowSplitter } from './row.ts';

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
  await readRanges(source, ranges, readRow);
}
