import type { ColumnText, LakeColumn, SqlWords } from '../../../model/index.ts';
import {
  booleanText,
  dateText,
  floatText,
  hexHash,
  numberText,
  parseType,
  timeText,
} from './types.ts';

/** Spark SQL 3.4 and later, in ANSI mode and UTC: Java's patterns; it has no Form C. */
export const spark: SqlWords = {
  name: 'spark',
  literal,
  identifier,
  length: (x) => `CHAR_LENGTH(${x})`,
  matches: (x, pattern) => `(${x} RLIKE ${literal(pattern)})`,
  replace: (x, pattern, by) => `REGEXP_REPLACE(${x}, ${literal(pattern)}, ${literal(by)})`,
  group: (x, pattern, group) => `REGEXP_EXTRACT(${x}, ${literal(pattern)}, ${group})`,
  trim: (x, characters, end) => `TRIM(${end} ${literal(characters)} FROM ${x})`,
  lower: (x) => `LOWER(${x})`,
  upper: (x) => `UPPER(${x})`,
  nfc: null,
  hasNul: (x) => `CONTAINS(${x}, '\\u0000')`,
  concat: (...parts) => `CONCAT(${parts.join(', ')})`,
  tuple: (...cells) => `CONCAT(${cells.map((cell) => `${cell}, '\\u0000'`).join(', ')})`,
  pad: (x, size, end) => `${end === 'LEFT' ? 'LPAD' : 'RPAD'}(${x}, CAST(${size} AS INT), '0')`,
  toText: (n) => `CAST(${n} AS STRING)`,
  toInteger: (x) => `TRY_CAST(${x} AS INT)`,
  divide: (a, b) => `((${a}) DIV ${b})`,
  isOneOf: (x, literals) => `${x} IN (${literals.join(', ')})`,
  addDays: (date, days) => `CAST(DATE_ADD(TRY_CAST(${date} AS DATE), ${days}) AS STRING)`,
  md5,
  packed: hexHash(md5, fromHex),
  sha256: (x) => `SHA2(${x}, 256)`,
  fromHex,
  sum: (n) => `SUM(CAST(${n} AS DECIMAL(38, 0)))`,
  columnText,
};

function md5(x: string): string {
  return `MD5(${x})`;
}

function fromHex(x: string): string {
  return `CAST(CONV(${x}, 16, 10) AS BIGINT)`;
}

function literal(text: string): string {
  const escaped = Array.from(text, (one) => {
    if (one === '\\' || one === "'") return `\\${one}`;
    if (/^[\x20-\x7e]$/.test(one)) return one;
    const code = one.codePointAt(0)!.toString(16);
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
  });
  return `'${escaped.join('')}'`;
}

/** What ends a statement or a line for who cuts them is written as a text that names the column. */
function identifier(name: string): string {
  const quoted = `\`${name.replaceAll('`', '``')}\``;
  return /^[\w .-]*$/.test(name) ? quoted : `IDENTIFIER(${literal(quoted)})`;
}

function columnText({ name, type }: LakeColumn): ColumnText | null {
  const x = identifier(name);
  const written = `CAST(${x} AS STRING)`;
  const times = {
    replace: spark.replace,
    matches: spark.matches,
    firstGroup: (then: string): string => `$1${then}`,
  };
  const parsed = parseType(type);
  const { name: kind } = parsed;
  switch (kind) {
    case 'string':
    case 'varchar':
    case 'char':
      return { text: written };
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return numberText(written, parsed);
    case 'decimal':
      // Small ones may be written with an exponent: their digits are put in place here.
      return {
        ...numberText(written, parsed),
        exact: spark.matches(written, String.raw`^-?[0-9]+(?:\.[0-9]+)?\z`),
        own: plainText,
      };
    case 'boolean':
      return booleanText(x);
    case 'date':
      return dateText(x, written);
    case 'timestamp':
      return timeText(written, 'Z', times);
    case 'timestamp_ntz':
      return timeText(written, '', times);
    case 'binary':
      return { text: `LOWER(HEX(${x}))` };
    case 'double':
      return floatText(x, written, `CAST(TRY_CAST(${x} AS BIGINT) AS STRING)`, 17);
    case 'float':
      return floatText(x, written, `CAST(TRY_CAST(${x} AS BIGINT) AS STRING)`, 7);
    default:
      return null;
  }
}

/** `1E-7` with the same number of decimals: `0.0000001`. */
function plainText(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?[eE]([+-]?[0-9]+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  const padded = digits.padStart(digits.length - Math.min(0, point - 1), '0');
  const at = Math.max(1, point);
  return `${sign}${padded.slice(0, at)}.${padded.slice(at)}`;
}
