import type { ColumnText, LakeColumn, SqlWords } from '../../../model/index.ts';
import { booleanText, dateText, floatText, parseType, timeText } from './types.ts';

/** Trino, and Athena, which is one: Joni or RE2J, and hashes of binary. */
export const trino: SqlWords = {
  name: 'trino',
  literal,
  identifier,
  length: (x) => `LENGTH(${x})`,
  matches: (x, pattern) => `REGEXP_LIKE(${x}, ${literal(pattern)})`,
  replace: (x, pattern, by) => `REGEXP_REPLACE(${x}, ${literal(pattern)}, ${literal(by)})`,
  group: (x, pattern, group) => `COALESCE(REGEXP_EXTRACT(${x}, ${literal(pattern)}, ${group}), '')`,
  trim: (x, characters, end) => `TRIM(${end} ${literal(characters)} FROM ${x})`,
  lower: (x) => `LOWER(${x})`,
  upper: (x) => `UPPER(${x})`,
  nfc: (x) => `NORMALIZE(${x}, NFC)`,
  hasNul: (x) => `STRPOS(${x}, CHR(0)) > 0`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  pad: (x, size, end) => `${end === 'LEFT' ? 'LPAD' : 'RPAD'}(${x}, ${size}, '0')`,
  toText: (n) => `CAST(${n} AS VARCHAR)`,
  toInteger: (x) => `TRY_CAST(${x} AS INTEGER)`,
  divide: (a, b) => `(${a}) / ${b}`,
  addDays: (date, days) => `CAST(DATE_ADD('day', ${days}, TRY_CAST(${date} AS DATE)) AS VARCHAR)`,
  md5: (x) => `LOWER(TO_HEX(MD5(TO_UTF8(${x}))))`,
  compact: (hex) => hex,
  sha256: (x) => `LOWER(TO_HEX(SHA256(TO_UTF8(${x}))))`,
  fromHex: (x) => `FROM_BASE(${x}, 16)`,
  sum: (n) => `SUM(CAST(${n} AS DECIMAL(38, 0)))`,
  columnText,
};

/** What is no plain character of ASCII is written by its number: what stands in a query can be read. */
function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  if (/^[\x20-\x7e]*$/.test(text)) return `'${quoted}'`;
  const escaped = Array.from(quoted, (one) => {
    if (one === '\\') return '\\\\';
    if (/^[\x20-\x7e]$/.test(one)) return one;
    return `\\+${one.codePointAt(0)!.toString(16).padStart(6, '0').toUpperCase()}`;
  });
  return `U&'${escaped.join('')}'`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function columnText({ name, type }: LakeColumn): ColumnText | null {
  const x = identifier(name);
  const written = `CAST(${x} AS VARCHAR)`;
  const times = {
    replace: trino.replace,
    matches: trino.matches,
    firstGroup: (then: string): string => `$1${then}`,
  };
  const { name: kind } = parseType(type);
  switch (kind) {
    case 'varchar':
    case 'char':
    case 'string':
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'uuid':
    case 'ipaddress':
      return { text: written };
    case 'boolean':
      return booleanText(x);
    case 'date':
      return dateText(written, times);
    case 'timestamp':
      return timeText(written, '', times);
    case 'timestamp with time zone':
      return timeText(`CAST(CAST(${x} AT TIME ZONE 'UTC' AS TIMESTAMP(9)) AS VARCHAR)`, 'Z', times);
    case 'time':
      return { text: timeText(written, '', times).text };
    case 'varbinary':
    case 'binary':
      return { text: `LOWER(TO_HEX(${x}))` };
    case 'double':
      return floatText(x, written, `CAST(TRY_CAST(${x} AS BIGINT) AS VARCHAR)`, 17);
    case 'real':
    case 'float':
      return floatText(x, written, `CAST(TRY_CAST(${x} AS BIGINT) AS VARCHAR)`, 7);
    default:
      return null;
  }
}
