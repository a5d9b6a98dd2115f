import type { ColumnText, PackedHash } from '../../../model/index.ts';
import { wordOf } from '../hash.ts';

/** A type as engines write it: `decimal(12,2)` is `decimal` with 12 and 2. */
export interface SqlType {
  /** Lower case, without what stands in parentheses: `timestamp with time zone`. */
  readonly name: string;
  readonly parameters: readonly number[];
}

export function parseType(type: string): SqlType {
  const text = type.trim().toLowerCase();
  const [, inside = ''] = /\(([0-9, ]*)\)/.exec(text) ?? [];
  const parameters = inside
    .split(',')
    .flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  return { name: text.replace(/ *\([0-9, ]*\)/, ''), parameters };
}

/** `true` and `false`. */
export function booleanText(x: string): ColumnText {
  return { text: `CASE WHEN ${x} THEN 'true' WHEN NOT ${x} THEN 'false' END` };
}

/**
 * A time as an engine writes it, `2026-01-31 10:00:00.500`, as `2026-01-31T10:00:00.5` and its zone.
 * `dated`: the text of its date, of years from 1 to 9999, is what makes it exact.
 */
export function timeText(written: string, zone: '' | 'Z', words: TimeWords): ColumnText {
  const iso = words.replace(written, '^([0-9]{4}-[0-9]{2}-[0-9]{2}) ', words.firstGroup('T'));
  const short = words.replace(iso, String.raw`\.?0*\z`, '');
  const text = `CASE WHEN ${words.matches(iso, String.raw`\.`)} THEN ${short} ELSE ${iso} END`;
  return {
    text: zone === '' ? text : `CONCAT(${text}, 'Z')`,
    exact: words.matches(written, '^[0-9]{4}-'),
  };
}

interface TimeWords {
  readonly replace: (x: string, pattern: string, by: string) => string;
  readonly matches: (x: string, pattern: string) => string;
  /** The first group and then this text, as what replaces. */
  readonly firstGroup: (then: string) => string;
}

/** A date as an engine writes it, which is keydrift's text in years 1 to 9999. */
export function dateText(x: string, written: string): ColumnText {
  return {
    text: written,
    exact: `${x} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'`,
    form: 'date',
  };
}

/** Whole numbers, and those of so many decimals, as every engine writes them. */
export function numberText(written: string, { name, parameters }: SqlType): ColumnText {
  const places = name === 'decimal' ? parameters[1] : 0;
  if (places === undefined) return { text: written };
  return { text: written, form: places === 0 ? 'integer' : { places } };
}

/** Hashes as hex digits, of engines that have no smaller form of them. */
export function hexHash(
  md5: (x: string) => string,
  fromHex: (x: string) => string,
): Omit<PackedHash, 'least'> {
  return {
    of: md5,
    half: (hash) => hash,
    literal: (hex) => `'${hex}'`,
    read: (text) => (/^[0-9a-f]{32}$/.test(text) ? text : null),
    word: (hash, at) => fromHex(`SUBSTR(${hash}, ${1 + 12 * at}, 12)`),
    wordOf,
    algorithm: 'keydrift-md5-sum/2',
  };
}

/**
 * Floating point numbers are written otherwise by each engine: whole ones of a moderate size are alike
 * when they pass through an integer, the others are written here.
 */
export function floatText(x: string, written: string, integer: string, digits: 7 | 17): ColumnText {
  const most = digits === 17 ? '9007199254740992' : '16777216';
  const isWhole = `${x} BETWEEN -${most} AND ${most} AND ${x} = FLOOR(${x}) AND ${x} <> 0`;
  return {
    text: `CASE WHEN ${isWhole} THEN ${integer} ELSE ${written} END`,
    exact: `${x} IS NULL OR (${isWhole})`,
    own: digits === 17 ? doubleText : realText,
  };
}

/** The shortest text that reads back as the same double, as JavaScript writes it. */
function doubleText(text: string): string {
  const value = numberOf(text);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The same of a number of four bytes. */
function realText(text: string): string {
  const value = Math.fround(numberOf(text));
  if (!Number.isFinite(value) || value === 0) return doubleText(text);
  for (let precision = 1; precision < 9; precision += 1) {
    const short = value.toPrecision(precision);
    if (Math.fround(Number(short)) === value) return String(Number(short));
  }
  return String(Number(value.toPrecision(9)));
}

function numberOf(text: string): number {
  const named = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (named !== null) return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
