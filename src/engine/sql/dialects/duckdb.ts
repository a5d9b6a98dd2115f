import {
  doubleQuoted,
  singleQuoted,
  type ColumnText,
  type LakeColumn,
  type SqlWords,
} from '../../../model/index.ts';
import { booleanText, dateText, floatText, numberText, parseType, timeText } from './types.ts';

/** DuckDB: RE2, values of text may hold NUL. */
export const duckdb: SqlWords = {
  name: 'duckdb',
  literal,
  identifier: doubleQuoted,
  length: (x) => `LENGTH(${x})`,
  matches: (x, pattern) => `REGEXP_MATCHES(${x}, ${literal(pattern)})`,
  replace: (x, pattern, by) => `REGEXP_REPLACE(${x}, ${literal(pattern)}, ${literal(by)}, 'g')`,
  group: (x, pattern, group) => `REGEXP_EXTRACT(${x}, ${literal(pattern)}, ${group})`,
  trim(x, characters, end) {
    const name = { LEADING: 'LTRIM', TRAILING: 'RTRIM', BOTH: 'TRIM' }[end];
    const trimmed = `${name}(${x}, ${literal(characters)})`;
    // Looking for white space of Unicode takes longer than seeing that there is none.
    const isInk = `${x} >= '!' AND ${x} < CHR(127) AND (${x})[-1] BETWEEN '!' AND '~'`;
    return end === 'BOTH' && !/[!-~]/.test(characters)
      ? `CASE WHEN ${isInk} THEN ${x} ELSE ${trimmed} END`
      : trimmed;
  },
  lower: (x) => `LOWER(${x})`,
  upper: (x) => `UPPER(${x})`,
  nfc: (x) => `NFC_NORMALIZE(${x})`,
  hasNul: (x) => `CONTAINS(${x}, CHR(0))`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  tuple: (...cells) => `CONCAT(${cells.map((cell) => `${cell}, CHR(0)`).join(', ')})`,
  pad: (x, size, end) => `${end === 'LEFT' ? 'LPAD' : 'RPAD'}(${x}, CAST(${size} AS INTEGER), '0')`,
  toText: (n) => `CAST(${n} AS VARCHAR)`,
  toInteger: (x) => `TRY_CAST(${x} AS INTEGER)`,
  divide: (a, b) => `(${a}) // ${b}`,
  // A list would be asked of each row before its layers are made, and so make them once more.
  isOneOf: (x, literals) =>
    `${x} IN (SELECT w FROM (VALUES ${literals.map((one) => `(${one})`).join(', ')}) AS wanted(w))`,
  addDays: (date, days) => `CAST(TRY_CAST(${date} AS DATE) + CAST(${days} AS INTEGER) AS VARCHAR)`,
  md5: (x) => `MD5(${x})`,
  packed: {
    // Texts in an aggregate cannot be spilled, and numbers are grouped in half the time.
    of: (x) => `MD5_NUMBER(${x})`,
    half: (hash) => `CAST(${hash} >> 64 AS UBIGINT)`,
    literal: (hex) => `'${BigInt(`0x${turned(hex)}`)}'::UHUGEINT`,
    least: {
      most: 50_000,
      // As decimal digits they would take a thousand times as long.
      of: (hash, where) =>
        `ARRAY_TO_STRING(LIST_TRANSFORM(MIN(${hash}, 50000) FILTER (WHERE ${where}), x -> HEX(x)), ' ')`,
    },
    read: (text) =>
      /^[0-9A-F]{1,32}$/.test(text) ? turned(text.toLowerCase().padStart(32, '0')) : null,
    // The hash stands in it with its last byte first.
    word: (hash, at) => `CAST((${hash} >> ${48 * at}) & 281474976710655 AS BIGINT)`,
    wordOf: (hex, at) => BigInt.asUintN(48, BigInt(`0x${turned(hex)}`) >> BigInt(48 * at)),
    algorithm: 'keydrift-md5-sum-le/2',
  },
  sha256: (x) => `SHA256(${x})`,
  fromHex: (x) => `CAST('0x' || ${x} AS BIGINT)`,
  sum: (n) => `SUM(${n})`,
  columnText,
};

function literal(text: string): string {
  const quoted = singleQuoted(text);
  return text.includes('\0') ? `(${quoted.replaceAll('\0', `' || CHR(0) || '`)})` : quoted;
}

/** Hex digits with the last byte first. */
function turned(hex: string): string {
  return Buffer.from(hex, 'hex').reverse().toString('hex');
}

const wholeTypes = /^u?(?:tiny|small|big|huge)?int(?:eger)?$/;

function columnText({ name, type }: LakeColumn): ColumnText | null {
  const x = doubleQuoted(name);
  const written = `CAST(${x} AS VARCHAR)`;
  const times = {
    replace: (text: string, pattern: string, by: string): string =>
      `REGEXP_REPLACE(${text}, ${literal(pattern)}, ${literal(by)})`,
    matches: duckdb.matches,
    firstGroup: (then: string): string => String.raw`\1${then}`,
  };
  const parsed = parseType(type);
  const { name: kind } = parsed;
  if (wholeTypes.test(kind) || kind === 'decimal') return numberText(written, parsed);
  switch (kind) {
    case 'uuid':
      return { text: written };
    case 'varchar':
      return { text: x };
    case 'boolean':
      return booleanText(x);
    case 'date':
      return dateText(x, written);
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
