import type { Side } from './kinds.ts';
import type { ReportedRow } from './report.ts';
import type { RawRecord } from './table.ts';

/** A record as reports tell it: these columns, in this order. */
export function reportedRow(
  side: Side,
  record: Pick<RawRecord, 'record' | 'place' | 'shown'>,
  columns: readonly { readonly name: string; readonly index: number }[],
): ReportedRow {
  const { line, text, numbered } = record.place;
  return {
    side,
    record: record.record,
    line,
    ...(text === `line ${line}` ? {} : { place: text }),
    ...(numbered === false ? { numbered } : {}),
    values: columns.map(({ name, index }) => [name, record.shown(index)]),
  };
}
