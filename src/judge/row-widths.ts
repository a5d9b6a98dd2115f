import { count, type Warning } from '../model/index.ts';
import type { ScannedCopy } from './request.ts';

/** Records that are looked at: whatever writes an extra separator writes it in each of them. */
const mostRecords = 1000;

/**
 * One warning where no record fits the header and all have the same number of cells: one cause, and
 * not a fault of each row.
 */
export async function rowWidthWarnings({
  table,
  plan,
  keyset,
  request: { side },
}: ScannedCopy): Promise<readonly Warning[]> {
  const { rows, invalid } = keyset.table;
  if (rows === 0 || invalid < rows) return [];
  const looked = Math.min(rows, mostRecords);
  const records = Uint32Array.from({ length: looked }, (_, row) => keyset.table.recordOf(row));
  const widths = new Set<number>();
  let emptyEnds = 0;
  await table.reread(records, (record) => {
    widths.add(record.width);
    if (record.shown(record.width - 1) === '') emptyEnds += 1;
  });
  const [width = plan.width] = widths;
  if (widths.size !== 1 || width === plan.width) return [];
  const which =
    looked === rows
      ? rows === 1
        ? 'the one record has'
        : `all ${rows} records have`
      : `the first ${looked} of ${rows} records have`;
  const cause =
    width === plan.width + 1 && emptyEnds === looked
      ? ': an extra separator at the end of every row'
      : width === plan.width + 1
        ? ': an extra separator in every row, or a column that the header does not name'
        : '';
  const message = `${which} ${count(width, 'cell')}, the header has ${plan.width}${cause}`;
  return [{ code: 'ROW_WIDTHS', message, side, line: table.place(1).line || null }];
}
