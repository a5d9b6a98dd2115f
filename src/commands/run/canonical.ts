import { doubleQuoted, KeydriftError, tooLarge, type RawRecord } from '../../model/index.ts';
import { canonicalColumns } from '../../judge/canonical.ts';
import { createPrivateWriter, type PrivateFile } from '../../io/private/private-writer.ts';
import type { ScannedCopy } from '../../judge/request.ts';

/**
 * Writes the rows that `keep` takes as canonical CSV (SPEC §4): the contract's names as the header,
 * in the reviewed copy's order and then the copy's others, LF, UTF-8, every cell quoted. Throws
 * content errors of a record of another width and of what is no UTF-8, and `PRIVATE_FILE_FAILED`.
 */
export async function writeCanonical(
  path: string,
  copy: Pick<ScannedCopy, 'table' | 'request'>,
  reviewedColumns: readonly string[],
  keep: (record: RawRecord) => boolean,
): Promise<PrivateFile> {
  const { names, order } = canonicalColumns(copy, reviewedColumns);
  const limit = copy.request.decoding.expandedBytes;
  let written = 0;
  const writer = createPrivateWriter(path);
  try {
    writer.write(line(order.map((index) => names[index] ?? '')));
    await copy.table.read((record) => {
      if (!keep(record)) return;
      checkWidth(record, names.length);
      const text = line(order.map((index) => cellOf(record, index)));
      written += text.length;
      if (written > limit) {
        throw tooLarge('expandedBytes', limit, 'written as canonical CSV it is larger');
      }
      writer.write(text);
    });
    return writer.end();
  } catch (error) {
    writer.discard();
    throw error;
  }
}

function line(cells: readonly string[]): string {
  return `${cells.map(doubleQuoted).join(',')}\n`;
}

function checkWidth({ record, place, width }: RawRecord, columns: number): void {
  if (width === columns) return;
  throw new KeydriftError(
    'COLUMNS_DIFFER',
    `record ${record} (${place.text}) has ${width} cells, the header has ${columns}: it cannot be written as canonical CSV`,
    { place: { side: 'runtime', record, line: place.line } },
  );
}

/** A NUL is text here, and stays what it is; what is no text is refused. */
function cellOf(record: RawRecord, index: number): string {
  try {
    return record.text(index);
  } catch (error) {
    if (error instanceof KeydriftError && error.code === 'NUL_BYTE') {
      return record.shown(index) ?? '';
    }
    throw error;
  }
}
