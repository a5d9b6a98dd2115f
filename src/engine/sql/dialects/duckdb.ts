import type { ColumnText, LakeColumn, SqlWords } from '../../../model/index.ts';
import { booleanText, dateText, floatText, parseType, timeText } from './types.ts';

/** DuckDB: RE2, values of text may hold NUL. */
export const duckdb: SqlWords = {
  name: 'duckdb',
  literal,
  identifier,
  length: (x) => `LENGTH(${x})`,
  matches: (x, pattern) => `REGEXP_MATCHES(${x}, ${literal(pattern)})`,
  replace: (x, pattern, by) => `REGEXP_REPLACE(${x}, ${literal(pattern)}, ${literal(by)}, 'g')`,
  group: (x, pattern, group) => `REGEXP_EXTRACT(${x}, ${literal(pattern)}, ${group})`,
  trim(x, characters, end) {
    const name = { LEADING: 'LTRIM', TRAILING: 'RTRIM', BOTH: 'TRIM' }[end];
    return `${name}(${x}, ${literal(characters)})`;
  },
  lower: (x) => `LOWER(${x})`,
  upper: (x) => `UPPER(${x})`,
  nfc: (x) => `NFC_NORMALIZE(${x})`,
  hasNul: (x) => `CONTAINS(${x}, CHR(0))`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  pad: (x, size, end) => `${end === 'LEFT' ? 'LPAD' : 'RPAD'}(${x}, CAST(${size} AS INTEGER), '0')`,
  toText: (n) => `CAST(${n} AS VARCHAR)`,
  toInteger: (x) => `TRY_CAST(${x} AS INTEGER)`,
  divide: (a, b) => `(${a}) // ${b}`,
  addDays: (date, days) => `CAST(TRY_CAST(${date} AS DATE) + CAST(${days} AS INTEGER) AS VARCHAR)`,
  md5: (x) => `MD5(${x})`,
  // Texts in an aggregate cannot be spilled: those of 50M keys took 7 GB beside a limit of 4.
  compact: (hex) => `CAST(${hex} AS UUID)`,
  sha256: (x) => `SHA256(${x})`,
  fromHex: (x) => `CAST('0x' || ${x} AS BIGINT)`,
  sum: (n) => `SUM(${n})`,
  columnText,
};

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\0') ? `(${quoted.replaceAll('\0', `' || CHR(0) || '`)})` : quoted;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const wholeTypes = /^u?(?:tiny|small|big|huge)?int(?:eger)?$/;

function columnText({ name, type }: LakeColumn): ColumnText | null {
  const x = identifier(name);
  const written = `CAST(${x} AS VARCHAR)`;
  const times = {
    replace: (text: string, pattern: string, by: string): string =>
      `REGEXP_REPLACE(${text}, ${literal(pattern)}, ${literal(by)})`,
    matches: duckdb.matches,
    firstGroup: (then: string): string => String.raw`\1${then}`,
  };
  const { name: kind } = parseType(type);
  if (wholeTypes.test(kind) || kind === 'decimal' || kind === 'uuid') return { text: written };
  switch (kind) {
    case 'varchar':
      return { text: x };
    case 'boolean':
      return booleanText(x);
    case 'date':
      return dateText(written, times);
    case 'timestamp':
    case 'timestamp_s':
    case 'timestamp_ms':
    case 'timestamp_ns':
      return timeText(written, '', times);
    case 'timestamp with time zone':
      return timeText(`CAST(MAKE_TIMESTAMP(EPOCH_US(${x})) AS VARCHAR)`, 'Z', times);
    case 'time':
      return { text: timeText(written, '', times).text };
    case 'blob':
      return { text: `LOWER(HEX(${x}))` };
    case 'double':
      return floatText(x, written, `CAST(CAST(${x} AS BIGINT) AS VARCHAR)`, 17);
    case 'float':
      return floatText(x, written, `CAST(CAST(${x} AS BIGINT) AS VARCHAR)`, 7);
    default:
      return kind.startsWith('enum') ? { text: written } : null;
  }
}
