import {
  doubleQuoted,
  type ColumnText,
  type LakeColumn,
  type SqlWords,
} from '../../../model/index.ts';
import {
  booleanText,
  dateText,
  floatText,
  hexHash,
  numberText,
  parseType,
  timeText,
} from './types.ts';

/** Trino, and Athena, which is one: Joni or RE2J, and hashes of binary. */
export const trino: SqlWords = {
  name: 'trino',
  literal,
  identifier: doubleQuoted,
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
  tuple: (...cells) => `(${cells.map((cell) => `${cell} || CHR(0)`).join(' || ')})`,
  pad: (x, size, end) => `${end === 'LEFT' ? 'LPAD' : 'RPAD'}(${x}, ${size}, '0')`,
  toText: (n) => `CAST(${n} AS VARCHAR)`,
  toInteger: (x) => `TRY_CAST(${x} AS INTEGER)`,
  divide: (a, b) => `(${a}) / ${b}`,
  isOneOf: (x, literals) => `${x} IN (${literals.join(', ')})`,
  addDays: (date, days) => `CAST(DATE_ADD('day', ${days}, TRY_CAST(${date} AS DATE)) AS VARCHAR)`,
  md5,
  packed: {
    ...hexHash(md5, fromHex),
    least: {
      // It takes no more.
      most: 10_000,
      of: (hash, where) => `ARRAY_JOIN(MIN(${hash}, 10000) FILTER (WHERE ${where}), ' ')`,
    },
  },
  sha256: (x) => `LOWER(TO_HEX(SHA256(TO_UTF8(${x}))))`,
  fromHex,
  sum: (n) => `SUM(CAST(${n} AS DECIMAL(38, 0)))`,
  columnText,
};

function md5(x: string): string {
  return `LOWER(TO_HEX(MD5(TO_UTF8(${x}))))`;
}

function fromHex(x: string): string {
  return `FROM_BASE(${x}, 16)`;
}

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

function columnText({ name, type }: LakeColumn): ColumnText | null {
  const x = doubleQuoted(name);
  const written = `CAST(${x} AS VARCHAR)`;
  const times = {
    replace: trino.replace,
    matches: trino.matches,
    firstGroup: (then: string): string => `$1${then}`,
  };
  const parsed = parseType(type);
  const { name: kind } = parsed;
  switch (kind) {
    case 'varchar':
    case 'char':
    case 'string':
    case 'uuid':
    case 'ipaddress':
      return { text: written };
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'int':
    case 'bigint':
    case 'decimal':
      return numberText(written, parsed);
    case 'boolean':
      return booleanText(x);
    case 'date':
      return dateText(x, written);
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
