import type { SqlBuilder } from '../model/index.ts';
import { plainStep, unreadNumeral, type Normalizer, type Step } from './step.ts';

/** An exponent may move the point so far: a cell of a few bytes may not become one of millions. */
const mostExponent = 400;

/**
 * Any plain or scientific numeral, `+012.50` or `1.25E1`, becomes plain decimal text of the same
 * value: no exponent, plus, leading zeros or zeros at a fraction's end; `-0` is `0`. Exact: only text
 * is moved about.
 */
export const number: Step = plainStep(
  'number',
  toPlain,
  (value, build) => ({ value: plainSql(value, build) }),
  (form) => form === 'integer',
);

function toPlain(value: string): ReturnType<Normalizer> {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?$/.exec(value);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  const shift = Number(exponent);
  if (match === null || whole + fraction === '' || Math.abs(shift) > mostExponent) {
    return unreadNumeral(value, 'a number');
  }
  const point = whole.length + shift;
  const digits = whole + fraction;
  const before = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const after = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const integral = before.replace(/^0+(?=[0-9])/, '') || '0';
  const rest = trimZeros(after);
  const plain = rest === '' ? integral : `${integral}.${rest}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** The same by the engine; a shift that is too far moves nothing there, because it is no number. */
function plainSql(value: string, { words, let: name }: SqlBuilder): string {
  const pattern = String.raw`^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?\z`;
  const part = (group: number): string => name(words.group(value, pattern, group));
  const [whole, fraction, exponent] = [part(2), part(3), part(4)];
  const moved = name(
    `CASE WHEN ${exponent} = '' THEN 0 ELSE ${words.toInteger(words.trim(exponent, '+', 'LEADING'))} END`,
  );
  const shift = name(`CASE WHEN ABS(${moved}) <= ${mostExponent} THEN ${moved} ELSE 0 END`);
  const digits = name(words.concat(whole, fraction));
  const point = name(`${words.length(whole)} + ${shift}`);
  const before = `CASE WHEN ${point} <= 0 THEN '' ELSE ${words.pad(digits, point, 'RIGHT')} END`;
  const zeros = words.concat(words.pad("''", `0 - ${point}`, 'RIGHT'), digits);
  const after = `CASE WHEN ${point} <= 0 THEN ${zeros} ELSE SUBSTR(${digits}, ${point} + 1) END`;
  const integral = name(words.trim(`(${before})`, '0', 'LEADING'));
  const rest = name(words.trim(`(${after})`, '0', 'TRAILING'));
  const units = name(`CASE WHEN ${integral} = '' THEN '0' ELSE ${integral} END`);
  const plain = name(
    `CASE WHEN ${rest} = '' THEN ${units} ELSE ${words.concat(units, "'.'", rest)} END`,
  );
  const isNumber = `${words.matches(value, pattern)} AND ${digits} <> '' AND ${moved} = ${shift}`;
  const isNegative = `${words.matches(value, '^-')} AND ${plain} <> '0'`;
  return `CASE WHEN NOT (${isNumber}) THEN NULL WHEN ${isNegative} THEN ${words.concat("'-'", plain)} ELSE ${plain} END`;
}

/** Without the zeros at its end: a search from the end, because a pattern would search from each zero. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
