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
  const values = columns.map(({ name, index }) => [name, record.shown(index)] as const);
  const row = { side, record: record.record, line, values };
  // Of most rows that is all, and there may be a million.
  if (text === `line ${line}` && numbered !== false) return row;
  return {
    ...row,
    ...(text === `line ${line}` ? {} : { place: text }),
    ...(numbered === false ? { numbered } : {}),
  };
}
