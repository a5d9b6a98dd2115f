import { KeydriftError, type FormatOptions } from '../model/index.ts';

/** Where the records of a document of maps and lists stand. */
export interface RecordOptions {
  /** A JSON Pointer (RFC 6901); empty: the document itself. */
  readonly records: string;
  /** The column of the keys of an object whose members are the records; null: they are a list. */
  readonly keyColumn: string | null;
}

/** The words of a contract on where records stand. */
export function recordOptions(options: FormatOptions): RecordOptions {
  const { records = '', keyColumn = null } = options;
  if (typeof records !== 'string' || (records !== '' && !records.startsWith('/'))) {
    throw new KeydriftError('CONTRACT_INVALID', '`records` is a JSON Pointer, such as /data/rows');
  }
  if (keyColumn !== null && (typeof keyColumn !== 'string' || keyColumn === '')) {
    throw new KeydriftError('CONTRACT_INVALID', '`keyColumn` is the name of a column');
  }
  return { records, keyColumn };
}
