import type { Format } from '../../model/index.ts';
import { dialectOf } from './dialect.ts';
import { openCsvTable } from './table.ts';

/**
 * RFC 4180 CSV on csv-parse: UTF-8 with or without a BOM; LF, CRLF and CR, also mixed. A line of
 * zero bytes is no record. Stricter than most readers: a stray quote is an error, not a guess.
 */
export const csv: Pick<Format, 'open'> = {
  open: (source, options, limits) => openCsvTable(source, dialectOf(options), limits),
};
